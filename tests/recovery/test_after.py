"""Complications graded, changes judged by every threshold, and the inactivity ledger."""

from datetime import date, timedelta

import pytest

from keyhole.errors import RecoveryError
from keyhole.recovery.complications import complications
from keyhole.recovery.course import Course, Episode, Event, Measure
from keyhole.recovery.movement.inactivity import inactivity
from keyhole.recovery.overview import gather, overview_page
from keyhole.recovery.scores.important import important, thresholds

OPERATION = date(2026, 3, 2)
WHO = {"source": "app", "by": "nurse"}


def on(day):
    return OPERATION + timedelta(days=day)


def course(*events, measures=()):
    operations = tuple(
        Episode(id=name, on=day, way="MISS", technique="tube-discectomy", levels=(), fused=False)
        for name, day in (("e1", OPERATION), ("e2", on(200)))
    )
    return Course(id="p1", episodes=operations, events=events, measures=measures)


def event(code, day, grade=None):
    return Event(on=on(day), code=code, grade=grade, **WHO)


def measure(name, value, unit, day):
    return Measure(on=on(day), name=name, value=value, unit=unit, **WHO)


def test_a_complication_is_graded_and_laid_to_the_operation_before_it():
    patient = course(event("dural_tear", 0, "saves:II"), event("recurrence", 230, "clavien:IIIb"))
    first, second = complications(patient)
    assert (first.episode, first.days, first.scale, first.grade) == ("e1", 0, "saves", "II")
    assert (second.episode, second.days) == ("e2", 30)
    assert "general anaesthesia" in second.grade_text


@pytest.mark.parametrize(
    ("code", "day", "within"),
    [
        ("infection_superficial", 30, True),
        ("infection_superficial", 31, False),
        ("infection_deep", 90, True),
        ("infection_deep", 91, False),
        ("pe", 5, None),
        ("infection_deep", -3, None),
    ],
)
def test_infections_have_windows_by_depth(code, day, within):
    (found,) = complications(course(event(code, day)))
    assert found.within_window is within


def test_signs_and_other_events_are_no_complications():
    assert complications(course(event("fever", 3), event("done", 3, "walks"))) == ()


@pytest.mark.parametrize("grade", ["clavien:VI", "II", "saves:IIIb", "other:I"])
def test_a_grade_of_no_scale_is_refused(grade):
    with pytest.raises(RecoveryError) as caught:
        complications(course(event("dural_tear", 0, grade)))
    assert caught.value.refusal.code == "grade-unknown"


def reached(instrument, before, after, better="lower"):
    return {
        (
            one.threshold.kind,
            one.threshold.reach or one.threshold.percent or one.threshold.at_best,
        ): (one.reached)
        for one in important(instrument, before, after, better)
    }


def test_a_change_is_judged_by_every_threshold():
    assert reached("odi", 50, 36) == {
        ("MCID", 12.8): True,
        ("MCID", 14): True,
        ("MCID", 20): False,
        ("success", 30): False,
        ("success", 22): False,
        ("PASS", 22): False,
        ("substantial benefit", 18.8): False,
    }


def test_edges_belong_to_the_reached_and_higher_may_be_better():
    assert reached("odi", 40, 28)["success", 30] is True
    assert reached("odi", 60, 22)["PASS", 22] is True
    assert reached("eq5d5l", 0.4, 0.48, "higher")["MIC", 0.08] is True
    assert reached("eq5d5l", 0.5, 0.4, "higher")["MIC", 0.08] is False


def test_without_a_value_before_only_states_can_be_told():
    found = reached("nrs-back", None, 2)
    assert found["PASS", 3] is True
    assert found["MCID", 1.2] is None
    assert reached("odi", 0, 0)["success", 30] is None


def test_every_threshold_has_one_number_and_a_source():
    for one in thresholds():
        assert sum(x is not None for x in (one.reach, one.percent, one.at_best)) == 1
        assert one.source


@pytest.mark.parametrize(
    ("hours", "words"), [(5, "day of the operation"), (12, "8 to 24 h"), (30, "more than 24 h")]
)
def test_the_hour_of_the_first_walk_has_its_published_consequence(hours, words):
    (entry,) = inactivity(course(measures=(measure("first_walk", hours, "h", 1),)), on(10))
    assert entry.value == hours
    assert any(words in one.text for one in entry.consequences)


def test_lying_and_sitting_are_summed_and_steps_are_looked_at_after_six_weeks():
    rows = [measure("lying", 600, "min", day) for day in range(3)]
    rows += [measure("steps", 3000, "1", day) for day in range(30, 60)]
    patient = course(measures=tuple(rows))
    assert [entry.measure for entry in inactivity(patient, on(41))] == ["lying"]
    lying, steps = inactivity(patient, on(42))
    assert (lying.value, lying.days) == (30, 3)
    assert (steps.value, len(steps.consequences)) == (3000, 1)


def test_many_steps_and_no_operation_have_no_consequences():
    rows = tuple(measure("steps", 9000, "1", day) for day in range(30, 60))
    (steps,) = inactivity(course(measures=rows), on(50))
    assert steps.consequences == ()
    assert inactivity(Course(id="p1", measures=rows), on(50)) == ()


def test_the_page_shows_them_all():
    patient = course(
        event("dural_tear", 1, "saves:I"),
        measures=(
            measure("back_pain", 7, "of-10", -3),
            measure("back_pain", 2, "of-10", 42),
            measure("first_walk", 30, "h", 1),
        ),
    )
    page = overview_page(patient, gather(patient, on(50)))
    for words in ("tear of the dura", "more than 24 h", "Is the change important?", "Copay"):
        assert words in page
