"""A quantity: its name, unit, definition and source, and how a finding of it is made."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal

import numpy as np
from attrs import field, frozen
from numpy.typing import ArrayLike

from keyhole.errors import Refusal
from keyhole.findings.grading import grades_of
from keyhole.findings.model import Finding, Point, ScaleGrade
from keyhole.findings.normal import normal_of
from keyhole.findings.subject import Subject
from keyhole.space import Side

Where = Literal["level", "segment", "spine"]
"""Where a quantity is measured: at each level, in each segment, or once (at `L1-S1`)."""


@frozen(kw_only=True)
class Quantity:
    """One quantity, by the name it has in `formulas.csv` (lower case).

    `definition` is a sentence for people, `source` the publication of the method, or `unsourced`.
    """

    name: str
    unit: str
    definition: str
    source: str

    def found(
        self,
        at: str,
        value: float,
        se: float,
        *,
        side: Side | None = None,
        seen: "Seen | None" = None,
    ) -> Finding:
        """The finding of a value, graded by every published scale and laid beside the normal."""
        seen = seen or Seen()
        return Finding(
            name=self.name,
            at=at,
            side=side,
            value=float(value),
            unit=self.unit,
            se=float(se),
            grades=(*grades_of(self.name, at, value, se), *seen.grades),
            normal=normal_of(self.name, at, value),
            landmarks={name: point(place) for name, place in seen.landmarks.items()},
            outlines={name: tuple(map(point, np.asarray(c))) for name, c in seen.outlines.items()},
            notes=tuple(seen.notes),
        )

    def unseen(self, at: str, found: str, next: str, *, side: Side | None = None) -> Finding:
        """The finding that there is none: what the scan shows instead, and what would help."""
        refusal = Refusal(
            "not-seen",
            at=(at if side is None else f"{at} {side}",),
            asked=f"The {self.name} at {at} was asked for.",
            found=found,
            next=next,
        )
        return Finding(
            name=self.name, at=at, side=side, value=None, unit=self.unit, not_seen=refusal
        )


@frozen(kw_only=True)
class Seen:
    """What else a finding carries: points (3,), curves (n, 3) mm RAS, notes, grades read off."""

    landmarks: Mapping[str, ArrayLike] = field(factory=dict)
    outlines: Mapping[str, ArrayLike] = field(factory=dict)
    notes: Sequence[str] = ()
    grades: Sequence[ScaleGrade] = ()


@frozen(kw_only=True)
class Measure:
    """What one file of findings measures, and where: `take(subject, at)` gives its findings."""

    where: Where
    quantities: tuple[Quantity, ...]
    take: Callable[[Subject, str], Iterable[Finding]]


def point(place: ArrayLike) -> Point:
    """A point as plain numbers, to 0.01 mm."""
    a, b, c = (round(float(value), 2) for value in np.asarray(place))
    return a, b, c
