"""Published grades of a value: every scale that speaks of the quantity, by name; never one alone.

The thresholds are data (`gradings.toml`); a limit that is absent is open.
"""

from functools import cache

from attrs import frozen

from keyhole.findings.model import ScaleGrade
from keyhole.shipped import shipped

_Z95 = 1.96


@frozen(kw_only=True)
class Band:
    """One grade of one scale, at these places or at all.

    `low` and `up_to` belong to the band, `high` and `above` do not: a threshold of "at most
    15" is `up_to`, one of "under 10" is `high`.
    """

    quantity: str
    scale: str
    grade: str
    source: str
    low: float = float("-inf")
    high: float = float("inf")
    above: float = float("-inf")
    up_to: float = float("inf")
    at: tuple[str, ...] = ()

    def holds(self, value: float) -> bool:
        """Whether the value lies in the band."""
        return self.low <= value < self.high and self.above < value <= self.up_to

    def touches(self, low: float, high: float) -> bool:
        """Whether an interval reaches into the band."""
        return (low < self.high and low <= self.up_to) and (high >= self.low and high > self.above)


def grades_of(quantity: str, at: str, value: float, se: float) -> tuple[ScaleGrade, ...]:
    """The value's grade on every published scale, with all grades within its 95 % interval.

    A scale on which no band holds the value is left out: it does not speak of such values.
    """
    told = []
    for scale, bands in _scales(quantity, at).items():
        near = [b for b in bands if b.touches(value - _Z95 * se, value + _Z95 * se)]
        told += [
            ScaleGrade(
                scale=scale,
                grade=band.grade,
                source=band.source,
                may_be=tuple(dict.fromkeys(b.grade for b in near)),
            )
            for band in bands
            if band.holds(value)
        ]
    return tuple(told)


def _scales(quantity: str, at: str) -> dict[str, list[Band]]:
    """The bands that speak of a quantity at a place, by scale, in the table's order."""
    scales: dict[str, list[Band]] = {}
    for band in bands():
        if band.quantity == quantity and (not band.at or at in band.at):
            scales.setdefault(band.scale, []).append(band)
    return scales


@cache
def bands() -> tuple[Band, ...]:
    """Every band of `gradings.toml`."""
    rows = shipped("keyhole.findings", "gradings.toml")["band"]
    return tuple(Band(**{**row, "at": tuple(row.get("at", ()))}) for row in rows)
