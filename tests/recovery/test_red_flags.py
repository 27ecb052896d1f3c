"""Red flags: every planted sign acts, whatever the curve says, until it is answered."""

from datetime import date, timedelta

import pytest

from keyhole.recovery.course import Answered, Course, Episode, Event, Measure
from keyhole.recovery.flags import known_signs, raised, red_flags

OPERATION = date(2026, 3, 2)


def event(code, day, grade=None):
    on = OPERATION + timedelta(days=day)
    return Event(on=on, code=code, grade=grade, source="app", by="patient")


def course(*events, technique="tube-decompression", **more):
    operation = Episode(
        id="e1", on=OPERATION, way="MISS", technique=technique, levels=("L4/5",), fused=False
    )
    return Course(id="p1", episodes=(operation,), events=events, **more)


def names(patient, day=30):
    return [one.flag.name for one in raised(patient, OPERATION + timedelta(days=day))]


PLANTED = [
    (flag, group) for flag in red_flags() for group in [*((s,) for s in flag.any_of), *flag.all_of]
]


@pytest.mark.parametrize("day", [0, 1, 29, 400])
def test_every_planted_sign_raises_its_flag_on_any_day(day):
    for flag, signs in PLANTED:
        technique = flag.after[0] if flag.after else "tube"
        patient = course(*(event(sign, day) for sign in signs), technique=technique)
        found = raised(patient, OPERATION + timedelta(days=day))
        one = next(r for r in found if r.flag == flag)
        assert set(one.signs) == set(signs)
        assert one.since == OPERATION + timedelta(days=day)


def test_a_good_curve_hides_no_sign():
    good = tuple(
        Measure(
            on=OPERATION + timedelta(days=day),
            name=name,
            value=value,
            unit="of-10" if name == "back_pain" else "1",
            source="app",
            by="patient",
        )
        for day in range(30)
        for name, value in (("back_pain", 0), ("steps", 12000))
    )
    assert names(course(event("saddle_numbness", 20), measures=good))[0] == "cauda equina"


def test_the_most_urgent_stands_first_and_says_its_own_time():
    patient = course(event("ileus", 2), event("bloating", 2), event("chest_pain", 2))
    found = raised(patient, OPERATION + timedelta(days=2))
    assert [one.flag.within for one in found] == ["now", "same day"]


def test_signs_that_only_together_mean_something_need_each_other():
    assert names(course(event("stiff_neck", 3))) == []
    assert "meningitis after a dural tear" in names(
        course(event("stiff_neck", 3), event("fever", 4))
    )


def test_a_flag_of_one_operation_is_not_raised_after_another():
    assert names(course(event("flank_bruise", 2))) == []
    assert names(course(event("flank_bruise", 2), technique="lateral-transpsoas")) == [
        "bowel, ureter or vessel after a lateral approach"
    ]
    assert names(course(event("headache", 0), technique="biportal")) == ["irrigation pressure"]


def test_an_answered_flag_rests_until_the_next_sign():
    answered = event("flag_answered", 5, grade="ileus")
    assert names(course(event("bloating", 4), answered)) == []
    assert names(course(event("bloating", 4), answered, event("bloating", 6))) == ["ileus"]
    assert "pulmonary embolism" in names(course(event("chest_pain", 4), answered))


def test_a_sign_of_tomorrow_is_not_read_today():
    assert names(course(event("chest_pain", 31)), day=30) == []


@pytest.mark.parametrize(("last", "raises"), [(0, False), (None, False), (1, True)])
def test_item_nine_of_the_phq9_asks_for_safety(last, raises):
    answers = (0,) * 8 + (last,)
    filled = Answered(on=OPERATION, instrument="phq9", answers=answers, source="app", by="patient")
    assert ("thoughts of self-harm" in names(course(answered=(filled,)))) is raises


def test_every_flag_says_what_to_do_by_when_and_from_where():
    for flag in red_flags():
        assert flag.action.endswith(".")
        assert flag.within
        assert flag.source.startswith("unsourced") == (flag.confidence in {"recalled", "proposal"})
    assert len({flag.token for flag in red_flags()}) == len(red_flags())
    assert len(known_signs()) > 30
