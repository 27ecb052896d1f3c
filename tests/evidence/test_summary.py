"""Summary of findings: what is computed, what a person must say, and no grade before."""

import math

import pytest

from keyhole.evidence.pooled import Effects, effects, pool
from keyhole.evidence.pooled.summary import Known, as_data, finding
from keyhole.evidence.pooled.summary_judgement import CERTAINTIES, DOMAINS, Answer
from keyhole.evidence.pooled.summary_rules import rules

FINE = Answer(0, "read", "a reader")


def made(yi, vi, measure="MD", ni=None, cells=None):
    names = tuple(f"study {i + 1}" for i in range(len(yi)))
    return Effects(measure=measure, names=names, yi=yi, vi=vi, ni=ni, cells=cells)


def row(said, *, method="REML", **known):
    return finding(said, pool(said, method), outcome="infection", known=Known(**known))


def steps(found, domain):
    return next(j for j in found.judgements if j.domain == domain)


def test_no_certainty_before_all_is_judged(published):
    said = effects(published("bcg"), "RR")
    found = row(said)
    assert found.certainty is None
    assert found.waits_for == ("design", "risk of bias", "indirectness")
    some = row(said, design="randomised", answers={"risk of bias": FINE})
    assert some.certainty is None
    assert some.waits_for == ("indirectness",)
    whole = row(said, design="randomised", answers={"risk of bias": FINE, "indirectness": FINE})
    assert whole.waits_for == ()
    assert steps(whole, "inconsistency").steps == 2
    assert whole.certainty == "low"
    lower = row(said, design="observational", answers={"risk of bias": FINE, "indirectness": FINE})
    assert lower.certainty == "very low"


def test_a_person_prevails_and_both_are_shown(published):
    said = effects(published("bcg"), "RR")
    mine = Answer(1, "explained by latitude", "a reader")
    judged = steps(row(said, answers={"inconsistency": mine}), "inconsistency")
    assert (judged.steps, judged.computed, judged.by) == (1, 2, "a reader")
    data = as_data(row(said, answers={"inconsistency": mine}))
    told = next(j for j in data["judgements"] if j["domain"] == "inconsistency")
    assert told["computed"] == 2
    assert told["reason"] == "explained by latitude"
    assert "I2 92 %" in told["numbers"]


def test_answers_need_steps_a_reason_and_a_name():
    for wrong in ((3, "why", "who"), (1, "", "who"), (1, "why", "")):
        with pytest.raises(ValueError, match="must be"):
            Answer(*wrong)


def test_studies_that_agree_are_consistent():
    found = row(made([0.1, 0.12, 0.09, 0.11], [0.01] * 4))
    assert steps(found, "inconsistency").steps == 0


def test_inconsistency_is_very_serious_only_where_the_sign_may_turn():
    far = row(made([5.0, 6.0, 7.0, 8.0, 6.5, 7.5], [0.02] * 6))
    assert steps(far, "inconsistency").steps == 1
    both = row(made([-2.0, 1.0, 2.0, -1.0, 0.5, 1.5], [0.02] * 6))
    assert steps(both, "inconsistency").steps == 2


def counts(events, n):
    return [[events, n - events, events, n - events]] * 2


@pytest.mark.parametrize(
    ("yi", "vi", "events", "expected"),
    [
        (math.log(0.5), 0.004, 200, 0),  # clear of 1, and events enough
        (math.log(0.5), 0.004, 20, 1),  # clear of 1, few events
        (math.log(0.9), 0.02, 200, 1),  # holds 1 and 0.75
        (math.log(0.95), 0.5, 200, 2),  # holds 1, 0.75 and 1.25
        (math.log(0.99), 0.002, 200, 0),  # surely no important difference
    ],
)
def test_imprecision_of_ratios(yi, vi, events, expected):
    said = made([yi, yi], [vi, vi], "RR", ni=[1000, 1000], cells=counts(events, 500))
    assert steps(row(said, method="EE"), "imprecision").steps == expected


def test_the_wider_interval_counts():
    yi, vi = [-0.45, -0.44, -0.46], [0.2, 0.2, 0.2]
    said = made(yi, vi, "OR", ni=[500] * 3, cells=counts(200, 250)[:1] * 3)
    narrow = pool(said)
    assert narrow.ci[1] < 0
    assert steps(row(said), "imprecision").steps == 1


def test_imprecision_of_means_asks_for_what_matters():
    said = made([-0.2, 0.1], [0.2, 0.2], ni=[300, 300])
    asked = steps(row(said, method="EE"), "imprecision")
    assert asked.steps is None
    assert "smallest important one is not given" in asked.numbers
    assert asked.word == "to be judged"
    assert steps(row(said, method="EE", important=0.3), "imprecision").steps == 2
    assert steps(row(said, method="EE", important=5.0), "imprecision").steps == 0
    assert steps(row(made([2.0, 2.1], [0.2, 0.2]), method="EE"), "imprecision").steps is None
    small = made([2.0, 2.1], [0.2, 0.2], ni=[30, 30])
    assert steps(row(small, method="EE"), "imprecision").steps == 1


def test_publication_bias_is_asked_for_under_ten_studies(published):
    few = steps(row(effects(published("normand1999"), "MD")), "publication bias")
    assert few.steps is None
    assert "9 studies" in few.numbers
    many = steps(row(effects(published("egger2001"), "OR")), "publication bias")
    assert (many.steps, many.word) == (1, "suspected")
    calm = steps(row(effects(published("bcg"), "RR")), "publication bias")
    assert (calm.steps, calm.word) == (0, "not detected")


@pytest.mark.parametrize(
    ("measure", "effect", "risk", "first"),
    [
        ("RR", math.log(0.5), 0.2, 100),
        ("OR", math.log(0.5), 0.5, 1000 / 3),
        ("RD", -0.05, 0.2, 150),
        ("RD", -0.5, 0.2, 0),
        ("RR", math.log(9.0), 0.2, 1000),
        ("OR", math.log(2.0), 1.0, 1000),
    ],
)
def test_of_a_thousand_patients(measure, effect, risk, first):
    found = row(made([effect, effect], [1e-4, 1e-4], measure), method="EE", risk=risk)
    assert found.absolute.first == pytest.approx(first)
    assert found.absolute.second == pytest.approx(1000 * risk)
    assert found.absolute.second_from == "given"
    low, high = found.absolute.first_ci
    assert low <= found.absolute.first <= high


def test_the_open_risk_is_the_median_of_the_studies(published):
    found = row(effects(published("bcg"), "RR"))
    assert found.absolute.second == pytest.approx(15.8982511923)
    assert found.absolute.second_from == "the median of the studies"
    assert row(made([0.1, 0.2], [0.1, 0.1], "RR")).absolute is None
    assert row(made([0.1, 0.2], [0.1, 0.1])).absolute is None


def test_every_rule_has_a_source_or_says_that_it_has_none():
    rule = rules()
    assert "unsourced" in rule.inconsistency.chance_p_source
    assert rule.start.randomised == CERTAINTIES[0]
    assert rule.imprecision.appreciable_ratio == (0.75, 1.25)
    assert len(DOMAINS) == 5
