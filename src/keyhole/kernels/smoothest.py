"""The smoothest chain through one point of each of several sets: exact dynamic programming."""

import numpy as np
from numba import njit, prange


@njit(cache=True)
def bend(a, b, c, before, after):  # type: ignore[no-untyped-def]
    """Square of how far `b` lies off the line from `a` to `c`, mm2, at its own share of the way."""
    share = before / (before + after)
    total = 0.0
    for axis in range(3):
        off = b[axis] - (a[axis] * (1 - share) + c[axis] * share)
        total += off * off
    return total


@njit(cache=True, parallel=True)
def _pass(costs, first, middle, last, before, after, total, choice):  # type: ignore[no-untyped-def]
    """Best way to each pair (middle, last): `total` its cost, `choice` the first point's number."""
    for q in prange(len(middle)):
        for r in range(len(last)):
            least, which = np.inf, 0
            for p in range(len(first)):
                cost = costs[p, q] + bend(first[p], middle[q], last[r], before, after)
                if cost < least:
                    least, which = cost, p
            total[q, r] = least
            choice[q, r] = which


@njit(cache=True)
def smoothest(points, counts, gaps, worth):  # type: ignore[no-untyped-def]
    """One point of each set so that the chain bends least.

    Args:
        points: (n, m, 3) mm RAS, the sets padded to m, n at least 2.
        counts: (n,) how many of each set's points are real.
        gaps: (n - 1,) mm between neighbouring sets, the same for all their points.
        worth: (n, m) mm2 added for choosing a point.

    Returns:
        (n,) the chosen points' numbers. Least sum of squared second differences and of
        `worth`, the first found on a tie.

    """
    n, m = points.shape[0], points.shape[1]
    choices = np.zeros((n, m, m), dtype=np.int32)
    costs = np.zeros((counts[0], counts[1]))
    for p in range(counts[0]):
        for q in range(counts[1]):
            costs[p, q] = worth[0, p] + worth[1, q]
    for k in range(2, n):
        total = np.empty((counts[k - 1], counts[k]))
        choice = np.empty((counts[k - 1], counts[k]), dtype=np.int32)
        first, middle = points[k - 2, : counts[k - 2]], points[k - 1, : counts[k - 1]]
        last = points[k, : counts[k]]
        _pass(costs, first, middle, last, gaps[k - 2], gaps[k - 1], total, choice)
        for r in range(counts[k]):
            total[:, r] += worth[k, r]
        choices[k, : counts[k - 1], : counts[k]] = choice
        costs = total
    out = np.zeros(n, dtype=np.int64)
    least = np.inf
    for q in range(costs.shape[0]):
        for r in range(costs.shape[1]):
            if costs[q, r] < least:
                least, out[n - 2], out[n - 1] = costs[q, r], q, r
    for k in range(n - 1, 1, -1):
        out[k - 2] = choices[k, out[k - 1], out[k]]
    return out
