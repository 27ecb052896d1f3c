"""The pool without each study in turn, and the pool as it grew."""

from collections.abc import Sequence

import numpy as np
from attrs import frozen
from scipy.stats import norm

from keyhole.evidence.pooled.again import again, demand_same, demand_studies
from keyhole.evidence.pooled.effect import Effects
from keyhole.evidence.pooled.pooled import Pooled


@frozen
class Step:
    """A pool on the way; `pooled` is None while there is but one study to it."""

    name: str
    """The study left out, or the one added last."""
    k: int
    estimate: float
    se: float
    ci: tuple[float, float]
    pooled: Pooled | None


def leave_one_out(effects: Effects, pooled: Pooled) -> tuple[Pooled, ...]:
    """(k,) pools, the i-th without the i-th study.

    Raises:
        EvidenceError: `one-study` under 3 studies.

    """
    demand_same(effects, pooled)
    demand_studies(effects, 3, "Leaving out each study in turn")
    refit = again(pooled)
    rows = range(len(effects))
    return tuple(refit(effects.take([j for j in rows if j != i])) for i in rows)


def cumulative(
    effects: Effects, pooled: Pooled, *, order: Sequence[int] | None = None
) -> tuple[Step, ...]:
    """(k,) steps: the pool of the first study, the first two, and so on, in `order`.

    The order is the table's where not given: by year it shows how the answer came about. The first
    step is the one study itself, with its normal interval.
    """
    demand_same(effects, pooled)
    order = list(range(len(effects))) if order is None else list(order)
    if sorted(order) != list(range(len(effects))):
        raise ValueError("The order must name each study once.")
    refit = again(pooled)
    later = [refit(effects.take(order[:n])) for n in range(2, len(order) + 1)]
    names = [effects.names[i] for i in order]
    steps = [_as_step(name, one) for name, one in zip(names[1:], later, strict=True)]
    return (_first(effects.take(order[:1]), pooled.level), *steps)


def _as_step(name: str, pooled: Pooled) -> Step:
    return Step(name, pooled.k, pooled.estimate, pooled.se, pooled.ci, pooled)


def _first(study: Effects, level: float) -> Step:
    estimate, se = float(study.yi[0]), float(np.sqrt(study.vi[0]))
    reach = norm.isf((1 - level) / 2) * se
    return Step(study.names[0], 1, estimate, se, (estimate - reach, estimate + reach), None)
