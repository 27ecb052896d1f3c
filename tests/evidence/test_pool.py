"""The pool as a whole: equations its estimators solve, and properties any pool has."""

from math import exp, log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.optimize import minimize_scalar

from keyhole.evidence.pooled import METHODS, Effects, effects, pool
from keyhole.evidence.pooled.heterogeneity import tau2_interval
from keyhole.evidence.pooled.tau2 import settled

RANDOM = ("DL", "REML", "PM", "ML", "EB")


def some(k=9, spread=0.4, seed=1, measure="GEN"):
    rng = np.random.default_rng(seed)
    v = rng.uniform(0.02, 0.5, k)
    y = rng.normal(0.3, np.sqrt(v + spread**2))
    return Effects(measure=measure, names=tuple(f"s{i}" for i in range(k)), yi=y, vi=v)


def generalized_q(e, tau2):
    w = 1 / (e.vi + tau2)
    return w @ (e.yi - (w @ e.yi) / w.sum()) ** 2


def log_likelihood(e, tau2, restricted):
    w = 1 / (e.vi + tau2)
    full = (np.log(w).sum() - generalized_q(e, tau2)) / 2
    return full - np.log(w.sum()) / 2 if restricted else full


@pytest.mark.parametrize("method", ["REML", "ML"])
@pytest.mark.parametrize("seed", range(5))
def test_likelihood_estimates_are_at_the_top(method, seed):
    e = some(seed=seed, spread=0.6)
    best = minimize_scalar(
        lambda t: -log_likelihood(e, t, method == "REML"), bounds=(0, 20), method="bounded",
        options={"xatol": 1e-12},
    )  # fmt: skip
    assert pool(e, method).tau2 == pytest.approx(best.x, rel=1e-5, abs=1e-6)


@pytest.mark.parametrize("method", ["PM", "EB"])
def test_paule_mandel_makes_q_its_degrees_of_freedom(method):
    e = some(spread=1.5)
    assert generalized_q(e, pool(e, method).tau2) == pytest.approx(8, rel=1e-9)


def test_der_simonian_laird_takes_the_excess_of_q():
    e = some(spread=1.5)
    w = 1 / e.vi
    excess = (generalized_q(e, 0) - 8) / (w.sum() - (w**2).sum() / w.sum())
    assert pool(e, "DL").tau2 == pytest.approx(excess)
    assert pool(some(spread=0), "DL").tau2 == 0


def test_equal_effects_weigh_by_variance():
    e = some()
    w = 1 / e.vi
    pooled = pool(e, "EE")
    assert pooled.estimate == pytest.approx(w @ e.yi / w.sum())
    assert pooled.se == pytest.approx(w.sum() ** -0.5)
    assert pooled.weights == pytest.approx(100 * w / w.sum())
    assert (pooled.test, pooled.df, pooled.tau2, pooled.pi) == ("z", None, 0, None)
    assert "one true effect" in pooled.pi_reason


def test_hartung_knapp_takes_its_size_from_the_scatter():
    e = some()
    z, t, h = (pool(e, "REML", test=test) for test in ("z", "t", "knha"))
    w = 1 / (e.vi + z.tau2)
    assert h.se == pytest.approx((generalized_q(e, z.tau2) / 8 / w.sum()) ** 0.5)
    assert (t.se, t.df, h.df, z.df) == (z.se, 8, 8, None)
    far = stats.t.ppf(0.975, 8)
    assert t.ci == pytest.approx((t.estimate - far * t.se, t.estimate + far * t.se))
    assert h.p == pytest.approx(2 * stats.t.sf(abs(h.estimate / h.se), 8))
    assert z.p == pytest.approx(2 * stats.norm.sf(abs(z.estimate / z.se)))
    assert pool(e) == h


@pytest.mark.parametrize("method", METHODS)
def test_random_effects_are_judged_by_scatter_unless_told_otherwise(method):
    table = {"study": list("abc"), "n1": [20, 30, 40], "e1": [2, 1, 9],
             "n2": [25, 30, 40], "e2": [5, 4, 2]}  # fmt: skip
    pooled = pool(effects(table, "OR"), method)
    assert pooled.test == ("knha" if method in RANDOM else "z")
    assert pooled.weights.sum() == pytest.approx(100)
    assert pooled.method == method


def test_two_studies_foresee_nothing_by_t():
    pooled = pool(some(k=2))
    assert pooled.pi is None
    assert "two studies" in pooled.pi_reason
    assert pooled.pi_z is not None
    assert pool(some(k=2), prediction="z").pi == pooled.pi_z


def test_ratios_are_shown_as_ratios():
    pooled = pool(some(measure="OR"))
    assert pooled.shown["estimate"] == pytest.approx(exp(pooled.estimate))
    assert [log(x) for x in pooled.shown["ci"]] == pytest.approx(list(pooled.ci))
    assert pool(some(measure="OR"), "EE").shown["pi"] is None
    assert pool(some()).shown["ci"] == pool(some()).ci


def test_a_wider_level_makes_wider_intervals():
    narrow, wide = pool(some(), level=0.5), pool(some(), level=0.99)
    assert wide.ci[0] < narrow.ci[0] < narrow.ci[1] < wide.ci[1]
    assert wide.pi[0] < narrow.pi[0]
    assert narrow != wide


def test_the_interval_of_tau2_is_where_q_is_likely():
    e = some(spread=2)
    low, high = tau2_interval(e)
    assert stats.chi2.sf(generalized_q(e, low), 8) == pytest.approx(0.025)
    assert stats.chi2.cdf(generalized_q(e, high), 8) == pytest.approx(0.025)
    assert low < pool(e).tau2 < high
    assert tau2_interval(some(spread=0, k=30))[0] == 0


def test_scoring_that_leaps_to_and_fro_comes_to_rest():
    assert settled(lambda t: 3.2 - 2.1 * t, 0.0) == pytest.approx(3.2 / 2.1, rel=1e-9)
    assert settled(lambda t: 3.2 - 1.99 * t, 0.0) == pytest.approx(3.2 / 1.99, rel=1e-9)
    assert settled(lambda _: -1.0, 5.0) == 0


@settings(max_examples=25, deadline=None)
@given(st.integers(2, 30), st.floats(0, 2), st.integers(0, 10**6), st.sampled_from(RANDOM))
def test_the_unit_changes_nothing_but_the_unit(k, spread, seed, method):
    e = some(k, spread, seed)
    small = Effects(measure="GEN", names=e.names, yi=e.yi / 1000, vi=e.vi / 1e6)
    one, other = pool(e, method, test="z"), pool(small, method, test="z")
    assert other.tau2 * 1e6 == pytest.approx(one.tau2, rel=1e-6, abs=1e-8)
    assert other.estimate * 1000 == pytest.approx(one.estimate, rel=1e-6, abs=1e-9)
    assert other.i2 == pytest.approx(one.i2, rel=1e-6, abs=1e-6)


@settings(max_examples=25, deadline=None)
@given(st.integers(2, 30), st.floats(0, 2), st.integers(0, 10**6), st.sampled_from(RANDOM))
def test_order_and_a_common_shift_change_no_spread(k, spread, seed, method):
    e = some(k, spread, seed)
    moved = Effects(measure="GEN", names=e.names, yi=e.yi + 7, vi=e.vi)
    one, other = pool(e, method), pool(moved.take(range(k)[::-1]), method)
    assert other.tau2 == pytest.approx(one.tau2, rel=1e-6, abs=1e-9)
    assert other.estimate == pytest.approx(one.estimate + 7, rel=1e-8)
    assert other.q == pytest.approx(one.q, rel=1e-6, abs=1e-9)
    assert one.ci[0] <= one.estimate <= one.ci[1]
