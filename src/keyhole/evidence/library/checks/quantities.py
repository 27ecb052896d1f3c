"""Sizes that are possible for a quantity in its unit; the numbers lie in `quantities.toml`."""

import functools
import tomllib
from collections.abc import Iterator

from attrs import field, frozen

from keyhole.evidence.library.checks.doubt import Doubt
from keyhole.evidence.library.rows import PoolRow, StudyRow
from keyhole.evidence.library.tables import read_text


@frozen(kw_only=True)
class Quantity:
    """A measured quantity and what its figures can be; see `quantities.toml`."""

    name: str
    words: tuple[str, ...] = field(converter=tuple)
    units: tuple[str, ...] = field(converter=tuple)
    mean: tuple[float, float] = field(converter=tuple)
    difference: float
    half: tuple[float, float] = field(converter=tuple)
    spread: float
    usual: float
    source: str
    top: float = float("inf")

    def base(self, mean: float) -> float:
        """What an SD is a share of: the mean, or what is left to the scale's top."""
        return min(mean, self.top - mean)


@functools.cache
def quantities() -> tuple[Quantity, ...]:
    """All quantities with known sizes."""
    read = tomllib.loads(read_text("checks/quantities.toml"))
    return tuple(Quantity(name=name, **entry) for name, entry in read.items())


def quantity(outcome: str) -> Quantity | None:
    """The quantity that an outcome's words name first; changes of a score are none of them."""
    lower = outcome.lower()
    if any(word in lower for word in ("improvement", "per level", "decrease", "%/")):
        return None
    return next((q for q in quantities() if any(w.lower() in lower for w in q.words)), None)


def pool_size(row: PoolRow) -> Iterator[Doubt]:
    """A difference too great for the unit, or told too finely: another unit, or a standardised one."""
    known = quantity(row.outcome)
    if known is None or row.estimate is None or not _plain_difference(row):
        return
    size = abs(row.estimate.value)
    if size > known.difference:
        words = f"A difference of {row.estimate} {known.units[0]} is too great."
        yield Doubt("unit-impossible", "wrong", words)
        return
    half = _half(row, min(size, known.half[1]))
    if half is not None and not known.half[0] <= half <= known.half[1]:
        words = f"{row.said} does not fit {known.units[0]}: another unit, or standardised."
        yield Doubt("unit-impossible", "wrong", words)


def _half(row: PoolRow, size: float) -> float | None:
    """Half the interval; without one, a difference that is told from none is wider than half."""
    if row.low is not None and row.high is not None:
        return abs(row.high.most - row.low.least) / 2
    told = row.p is not None and row.p.value < 0.05
    return size if told else None


def _plain_difference(row: PoolRow) -> bool:
    label = row.label.rpartition("printed as ")[2]
    return label.strip("?) ") in {"MD", "WMD"} or "says mL" in row.outcome


def mean_size(row: StudyRow) -> Iterator[Doubt]:
    """An arm's mean that its unit does not allow."""
    known = quantity(row.outcome)
    if known is None or row.unit not in known.units:
        return
    for name, arm in (("MIS", row.mis), ("open", row.open)):
        low, high = known.mean
        if arm.mean is not None and not low <= arm.mean.value <= high:
            words = f"The {name} mean of {arm.mean} does not fit the unit {row.unit}."
            yield Doubt("unit-impossible", "wrong", words)
