"""What one study says: each measure against arithmetic done another way."""

from math import exp, gamma, log, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keyhole.evidence.pooled import Effects, effects
from keyhole.evidence.pooled.means import hedges_correction

MEANS = {"study": ["a", "b"], "n1": [10, 25], "m1": [5.0, 7.5], "sd1": [2.0, 1.0],
         "n2": [12, 20], "m2": [6.5, 7.0], "sd2": [3.0, 2.0]}  # fmt: skip
EVENTS = {"study": ["a", "b", "c", "d"], "n1": [20, 30, 40, 12], "e1": [2, 0, 0, 12],
          "n2": [25, 30, 40, 10], "e2": [5, 4, 0, 10]}  # fmt: skip
RATES = {"study": ["a", "b", "c"], "e1": [3, 0, 0], "t1": [100, 50, 70.5],
         "e2": [8, 2, 0], "t2": [110, 60, 80]}  # fmt: skip


def test_a_difference_of_means():
    e = effects(MEANS, "MD")
    assert e.yi == pytest.approx([-1.5, 0.5])
    assert e.vi == pytest.approx([4 / 10 + 9 / 12, 1 / 25 + 4 / 20])
    assert (e.scale, e.names, e.rows, e.dropped) == ("plain", ("a", "b"), (0, 1), ())
    assert e.ni.tolist() == [22, 45]


def test_a_difference_of_means_with_one_spread_for_both_arms():
    common = (9 * 4 + 11 * 9) / 20
    assert effects(MEANS, "MD", variance="pooled").vi[0] == pytest.approx(
        common * (1 / 10 + 1 / 12)
    )


def test_hedges_correction_is_exact():
    for m in (2, 3, 20, 57):
        exact = gamma(m / 2) / (sqrt(m / 2) * gamma((m - 1) / 2))
        assert hedges_correction(np.array(m)) == pytest.approx(exact, rel=1e-12)
    assert hedges_correction(np.array(8.0)) != pytest.approx(1 - 3 / (4 * 8 - 1), abs=1e-4)


def test_a_standardized_difference():
    e = effects(MEANS, "SMD")
    d = -1.5 / sqrt((9 * 4 + 11 * 9) / 20)
    j = gamma(10) / (sqrt(10) * gamma(9.5))
    assert e.yi[0] == pytest.approx(j * d)
    assert e.vi[0] == pytest.approx(1 / 10 + 1 / 12 + (j * d) ** 2 / (2 * 22))


def test_ratios_add_a_half_to_studies_with_a_zero_cell_only():
    e = effects(EVENTS, "OR")
    assert e.names == ("a", "b")
    assert e.yi == pytest.approx([log(2 * 20 / (18 * 5)), log(0.5 * 26.5 / (30.5 * 4.5))])
    assert e.vi[1] == pytest.approx(1 / 0.5 + 1 / 30.5 + 1 / 4.5 + 1 / 26.5)
    assert e.dropped == (
        ("c", "no event in either arm"),
        ("d", "everybody in both arms had the event"),
    )
    assert e.cells.tolist() == [[2, 18, 5, 20], [0, 30, 4, 26]]
    risk = effects(EVENTS, "RR")
    assert exp(risk.yi[1]) == pytest.approx((0.5 / 31) / (4.5 / 31))
    assert risk.vi[1] == pytest.approx(1 / 0.5 - 1 / 31 + 1 / 4.5 - 1 / 31)


def test_a_risk_difference_keeps_studies_without_events():
    e = effects(EVENTS, "RD")
    assert e.names == ("a", "b", "c", "d")
    assert e.yi[0] == pytest.approx(2 / 20 - 5 / 25)
    assert e.vi[0] == pytest.approx(0.1 * 0.9 / 20 + 0.2 * 0.8 / 25)
    assert e.yi[2] == 0
    assert (e.vi > 0).all()


def test_petos_odds_ratio_adds_nothing():
    e = effects(EVENTS, "PETO")
    assert e.names == ("a", "b")
    v = 4 * 56 * 30 * 30 / (60**2 * 59)
    assert e.vi[1] == pytest.approx(1 / v)
    assert e.yi[1] == pytest.approx((0 - 4 * 30 / 60) / v)


def test_rates_add_a_half_to_events_and_nothing_to_time():
    ratio, difference = effects(RATES, "IRR"), effects(RATES, "IRD")
    assert ratio.yi == pytest.approx([log(3 / 100 * 110 / 8), log(0.5 / 50 * 60 / 2.5)])
    assert ratio.vi == pytest.approx([1 / 3 + 1 / 8, 1 / 0.5 + 1 / 2.5])
    assert ratio.dropped == (("c", "no event in either arm"),)
    assert len(difference) == 3
    assert difference.yi[0] == pytest.approx(3 / 100 - 8 / 110)
    assert difference.vi[0] == pytest.approx(3 / 100**2 + 8 / 110**2)


def test_a_hazard_ratio_from_log_rank_or_from_its_logarithm():
    rank = effects({"study": ["a", "b"], "oe": [-2.0, 1.5], "v": [4.0, 3.0]}, "HR")
    assert rank.yi == pytest.approx([-0.5, 0.5])
    assert rank.vi == pytest.approx([0.25, 1 / 3])
    given_ = effects({"study": ["a"], "yi": [-0.5], "vi": [0.25], "oe": [""]}, "HR")
    assert (given_.yi.tolist(), given_.scale) == ([-0.5], "log")


def test_a_study_without_its_numbers_is_dropped_and_named():
    table = MEANS | {"sd1": ["", 1.0], "n2": [float("nan"), 20]}
    e = effects(table, "MD")
    assert e.names == ("b",)
    assert e.rows == (1,)
    assert e.dropped == (("a", "has no sd1, n2"),)


def test_numbers_may_be_text_and_groups_are_found_by_rows():
    table = {c: [f" {x} " if c != "study" else x for x in column] for c, column in MEANS.items()}
    assert effects(table, "MD") == effects(MEANS, "MD")


def test_scales_that_differ_are_no_hindrance_where_they_do_not_matter():
    assert len(effects(MEANS | {"unit": ["0-10", "0-100"]}, "SMD")) == 2
    assert len(effects(MEANS | {"unit": ["mL", " ML"]}, "MD")) == 2


def test_effects_differ_by_every_part():
    e = effects(EVENTS, "OR")
    assert e == e.take([0, 1]) != e.take([1, 0])
    assert e.take([1]).names == ("b",)
    assert e.take([1]).cells.tolist() == [[0, 30, 4, 26]]
    assert e != Effects(measure="OR", names=e.names, yi=e.yi, vi=e.vi)
    with pytest.raises(ValueError, match="read-only"):
        e.yi[0] = 1


@pytest.mark.parametrize(
    "wrong",
    [{"yi": [1.0]}, {"vi": [1.0, 0.0]}, {"yi": [1.0, np.inf]}, {"ni": [3.0]}, {"rows": (1,)}],
)
def test_effects_hold_only_what_can_be_pooled(wrong):
    whole = {"measure": "GEN", "names": ("a", "b"), "yi": [1.0, 2.0], "vi": [1.0, 1.0]}
    with pytest.raises(ValueError, match="must be"):
        Effects(**whole | wrong)


counts = st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(counts, counts)
def test_exchanging_the_arms_turns_the_sign(first, second):
    if first[0] == second[0] == 0 or (first[0] == first[1] and second[0] == second[1]):
        return
    arms = [{"study": ["a"], "e1": [x[0]], "n1": [x[1]], "e2": [y[0]], "n2": [y[1]]}
            for x, y in ((first, second), (second, first))]  # fmt: skip
    for measure in ("RR", "OR", "RD", "PETO"):
        one, other = (effects(table, measure) for table in arms)
        assert one.yi == pytest.approx(-other.yi, abs=1e-12)
        assert one.vi == pytest.approx(other.vi)
