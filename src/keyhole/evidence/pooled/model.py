"""The pool itself: which model, which test, and everything that is said of the result."""

from attrs import frozen

from keyhole.errors import EvidenceError
from keyhole.evidence.pooled.effect import Effects
from keyhole.evidence.pooled.heterogeneity import Heterogeneity, residual_q, typical_variance
from keyhole.evidence.pooled.intervals import (
    Judged,
    demand_level,
    judge,
    predicted,
    scale_of,
)
from keyhole.evidence.pooled.pooled import Interval, Pooled
from keyhole.evidence.pooled.rare import Counted, mantel_haenszel, peto_pool
from keyhole.evidence.pooled.tau2 import between_studies
from keyhole.evidence.pooled.weighted import constant, fit
from keyhole.evidence.words import COMMON, METHODS, TESTS, Method, Prediction, Test
from keyhole.space import Floats


def pool(
    effects: Effects,
    method: Method = "REML",
    test: Test | None = None,
    level: float = 0.95,
    *,
    prediction: Prediction = "t",
) -> Pooled:
    """The effects made one.

    Args:
        effects: at least two studies.
        method: EE equal effects by inverse variance; DL, PM, REML, ML, EB random effects; MH and
            PETO from the counts.
        test: z, t or knha (Hartung-Knapp). None takes knha for random effects, whose intervals
            alone hold what they promise with few studies (validation/metafor), and z for the
            methods that hold one true effect.
        level: of all intervals.
        prediction: which prediction interval is `pi`.

    Raises:
        EvidenceError: `one-study`, `method-unfit`, `no-events`, `out-of-range`,
            `variance-not-positive`, `not-converged`.

    """
    test = test if test is not None else default_test(method)
    demand_fit(method, test)
    demand_level(level)
    demand_studies(len(effects), 1)
    if method in {"MH", "PETO"}:
        counted = mantel_haenszel(effects) if method == "MH" else peto_pool(effects)
        mean = _Mean.of_counts(counted, level)
    else:
        mean = _mean(effects, method, test, level)
    return _told(effects, mean, _Asked(method, test, level, prediction))


def default_test(method: str) -> Test:
    """The test that a method is used with unless another is asked for."""
    return "z" if method in COMMON else "knha"


def demand_fit(method: str, test: str) -> None:
    """Refuse methods and tests that do not exist or do not go together.

    Raises:
        EvidenceError: `method-unfit`.

    """
    if method not in METHODS or test not in TESTS:
        raise EvidenceError(
            "method-unfit",
            asked=f"The method {method} with the test {test} was asked for.",
            found="There is none such.",
            next=f"Methods are {', '.join(METHODS)}; tests are {', '.join(TESTS)}.",
        )
    if (method in COMMON and test == "knha") or (method in {"MH", "PETO"} and test == "t"):
        raise EvidenceError(
            "method-unfit",
            asked=f"The method {method} with the test {test} was asked for.",
            found="That test supposes effects that differ between studies, or weights from vi.",
            next="Use --test z with it, or a random-effects method such as REML.",
        )


def demand_studies(k: int, terms: int) -> None:
    """Refuse fewer studies than a model of so many terms needs.

    Raises:
        EvidenceError: `one-study`.

    """
    if k <= terms:
        raise EvidenceError(
            "one-study",
            asked=f"A model of {terms} {'term' if terms == 1 else 'terms'} was to be fitted.",
            found=f"{k} {'study says' if k == 1 else 'studies say'} something on the measure.",
            next="Give more studies; a single one is best reported by itself.",
        )


@frozen(eq=False)
class _Mean:
    """A mean effect with all that it was made from."""

    estimate: float
    judged: Judged
    weights: Floats
    q: Heterogeneity
    tau2: float
    typical: float | None
    """Typical variance of a study; None for models of one true effect."""

    @classmethod
    def of_counts(cls, counted: Counted, level: float) -> "_Mean":
        return cls(
            estimate=counted.estimate,
            judged=judge(counted.estimate, counted.se, None, level),
            weights=counted.weights,
            q=counted.q,
            tau2=0.0,
            typical=None,
        )


def _mean(effects: Effects, method: Method, test: Test, level: float) -> _Mean:
    y, v, k = effects.yi, effects.vi, len(effects)
    x = constant(k)
    tau2 = 0.0 if method == "EE" else between_studies(y, v, x, method)
    w = 1 / (v + tau2)
    fitted = fit(y, x, w)
    estimate = float(fitted.b[0])
    se = float(fitted.m[0, 0] * scale_of(test, fitted.rss, k - 1)) ** 0.5
    return _Mean(
        estimate=estimate,
        judged=judge(estimate, se, None if test == "z" else k - 1, level),
        weights=100 * w / w.sum(),
        q=residual_q(y, v, x),
        tau2=tau2,
        typical=None if method == "EE" else typical_variance(v, x),
    )


@frozen
class _Asked:
    method: Method
    test: Test
    level: float
    prediction: Prediction


def _predictions(mean: _Mean, k: int, level: float) -> tuple[Interval | None, Interval | None]:
    """By t with k - 2 degrees of freedom, and by the normal; None where there is none."""
    if mean.typical is None:
        return None, None
    se = mean.judged.se
    by_t = predicted(mean.estimate, se, mean.tau2, k - 2, level) if k > 2 else None
    return by_t, predicted(mean.estimate, se, mean.tau2, None, level)


def _why_none(mean: _Mean, pi: Interval | None) -> str | None:
    if pi is not None:
        return None
    if mean.typical is None:
        return "the model holds one true effect for all studies"
    return "two studies leave no degree of freedom for a t interval"


def _told(effects: Effects, mean: _Mean, asked: _Asked) -> Pooled:
    by_t, by_z = _predictions(mean, len(effects), asked.level)
    pi = by_t if asked.prediction == "t" else by_z
    from_tau2 = mean.typical is not None
    i2, h2 = _shares(mean)
    return Pooled(
        measure=effects.measure,
        method=asked.method,
        test=asked.test,
        level=asked.level,
        k=len(effects),
        estimate=mean.estimate,
        se=mean.judged.se,
        statistic=mean.judged.statistic,
        df=mean.judged.df,
        p=mean.judged.p,
        ci=mean.judged.ci,
        pi=pi,
        pi_kind=asked.prediction,
        pi_t=by_t,
        pi_z=by_z,
        pi_reason=_why_none(mean, pi),
        tau2=mean.tau2,
        i2=i2,
        i2_from="tau2" if from_tau2 else "Q",
        i2_q=mean.q.i2,
        h2=h2,
        q=mean.q.q,
        q_df=mean.q.df,
        q_p=mean.q.p,
        weights=mean.weights,
        names=effects.names,
        dropped=effects.dropped,
        scale=effects.scale,
    )


def _shares(mean: _Mean) -> tuple[float, float]:
    """I2 (percent) and H2 of the model."""
    if mean.typical is None:
        return mean.q.i2, mean.q.h2
    return 100 * mean.tau2 / (mean.typical + mean.tau2), mean.tau2 / mean.typical + 1
