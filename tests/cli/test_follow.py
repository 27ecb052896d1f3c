"""`keyhole follow`: scores, risk, alarms and rehabilitation from the command line."""

import json
from datetime import date

import pytest
from typer.testing import CliRunner

from keyhole.cli.app import app
from keyhole.recovery.course import Course, Episode, Event, write_course

OPERATION = date(2026, 3, 2)


def run(*words):
    return CliRunner().invoke(app, ["follow", *map(str, words)])


@pytest.fixture
def course(tmp_path):
    operation = Episode(
        id="e1",
        on=OPERATION,
        way="MISS",
        technique="tube-microdiscectomy",
        levels=("L4/5",),
        diagnoses=("M51.1", "E11.9"),
        fused=False,
    )
    sign = Event(on=OPERATION, code="saddle_numbness", source="app", by="patient")
    path = tmp_path / "course.json"
    write_course(path, Course(id="p1", born=1960, episodes=(operation,), events=(sign,)))
    return path


def test_a_score_in_json_has_the_contracts_keys():
    ended = run("score", "eq5d5l", "21231", "--value-set", "UK", "--json")
    assert ended.exit_code == 0
    data = json.loads(ended.stdout)
    assert data["score"] == 0.853
    assert (data["unit"], data["answered"]) == ("1", 5)
    assert data["source"] == "value set UK: doi 10.1016/j.jval.2026.03.008"


def test_a_missing_answer_may_be_nothing_or_a_point():
    scores = [run("score", "odi", text, "--json") for text in ("3,,2,4,1,0,2,3,1,2", "3.24102312")]
    assert len({json.loads(ended.stdout)["score"] for ended in scores}) == 1


def test_a_refused_score_ends_with_1_and_its_code():
    ended = run("score", "odi", "12", "--json")
    assert ended.exit_code == 1
    assert json.loads(ended.stdout)["refusal"]["code"] == "answers-count"


def test_risk_takes_what_the_course_knows_and_what_is_told(course):
    ended = run("risk", course, "--bmi", "31", "--fact", "diabetes", "--json")
    data = json.loads(ended.stdout)
    assert data["facts"]["age"] == 66
    assert {one["name"]: one["points"] for one in data["scores"]} == {
        "caprini": 3,
        "mfi-5": 1,
        "ssi-open-spine": 2,
    }
    assert {one["name"]: one["value"] for one in data["indices"]}["charlson-1987"] == 1
    assert "race" in data["off"]["pain-score"]


def test_risk_takes_only_two_sexes_as_its_scores_do():
    assert run("risk", "--sex", "x").exit_code == 2


def test_alarms_name_the_flag_its_time_and_never_reassure(course):
    ended = run("alarms", course, "--today", "2026-03-02", "--json")
    data = json.loads(ended.stdout)
    flags = {one["flag"]: one["within_h"] for one in data["red_flags"]}
    assert flags == {"cauda equina": 1, "epidural haematoma": 2}
    assert "never means that all is well" in data["note"]
    assert "never means that all is well" in run("alarms", course, "--today", "2026-03-01").stdout


def test_rehab_writes_calendar_and_page(course, tmp_path):
    out = tmp_path / "out"
    ended = run("rehab", course, "--today", "2026-03-10", "--out", out, "--json")
    data = json.loads(ended.stdout)
    assert data["protocol"] == "decompression"
    assert (out / "rehab.ics").read_bytes().startswith(b"BEGIN:VCALENDAR\r\n")
    assert "Your recovery" in (out / "rehab.html").read_text()
    assert run("rehab", course, "--out", out).exit_code == 1
    assert "wound" in run("rehab", course).stdout.lower()


def test_a_day_that_is_none_is_wrong_usage(course):
    assert run("alarms", course, "--today", "2026-02-30").exit_code == 2


def test_show_writes_the_page_and_tells_flags(course, tmp_path):
    out = tmp_path / "shown"
    ended = run("show", course, "--today", "2026-03-10", "--out", out, "--json")
    assert json.loads(ended.stdout)["red_flags"][0] == "cauda equina"
    assert "cauda equina" in (out / "course.html").read_text()
    assert "RED FLAG cauda equina" in run("show", course, "--today", "2026-03-10").stdout


def test_due_lists_every_slot(course):
    rows = json.loads(run("due", course, "--today", "2026-04-20", "--json").stdout)["due"]
    assert {row["state"] for row in rows} == {"missed", "due", "to come"}
    assert "missed" in run("due", course, "--today", "2026-04-20").stdout
