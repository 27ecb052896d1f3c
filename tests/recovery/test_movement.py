"""Steps from telephones and tables: streamed, counted once, and refused by row and reason."""

import json
import tracemalloc
from datetime import date

import pytest

from keyhole.errors import RecoveryError
from keyhole.recovery.course import Measure
from keyhole.recovery.course.vocabulary import believed
from keyhole.recovery.movement import read_apple_health, read_fitbit, read_steps_csv

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE HealthData [
<!ELEMENT HealthData (ExportDate|Me|Record)*>
<!ATTLIST Record type CDATA #REQUIRED>
]>
<HealthData locale="de_DE">
"""


def record(start, value, source="Telephone", kind="HKQuantityTypeIdentifierStepCount"):
    return (
        f'<Record type="{kind}" sourceName="{source}" unit="count" '
        f'startDate="{start} 08:00:00 +0100" endDate="{start} 09:00:00 +0100" value="{value}"/>\n'
    )


def export(tmp_path, *lines, head=HEAD, tail="</HealthData>"):
    path = tmp_path / "export.xml"
    path.write_text(head + "".join(lines) + tail, encoding="utf-8")
    return path


def by_day(measures):
    return {measure.on.isoformat(): measure.value for measure in measures}


def test_apple_steps_are_summed_by_day_and_a_watch_is_not_added_to_a_telephone(tmp_path):
    path = export(
        tmp_path,
        record("2026-03-02", 300),
        record("2026-03-02", 200),
        record("2026-03-02", 900, source="Watch"),
        record("2026-03-03", 40),
        record("2026-03-03", 9e6, kind="HKQuantityTypeIdentifierHeartRate"),
    )
    found = read_apple_health(path)
    assert by_day(found) == {"2026-03-02": 900, "2026-03-03": 40}
    assert {measure.source for measure in found} == {"apple-health"}


def test_a_large_export_is_read_in_constant_memory(tmp_path):
    def peak(copies):
        path = tmp_path / "large.xml"
        with path.open("w", encoding="utf-8") as file:
            file.write(HEAD)
            for _ in range(copies):
                file.write("".join(record(f"2026-03-{day:02d}", 12) for day in range(1, 29)))
            file.write("</HealthData>")
        tracemalloc.start()
        found = read_apple_health(path)
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert by_day(found)["2026-03-07"] == 12 * copies
        return used

    assert peak(800) < 1.5 * peak(80)


BOMB = """<?xml version="1.0"?>
<!DOCTYPE HealthData [<!ENTITY a "Doe"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<HealthData>"""


@pytest.mark.parametrize(
    ("head", "line", "tail", "why"),
    [
        (BOMB, "&b;", "</HealthData>", "it defines entities of its own"),
        (HEAD, record("2026-02-30", 1), "</HealthData>", "there is no such day"),
        (HEAD, record("2026-03-02", "Doe"), "</HealthData>", "no number"),
        (HEAD, record("2026-03-02", -5), "</HealthData>", "no number"),
        (HEAD, record("2026-03-02", "9" * 10_000), "</HealthData>", "no number"),
        (HEAD, record("2026-03-02", 5), "", "the XML is broken"),
        (HEAD, record("2026-03-02", 999_999), "</HealthData>", "has more than 120,000"),
        ("Doe", "", "", "the XML is broken"),
    ],
)
def test_an_export_that_cannot_be_is_refused(tmp_path, head, line, tail, why):
    with pytest.raises(RecoveryError) as caught:
        read_apple_health(export(tmp_path, line, head=head, tail=tail))
    assert caught.value.refusal.code == "export-unreadable"
    assert why in caught.value.refusal.found.replace("Row", "row")
    assert "Doe" not in str(caught.value)


def fitbit(tmp_path, content, name="steps-2026-03-02.json"):
    folder = tmp_path / "Takeout" / "Physical Activity"
    folder.mkdir(parents=True)
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return tmp_path


def test_fitbit_steps_are_summed_by_day(tmp_path):
    entries = [
        {"dateTime": "03/02/26 08:15:00", "value": "12"},
        {"dateTime": "03/02/26 08:16:00", "value": "30"},
        {"dateTime": "03/03/26 00:01:00", "value": "0"},
    ]
    found = read_fitbit(fitbit(tmp_path, json.dumps(entries)))
    assert by_day(found) == {"2026-03-02": 42, "2026-03-03": 0}


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("{}", "a list of entries"),
        ("[", "the JSON is broken"),
        ("[" * 100_000, "the JSON is broken"),
        ("é".encode("latin-1"), "the JSON is broken"),
        ("[1]", "entry 1: an object"),
        ('[{"dateTime": "03/02/26 08:15:00", "value": 12}]', "whole count"),
        ('[{"dateTime": "02/30/26 08:15:00", "value": "12"}]', "the time is written"),
    ],
)
def test_a_fitbit_file_that_cannot_be_is_refused(tmp_path, content, why):
    with pytest.raises(RecoveryError) as caught:
        read_fitbit(fitbit(tmp_path, content))
    assert why in caught.value.refusal.found.replace("Row", "row")


def test_a_folder_without_steps_is_refused(tmp_path):
    with pytest.raises(RecoveryError) as caught:
        read_fitbit(tmp_path)
    assert "holds no steps" in caught.value.refusal.found


def test_a_plain_table_of_steps(tmp_path):
    path = tmp_path / "steps.csv"
    path.write_text("\ufeffdate,steps\n2026-03-02,5200\n2026-03-03,0\n", encoding="utf-8")
    assert by_day(read_steps_csv(path)) == {"2026-03-02": 5200, "2026-03-03": 0}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("day,steps\n", "row 1: the columns must be"),
        ("date,steps\n2026-03-02\n", "row 2: two cells"),
        ("date,steps\n2026-03-32,1\n", "row 2: there is no such day"),
        ("date,steps\n2026-03-02,=1+1\n", "row 2: the steps are no whole number"),
        ("date,steps\n2026-03-02,999999\n", "row 2: the steps are no whole number"),
        ("date,steps\n2026-03-02,1\n2026-03-02,1\n", "row 3: the day stands twice"),
        ('date,steps\n"2026-03-02,1\n', "the CSV is broken"),
    ],
)
def test_a_table_that_cannot_be_is_refused(tmp_path, text, why):
    path = tmp_path / "steps.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RecoveryError) as caught:
        read_steps_csv(path)
    assert why in caught.value.refusal.found.replace("Row", "row")


@pytest.mark.parametrize("read", [read_apple_health, read_steps_csv])
def test_a_file_that_is_not_there_is_refused(tmp_path, read):
    with pytest.raises(RecoveryError) as caught:
        read(tmp_path / "none")
    assert "cannot be opened" in caught.value.refusal.found


def test_a_table_in_another_encoding_is_refused(tmp_path):
    path = tmp_path / "steps.csv"
    path.write_bytes("däte,steps\n".encode("latin-1"))
    with pytest.raises(RecoveryError) as caught:
        read_steps_csv(path)
    assert "not UTF-8" in caught.value.refusal.found


def measure(**changes):
    known = {"name": "back_pain", "value": 3.0, "unit": "of-10"}
    return Measure(on=date(2026, 3, 2), source="app", by="patient", **{**known, **changes})


@pytest.mark.parametrize("wrong", [{"value": 11}, {"value": -1}, {"unit": "mm"}])
def test_a_measure_that_cannot_be_is_refused(wrong):
    with pytest.raises(RecoveryError) as caught:
        believed([measure(**wrong)])
    assert caught.value.refusal.code == "measure-impossible"


def test_measures_that_can_be_and_unknown_ones_pass():
    kept = (measure(), measure(name="mood", value=99, unit="x"))
    assert believed(kept) == kept
