"""Meta-regression and subgroups: what studies differ in."""

import numpy as np
import pytest
from scipy import stats

from keyhole.evidence.pooled import Effects, effects, pool, regress, subgroups

LATITUDE = [44, 55, 42, 52, 13, 44, 19, 13, 27, 42, 18, 33, 33]
ALLOCATION = ["random", "random", "random", "random", "alternate", "alternate", "random", "random",
              "random", "systematic", "systematic", "systematic", "systematic"]  # fmt: skip


@pytest.fixture(scope="module")
def bcg(published):
    return effects(published("bcg"), "RR")


def test_latitude_explains_the_vaccine(bcg):
    """As metafor prints it for `rma(yi, vi, mods = ~ ablat)`, whose tau2 stops within 1e-5 of rest."""
    r = regress(bcg, {"latitude": LATITUDE}, test="z")
    constant, slope = r.terms
    assert (round(constant.estimate, 4), round(slope.estimate, 4)) == (0.2515, -0.0291)
    assert (round(constant.se, 4), round(slope.se, 4)) == (0.2491, 0.0072)
    assert tuple(round(x, 4) for x in slope.ci) == (-0.0432, -0.0150)
    assert r.tau2 == pytest.approx(0.0764, abs=1e-4)
    assert r.r2 == pytest.approx(75.62, abs=0.03)
    assert (r.moderators_q, r.df) == (pytest.approx(16.357, abs=0.01), None)
    assert (round(r.unexplained.q, 4), r.unexplained.df) == (30.7331, 11)
    assert (slope.name, constant.name) == ("latitude", "constant")


def test_one_moderator_alone_is_tested_as_its_coefficient(bcg):
    r = regress(bcg, {"latitude": LATITUDE})
    slope = r.terms[1]
    assert r.df == 11
    assert slope.statistic**2 == pytest.approx(r.moderators_q)
    assert slope.p == pytest.approx(r.p)
    assert slope.p == pytest.approx(2 * stats.t.sf(abs(slope.statistic), 11))


def test_equal_effects_are_regressed_by_weighted_least_squares(bcg):
    r = regress(bcg, {"latitude": LATITUDE}, method="EE")
    slope, constant = np.polyfit(LATITUDE, bcg.yi, 1, w=bcg.vi**-0.5)
    assert [t.estimate for t in r.terms] == pytest.approx([constant, slope])
    assert (r.tau2, r.r2, r.test) == (0, None, "z")


def test_moderators_cannot_take_away_what_is_not_there(published):
    lidocaine = effects(published("hine1989"), "RD")
    assert regress(lidocaine, {"x": [1, 2, 3, 4, 5, 7]}).r2 is None


def test_groups_are_pooled_by_themselves(bcg):
    groups = subgroups(bcg, ALLOCATION, test="z")
    assert groups.names == ("random", "alternate", "systematic")
    assert [p.k for p in groups.pools] == [7, 2, 4]
    rows = [i for i, g in enumerate(ALLOCATION) if g == "systematic"]
    assert groups.pools[2] == pool(bcg.take(rows), test="z")
    means = np.array([p.estimate for p in groups.pools])
    w = np.array([p.se for p in groups.pools]) ** -2.0
    q = w @ (means - w @ means / w.sum()) ** 2
    assert groups.between.q == pytest.approx(q)
    assert groups.between.p == pytest.approx(stats.chi2.sf(q, 2))


def test_equal_effects_of_groups_share_out_q(bcg):
    groups = subgroups(bcg, ALLOCATION, method="EE")
    assert groups.between.q + sum(p.q for p in groups.pools) == pytest.approx(pool(bcg, "EE").q)


def test_differences_between_groups_are_not_made_up_by_small_scatter():
    """Two groups of two studies that agree by chance: Hartung and Knapp's errors would be tiny."""
    v, names = np.full(4, 0.1), ("a", "b", "c", "d")
    alike = Effects(measure="GEN", names=names, yi=[0.30, 0.301, 0.40, 0.401], vi=v)
    by_scatter, normal = (subgroups(alike, ["x", "x", "y", "y"], test=t) for t in ("knha", "z"))
    assert by_scatter.pools[0].se < 0.01 < normal.pools[0].se
    assert by_scatter.between == normal.between
    assert normal.between.p == pytest.approx(2 * stats.norm.sf(0.1 / 0.1**0.5))
