"""Rows of the living library. Every row keeps its id, its source and how it was read."""

from typing import Literal

from attrs import frozen

from keyhole.evidence.library.figures import Figure, figure

Origin = Literal["pool", "study", "cost", "activity", "own"]


@frozen(kw_only=True)
class Row:
    """What every row says: who, where it stands, what was compared, which outcome, how read."""

    id: str
    origin: Origin
    who: str
    where: str
    design: str
    comparison: str
    condition: str
    outcome: str
    when: str
    unit: str
    seen: str
    confidence: str
    note: str

    @property
    def recalled(self) -> bool:
        """Whether a number of it was written from memory: no claim may rest on it."""
        return any("recall" in text for text in (self.seen, self.confidence, self.note))


@frozen(kw_only=True)
class PoolRow(Row):
    """A pool as a review printed it. `label` is the effect that our reading gives it."""

    key: str
    label: str
    direction: str
    k: str
    n: str
    estimate: Figure | None
    low: Figure | None
    high: Figure | None
    i2: str
    model: str
    p: Figure | None

    @property
    def said(self) -> str:
        """The figures as printed, in one line."""
        interval = f" ({self.low} to {self.high})" if self.low and self.high else ""
        effect = f"{self.label} {self.estimate}{interval}" if self.estimate else self.direction
        p = "" if self.p is None else f"; p{'' if self.p.bound else '='}{self.p}"
        more = [f"k {self.k}"] if self.k else []
        more += [f"n {self.n}"] if self.n else []
        more += [f"I2 {self.i2} %"] if self.i2 else []
        return effect + p + (f"; {', '.join(more)}" if more else "")


@frozen(kw_only=True)
class Arm:
    """One arm of a study. The texts are as printed; the figures are None where they are none."""

    name: str
    n: Figure | None
    mean_text: str
    sd_text: str
    mean: Figure | None
    sd: Figure | None
    events: Figure | None

    @property
    def said(self) -> str:
        """The arm's figures as printed."""
        if self.events is not None:
            return f"{self.events} of {self.n}" if self.n else str(self.events)
        spread = "" if not self.sd_text else f" {'±' if self.sd else 'spread'} {self.sd_text}"
        size = f" (n {self.n})" if self.n else ""
        return f"{self.mean_text}{spread}{size}".strip()


@frozen(kw_only=True)
class StudyRow(Row):
    """One outcome of one study by arm; `printed` is the paper's own effect or p."""

    key: str
    mis: Arm
    open: Arm
    printed: str

    @property
    def said(self) -> str:
        """The figures as printed, in one line."""
        both = (self.mis, self.open)
        arms = ", ".join(f"{arm.name} {arm.said or '-'}" for arm in both if arm.name)
        parts = [arms] if self.mis.said or self.open.said else []
        parts += [_labelled(self.printed)] if self.printed else []
        return "; ".join(parts) or self.note


def _labelled(printed: str) -> str:
    """A paper's own effect; a bare number is its p."""
    number = figure(printed)
    return printed if number is None else f"p{'' if number.bound else '='}{number}"


AnyRow = PoolRow | StudyRow
