"""How much likelier a change of known size has made the last entries, than none.

For each of the last days as its onset, the entries since are compared with the level before it:
a normal model with the level's own uncertainty, so that a patient of whom little is known is not
alarmed about. The greatest log likelihood ratio of all onsets counts (a generalised likelihood
ratio test; Basseville & Nikiforov 1993, Detection of Abrupt Changes).
"""

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from keyhole.recovery.watch.series import SPAN, Ints, Level, Series

ONSETS = range(2, 10)
"""Days before the day judged on which the change may have begun."""
_FEWEST = 2
"""Entries that must lie after the onset."""


@frozen(kw_only=True)
class Change:
    """A change looked for: its size, reached evenly after `over_days`."""

    size: float
    over_days: int

    def share(self, since: NDArray[np.float64]) -> NDArray[np.float64]:
        """How much of the size is reached so many days after the onset."""
        return np.clip(since / self.over_days, 0, 1)


def log_ratio(
    series: Series, level: Level, at: Ints, change: Change, noise_var: float
) -> NDArray[np.float64]:
    """(onsets, n) log likelihood ratio at each key for each onset; -inf where too little is known.

    Args:
        series: the entries, less what the road expects.
        level: the running level of the same series.
        at: (n,) keys (patient and day) at which to judge.
        change: what to look for.
        noise_var: variance of one entry.

    """
    last = series.last_until(at)
    found = np.full((len(ONSETS), len(at)), -np.inf)
    for row, onset in enumerate(ONSETS):
        before = series.last_until(at - onset)
        sums = _sums(series, at, last, onset, change)
        known = (before >= 0) & (sums[0] >= _FEWEST)
        gap = (at - onset) - series.key[np.maximum(before, 0)]
        mean = level.mean[np.maximum(before, 0)]
        var = level.var[np.maximum(before, 0)] + level.drift * gap
        found[row] = np.where(known, _ratio(sums, mean, var, change.size, noise_var), -np.inf)
    return found


def _sums(
    series: Series, at: Ints, last: Ints, onset: int, change: Change
) -> tuple[NDArray[np.float64], ...]:
    """Of the entries since the onset: count, sum of shares, of squares, of values, of products."""
    totals = [np.zeros(len(at)) for _ in range(5)]
    for back in range(onset):
        place = np.maximum(last - back, 0)
        age = at - series.key[place]
        inside = (last - back >= 0) & (age < onset) & (series.key[place] // SPAN == at // SPAN)
        share = np.where(inside, change.share((onset - age).astype(float)), 0.0)
        value = np.where(inside, series.value[place], 0.0)
        for total, part in zip(
            totals, (inside, share, share * share, value, share * value), strict=True
        ):
            np.add(total, part, out=total)
    return tuple(totals)


def _ratio(
    sums: tuple[NDArray[np.float64], ...],
    mean: NDArray[np.float64],
    var: NDArray[np.float64],
    size: float,
    noise_var: float,
) -> NDArray[np.float64]:
    """The log likelihood ratio of normal entries that share one uncertain level."""
    count, shares, squares, values, products = sums
    off, cross = values - mean * count, products - mean * shares
    held = var / (noise_var + count * var)
    fit = (cross - held * shares * off) / noise_var
    weight = (squares - held * shares * shares) / noise_var
    return np.asarray(size * fit - size * size * weight / 2)
