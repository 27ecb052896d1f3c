"""How much likelier a change of known size has made the last entries, than none.

For each of the last days as its onset, the entries since are compared with the level before it:
a normal model with the level's own uncertainty, so that a patient of whom little is known is not
alarmed about. The greatest log likelihood ratio of all onsets counts (a generalised likelihood
ratio test; Basseville & Nikiforov 1993, Detection of Abrupt Changes).
"""

from collections.abc import Sequence

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from keyhole.recovery.watch.series import SPAN, Ints, Level, Series

ONSETS = range(2, 10)
"""Days before the day judged on which the change may have begun."""
_FEWEST = 2
"""Entries that must lie after the onset."""
_CHUNK = 8192
"""Keys judged at once: their arrays stay in the processor's cache."""


@frozen(kw_only=True)
class Change:
    """A change looked for: its size, reached evenly after `over_days`."""

    size: float
    over_days: int

    def share(self, since: NDArray[np.float64]) -> NDArray[np.float64]:
        """How much of the size is reached so many days after the onset, which lie after it."""
        return np.minimum(since / self.over_days, 1.0)


def log_ratio(
    series: Series, level: Level, at: Ints, changes: Sequence[Change], noise_var: float
) -> NDArray[np.float64]:
    """(changes, onsets, n) log likelihood ratio at each key; -inf where too little is known.

    Args:
        series: the entries, less what the road expects.
        level: the running level of the same series.
        at: (n,) keys (patient and day) at which to judge.
        changes: what to look for.
        noise_var: variance of one entry.

    """
    found = np.full((len(changes), len(ONSETS), len(at)), -np.inf)
    if not len(series.key):
        return found
    for start in range(0, len(at), _CHUNK):
        part = slice(start, start + _CHUNK)
        recent = _Recent.of(series, at[part])
        for row, onset in enumerate(ONSETS):
            before = series.last_until(at[part], onset)
            place = np.maximum(before, 0)
            var = level.var[place] + level.drift * ((at[part] - onset) - series.key[place])
            for number, change in enumerate(changes):
                sums = recent.sums(level.mean[place], onset, change)
                known = (before >= 0) & (sums[0] >= _FEWEST)
                ratio = _ratio(sums, var, change.size, noise_var)
                found[number, row, part] = np.where(known, ratio, -np.inf)
    return found


@frozen(kw_only=True)
class _Recent:
    """The last entries before each key: their age in days and value, (entries, n).

    What is too old, or another patient's, has a great age.
    """

    age: NDArray[np.float64]
    value: NDArray[np.float64]

    @classmethod
    def of(cls, series: Series, at: Ints) -> "_Recent":
        """As many entries as days that an onset may lie back: there is one a day at most."""
        last = series.last_until(at) - np.arange(ONSETS[-1])[:, None]
        place = np.maximum(last, 0)
        mine = (last >= 0) & (series.key[place] // SPAN == at // SPAN)
        age = np.where(mine, at - series.key[place], SPAN).astype(float)
        return cls(age=age, value=series.value[place])

    def sums(
        self, mean: NDArray[np.float64], onset: int, change: Change
    ) -> tuple[NDArray[np.float64], ...]:
        """(n,) each, of the entries since the onset: their number, the sums of the shares of the
        change, of its squares, of distances from the level before, of shares times distances.

        No entry counts for more than the change's whole size: one wild day is no proof.
        """
        age, off = self.age[:onset], self.value[:onset] - mean
        inside = age < onset
        share = change.share(onset - age) * inside
        off = np.minimum(off, change.size) if change.size > 0 else np.maximum(off, change.size)
        off = off * inside
        return (
            inside.sum(axis=0).astype(float),
            share.sum(axis=0),
            np.einsum("ij,ij->j", share, share),
            off.sum(axis=0),
            np.einsum("ij,ij->j", share, off),
        )


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
