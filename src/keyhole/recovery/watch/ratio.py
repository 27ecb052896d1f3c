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
    found = np.full((len(ONSETS), len(at)), -np.inf)
    if not len(series.key):
        return found
    last = series.last_until(at)
    for row, onset in enumerate(ONSETS):
        before = series.last_until(at, onset)
        place = np.maximum(before, 0)
        var = level.var[place] + level.drift * ((at - onset) - series.key[place])
        sums = _sums(series, (at, last, level.mean[place]), onset, change)
        known = (before >= 0) & (sums[0] >= _FEWEST)
        found[row] = np.where(known, _ratio(sums, var, change.size, noise_var), -np.inf)
    return found


def _sums(
    series: Series,
    judged: tuple[Ints, Ints, NDArray[np.float64]],
    onset: int,
    change: Change,
) -> tuple[NDArray[np.float64], ...]:
    """Of the entries since the onset: count, sums of shares, squares, distances and products.

    `judged` holds keys, the place of the last entry before each, and the level before the onset.
    No entry lies further off the level than the change's whole size: one wild day is no proof.
    """
    at, last, mean = judged
    totals = tuple(np.zeros(len(at)) for _ in range(5))
    most = abs(change.size)
    for back in range(onset):
        place = np.maximum(last - back, 0)
        age = at - series.key[place]
        inside = (last - back >= 0) & (age < onset) & (series.key[place] // SPAN == at // SPAN)
        share = np.where(inside, change.share((onset - age).astype(float)), 0.0)
        off = np.where(inside, np.clip(series.value[place] - mean, -most, most), 0.0)
        parts = (inside, share, share * share, off, share * off)
        for total, part in zip(totals, parts, strict=True):
            np.add(total, part, out=total)
    return totals


def _ratio(
    sums: tuple[NDArray[np.float64], ...],
    var: NDArray[np.float64],
    size: float,
    noise_var: float,
) -> NDArray[np.float64]:
    """The log likelihood ratio of normal entries that share one uncertain level."""
    count, shares, squares, off, products = sums
    held = var / (noise_var + count * var)
    fit = (products - held * shares * off) / noise_var
    weight = (squares - held * shares * shares) / noise_var
    return np.asarray(size * fit - size * size * weight / 2)
