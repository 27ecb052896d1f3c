"""Sizes that are possible for a quantity in its unit; the numbers lie in `quantities.toml`."""

import functools
import tomllib
from collections.abc import Iterator

from attrs import frozen

from keyhole.evidence.library.checks.doubt import Doubt
from keyhole.evidence.library.rows import PoolRow, StudyRow
from keyhole.evidence.library.tables import read_text


@frozen(kw_only=True)
class Quantity:
    """A measured quantity and what its figures can be; see `quantities.toml`."""

    name: str
    words: tuple[str, ...]
    units: tuple[str, ...]
    mean: tuple[float, float]
    difference: float
    half: float
    spread: float
    usual: float
    scatter: float
    source: str


@functools.cache
def quantities() -> tuple[Quantity, ...]:
    """All quantities with known sizes."""
    read = tomllib.loads(read_text("checks/quantities.toml"))
    return tuple(
        Quantity(name=name, **{k: tuple(v) if isinstance(v, list) else v for k, v in entry.items()})
        for name, entry in read.items()
    )


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
    if row.low is not None and row.high is not None:
        half = abs(row.high.most - row.low.least) / 2
    else:
        half = size if row.p is not None and row.p.value < 0.05 else known.half
    if half < known.half:
        words = f"{row.said} is finer than {known.units[0]} can be told: another unit or an SMD."
        yield Doubt("unit-impossible", "wrong", words)


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
