"""Traps that published scoring code and tables fell into, each held shut."""

import pytest

from keyhole.errors import RecoveryError
from keyhole.recovery.scores import instrument, instruments, read_answers, score


def test_odi_classes_are_shares_and_not_the_raw_points_that_loinc_lists():
    """24 of 50 points are 48 %: severe by share; LOINC's raw classes would say moderate."""
    found = score("odi", read_answers("4444440000"))[0]
    assert (found.value, found.band) == (48, "severe")


def test_a_raw_odi_sum_cannot_be_given_as_a_score():
    """The Korean ODI of PMC7887235 looks like a raw sum: answers are asked for, never a total."""
    with pytest.raises(RecoveryError) as caught:
        score("odi", read_answers("23.53,"))
    assert caught.value.refusal.code == "answers-count"


def test_promis_with_a_gap_has_no_t_score_of_the_items_that_are_left():
    """Published code sums partial items and reads the table with the sum: a wrong T."""
    found = score("promis-global-10", read_answers("3,3,3,3,3,3,5,.,3,3"))
    assert [one.name for one in found] == ["global mental health"]
    with pytest.raises(RecoveryError) as caught:
        score("promis-global-10", read_answers("3,.,3,3,3,3,5,.,3,3"))
    assert caught.value.refusal.code == "answers-missing"


def test_comi_turns_each_answer_into_its_own_points():
    """A published list of points leaves 5.0 out: the middle answer is 5.0."""
    assert score("comi-back", read_answers("5,0,3,3,3,3,3"))[0].value == 5


def test_short_forms_without_a_trusted_table_are_not_scored():
    """The only table found for PROMIS PF 10a is wrong at raw 10."""
    assert not any("pf" in name for name in instruments())
    with pytest.raises(RecoveryError) as caught:
        instrument("promis-pf-10a")
    assert caught.value.refusal.code == "instrument-unknown"
