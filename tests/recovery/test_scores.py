"""Scores against published examples, missing answers at their edges, and properties of any score."""

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keyhole.errors import RecoveryError
from keyhole.recovery.scores import instrument, instruments, read_answers, score
from keyhole.recovery.scores.eq5d import value_sets
from keyhole.recovery.scores.many import score_many

CASES = Path(__file__).parent / "data" / "eq5d_test_cases.csv"
UNEXPLAINED = {
    ("Australia", "12233"): 0.094,
    ("Australia", "33333"): -0.194,
}
"""3L states whose printed index the table's own coefficients do not give, and what they give.

The pair terms of Australia's 3L set give four of its six printed states to the third digit; these
two, the only ones with pain and anxiety both at 3, come out 0.007 lower and 0.023 higher. So the
table or the printed states hold a misprint among AD3 and its pairs."""


def eq5d_cases():
    with CASES.open(encoding="utf-8") as file:
        return [tuple(row.values())[:5] for row in csv.DictReader(file)]


def value(name, text, **more):
    return score(name, read_answers(text), **more)[0].value


def test_every_printed_eq5d_index_is_given_back():
    wrong = {}
    for version, country, state, expected, tolerance in eq5d_cases():
        found = value("eq5d5l" if version == "5L" else "eq5d3l", state, value_set=country)
        if abs(found - float(expected)) > float(tolerance or 0.00051):
            wrong[country, state] = round(found, 3)
    assert wrong == UNEXPLAINED


def test_461_states_of_every_value_set_are_checked():
    cases = eq5d_cases()
    assert len(cases) == 461
    assert {case[1] for case in cases if case[0] == "5L"} == set(value_sets("eq5d5l"))


@pytest.mark.parametrize("name", ["eq5d3l", "eq5d5l"])
def test_no_state_is_better_than_full_health(name):
    levels = "12345"[: int(name[4])]
    for country, chosen in value_sets(name).items():
        best = chosen.index((1,) * 5)
        single = [chosen.index(tuple(int(c) for c in state)) for state in _one_worse(levels)]
        assert max(single) <= best + 1e-9, country


def _one_worse(levels):
    return ["1" * place + level + "1" * (4 - place) for place in range(5) for level in levels[1:]]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("odi", "5555555555", 100),
        ("odi", "0000000000", 0),
        ("odi", "3,,2,4,1,0,2,3,1,2", 40),  # 18 of 45
        ("ndi", "1234512345", 60),
        ("rmdq", "1" * 12 + "0" * 12, 12),
        ("rmdq", "1" * 12 + "." * 12, 12),
        ("nrs-back", "7", 7),
        ("phq9", "111111111", 9),
        ("phq9", "11111111.", 9),  # 8 of 8 items, prorated to 9
        ("phq2", "23", 5),
        ("mjoa", "5,7,3,3", 18),
        ("zcq", "1" * 18, 1),
        ("comi-back", "8,4,3,3,3,3,3", 5.6),  # (8 + 5 + 5 + 5 + 5) / 5
        ("promis-global-10", "3,3,3,3,3,3,5,3,3,3", 39.8),  # 3 + 3 + 3 + 3 = 12
        ("promis-global-10", "5,5,5,5,5,5,0,5,5,5", 67.7),
        ("promis-global-10", "1,1,1,1,1,1,10,1,1,1", 16.2),
    ],
)
def test_scores_worked_by_hand(name, text, expected):
    assert value(name, text) == pytest.approx(expected)


def test_a_visual_scale_takes_any_number():
    assert score("vas-leg", (63.5,))[0].value == 63.5


def test_rand36_recodes_each_item_in_its_own_direction():
    best = {1: 1, 2: 1, 20: 1, 22: 1, 34: 1, 36: 1, 21: 1, 23: 1, 26: 1, 27: 1, 30: 1}
    best |= dict.fromkeys(range(3, 13), 3) | dict.fromkeys(range(13, 20), 2)
    best |= dict.fromkeys((24, 25, 28, 29, 31), 6) | dict.fromkeys((32, 33, 35), 5)
    answers = tuple(best[item] for item in range(1, 37))
    scales = score("rand36", answers)
    assert [scale.value for scale in scales] == [100] * 8
    assert sum(scale.of for scale in scales) == 35  # item 2, change of health, is in no scale


@pytest.mark.parametrize(
    ("name", "most"),
    [("odi", 1), ("ndi", 1), ("phq9", 2), ("phq2", 0), ("mjoa", 0), ("nrs-leg", 0), ("rmdq", 23)],
)
def test_missing_answers_are_allowed_up_to_the_rule_and_no_further(name, most):
    one = instrument(name)
    full = [one.bounds(item)[0] for item in range(1, one.items + 1)]
    allowed = [None] * most + full[most:]
    assert score(name, tuple(allowed))[0].answered == one.items - most
    with pytest.raises(RecoveryError) as caught:
        score(name, tuple([None] * (most + 1) + full[most + 1 :]))
    assert caught.value.refusal.code == "answers-missing"


def test_a_scale_with_too_few_answers_is_left_out_and_the_others_stand():
    scales = score("zcq", read_answers("...1111" + "1" * 11))
    assert [scale.name for scale in scales] == ["physical function", "satisfaction"]
    health = score("promis-global-10", read_answers("3,3,.,3,3,3,5,3,3,3"))
    assert [scale.name for scale in health] == ["global mental health"]


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("sf99", "1", "instrument-unknown"),
        ("odi", "123", "answers-count"),
        ("odi", "6000000000", "answer-out-of-range"),
        ("odi", "1.5,0,0,0,0,0,0,0,0,0", "answer-out-of-range"),
        ("zcq", "111111211111111111", "answer-out-of-range"),
        ("odi", "=cmd,0,0,0,0,0,0,0,0,0", "answers-unreadable"),
        ("odi", "-1,0,0,0,0,0,0,0,0,0", "answers-unreadable"),
        ("odi", "²²²²²²²²²²", "answers-unreadable"),
        ("odi", "1" * 3000, "answers-unreadable"),
        ("comi-back", "1,,3,3,3,3,3", "answers-missing"),
    ],
)
def test_what_is_no_set_of_answers_is_refused(name, text, code):
    with pytest.raises(RecoveryError) as caught:
        score(name, read_answers(text))
    assert caught.value.refusal.code == code


@pytest.mark.parametrize(
    ("name", "text", "country", "code"),
    [
        ("eq5d5l", "2123.", "UK", "answers-missing"),
        ("eq5d5l", "21231", "Atlantis", "value-set-unknown"),
        ("eq5d5l", "21231", None, "value-set-unknown"),
        ("eq5d3l", "21241", "UK", "answer-out-of-range"),
        ("odi", "0000000000", "UK", "value-set-unknown"),
    ],
)
def test_an_index_needs_five_dimensions_and_its_country(name, text, country, code):
    with pytest.raises(RecoveryError) as caught:
        value(name, text, value_set=country)
    assert caught.value.refusal.code == code


def answered(one, draw):
    return [
        draw(st.sampled_from(one.choices.get(str(item), range(*bounds(one, item)))))
        for item in range(1, one.items + 1)
    ]


def bounds(one, item):
    low, high = one.bounds(item)
    return low, high + 1


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_any_score_lies_within_its_scale(data):
    one = instrument(data.draw(st.sampled_from(sorted(instruments()))))
    country = (
        data.draw(st.sampled_from(sorted(value_sets(one.name)))) if one.rule == "eq5d" else None
    )
    for scale in score(one.name, tuple(answered(one, data.draw)), value_set=country):
        assert scale.high >= scale.value
        assert scale.low <= scale.value or scale.name == "index"


WORSE_UP = ["odi", "ndi", "rmdq", "phq9", "zcq", "comi-back", "nrs-back"]


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_a_worse_answer_never_betters_a_score(data):
    name = data.draw(st.sampled_from([*WORSE_UP, "mjoa"]))
    one = instrument(name)
    answers = answered(one, data.draw)
    item = data.draw(st.integers(1, one.items))
    higher = list(answers)
    choices = one.choices.get(str(item), tuple(range(*bounds(one, item))))
    higher[item - 1] = data.draw(st.sampled_from([c for c in choices if c >= answers[item - 1]]))
    before, after = score(name, tuple(answers)), score(name, tuple(higher))
    for first, second in zip(before, after, strict=True):
        assert second.value >= first.value - 1e-9
        assert first.better == ("higher" if name == "mjoa" else "lower")


def test_every_instrument_says_where_its_rule_is_from_and_who_owns_it():
    for one in instruments().values():
        assert one.source
        assert one.licence
        assert one.wording == "not shown" or one.name.startswith(
            ("rmdq", "nrs", "vas", "phq", "rand")
        )
        assert len(one.lows) in (1, one.items)
        assert len(one.highs) in (1, one.items)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_many_are_scored_as_each_one_alone(data):
    one = instrument(
        data.draw(st.sampled_from([n for n, i in instruments().items() if i.rule == "scales"]))
    )
    rows = [answered(one, data.draw) for _ in range(5)]
    for row in rows[:3]:
        for item in data.draw(st.sets(st.integers(0, one.items - 1), max_size=3)):
            row[item] = None
    table = np.array([[np.nan if a is None else a for a in row] for row in rows], dtype=float)
    many = score_many(one.name, table)
    for number, row in enumerate(rows):
        try:
            alone = {scale.name: scale.value for scale in score(one.name, tuple(row))}
        except RecoveryError:
            alone = {}
        for scale in one.scales:
            assert many[scale.name][number] == pytest.approx(
                alone.get(scale.name, np.nan), nan_ok=True
            )


def test_an_answer_that_cannot_be_leaves_its_row_without_score():
    table = np.zeros((3, 10))
    table[1, 4], table[2, 4] = 6, 1.5
    assert list(np.isnan(score_many("odi", table)["ODI"])) == [False, True, True]


@pytest.mark.parametrize(("name", "shape"), [("odi", (3, 9)), ("odi", (10,)), ("eq5d5l", (3, 5))])
def test_many_answers_of_another_shape_or_rule_are_refused(name, shape):
    with pytest.raises(RecoveryError) as caught:
        score_many(name, np.ones(shape))
    assert caught.value.refusal.code == "answers-count"
