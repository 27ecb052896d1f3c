"""The same pool once more, of other studies: what every doubt asks for."""

import math
from collections.abc import Callable

from scipy.stats import norm

from keyhole.errors import EvidenceError
from keyhole.evidence.pooled.effect import Effects
from keyhole.evidence.pooled.model import pool
from keyhole.evidence.pooled.pooled import Interval, Pooled
from keyhole.evidence.words import COMMON

Refit = Callable[[Effects], Pooled]


def again(pooled: Pooled) -> Refit:
    """A function that pools effects as this pool was made: method, test, level, prediction."""

    def refit(effects: Effects) -> Pooled:
        return pool(
            effects,
            pooled.method,
            test=pooled.test,
            level=pooled.level,
            prediction=pooled.pi_kind,
        )

    return refit


def test_factor(pooled: Pooled, effects: Effects) -> float:
    """The factor by which `pooled.se` squared differs from 1 / sum of weights; 1 for z and t.

    `effects` are those of the pool. It is Hartung and Knapp's factor, where that test was asked.
    """
    return float(pooled.se**2 * (1 / (effects.vi + pooled.tau2)).sum())


def wider_by_z(effects: Effects, pooled: Pooled) -> Interval | None:
    """The normal interval, where Hartung and Knapp's is narrower than it; None otherwise.

    Studies that agree better than chance would have them shrink their interval below that of one
    true effect; both should then be looked at (Jackson 2017, 10.1002/sim.7411).
    """
    factor = test_factor(pooled, effects) if pooled.test == "knha" else 1.0
    reach = float(norm.isf((1 - pooled.level) / 2)) * pooled.se / math.sqrt(factor)
    ends = pooled.estimate - reach, pooled.estimate + reach
    return ends if ends[1] > pooled.ci[1] + 1e-12 * reach and pooled.test == "knha" else None


def demand_same(effects: Effects, pooled: Pooled) -> None:
    """ValueError where the pool is not of these effects."""
    if effects.names != pooled.names or effects.measure != pooled.measure:
        raise ValueError("The pool given was not made of the effects given.")


def demand_inverse_variance(pooled: Pooled, what: str) -> None:
    """Refuse pools whose weights are not inverse variances.

    Raises:
        EvidenceError: `method-unfit`.

    """
    if pooled.method in COMMON - {"EE"}:
        raise EvidenceError(
            "method-unfit",
            asked=f"{what} was asked for of a pool by {pooled.method}.",
            found="It is defined for inverse-variance weights only.",
            next="Pool by EE or by a random-effects method first.",
        )


def demand_studies(effects: Effects, least: int, what: str) -> None:
    """Refuse too few studies.

    Raises:
        EvidenceError: `one-study`.

    """
    if len(effects) < least:
        raise EvidenceError(
            "one-study",
            asked=f"{what} was asked for.",
            found=f"It needs at least {least} studies; there are {len(effects)}.",
            next="Add studies, or read the single results.",
        )
