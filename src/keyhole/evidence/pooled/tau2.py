"""The variance of the true effects between studies, by named estimators.

DL: DerSimonian and Laird 1986 (10.1016/0197-2456(86)90046-2). PM: Paule and Mandel 1982
(10.6028/jres.087.022). EB, empirical Bayes (Morris 1983), solves the same equation as PM. ML and
REML: maximum likelihood, full and restricted, by Fisher scoring (Viechtbauer 2005,
10.3102/10769986030003261). None goes below zero.

Fisher scoring stops when tau2 moves by less than 1e-10 of itself (or, on its way to nothing, by
less than rounding errs: 1e-13 of the median vi). A stop at an absolute step, as in metafor (1e-5),
is no answer for outcomes measured in small numbers, such as rate differences.
"""

from collections.abc import Callable

import numpy as np
from scipy.optimize import brentq

from keyhole.errors import EvidenceError
from keyhole.evidence.pooled.weighted import Fit, fit, trace_p, trace_pp
from keyhole.space import Floats

RELATIVE, ROUNDING = 1e-10, 1e-13
STEPS = 1000


def between_studies(y: Floats, v: Floats, x: Floats, method: str) -> float:
    """tau2 in the square of the analysis scale, by DL, PM, EB, ML or REML.

    Args:
        y: (k,) effects.
        v: (k,) their variances.
        x: (k, p) terms of the model, k > p.
        method: the estimator's name.

    Raises:
        EvidenceError: `not-converged`.

    """
    if method == "DL":
        return der_simonian_laird(y, v, x)
    if method in {"PM", "EB"}:
        return paule_mandel(y, v, x)
    return likelihood(y, v, x, restricted=method == "REML")


def der_simonian_laird(y: Floats, v: Floats, x: Floats) -> float:
    """The excess of Q over its degrees of freedom, in closed form."""
    k, p = x.shape
    fixed = fit(y, x, 1 / v)
    return max(0.0, (fixed.rss - (k - p)) / trace_p(x, 1 / v, fixed.m))


def paule_mandel(y: Floats, v: Floats, x: Floats) -> float:
    """The tau2 at which Q equals its degrees of freedom."""
    k, p = x.shape
    return where_q_is(k - p, y, v, x)


def where_q_is(target: float, y: Floats, v: Floats, x: Floats) -> float:
    """The tau2 at which the generalized Q equals `target`; 0 where Q is below it from the start.

    By Newton's steps: Q falls and is convex in tau2, so that steps from 0 never go past the place,
    and none needs a guard (DerSimonian and Kacker 2007, 10.1016/j.cct.2006.04.004).

    Raises:
        EvidenceError: `not-converged`.

    """
    tau2 = 0.0
    for _ in range(STEPS):
        w = 1 / (v + tau2)
        f = fit(y, x, w)
        over = f.rss - target
        if over <= 0:
            return tau2
        move = over / float(np.sum((w * f.r) ** 2))
        tau2 += move
        if move <= RELATIVE * tau2:
            return tau2
    raise _unsettled()


def likelihood(y: Floats, v: Floats, x: Floats, *, restricted: bool) -> float:
    """The tau2 of the highest likelihood that Fisher scoring reaches from Hedges' estimate, or 0."""

    def step(tau2: float) -> float:
        w = 1 / (v + tau2)
        f = fit(y, x, w)
        gain = float(np.sum((w * f.r) ** 2))
        if restricted:
            return (gain - trace_p(x, w, f.m)) / trace_pp(x, w, f.m)
        return (gain - float(w.sum())) / float(np.sum(w**2))

    tau2 = settled(step, max(0.0, _hedges(y, v, x)), ROUNDING * float(np.median(v)))
    heights = {t: _log_likelihood(y, v, x, t, restricted=restricted) for t in (0.0, tau2)}
    return max(heights, key=lambda t: (heights[t], t))


def settled(step: Callable[[float], float], start: float, noise: float = 0.0) -> float:
    """Where repeated steps come to rest, never below zero; steps below `noise` are none.

    Scoring alone can leap to and fro, for long or for ever: once a step turns, the place of no step
    lies between the last two, and is found there.

    Raises:
        EvidenceError: `not-converged`.

    """
    tau2, before, last = start, start, 0.0
    for _ in range(STEPS):
        move = step(tau2)
        new = max(0.0, tau2 + move)
        if abs(new - tau2) <= RELATIVE * new + noise:
            return new
        if move * last < 0:
            return float(brentq(step, before, tau2, xtol=noise or RELATIVE, rtol=1e-12))
        tau2, before, last = new, tau2, move
    raise _unsettled()


def _unsettled() -> EvidenceError:
    return EvidenceError(
        "not-converged",
        asked="The variance between the studies was to be estimated step by step.",
        found=f"It had not settled after {STEPS} steps.",
        next="Use the estimator DL, which needs no steps; look for a study with a wrong variance.",
    )


def _hedges(y: Floats, v: Floats, x: Floats) -> float:
    """Hedges' unweighted estimate: where Fisher scoring starts."""
    k, p = x.shape
    plain = fit(y, x, np.ones(k))
    return (plain.rss - float(v.sum() - np.sum(plain.m * ((x.T * v) @ x)))) / (k - p)


def _log_likelihood(y: Floats, v: Floats, x: Floats, tau2: float, *, restricted: bool) -> float:
    """The log-likelihood of tau2, a constant left out."""
    w = 1 / (v + tau2)
    f: Fit = fit(y, x, w)
    full = (float(np.log(w).sum()) - f.rss) / 2
    return full + float(np.linalg.slogdet(f.m)[1]) / 2 if restricted else full
