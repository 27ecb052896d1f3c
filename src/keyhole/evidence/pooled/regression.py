"""Meta-regression: how the effect changes with what studies differ in."""

from collections.abc import Mapping, Sequence

import numpy as np
from attrs import field, frozen
from scipy import stats

from keyhole.errors import EvidenceError
from keyhole.evidence.pooled.effect import Effects
from keyhole.evidence.pooled.heterogeneity import Heterogeneity, residual_q
from keyhole.evidence.pooled.intervals import demand_level, judge, scale_of
from keyhole.evidence.pooled.model import default_test, demand_fit, demand_studies
from keyhole.evidence.pooled.pooled import Interval
from keyhole.evidence.pooled.tau2 import between_studies
from keyhole.evidence.pooled.weighted import Fit, constant, fit
from keyhole.evidence.words import Method, Test
from keyhole.space import Floats, fixed, same


@frozen
class Term:
    """One coefficient: the change of the effect with one unit of the moderator."""

    name: str
    estimate: float
    se: float
    statistic: float
    p: float
    ci: Interval


@frozen(kw_only=True)
class Regression:
    """Effects explained by moderators, the first term the effect where all of them are zero.

    `r2` (percent) is the share of the pool's tau2 that the moderators take away; None where the
    pool has none. `moderators_q` tests all of them at once: chi-squared for z, F for t and knha,
    then with `df` of the residual. `unexplained` is Q of what is left.
    """

    terms: tuple[Term, ...]
    method: Method
    test: Test
    level: float
    k: int
    tau2: float
    r2: float | None
    moderators_q: float
    df: float | None
    p: float
    unexplained: Heterogeneity
    covariance: Floats = field(converter=fixed, eq=same)


def regress(
    effects: Effects,
    moderators: Mapping[str, Sequence[float]],
    *,
    method: Method = "REML",
    test: Test | None = None,
    level: float = 0.95,
) -> Regression:
    """Weighted regression of the effects on numbers that studies differ in.

    Args:
        effects: more studies than terms.
        moderators: name to (k,) numbers in the order of the effects; groups as 0 and 1.
        method: EE, or a random-effects method.
        test: as in `pool`.
        level: of the intervals.

    Raises:
        EvidenceError: `moderators-unfit`, `one-study`, `method-unfit`, `out-of-range`,
            `variance-not-positive`, `not-converged`.

    """
    test = test if test is not None else default_test(method)
    demand_fit(method, test)
    demand_level(level)
    x = _terms(effects, moderators, method)
    y, v = effects.yi, effects.vi
    k, p = x.shape
    tau2 = 0.0 if method == "EE" else between_studies(y, v, x, method)
    fitted = fit(y, x, 1 / (v + tau2))
    covariance = fitted.m * scale_of(test, fitted.rss, k - p)
    df = None if test == "z" else k - p
    q, chance = _all_moderators(fitted, covariance, df)
    return Regression(
        terms=_judged(["constant", *moderators], fitted, covariance, (df, level)),
        method=method,
        test=test,
        level=level,
        k=k,
        tau2=tau2,
        r2=_explained(effects, tau2, method),
        moderators_q=q,
        df=df,
        p=chance,
        unexplained=residual_q(y, v, x),
        covariance=covariance,
    )


def _terms(effects: Effects, moderators: Mapping[str, Sequence[float]], method: str) -> Floats:
    """(k, p) a column of ones and the moderators."""
    k = len(effects)
    if method in {"MH", "PETO"}:
        raise EvidenceError(
            "method-unfit",
            asked=f"A meta-regression by {method} was asked for.",
            found="It pools counts and knows no moderators.",
            next="Use --method REML, or EE.",
        )
    if not moderators or any(len(column) != k for column in moderators.values()):
        raise _unfit("One is not as long as there are effects, or there is none.")
    x = np.column_stack([constant(k), *(fixed(column) for column in moderators.values())])
    if not np.isfinite(x).all():
        raise _unfit("One has no number for some study.")
    demand_studies(k, x.shape[1])
    if np.linalg.matrix_rank(x / np.abs(x).max(axis=0, initial=1e-300)) < x.shape[1]:
        raise _unfit("One is the same for all studies, or follows from the others.")
    return x


def _unfit(found: str) -> EvidenceError:
    return EvidenceError(
        "moderators-unfit",
        asked="The effects were to be explained by moderators.",
        found=found,
        next="Give each moderator one number a study; leave out the one that adds nothing.",
    )


def _judged(
    names: Sequence[str], fitted: Fit, covariance: Floats, asked: tuple[float | None, float]
) -> tuple[Term, ...]:
    terms = []
    for i, name in enumerate(names):
        j = judge(float(fitted.b[i]), float(covariance[i, i]) ** 0.5, *asked)
        terms.append(Term(name, float(fitted.b[i]), j.se, j.statistic, j.p, j.ci))
    return tuple(terms)


def _all_moderators(fitted: Fit, covariance: Floats, df: float | None) -> tuple[float, float]:
    """The test that all coefficients but the constant are zero: statistic and p."""
    b, m = fitted.b[1:], len(fitted.b) - 1
    q = float(b @ np.linalg.solve(covariance[1:, 1:], b))
    if df is None:
        return q, float(stats.chi2.sf(q, m))
    return q / m, float(stats.f.sf(q / m, m, df))


def _explained(effects: Effects, tau2: float, method: str) -> float | None:
    """The share of tau2 that went, percent."""
    if method == "EE":
        return None
    before = between_studies(effects.yi, effects.vi, constant(len(effects)), method)
    return max(0.0, 100 * (before - tau2) / before) if before > 0 else None
