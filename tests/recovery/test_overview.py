"""One patient at a glance, and what is due, for one and for many."""

from datetime import date, timedelta

import numpy as np
import pytest

from keyhole.errors import RecoveryError
from keyhole.recovery.course import Answered, Course, Episode, Event, Intake, Measure
from keyhole.recovery.due import due, due_counts, slots
from keyhole.recovery.overview import gather, overview_page
from keyhole.recovery.watch.series import SPAN

OPERATION = date(2026, 3, 2)
WHO = {"source": "app", "by": "patient"}


def on(day):
    return OPERATION + timedelta(days=day)


def course(**more):
    operation = Episode(
        id="e1",
        on=OPERATION,
        way="MISS",
        technique="tube-microdiscectomy",
        levels=("L4/5",),
        fused=False,
    )
    return Course(id="p1", episodes=(operation,), **more)


def pain(day, value, name="back_pain"):
    return Measure(on=on(day), name=name, value=value, unit="of-10", **WHO)


def full():
    return course(
        measures=(pain(-5, 7), pain(14, 3), pain(42, 9)),
        answered=(
            Answered(on=on(-5), instrument="odi", answers=(3,) * 10, **WHO),
            Answered(on=on(42), instrument="odi", answers=(1,) * 8 + (None, None), **WHO),
        ),
        intakes=(Intake(on=on(1), drug="oxycodone", route="oral", amount=40, unit="mg", **WHO),),
        events=(Event(on=on(40), code="fever", **WHO),),
    )


def test_everything_of_a_course_is_gathered():
    overview = gather(full(), on(44))
    assert {raised.flag.name for raised in overview.red_flags} == {
        "superficial wound infection",
        "deep infection or discitis",
    }
    assert [left.name for left in overview.departures] == ["back_pain"]
    assert {one.name: one.values for one in overview.scores} == {
        "back_pain": (7, 3, 9),
        "odi": (60,),
    }
    assert overview.unscored == (f"odi of {on(42)}: Answers are missing: item 9, 10.",)
    assert overview.opioids.total_mme == 60
    assert overview.rehab.protocol.name == "decompression"


def test_what_lies_after_today_is_not_read():
    overview = gather(full(), on(20))
    assert overview.red_flags == overview.departures == overview.unscored == ()
    assert overview.scores[0].values == (7, 3)


def test_the_page_shows_all_of_it_and_no_name():
    page = overview_page(full(), gather(full(), on(44)))
    for words in ("deep infection", "has left its road", "60 MME", "<svg", "never means that all"):
        assert words in page
    assert "p1" not in page
    assert "<script" not in page


def test_a_course_without_operation_has_a_page_too():
    bare = Course(id="p1", measures=(pain(0, 3),))
    overview = gather(bare, on(10))
    assert overview.opioids is None
    assert "no operation" in overview_page(bare, overview)
    assert due(bare, on(10)) == ()


def test_an_impossible_measure_stops_the_page():
    with pytest.raises(RecoveryError) as caught:
        gather(course(measures=(pain(0, 30),)), on(10))
    assert caught.value.refusal.code == "measure-impossible"


def states(patient, day, what):
    return {one.slot.day: one.state for one in due(patient, on(day)) if one.slot.what == what}


def test_slots_came_are_due_missed_or_to_come():
    patient = course(measures=(pain(-5, 7), pain(45, 3)))
    assert states(patient, 50, "back_pain") == {
        0: "came",
        14: "missed",
        42: "came",
        91: "to come",
        182: "to come",
        365: "to come",
        730: "to come",
    }
    assert states(patient, 90, "odi")[91] == "due"


@pytest.mark.parametrize(
    ("day", "state"), [(31, "to come"), (32, "due"), (56, "due"), (57, "missed")]
)
def test_a_window_has_edges(day, state):
    assert states(course(), day, "odi")[42] == state


def test_many_patients_are_counted_as_each_one_alone():
    rng = np.random.default_rng(6)
    days = [sorted(rng.choice(np.arange(-60, 800), 12, replace=False)) for _ in range(40)]
    follow_up = rng.integers(0, 900, 40)
    came = np.array([n * SPAN + SPAN // 2 + d for n, row in enumerate(days) for d in row])
    counted = due_counts({"back_pain": came}, follow_up)
    for number, row in enumerate(days):
        patient = course(measures=tuple(pain(int(day), 1) for day in row))
        for one in due(patient, on(int(follow_up[number]))):
            if one.slot.what == "back_pain":
                there, missed = counted[one.slot]
                assert (one.state == "came") == there[number]
                assert (one.state == "missed") == missed[number]


def test_every_slot_has_its_window():
    assert all(slot.first <= slot.day <= slot.last for slot in slots())
    assert {slot.day for slot in slots()} == {0, 14, 42, 91, 182, 365, 730}
