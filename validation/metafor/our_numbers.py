"""What Keyhole says of a set of studies, under the names of golden.R."""

from collections.abc import Iterator

import numpy as np
from random_sets import Table

from keyhole.errors import EvidenceError
from keyhole.evidence.pooled import Effects, Pooled, effects, pool, regress
from keyhole.evidence.pooled.bias_fail_safe import orwin, rosenberg, rosenthal
from keyhole.evidence.pooled.bias_rank import begg
from keyhole.evidence.pooled.bias_regression import egger
from keyhole.evidence.pooled.bias_trim_fill import trim_and_fill
from keyhole.evidence.pooled.heterogeneity import tau2_interval
from keyhole.evidence.pooled.influence import influence
from keyhole.evidence.pooled.leave_out import cumulative, leave_one_out

Named = dict[str, float]
RANDOM = ("DL", "PM", "REML", "ML", "EB")
COUNTED = {"MH": {"RR", "OR", "RD", "IRR", "IRD"}, "PETO": {"OR", "PETO"}}


def numbers(measure: str, table: Table) -> Named:
    """Everything that golden.R asks of metafor; `k` alone where nothing can be pooled."""
    try:
        e = effects(table, measure)
    except EvidenceError as error:
        if error.refusal.code != "no-events":
            raise
        return {"k": 0}
    k = len(e)
    if k < 2:
        return {"k": k}
    parts = [{"k": k}, transformed(e), pools(e), counted(e), regressions(e, table)]
    low, high = tau2_interval(e)
    parts.append({"tau2_ci.lo": low, "tau2_ci.hi": high})
    if 4 <= k <= 40:
        parts += [left_out(e), influences(e), asymmetry(e)]
    return {key: float(value) for part in parts for key, value in part.items()}


def prefixed(prefix: str, values: Named) -> Named:
    """The values, their names under the prefix."""
    return {f"{prefix}.{key}": value for key, value in values.items()}


def transformed(e: Effects) -> Named:
    """Sums that change with every effect, every variance and their order."""
    place = np.arange(1, len(e) + 1)
    return prefixed("effects", {"y": e.yi.sum(), "y_i": e.yi @ place, "v": e.vi.sum(),
                                "w": (1 / e.vi).sum()})  # fmt: skip


def common(p: Pooled) -> Named:
    """A pool by the normal distribution."""
    return {"b": p.estimate, "se": p.se, "p": p.p, "lo": p.ci[0], "hi": p.ci[1],
            "q": p.q, "q_p": p.q_p, "i2": p.i2, "h2": p.h2}  # fmt: skip


def pools(e: Effects) -> Named:
    """Every estimator with every test and both prediction intervals."""
    said: Named = {}
    for method in ("EE", *RANDOM):
        z, t = pool(e, method, test="z"), pool(e, method, test="t")
        said |= prefixed(method, common(z) | {"tau2": z.tau2})
        said |= prefixed(f"{method}.t", {"p": t.p, "lo": t.ci[0], "hi": t.ci[1]})
        if method in RANDOM:
            said |= by_scatter(e, method, z)
    return said


def by_scatter(e: Effects, method: str, z: Pooled) -> Named:
    """Hartung-Knapp, and the prediction intervals."""
    h = pool(e, method, test="knha")
    said = prefixed(f"{method}.knha", {"se": h.se, "p": h.p, "lo": h.ci[0], "hi": h.ci[1]})
    said |= prefixed(f"{method}.pi_z", {"lo": z.pi_z[0], "hi": z.pi_z[1]})
    if h.pi_t:
        said |= prefixed(f"{method}.knha.pi_t", {"lo": h.pi_t[0], "hi": h.pi_t[1]})
    return said


def counted(e: Effects) -> Named:
    """Mantel-Haenszel and Peto, where they apply and an answer is finite."""
    said: Named = {}
    for method, measures in COUNTED.items():
        if e.measure not in measures:
            continue
        try:
            said |= prefixed(method, common(pool(e, method)))
        except EvidenceError as error:
            if error.refusal.code != "no-events":
                raise
    return said


def regressions(e: Effects, table: Table) -> Named:
    """One moderator, by REML."""
    if len(e) <= 3:
        return {}
    x, said = [float(table["x"][row]) for row in e.rows], {}
    for test in ("z", "knha"):
        r = regress(e, {"x": x}, test=test)
        first, slope = r.terms
        said |= prefixed(f"regress.{test}", {
            "b0": first.estimate, "b1": slope.estimate, "se0": first.se, "se1": slope.se,
            "p0": first.p, "p1": slope.p, "lo1": slope.ci[0], "hi1": slope.ci[1], "tau2": r.tau2,
            "qm": r.moderators_q, "qm_p": r.p, "qe": r.unexplained.q, "qe_p": r.unexplained.p})  # fmt: skip
    return said


def left_out(e: Effects) -> Named:
    """Each study left out, and one added after the other: sums over the studies."""
    whole = pool(e, "REML", test="z")
    rest = leave_one_out(e, whole)
    one = {"b": sum(p.estimate for p in rest), "se": sum(p.se for p in rest),
           "tau2": sum(p.tau2 for p in rest), "i2": sum(p.i2 for p in rest),
           "q": sum(p.q for p in rest)}  # fmt: skip
    steps = cumulative(e, whole)
    later = {"b": sum(s.estimate for s in steps), "se": sum(s.se for s in steps),
             "tau2": sum(s.pooled.tau2 for s in steps if s.pooled)}  # fmt: skip
    return prefixed("leave1out", one) | prefixed("cumul", later)


def influences(e: Effects) -> Named:
    """Sums that change with every diagnostic and its order."""
    i, place = influence(e, pool(e, "REML", test="z")), np.arange(1, len(e) + 1)
    return prefixed("influence", {
        "rstudent": i.residual @ place, "dffits": i.dffits @ place, "cook": i.cook.sum(),
        "cov": i.covariance_ratio.sum(), "tau2": i.tau2.sum(), "q": i.q.sum(),
        "hat": i.hat @ place})  # fmt: skip


def asymmetry(e: Effects) -> Named:
    """Egger, Begg, fail-safe N, trim and fill."""
    return {key: value for part in _asymmetry(e) for key, value in part.items()}


def _asymmetry(e: Effects) -> Iterator[Named]:
    common_pool, mixed_pool = pool(e, "EE"), pool(e, "REML", test="z")
    lm = egger(e, mixed_pool, model="lm")
    yield prefixed("regtest.lm", {"stat": lm.statistic, "p": lm.p, "df": lm.df, "est": lm.limit})
    mixed = egger(e, mixed_pool, model="rma")
    yield prefixed("regtest.rma", {"stat": mixed.statistic, "p": mixed.p, "est": mixed.limit})
    rank = begg(e)
    yield prefixed("ranktest", {"tau": rank.tau, "p": rank.p})
    yield prefixed("fsn", {"rosenthal": rosenthal(e).n, "rosenberg": rosenberg(e).n,
                           "orwin": orwin(e).n})  # fmt: skip
    for estimator in ("L0", "R0"):
        try:
            filled = trim_and_fill(e, common_pool, estimator=estimator)
        except EvidenceError as error:
            if error.refusal.code != "not-converged":
                raise
            continue
        yield prefixed(f"trimfill.{estimator}", {
            "k0": filled.missing, "b": filled.pooled.estimate, "se": filled.pooled.se,
            "right": float(filled.side == "right")})  # fmt: skip
