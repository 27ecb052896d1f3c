"""Which studies make the heterogeneity, and which the result."""

import numpy as np
from attrs import field, frozen

from keyhole.evidence.pooled.again import demand_same
from keyhole.evidence.pooled.effect import Effects
from keyhole.evidence.pooled.leave_out import leave_one_out
from keyhole.evidence.pooled.pooled import Pooled
from keyhole.space import Floats, fixed, same


@frozen
class Baujat:
    """Two coordinates a study, each (k,).

    `heterogeneity`: the squared Pearson residual, with the equal-effects method the study's part
    of Q. `influence`: the square of what the pool moves by without the study, over the variance
    of the pool without it.
    """

    names: tuple[str, ...]
    heterogeneity: Floats = field(converter=fixed, eq=same)
    influence: Floats = field(converter=fixed, eq=same)


def baujat(effects: Effects, pooled: Pooled) -> Baujat:
    """Baujat's coordinates (2002, 10.1002/sim.1221), for any method as metafor draws them.

    Raises:
        EvidenceError: `one-study` under 3 studies; `variance-not-positive`.

    """
    demand_same(effects, pooled)
    rests = leave_one_out(effects, pooled)
    left = np.array([rest.estimate for rest in rests])
    variance = np.array([rest.se**2 for rest in rests])
    return Baujat(
        names=effects.names,
        heterogeneity=(effects.yi - pooled.estimate) ** 2 / (effects.vi + pooled.tau2),
        influence=(left - pooled.estimate) ** 2 / variance,
    )
