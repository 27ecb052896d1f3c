"""Effects of counted events: ratios of risks, odds and rates, and their differences.

Cells (k, 4): events and the rest of the first arm, then of the second; for rates events and
person-time. A ratio of a zero cell has no variance: 0.5 is added to all four cells of that study
(for rates to both event counts), never to the others.
"""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from keyhole.evidence.words import Measure
from keyhole.space import Floats

ADDED = 0.5
Both = tuple[Floats, Floats]


def with_half(cells: Floats) -> Floats:
    """The cells, 0.5 added to all four of the studies with a zero among them."""
    return cells + ADDED * (cells == 0).any(axis=1, keepdims=True)


def rates_with_half(cells: Floats) -> Floats:
    """Events and person-time, 0.5 added to both event counts where one of them is zero."""
    half = ADDED * (cells[:, ::2] == 0).any(axis=1, keepdims=True)
    return cells + half * np.array([1.0, 0.0, 1.0, 0.0])


def risk_ratio(cells: Floats) -> Both:
    """(k,) log of the ratio of the risks, and its variance."""
    a, b, c, d = with_half(cells).T
    n1, n2 = a + b, c + d
    return np.log(a / n1) - np.log(c / n2), 1 / a - 1 / n1 + 1 / c - 1 / n2


def odds_ratio(cells: Floats) -> Both:
    """(k,) log of the ratio of the odds, and its variance (Woolf)."""
    a, b, c, d = with_half(cells).T
    return np.log(a * d / (b * c)), 1 / a + 1 / b + 1 / c + 1 / d


def risk_difference(cells: Floats) -> Both:
    """(k,) difference of the risks, and its variance."""
    a, b, c, d = with_half(cells).T
    n1, n2 = a + b, c + d
    return a / n1 - c / n2, a * b / n1**3 + c * d / n2**3


def peto(cells: Floats) -> Both:
    """(k,) Peto's log odds ratio (O - E) / V and 1 / V; nothing is added to zero cells."""
    observed, v = observed_less_expected(cells)
    return observed / v, 1 / v


def observed_less_expected(cells: Floats) -> Both:
    """(k,) events of the first arm less those expected, and their hypergeometric variance."""
    a, b, c, d = cells.T
    n1, n2, n = a + b, c + d, cells.sum(axis=1)
    return a - (a + c) * n1 / n, (a + c) * (b + d) * (n1 / n) * (n2 / n) / (n - 1)


def rate_ratio(cells: Floats) -> Both:
    """(k,) log of the ratio of the rates, and its variance."""
    x1, t1, x2, t2 = rates_with_half(cells).T
    return np.log(x1 / t1) - np.log(x2 / t2), 1 / x1 + 1 / x2


def rate_difference(cells: Floats) -> Both:
    """(k,) difference of the rates, and its variance."""
    x1, t1, x2, t2 = rates_with_half(cells).T
    return x1 / t1 - x2 / t2, x1 / t1**2 + x2 / t2**2


COUNTED: Mapping[Measure, Callable[[Floats], Both]] = {
    "RR": risk_ratio,
    "OR": odds_ratio,
    "RD": risk_difference,
    "PETO": peto,
    "IRR": rate_ratio,
    "IRD": rate_difference,
}


def says_nothing(cells: Floats, measure: Measure) -> NDArray[np.bool_]:
    """(k,) which studies say nothing on the measure: for ratios, no event in either arm.

    A study in which everybody had the event says nothing on risks and odds either. Differences are
    said by every study.
    """
    if measure in {"RD", "IRD"}:
        return np.zeros(len(cells), dtype=bool)
    nobody = (cells[:, 0] == 0) & (cells[:, 2] == 0)
    if measure == "IRR":
        return nobody
    return nobody | ((cells[:, 1] == 0) & (cells[:, 3] == 0))
