"""Trim and fill: how many studies one side of the funnel lacks, and the pool with them put in.

A thought experiment, not a correction: it takes every asymmetry for suppression, and is misled by
heterogeneity (Peters 2007, 10.1002/sim.2889).
"""

from typing import Literal

import attrs
import numpy as np
from attrs import frozen

from keyhole.errors import EvidenceError
from keyhole.evidence.pooled.again import (
    again,
    demand_inverse_variance,
    demand_same,
    demand_studies,
)
from keyhole.evidence.pooled.bias_regression import funnel_slope
from keyhole.evidence.pooled.effect import Effects
from keyhole.evidence.pooled.pooled import Pooled
from keyhole.space import Floats

Estimator = Literal["L0", "R0"]
Side = Literal["left", "right"]
_MOST_ROUNDS = 100


@frozen(kw_only=True)
class Filled:
    """`effects` hold the studies and `missing` mirror images of those far out, `pooled` is theirs.

    The images lie on `side`. `missing_se` is None where Duval and Tweedie's variance is negative;
    `p`, of no study missing, is known for R0 only.
    """

    estimator: Estimator
    side: Side
    missing: int
    missing_se: float | None
    p: float | None
    effects: Effects
    pooled: Pooled


@frozen
class _Trimmed:
    order: np.ndarray
    """From the side where studies are scarce to the other."""
    mean: float
    raw: float
    missing: int


def trim_and_fill(
    effects: Effects, pooled: Pooled, *, estimator: Estimator = "L0", side: Side | None = None
) -> Filled:
    """Duval and Tweedie's method (10.1111/j.0006-341x.2000.00455.x) with the pool's own model.

    `side` is where studies are thought missing; where it is not given, the side on which small
    studies are scarce by a regression of the effects on their standard errors.

    Raises:
        EvidenceError: `method-unfit` for MH and PETO, `one-study` under 3 studies, `not-converged`.

    """
    demand_same(effects, pooled)
    demand_inverse_variance(pooled, "Trim and fill")
    demand_studies(effects, 3, "Trim and fill")
    if side is None:
        side = "right" if funnel_slope(effects, pooled) < 0 else "left"
    trimmed = _trim(effects, pooled, estimator, side)
    whole = _filled(effects, trimmed)
    return Filled(
        estimator=estimator,
        side=side,
        missing=trimmed.missing,
        missing_se=_standard_error(estimator, len(effects), trimmed),
        p=0.5 ** (trimmed.missing + 1) if estimator == "R0" else None,
        effects=whole,
        pooled=again(pooled)(whole),
    )


def _trim(effects: Effects, pooled: Pooled, estimator: Estimator, side: Side) -> _Trimmed:
    """Trim the crowded side, look at the mean of the rest, count, until the count holds."""
    sign, k, missing = (-1 if side == "right" else 1), len(effects), 0
    order = np.argsort(sign * effects.yi, kind="stable")
    for _ in range(_MOST_ROUNDS):
        mean = _mean(effects.take(order[: k - missing].tolist()), pooled)
        raw = _COUNT[estimator](_signed_ranks(sign * (effects.yi[order] - mean)))
        before, missing = missing, max(0, round(raw))
        if missing == before:
            return _Trimmed(order=order, mean=mean, raw=raw, missing=missing)
    raise EvidenceError(
        "not-converged",
        asked=f"The studies missing on the {side} were to be counted by {estimator}.",
        found=f"The count still changed after {_MOST_ROUNDS} rounds.",
        next="Use the other estimator, or judge the funnel plot by eye.",
    )


def _mean(left: Effects, pooled: Pooled) -> float:
    return float(left.yi[0]) if len(left) == 1 else again(pooled)(left).estimate


def _signed_ranks(centred: Floats) -> Floats:
    """(k,) ranks of the distances from the mean, negative on the scarce side."""
    ranks = np.empty(len(centred))
    ranks[np.argsort(np.abs(centred), kind="stable")] = np.arange(1, len(centred) + 1)
    return np.sign(centred) * ranks


def _l0(ranks: Floats) -> float:
    k = len(ranks)
    return float((4 * ranks[ranks > 0].sum() - k * (k + 1)) / (2 * k - 1))


def _r0(ranks: Floats) -> float:
    return float(len(ranks) - max(0.0, -ranks.min()) - 1)


_COUNT = {"L0": _l0, "R0": _r0}


def _standard_error(estimator: Estimator, k: int, trimmed: _Trimmed) -> float | None:
    if estimator == "R0":
        return float(np.sqrt(2 * max(0.0, trimmed.raw) + 2))
    m = trimmed.raw
    rising = k * (k + 1) * (2 * k + 1) + 10 * m**3 + 27 * m**2 + 17 * m
    variance = (rising - 18 * k * m**2 - 18 * k * m + 6 * k**2 * m) / 24
    return None if variance < 0 else float(4 * np.sqrt(variance) / (2 * k - 1))


def _filled(effects: Effects, trimmed: _Trimmed) -> Effects:
    far = trimmed.order[len(effects) - trimmed.missing :]
    both = np.concatenate([np.arange(len(effects)), far])
    names = (*effects.names, *(f"Filled {i + 1}" for i in range(len(far))))
    return attrs.evolve(
        effects.take(both.tolist()),
        names=names,
        yi=np.concatenate([effects.yi, 2 * trimmed.mean - effects.yi[far]]),
        cells=None,
    )
