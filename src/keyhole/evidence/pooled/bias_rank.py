"""Begg's rank test: do effects go with their variances?"""

from typing import Literal

import numpy as np
from attrs import frozen
from scipy.stats import kendalltau

from keyhole.errors import EvidenceError
from keyhole.evidence.pooled.effect import Effects


@frozen
class RankTest:
    """Kendall's tau-b of standardised effects and variances, with its two-sided p.

    `kind` is `exact`, or `normal` where ties allow no exact distribution.
    """

    tau: float
    p: float
    kind: Literal["exact", "normal"]


def begg(effects: Effects) -> RankTest:
    """The rank correlation test of funnel-plot asymmetry.

    Each effect, less the equal-effects mean, is divided by the standard error of that difference;
    its ranks are held against the variances' (Begg and Mazumdar 1994, Biometrics 50:1088).

    Raises:
        EvidenceError: `moderators-unfit` where there is nothing to rank.

    """
    weights = 1 / effects.vi
    mean = weights @ effects.yi / weights.sum()
    spread = np.sqrt(np.maximum(effects.vi - 1 / weights.sum(), 0))
    standard = (effects.yi - mean) / spread
    if np.ptp(standard) == 0 or np.ptp(effects.vi) == 0:
        raise EvidenceError(
            "moderators-unfit",
            asked="The effects were to be ranked against their variances.",
            found="All studies have the same variance, or all say the same.",
            next="Asymmetry cannot be tested here; say so.",
        )
    kind: Literal["exact", "normal"] = "normal" if _tied(standard, effects.vi) else "exact"
    found = kendalltau(standard, effects.vi, method="exact" if kind == "exact" else "asymptotic")
    return RankTest(tau=float(found.statistic), p=float(found.pvalue), kind=kind)


def _tied(*columns: np.ndarray) -> bool:
    return any(len(np.unique(column)) < len(column) for column in columns)
