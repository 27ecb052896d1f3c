"""Rehabilitation: dates, what was done, a calendar that a calendar reads, a page for the patient."""

from datetime import date, timedelta

import pytest

from keyhole.errors import RecoveryError
from keyhole.recovery.course import Course, Episode, Event
from keyhole.recovery.rehab import calendar, patient_page, read_protocol, rehab_plan

OPERATION = date(2026, 3, 2)


def course(technique="tube-microdiscectomy", *, fused=False, events=()):
    operation = Episode(
        id="e1", on=OPERATION, way="MISS", technique=technique, levels=("L4/5",), fused=fused
    )
    return Course(id="p1", episodes=(operation,), events=events)


def done(item, day):
    on = OPERATION + timedelta(days=day)
    return Event(on=on, code="done", grade=item, source="app", by="patient")


def after(days, *args, **more):
    return rehab_plan(course(*args, **more), OPERATION + timedelta(days=days))


def item(plan, name):
    return next(one for one in plan.items if one.item.id == name)


@pytest.mark.parametrize(
    ("technique", "fused", "name"),
    [
        ("tube-microdiscectomy", False, "decompression"),
        ("interlaminar-endoscopic", False, "decompression"),
        ("mis-tlif", True, "fusion"),
        ("percutaneous-screws", True, "fusion"),
    ],
)
def test_the_protocol_follows_the_operation(technique, fused, name):
    assert after(0, technique, fused=fused).protocol.name == name


def test_items_are_dated_from_the_operation_and_stand_in_their_order():
    plan = after(10)
    assert item(plan, "wound-check").start == date(2026, 3, 16)
    assert [one.start for one in plan.items] == sorted(one.start for one in plan.items)


@pytest.mark.parametrize(
    ("days", "state"), [(0, "to come"), (28, "now"), (42, "now"), (43, "past")]
)
def test_an_item_is_to_come_now_or_past(days, state):
    assert item(after(days), "physiotherapy").state == state


def test_a_milestone_is_reached_once_somebody_says_so():
    events = (done("first-walk", 0),)
    assert item(after(5, events=events), "first-walk").state == "reached"
    assert item(after(5), "first-walk").state == "past"


def test_adherence_is_what_was_done_of_what_was_due():
    walks = tuple(done("walks", day) for day in (1, 1, 1, 2, 2, 2))
    plan = after(2, events=walks)  # due: walks 2 x 3, ankle pumps 3 x 12
    assert item(plan, "walks").due == 6
    assert plan.adherence == pytest.approx(6 / 42)


def test_more_than_was_due_counts_no_more_than_that():
    many = tuple(done("ankle-pumps", 0) for _ in range(50))
    assert after(0, events=many).adherence == 1


def test_before_any_exercise_is_due_there_is_no_adherence():
    assert after(0, "mis-tlif", fused=True).adherence is None


def test_without_an_operation_or_a_protocol_for_it_the_plan_is_refused():
    with pytest.raises(RecoveryError) as caught:
        rehab_plan(course(), OPERATION - timedelta(days=1))
    assert caught.value.refusal.code == "operation-missing"
    with pytest.raises(RecoveryError) as caught:
        after(0, "kyphoplasty")
    assert caught.value.refusal.code == "protocol-missing"


def unfolded(text):
    return text.replace("\r\n ", "").split("\r\n")


def test_the_calendar_keeps_to_its_standard():
    text = calendar(after(0), OPERATION)
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    lines = unfolded(text)
    assert lines.count("BEGIN:VEVENT") == lines.count("END:VEVENT") == len(after(0).items)
    assert len({line for line in lines if line.startswith("UID:")}) == len(after(0).items)
    start = lines.index("UID:decompression-wound-check-20260302@keyhole")
    assert lines[start + 2 : start + 4] == [
        "DTSTART;VALUE=DATE:20260316",
        "DTEND;VALUE=DATE:20260317",
    ]
    assert "SUMMARY:No bending\\, lifting or twisting\\; no bending beyond neutral." in lines


def test_the_page_never_reassures_and_says_when_to_call():
    page = patient_page(after(3), OPERATION + timedelta(days=3))
    assert "saddle numbness" in page
    assert "nothing on this page says that all is well" in page
    assert "flank bruise" not in page
    assert "flank bruise" in patient_page(after(3, "lateral-llif", fused=True), OPERATION)
    assert "disagree" in page
    assert "http" not in page.split("</style>")[1].replace("https://", "")
    assert "p1" not in page


OWN = """
name = "clinic"
title = "Ours"
techniques = ["kyphoplasty"]
fused = false

[[items]]
id = "up"
kind = "milestone"
from_day = 0
to_day = 1
text = "Up; <b>now</b>"
source = "our clinic"
"""


def test_a_clinics_own_protocol_is_used_and_its_words_are_no_markup(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(OWN)
    plan = rehab_plan(course("kyphoplasty"), OPERATION, protocol=read_protocol(path))
    assert [one.item.id for one in plan.items] == ["up"]
    assert "<b>now" not in patient_page(plan, OPERATION)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"x = ", "no TOML"),
        (OWN.replace("to_day = 1", "to_day = -1").encode(), "before from_day"),
        (OWN.replace("milestone", "party").encode(), "items[0].kind"),
        (OWN.replace("fused", "fuse").encode(), "fuse"),
        ("é".encode("latin-1"), "not UTF-8"),
        (None, "cannot be opened"),
    ],
)
def test_a_protocol_that_cannot_be_read_is_refused(tmp_path, text, why):
    path = tmp_path / "own.toml"
    if text is not None:
        path.write_bytes(text)
    with pytest.raises(RecoveryError) as caught:
        read_protocol(path)
    assert caught.value.refusal.code == "protocol-unreadable"
    assert why in caught.value.refusal.found
