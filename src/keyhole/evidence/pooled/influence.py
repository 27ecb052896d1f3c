"""How far each study carries the pool: deletion diagnostics.

Source: Viechtbauer and Cheung 2010, 10.1002/jrsm.11.
"""

import math

import numpy as np
from attrs import field, frozen
from scipy.stats import chi2

from keyhole.evidence.pooled.again import (
    demand_inverse_variance,
    demand_same,
    test_factor,
)
from keyhole.evidence.pooled.effect import Effects
from keyhole.evidence.pooled.leave_out import leave_one_out
from keyhole.evidence.pooled.pooled import Pooled
from keyhole.space import Floats, fixed, same


@frozen(kw_only=True)
class Influence:
    """One row a study, each array (k,), all against the pool without that study.

    `residual` is the externally studentised residual; `dffits` and `dfbetas` the change of the
    pooled effect in standard errors; `cook` that change squared against the pool's variance;
    `covariance_ratio` the variance of the pool without over with; `tau2` and `q` of the rest;
    `hat` the share of the weight; `influential` the rule of Viechtbauer and Cheung.
    """

    names: tuple[str, ...]
    residual: Floats = field(converter=fixed, eq=same)
    dffits: Floats = field(converter=fixed, eq=same)
    cook: Floats = field(converter=fixed, eq=same)
    covariance_ratio: Floats = field(converter=fixed, eq=same)
    tau2: Floats = field(converter=fixed, eq=same)
    q: Floats = field(converter=fixed, eq=same)
    hat: Floats = field(converter=fixed, eq=same)
    dfbetas: Floats = field(converter=fixed, eq=same)

    @property
    def influential(self) -> tuple[bool, ...]:
        """Studies with |DFFITS| > 3 / sqrt(k - 1), Cook's distance past the median of chi2(1), a
        hat value over 3 / k, or |DFBETAS| > 1.
        """
        k = len(self.names)
        far = (
            (np.abs(self.dffits) > 3 / math.sqrt(k - 1))
            | (self.cook > chi2.median(1))
            | (self.hat > 3 / k)
            | (np.abs(self.dfbetas) > 1)
        )
        return tuple(bool(flag) for flag in far)


def influence(effects: Effects, pooled: Pooled) -> Influence:
    """Take each study out in turn, and see what becomes of the pool.

    Raises:
        EvidenceError: `method-unfit` for MH and PETO; `one-study` under 3 studies;
            `variance-not-positive` where Hartung and Knapp's test leaves a rest no variance.

    """
    demand_same(effects, pooled)
    demand_inverse_variance(pooled, "The influence of studies")
    rests = leave_one_out(effects, pooled)
    rows = [_row(effects, pooled, i, rest) for i, rest in enumerate(rests)]
    columns = {key: [row[key] for row in rows] for key in rows[0]}
    return Influence(names=effects.names, **columns)


def _row(effects: Effects, pooled: Pooled, i: int, rest: Pooled) -> dict[str, float]:
    """The diagnostics of the i-th study; Hartung and Knapp's factor is the rest's own."""
    factor = test_factor(rest, effects.take([j for j in range(len(effects)) if j != i]))
    around = factor * (float(effects.vi[i]) + rest.tau2)
    moved = pooled.estimate - rest.estimate
    hat = float(pooled.weights[i]) / 100
    whole = factor / float((1 / (effects.vi + rest.tau2)).sum())
    return {
        "residual": (float(effects.yi[i]) - rest.estimate) / math.sqrt(around + rest.se**2),
        "dffits": moved / math.sqrt(hat * around),
        "cook": moved**2 / pooled.se**2,
        "covariance_ratio": rest.se**2 / pooled.se**2,
        "tau2": rest.tau2,
        "q": rest.q,
        "hat": hat,
        "dfbetas": moved / math.sqrt(whole),
    }
