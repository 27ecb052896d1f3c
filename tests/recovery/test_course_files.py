"""Files of courses: what is written is read again whole; what is broken is refused by place."""

import json
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keyhole.errors import OutputError, RecoveryError
from keyhole.recovery.course import (
    Answered,
    Course,
    Episode,
    Event,
    Intake,
    Measure,
    read_course,
    read_courses,
    write_course,
    write_courses,
)

TOKEN = st.text("aB0_.:/+-", max_size=7).map(lambda rest: f"x{rest}")
DAY = st.dates(date(1990, 1, 1), date(2100, 1, 1))
NUMBER = st.floats(allow_nan=False, allow_infinity=False)
AMOUNT = st.floats(0, 1e9)
WHO = {"source": TOKEN, "by": TOKEN}
MEASURE = st.builds(Measure, on=DAY, name=TOKEN, value=NUMBER, unit=TOKEN, **WHO)
ANSWER = st.none() | st.integers(0, 100) | st.integers(0, 99).map(lambda n: n + 0.25)
ANSWERED = st.builds(
    Answered,
    on=DAY,
    instrument=TOKEN,
    answers=st.lists(ANSWER, min_size=2, max_size=9).map(tuple),
    **WHO,
)
INTAKE = st.builds(Intake, on=DAY, drug=TOKEN, route=TOKEN, amount=AMOUNT, unit=TOKEN, **WHO)
EVENT = st.builds(Event, on=DAY, code=TOKEN, grade=st.none() | TOKEN, **WHO)
EPISODE = st.builds(
    Episode,
    id=TOKEN,
    on=DAY,
    way=st.sampled_from(["MISS", "open"]),
    technique=TOKEN,
    levels=st.lists(TOKEN, max_size=3).map(tuple),
    diagnoses=st.lists(TOKEN, max_size=3).map(tuple),
    fused=st.booleans(),
    plan=st.none() | TOKEN,
    incision_mm=st.none() | AMOUNT,
    nights=st.none() | AMOUNT,
    drain=st.none() | st.booleans(),
    converted=st.none() | st.booleans(),
)


def many(rows):
    return st.lists(rows, max_size=4)


COURSE = st.builds(
    Course,
    id=TOKEN,
    born=st.none() | st.integers(1900, 2020),
    sex=st.none() | st.sampled_from(["female", "male"]),
    episodes=st.lists(EPISODE, max_size=2, unique_by=lambda episode: episode.id),
    measures=many(MEASURE),
    answered=many(ANSWERED),
    intakes=many(INTAKE),
    events=many(EVENT),
)


@given(COURSE)
@settings(max_examples=60, deadline=None)
def test_a_course_comes_back_whole_from_json(course):
    with TemporaryDirectory() as folder:
        write_course(Path(folder) / "course.json", course)
        assert read_course(Path(folder) / "course.json") == course


@given(st.lists(COURSE, max_size=4, unique_by=lambda course: course.id))
@settings(max_examples=40, deadline=None)
def test_courses_come_back_whole_from_csv(courses):
    with TemporaryDirectory() as folder:
        write_courses(Path(folder), courses)
        assert list(read_courses(Path(folder))) == courses


GOOD = {
    "schema": "keyhole.course/0",
    "id": "p1",
    "measures": [
        {
            "on": "2026-03-01",
            "name": "steps",
            "value": 5200,
            "unit": "1",
            "source": "phone",
            "by": "patient",
        }
    ],
}


def spoiled(**changes):
    return {**GOOD, "measures": [{**GOOD["measures"][0], **changes}]}


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (spoiled(on="2026-02-30"), "measures 1, on: there is no such day"),
        (spoiled(on="1.3.2026"), "measures 1, on: a day is written"),
        (spoiled(on="9999-01-01"), "measures 1, on: the year"),
        (spoiled(value="12"), "measures 1, value: a number is needed"),
        (spoiled(value=True), "measures 1, value: a number is needed"),
        (spoiled(name="=cmd()"), "measures 1: name: a word"),
        (spoiled(by="Jane Doe"), "measures 1: by: a word"),
        (spoiled(surname="Doe"), "measures 1: 1 unknown keys"),
        ({**GOOD, "surname": "Doe"}, "the record: 1 unknown keys"),
        ({**GOOD, "sex": "Doe"}, "sex: it is none of female, male"),
        ({**GOOD, "measures": 3}, "measures: "),
        ({**GOOD, "schema": "Doe"}, "schema: keyhole.course/0"),
        ([GOOD], "an object of keys and values"),
    ],
)
def test_a_broken_record_is_refused_by_place_and_not_repeated(tmp_path, data, place):
    path = tmp_path / "Doe.json"
    path.write_text(json.dumps(data))
    with pytest.raises(RecoveryError) as caught:
        read_course(path)
    assert caught.value.refusal.code == "course-unreadable"
    assert place in caught.value.refusal.found
    assert "Doe" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b'{"id": "a", "id": "b"}', "a key twice"),
        (b'{"id": NaN}', "NaN is no number"),
        (b"{", "line 1: the JSON is broken"),
        (b"[" * 200_000, "nested too deep"),
        ("{'é'}".encode("latin-1"), "not UTF-8"),
    ],
)
def test_a_file_that_is_no_json_is_refused(tmp_path, content, why):
    path = tmp_path / "course.json"
    path.write_bytes(content)
    with pytest.raises(RecoveryError) as caught:
        read_course(path)
    assert why in caught.value.refusal.found


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(RecoveryError) as caught:
        read_course(tmp_path / "none.json")
    assert "cannot be opened" in caught.value.refusal.found


def test_a_place_that_cannot_be_written_is_refused(tmp_path):
    with pytest.raises(OutputError) as caught:
        write_course(tmp_path / "no" / "course.json", Course(id="p1"))
    assert caught.value.refusal.code == "output-unwritable"


HEADER = "course,on,name,value,unit,source,by\n"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("course,on\n", "row 1: the columns must be"),
        (HEADER + "p1,2026-01-01,steps\n", "row 2: 7 cells are needed"),
        (HEADER + "Doe,2026-01-01,steps,1,1,a,b\n", "row 2: its course is not in"),
        (HEADER + "p1,2026-13-01,steps,1,1,a,b\n", "row 2: on: there is no such day"),
        (HEADER + "p1,2026-01-01,steps,1e999,1,a,b\n", "row 2: the record: value: a finite"),
        (HEADER + "p1,2026-01-01,steps,Doe,1,a,b\n", "row 2: value: a number is needed"),
        (HEADER + "p1,2026-01-01,=Doe(),1,1,a,b\n", "name: a word of letters"),
        (HEADER + f"p1,2026-01-01,{'x' * 5000},1,1,a,b\n", "row 2: a cell is far too long"),
        (HEADER + 'p1,2026-01-01,"steps,1,1,a,b\n', "the CSV is broken"),
    ],
)
def test_a_broken_row_is_refused_by_its_number(tmp_path, text, why):
    write_courses(tmp_path, [Course(id="p1")])
    (tmp_path / "measures.csv").write_text(text)
    with pytest.raises(RecoveryError) as caught:
        read_courses(tmp_path)
    assert why in caught.value.refusal.found
    assert "Doe" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("id,born,sex\np1,,\np1,,\n", "two rows carry one id"),
        ("id,born,sex\np1,old,\n", "row 2: a whole number"),
        ("id,born,sex\np1,,other\n", "row 2: sex: it is none of"),
    ],
)
def test_a_broken_patient_is_refused(tmp_path, text, why):
    (tmp_path / "courses.csv").write_text(text)
    with pytest.raises(RecoveryError) as caught:
        read_courses(tmp_path)
    assert why in caught.value.refusal.found


def test_two_operations_of_one_name_are_refused():
    one = Episode(
        id="e1", on=date(2026, 1, 1), way="MISS", technique="tube", levels=("L4/5",), fused=False
    )
    with pytest.raises(ValueError, match="two operations"):
        Course(id="p1", episodes=(one, one))


def test_a_course_keeps_its_records_by_day_and_finds_the_operation_before():
    first, second = (
        Episode(id=n, on=d, way="open", technique="x", levels=(), fused=True)
        for n, d in (("a", date(2026, 1, 1)), ("b", date(2026, 6, 1)))
    )
    course = Course(id="p1", episodes=(second, first))
    assert course.episodes == (first, second)
    assert course.episode_at(date(2025, 12, 31)) is None
    assert course.episode_at(date(2026, 1, 1)) is first
    assert course.episode_at(date(2026, 12, 1)) is second
