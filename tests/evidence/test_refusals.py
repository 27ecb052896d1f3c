"""Every table and wish that is refused, with the code it is refused by."""

import pytest

from keyhole.errors import EvidenceError
from keyhole.evidence.pooled import Effects, effects, pool, regress, subgroups
from keyhole.evidence.pooled.tau2 import settled

MEANS = {"study": ["a", "b", "c"], "n1": [10, 25, 9], "m1": [5.0, 7.5, 4], "sd1": [2.0, 1.0, 1],
         "n2": [12, 20, 9], "m2": [6.5, 7.0, 4], "sd2": [3.0, 2.0, 2]}  # fmt: skip
EVENTS = {"study": ["a", "b", "c"], "n1": [20, 30, 40], "e1": [2, 1, 3],
          "n2": [25, 30, 40], "e2": [5, 4, 2]}  # fmt: skip
RATES = {"study": ["a", "b"], "e1": [3, 1], "t1": [100, 50], "e2": [8, 2], "t2": [110, 60]}
GIVEN = {"study": ["a", "b", "c"], "yi": [0.1, 0.4, -0.2], "vi": [0.1, 0.2, 0.1]}


def code_of(work, *given, **more):
    with pytest.raises(EvidenceError) as error:
        work(*given, **more)
    return error.value.refusal


@pytest.mark.parametrize(
    ("table", "measure", "code", "at"),
    [
        (MEANS | {"sd1": [2.0, -1.0, 1]}, "MD", "negative-sd", ("b",)),
        (MEANS | {"sd2": [2.0, 1.0, -1]}, "SMD", "negative-sd", ("c",)),
        (MEANS | {"n1": [10, 1, 9]}, "MD", "count-impossible", ("b",)),
        (MEANS | {"sd1": [0, 1, 1], "sd2": [0, 1, 1]}, "MD", "variance-not-positive", ("a",)),
        (MEANS | {"sd1": [0, 1, 1], "sd2": [0, 1, 1]}, "SMD", "variance-not-positive", ("a",)),
        (MEANS | {"unit": ["mL", "L", "mL"]}, "MD", "units-mixed", ()),
        (RATES | {"unit": ["per year", "per day"]}, "IRD", "units-mixed", ()),
        (MEANS | {"outcome": ["stay", "stay", "pain"]}, "SMD", "outcomes-mixed", ()),
        (EVENTS | {"e1": [2, 31, 3]}, "OR", "events-above-n", ("b",)),
        (EVENTS | {"e2": [2, 3, 41]}, "RD", "events-above-n", ("c",)),
        (EVENTS | {"e1": [2, -1, 3]}, "RR", "count-impossible", ("b",)),
        (EVENTS | {"n2": [0, 30, 40], "e2": [0, 1, 2]}, "RR", "count-impossible", ("a",)),
        (EVENTS | {"e1": [0, 0, 0], "e2": [0, 0, 0]}, "OR", "no-events", ()),
        (EVENTS | {"e1": [0, 0, 0], "e2": [0, 0, 0]}, "RD", "no-events", ()),
        (RATES | {"e1": [-3, 1]}, "IRR", "count-impossible", ("a",)),
        (RATES | {"t2": [110, 0]}, "IRD", "count-impossible", ("b",)),
        (RATES | {"e1": [0, 0], "e2": [0, 0]}, "IRD", "no-events", ()),
        (GIVEN | {"vi": [0.1, 0.2, 0]}, "GEN", "variance-not-positive", ("c",)),
        ({"study": ["a"], "oe": [1.0], "v": [-2.0]}, "HR", "variance-not-positive", ("a",)),
        (GIVEN | {"yi": [0.1, "0.4 (0.1)", 1]}, "GEN", "text-in-numbers", ("b",)),
        (GIVEN | {"yi": [0.1, "NA", 1]}, "GEN", "text-in-numbers", ("b",)),
        (GIVEN | {"yi": [0.1, "1,5", 1]}, "GEN", "text-in-numbers", ("b",)),
        (GIVEN | {"yi": [0.1, "1_5", 1]}, "GEN", "text-in-numbers", ("b",)),
        (GIVEN | {"vi": [0.1, float("inf"), 1]}, "GEN", "text-in-numbers", ("b",)),
        (GIVEN | {"vi": [0.1, "1e999", 1]}, "GEN", "text-in-numbers", ("b",)),
        ({"yi": [1.0], "vi": [1.0]}, "GEN", "columns-missing", ()),
        (GIVEN, "MD", "columns-missing", ()),
        (MEANS | {"sd2": ["", None, float("nan")]}, "MD", "columns-missing", ()),
        ({"study": ["a"], "n1": [4]}, "HR", "columns-missing", ()),
        (GIVEN | {"vi": [0.1]}, "GEN", "table-unreadable", ()),
        ({c: [*x, x[0]] for c, x in GIVEN.items()}, "GEN", "study-doubled", ("a",)),
        (GIVEN, "WMD", "measure-unfit", ()),
    ],
)  # fmt: skip
def test_tables_that_are_refused(table, measure, code, at):
    refusal = code_of(effects, table, measure)
    assert (refusal.code, refusal.at) == (code, at)


def test_only_a_mean_difference_has_a_pooled_variance():
    assert code_of(effects, MEANS, "SMD", variance="pooled").code == "measure-unfit"
    assert code_of(effects, MEANS, "MD", variance="robust").code == "measure-unfit"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"method": "SJ"}, "method-unfit"),
        ({"test": "wald"}, "method-unfit"),
        ({"method": "EE", "test": "knha"}, "method-unfit"),
        ({"method": "MH", "test": "t"}, "method-unfit"),
        ({"method": "PETO", "test": "knha"}, "method-unfit"),
        ({"method": "MH"}, "method-unfit"),
        ({"method": "PETO"}, "method-unfit"),
        ({"level": 95}, "out-of-range"),
        ({"level": 0}, "out-of-range"),
    ],
)
def test_pools_that_are_refused(given, code):
    assert code_of(pool, effects(GIVEN, "GEN"), **given).code == code


def test_one_study_is_no_pool():
    one = effects(GIVEN, "GEN").take([1])
    assert code_of(pool, one).code == "one-study"
    assert code_of(pool, one.take([])).code == "one-study"
    assert code_of(pool, effects(EVENTS, "OR").take([0]), "MH").code == "one-study"


def test_a_ratio_needs_events_in_both_arms():
    table = EVENTS | {"e1": [0, 0, 0]}
    for measure in ("OR", "RR"):
        assert code_of(pool, effects(table, measure), "MH").code == "no-events"
    rates = RATES | {"e2": [0, 0]}
    assert code_of(pool, effects(rates, "IRR"), "MH").code == "no-events"
    assert pool(effects(table, "RD"), "MH").estimate < 0
    assert pool(effects(table, "OR"), "PETO").estimate < 0


def test_studies_that_do_not_scatter_have_no_hartung_knapp_interval():
    alike = Effects(measure="GEN", names=("a", "b"), yi=[0.5, 0.5], vi=[0.1, 0.2])
    assert code_of(pool, alike).code == "variance-not-positive"
    assert pool(alike, test="z").q == 0
    assert pool(alike, test="z").i2_q == 0


def test_an_iteration_that_runs_away_is_refused():
    assert code_of(settled, lambda _: 1.0, 0.0).code == "not-converged"


@pytest.mark.parametrize(
    ("moderators", "code"),
    [
        ({}, "moderators-unfit"),
        ({"x": [1.0, 2.0]}, "moderators-unfit"),
        ({"x": [2.0, 2.0, 2.0]}, "moderators-unfit"),
        ({"x": [0.0, 0.0, 0.0]}, "moderators-unfit"),
        ({"x": [1.0, 2.0, float("nan")]}, "moderators-unfit"),
        ({"x": [1.0, 2.0, 3.0], "y": [1.0, 0.0, 1.0]}, "one-study"),
    ],
)
def test_regressions_that_are_refused(moderators, code):
    assert code_of(regress, effects(GIVEN, "GEN"), moderators).code == code


def test_counts_are_not_regressed():
    said = effects(EVENTS, "OR")
    assert code_of(regress, said, {"x": [1.0, 2.0, 4.0]}, method="MH").code == "method-unfit"


def test_groups_of_one_are_refused():
    said = effects(GIVEN, "GEN")
    refusal = code_of(subgroups, said, ["x", "x", "y"])
    assert (refusal.code, refusal.at) == ("one-study", ("y",))
    assert code_of(subgroups, said, ["x", "x", "x"]).code == "one-study"
    with pytest.raises(ValueError, match="one group for each"):
        subgroups(said, ["x"])
