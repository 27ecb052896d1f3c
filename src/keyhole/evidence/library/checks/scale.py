"""Estimate, interval and p on the analysis scale, with all that their rounding allows."""

import math
from itertools import product

from attrs import frozen
from scipy.special import ndtr, stdtr, stdtrit

from keyhole.evidence.library.figures import Figure

_Z95 = 1.959963984540054
_TINY = 1e-12
Range = tuple[float, float]


@frozen
class Interval:
    """An estimate with its 95 % interval as printed."""

    estimate: Figure
    low: Figure
    high: Figure

    @property
    def positive(self) -> bool:
        """Whether all three can be ratios."""
        return min(self.estimate.value, self.low.value, self.high.value) > 0


def _logs(number: Figure) -> Range:
    return math.log(max(number.least, _TINY)), math.log(max(number.most, _TINY))


def _ends(number: Figure, *, ratio: bool) -> Range:
    return _logs(number) if ratio else (number.least, number.most)


def middle(of: Interval, *, ratio: bool) -> Range:
    """What the interval's middle can be before rounding, on the analysis scale."""
    low, high = _ends(of.low, ratio=ratio), _ends(of.high, ratio=ratio)
    return (low[0] + high[0]) / 2, (low[1] + high[1]) / 2


def fits_middle(of: Interval, *, ratio: bool) -> bool:
    """Whether the estimate can be the interval's middle: a 95 % interval's, z or t alike."""
    if ratio and not of.positive:
        return False
    estimate, centre = _ends(of.estimate, ratio=ratio), middle(of, ratio=ratio)
    slack = 1e-9 * (1 + abs(centre[1]))
    return estimate[0] <= centre[1] + slack and centre[0] <= estimate[1] + slack


def shown_middle(of: Interval, *, ratio: bool) -> float:
    """The middle of the figures as printed, back on the printed scale."""
    if ratio:
        return math.sqrt(of.low.value * of.high.value)
    return (of.low.value + of.high.value) / 2


def p_range(of: Interval, *, ratio: bool, df: int | None = None) -> Range:
    """The smallest and greatest p that figures printed like these can have.

    By the normal; with `df` by Student's t, the interval's own quantile included.
    """
    low, high = _ends(of.low, ratio=ratio), _ends(of.high, ratio=ratio)
    est = _ends(of.estimate, ratio=ratio)
    by_estimate = [2 * e / max(b - a, _TINY) for e, a, b in product(est, low, high)]
    zs = _reach(by_estimate)
    by_middle = [(a + b) / max(b - a, _TINY) for a, b in product(low, high)]
    both = max(zs[0], _reach(by_middle)[0]), min(zs[1], _reach(by_middle)[1])
    least, most = both if both[0] <= both[1] else zs
    return _p(most, df), _p(least, df)


def shown_p(of: Interval, *, ratio: bool) -> float:
    """The p of the figures as printed, by the normal."""
    low, high = (math.log(x.value) if ratio else x.value for x in (of.low, of.high))
    estimate = math.log(of.estimate.value) if ratio else of.estimate.value
    return _p(2 * abs(estimate) / max(high - low, _TINY))


def _reach(signed: list[float]) -> Range:
    """Smallest and greatest size of numbers between the given ones."""
    least, most = min(signed), max(signed)
    sizes = abs(least), abs(most)
    return (0.0 if least < 0 < most else min(sizes)), max(sizes)


def _p(halves: float, df: int | None = None) -> float:
    """The two-sided p of an effect as large as so many half-widths of its 95 % interval."""
    if df is None:
        return float(2 * ndtr(-abs(halves) * _Z95))
    return float(2 * stdtr(df, -abs(halves) * stdtrit(df, 0.975)))
