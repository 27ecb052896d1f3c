"""Fail-safe N: how many unseen studies without effect would undo the result?

Three old answers to one question; none looks at how biased the unseen studies are, and the
Cochrane Handbook (13.3.5.5) advises against leaning on any of them. They are given because
reviews print them, and so that printed ones can be checked.
"""

import math
from typing import Literal

import numpy as np
from attrs import frozen
from scipy.stats import norm

from keyhole.errors import EvidenceError
from keyhole.evidence.pooled.effect import Effects


@frozen
class FailSafe:
    """`n` studies without effect, rounded up; `exact` before rounding."""

    kind: Literal["Rosenthal", "Orwin", "Orwin weighted", "Rosenberg"]
    n: int
    exact: float
    target: float
    """The p (Rosenthal one-sided, Rosenberg two-sided) or the effect to be brought about."""


def rosenthal(effects: Effects, *, alpha: float = 0.05) -> FailSafe:
    """Studies of z = 0 until Stouffer's combined z has a one-sided p of `alpha`.

    Source: Rosenthal 1979, Psychological Bulletin 86:638.

    Raises:
        EvidenceError: `out-of-range`.

    """
    _demand_alpha(alpha)
    total = abs(float((effects.yi / np.sqrt(effects.vi)).sum()))
    return _safe("Rosenthal", (total / norm.isf(alpha)) ** 2 - len(effects), alpha)


def orwin(effects: Effects, *, target: float | None = None, weighted: bool = False) -> FailSafe:
    """Studies of effect 0 until the mean effect falls to `target`, half of it where not given.

    The mean is the plain one (Orwin 1983, Journal of Educational Statistics 8:157) or, `weighted`,
    the equal-effects one.

    Raises:
        EvidenceError: `out-of-range` where the target is 0 or on the other side of 0.

    """
    mean = float(np.average(effects.yi, weights=1 / effects.vi if weighted else None))
    wanted = mean / 2 if target is None else target
    if wanted * mean <= 0:
        raise EvidenceError(
            "out-of-range",
            asked=f"Studies without effect were to bring the mean of {mean:.4g} to {wanted:.4g}.",
            found="They can only bring it nearer to 0, never to it or past it.",
            next="Give a target between 0 and the mean, on the analysis scale.",
        )
    kind: Literal["Orwin weighted", "Orwin"] = "Orwin weighted" if weighted else "Orwin"
    return _safe(kind, len(effects) * (mean - wanted) / wanted, wanted)


def rosenberg(effects: Effects, *, alpha: float = 0.05) -> FailSafe:
    """Studies of effect 0 and mean weight until the equal-effects mean has a p of `alpha`.

    Source: Rosenberg 2005, Evolution 59:464.

    Raises:
        EvidenceError: `out-of-range`.

    """
    _demand_alpha(alpha)
    weights = 1 / effects.vi
    z = float(weights @ effects.yi) / math.sqrt(weights.sum())
    k = len(effects)
    return _safe("Rosenberg", k * (z / norm.isf(alpha / 2)) ** 2 - k, alpha)


def _safe(
    kind: Literal["Rosenthal", "Orwin", "Orwin weighted", "Rosenberg"], exact: float, target: float
) -> FailSafe:
    exact = max(0.0, float(exact))
    return FailSafe(kind=kind, n=math.ceil(exact - 1e-9), exact=exact, target=target)


def _demand_alpha(alpha: float) -> None:
    if not 0 < alpha < 0.5:
        raise EvidenceError(
            "out-of-range",
            asked=f"A fail-safe N at p = {alpha:g} was asked for.",
            found="Only values between 0 and 0.5 make a test.",
            next="Give alpha between 0 and 0.5; 0.05 is usual.",
        )
