"""Methods for rare events, from the raw counts: nothing is added to zero cells.

Mantel-Haenszel weighs each study by what its arms' sizes tell; its errors are those of Robins,
Breslow and Greenland 1986 (odds), Greenland and Robins 1985 (risks, rates) and Sato 1989 (risk
difference). Peto's one-step odds ratio (Yusuf 1985) is for arms of like size and small effects.
"""

from collections.abc import Callable, Mapping
from math import log, sqrt

import numpy as np
from attrs import frozen

from keyhole.errors import EvidenceError
from keyhole.evidence.pooled.counts import observed_less_expected
from keyhole.evidence.pooled.effect import Effects
from keyhole.evidence.pooled.heterogeneity import Heterogeneity, heterogeneity
from keyhole.space import Floats, fixed


@frozen(eq=False)
class Counted:
    """A pool of counts: estimate and error on the analysis scale, weights (k,), heterogeneity."""

    estimate: float
    se: float
    weights: Floats
    q: Heterogeneity


def mantel_haenszel(effects: Effects) -> Counted:
    """The pool by Mantel and Haenszel; Q weighs the studies' own effects about it by 1 / vi.

    Raises:
        EvidenceError: `method-unfit` for a measure that is not of counts; `no-events` for a ratio
            when an arm has no event (or nobody without one) in any study.

    """
    if effects.cells is None or effects.measure not in _MANTEL_HAENSZEL:
        raise _unfit(effects, "MH", ", ".join(_MANTEL_HAENSZEL))
    estimate, se, weights = _MANTEL_HAENSZEL[effects.measure](effects.cells)
    q = float(np.sum((effects.yi - estimate) ** 2 / effects.vi))
    return Counted(
        estimate=estimate,
        se=se,
        weights=fixed(100 * weights / weights.sum()),
        q=heterogeneity(q, len(effects) - 1),
    )


def peto_pool(effects: Effects) -> Counted:
    """The pool of all studies' observed less expected events.

    Raises:
        EvidenceError: `method-unfit` for measures other than OR and PETO.

    """
    if effects.cells is None or effects.measure not in {"OR", "PETO"}:
        raise _unfit(effects, "PETO", "OR, PETO")
    observed, v = observed_less_expected(effects.cells)
    total = float(v.sum())
    q = float(np.sum(observed**2 / v) - observed.sum() ** 2 / total)
    return Counted(
        estimate=float(observed.sum()) / total,
        se=1 / sqrt(total),
        weights=fixed(100 * v / total),
        q=heterogeneity(q, len(effects) - 1),
    )


def _unfit(effects: Effects, method: str, known: str) -> EvidenceError:
    return EvidenceError(
        "method-unfit",
        asked=f"{effects.measure} was to be pooled by {method}.",
        found=f"{method} pools {known}, from counts.",
        next="Use --method REML, or one of these measures.",
    )


Parts = tuple[float, float, Floats]


def _odds(cells: Floats) -> Parts:
    a, b, c, d = cells.T
    n = cells.sum(axis=1)
    p, q = (a + d) / n, (b + c) / n
    r, s = a * d / n, b * c / n
    up, down = _both(r, s)
    square = (p @ r) / up**2 + (p @ s + q @ r) / (up * down) + (q @ s) / down**2
    return log(up / down), sqrt(square / 2), s


def _risks(cells: Floats) -> Parts:
    a, b, c, d = cells.T
    n1, n2, n = a + b, c + d, cells.sum(axis=1)
    up, down = _both(a * n2 / n, c * n1 / n)
    square = float(np.sum(n1 * n2 * (a + c) / n**2 - a * c / n)) / (up * down)
    return log(up / down), sqrt(square), c * n1 / n


def _risk_differences(cells: Floats) -> Parts:
    a, b, c, d = cells.T
    n1, n2, n = a + b, c + d, cells.sum(axis=1)
    weights = n1 * n2 / n
    estimate = float(np.sum((a * n2 - c * n1) / n) / weights.sum())
    one = c * (n1 / n) ** 2 - a * (n2 / n) ** 2 + n1 / n * n2 / n * (n2 - n1) / 2
    other = (a * d + c * b) / n
    square = (estimate * one.sum() + other.sum() / 2) / weights.sum() ** 2
    return estimate, sqrt(square), weights


def _rates(cells: Floats) -> Parts:
    x1, t1, x2, t2 = cells.T
    t = t1 + t2
    up, down = _both(x1 * t2 / t, x2 * t1 / t)
    square = float(np.sum(t1 / t * t2 / t * (x1 + x2))) / (up * down)
    return log(up / down), sqrt(square), x2 * t1 / t


def _rate_differences(cells: Floats) -> Parts:
    x1, t1, x2, t2 = cells.T
    weights = t1 * t2 / (t1 + t2)
    estimate = float(np.sum((x1 * t2 - x2 * t1) / (t1 + t2)) / weights.sum())
    square = np.sum(weights**2 * (x1 / t1**2 + x2 / t2**2)) / weights.sum() ** 2
    return estimate, sqrt(square), weights


_MANTEL_HAENSZEL: Mapping[str, Callable[[Floats], Parts]] = {
    "OR": _odds,
    "RR": _risks,
    "RD": _risk_differences,
    "IRR": _rates,
    "IRD": _rate_differences,
}


def _both(up: Floats, down: Floats) -> tuple[float, float]:
    """Numerator and denominator of a pooled ratio, neither of them nothing."""
    above, below = float(up.sum()), float(down.sum())
    if above <= 0 or below <= 0:
        raise EvidenceError(
            "no-events",
            asked="A ratio was to be pooled by Mantel-Haenszel.",
            found="One arm has no event, or nobody without it, in any study: no ratio is finite.",
            next="Pool the difference (--measure RD or IRD), or use --method PETO.",
        )
    return above, below
