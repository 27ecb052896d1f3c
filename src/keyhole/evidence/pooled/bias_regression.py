"""Regression tests of funnel-plot asymmetry: do small studies say something else?

Asymmetry is not yet publication bias: true differences between small and large studies, chance,
and the artefacts of ratios with few events make it too (Sterne 2011, 10.1136/bmj.d4002).
"""

from collections.abc import Callable
from typing import Literal, get_args

import numpy as np
from attrs import frozen
from scipy import stats

from keyhole.errors import EvidenceError
from keyhole.evidence.pooled.again import demand_inverse_variance, demand_same, demand_studies
from keyhole.evidence.pooled.effect import Effects
from keyhole.evidence.pooled.pooled import Interval, Pooled
from keyhole.evidence.pooled.regression import regress
from keyhole.evidence.pooled.weighted import fit
from keyhole.space import Floats

FEW: int = 10
"""Under ten studies the tests tell chance from asymmetry too seldom to be used (Sterne 2011)."""

Model = Literal["rma", "lm"]
Predictor = Literal["sei", "vi", "ni", "ninv", "sqrtni", "sqrtninv"]
MODELS: tuple[Model, ...] = get_args(Model)
PREDICTORS: tuple[Predictor, ...] = get_args(Predictor)

_OF_SIZE: dict[str, Callable[[Floats], Floats]] = {
    "ni": lambda n: n,
    "ninv": lambda n: 1 / n,
    "sqrtni": np.sqrt,
    "sqrtninv": lambda n: 1 / np.sqrt(n),
}
_WITH_A_LIMIT = {"sei", "vi", "ninv", "sqrtninv"}


@frozen(kw_only=True)
class RegressionTest:
    """The slope of the effects on `predictor`, and its test against none.

    `limit` is the effect foreseen for an infinitely large study, None for predictors that do not
    go to 0 in it. `df` is None where the statistic is a z. `few`: under ten studies, where the test
    should not be used.
    """

    model: Model
    predictor: Predictor
    slope: float
    se: float
    statistic: float
    df: float | None
    p: float
    limit: float | None
    limit_ci: Interval | None
    few: bool


def egger(
    effects: Effects, pooled: Pooled, *, model: Model = "lm", predictor: Predictor = "sei"
) -> RegressionTest:
    """The regression test, its variants named as in metafor's regtest.

    `lm` with `sei` is Egger's own (1997, 10.1136/bmj.315.7109.629): weighted regression with a
    multiplicative error, tested by t with k - 2 degrees of freedom. `rma` is a mixed-effects
    meta-regression with the pool's method and test. Predictors: `sei` standard error, `vi`
    variance, `ni` patients, `ninv` their inverse, `sqrtni` and `sqrtninv` the roots of these.

    Raises:
        EvidenceError: `method-unfit` for MH and PETO with `rma`, `one-study` under 3 studies,
            `moderators-unfit` where all studies are of one size or on one line, `columns-missing` without the
            patients that the predictor needs, `not-converged`.

    """
    demand_same(effects, pooled)
    demand_studies(effects, 3, "A regression test of asymmetry")
    x = _predictor(effects, predictor)
    fitted = _mixed(effects, pooled, x) if model == "rma" else _weighted(effects, pooled.level, x)
    has_limit = predictor in _WITH_A_LIMIT
    return RegressionTest(
        model=model,
        predictor=predictor,
        slope=fitted.slope,
        se=fitted.se,
        statistic=fitted.slope / fitted.se,
        df=fitted.df,
        p=fitted.p,
        limit=fitted.limit if has_limit else None,
        limit_ci=fitted.limit_ci if has_limit else None,
        few=len(effects) < FEW,
    )


@frozen
class _Fitted:
    slope: float
    se: float
    df: float | None
    p: float
    limit: float
    limit_ci: Interval


def _mixed(effects: Effects, pooled: Pooled, x: Floats) -> _Fitted:
    demand_inverse_variance(pooled, "A mixed-effects regression test")
    found = regress(
        effects, {"size": x.tolist()}, method=pooled.method, test=pooled.test, level=pooled.level
    )
    limit, slope = found.terms
    return _Fitted(slope.estimate, slope.se, found.df, slope.p, limit.estimate, limit.ci)


def _weighted(effects: Effects, level: float, x: Floats) -> _Fitted:
    """Weighted regression whose error is a multiple of the variances."""
    if np.ptp(x) <= 1e-12 * np.abs(x).max():
        raise _nothing_to_test("All studies are of one size.")
    found = fit(effects.yi, np.column_stack([np.ones_like(x), x]), 1 / effects.vi)
    if found.rss <= 1e-20 * float((effects.yi**2 / effects.vi).sum()):
        raise _nothing_to_test("All studies lie on one line exactly.")
    df = len(x) - 2
    se = np.sqrt(np.diag(found.m) * found.rss / df)
    reach = float(stats.t.isf((1 - level) / 2, df) * se[0])
    limit, slope = (float(b) for b in found.b)
    p = float(2 * stats.t.sf(abs(slope) / se[1], df))
    return _Fitted(slope, float(se[1]), df, p, limit, (limit - reach, limit + reach))


def _nothing_to_test(found: str) -> EvidenceError:
    return EvidenceError(
        "moderators-unfit",
        asked="The effects were to be held against the size of the studies.",
        found=found,
        next="Asymmetry cannot be tested here; say so.",
    )


def _predictor(effects: Effects, predictor: Predictor) -> Floats:
    if predictor == "sei":
        return np.sqrt(effects.vi)
    if predictor == "vi":
        return effects.vi
    if effects.ni is None:
        raise EvidenceError(
            "columns-missing",
            asked=f"The effects were to be held against the number of patients ({predictor}).",
            found="The studies come without it.",
            next="Give n1 and n2, or use the predictor sei.",
        )
    return _OF_SIZE[predictor](effects.ni)


def funnel_slope(effects: Effects, pooled: Pooled) -> float:
    """The slope of the effects on their standard errors by the pool's method."""
    found = regress(effects, {"sei": np.sqrt(effects.vi).tolist()}, method=pooled.method, test="z")
    return found.terms[1].estimate
