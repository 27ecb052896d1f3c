"""`keyhole measure`, from a phantom's DICOM folder to findings, report and structured report."""

import json

import numpy as np
import pydicom
import pytest
from highdicom.sr import srread

from keyhole.cli import measure as command
from keyhole.cli.findings_tables import beside_mean, findings_pages, graded, places_of
from keyhole.findings.model import NO_INDICATION
from keyhole.report import findings_sr

AT = ("--at", "L4/5")


@pytest.fixture(scope="module")
def patient(told, tmp_path_factory):
    """A coarse phantom under a name that no output but DICOM's own may show."""
    folder = tmp_path_factory.mktemp("Jane_Doe") / "patient"
    words = ("--levels", "L3-S1", "--spacing", 3, "--labels-as", "total", "--dicom")
    _, code = told("phantom", "--out", folder, "--seed", 3, *words)
    assert code == 0
    return folder


@pytest.fixture(scope="module")
def measured(keyhole, patient, tmp_path_factory):
    """The folder that was written, and what the command said."""
    out = tmp_path_factory.mktemp("findings")
    words = (patient / "dicom", "--labels", patient / "labels.nii.gz", *AT)
    return out, keyhole("measure", *words, "--out", out, "--json")


@pytest.fixture(scope="module")
def sheet(measured):
    return json.loads((measured[0] / "findings.json").read_text())


def test_findings_are_written_whole(measured, sheet):
    out, result = measured
    assert result.exit_code == 0, result.stderr
    assert {p.name for p in out.iterdir()} == {"findings.json", "report.html", "findings.dcm"}
    assert json.loads(result.stdout) == sheet
    assert sheet["schema"] == "keyhole.findings/0"
    assert sheet["indication"] == NO_INDICATION
    assert {one["at"] for one in sheet["findings"]} == {"L4", "L4/5", "L5"}


def test_unknown_has_its_reason_and_a_number_its_error(sheet):
    for one in sheet["findings"]:
        if one["value"] is None:
            assert one["not_seen"]["code"] == "not-seen"
        else:
            assert one["se"] >= 0


def test_the_report_shows_every_place_and_ends_with_the_sentence(measured):
    text = (measured[0] / "report.html").read_text()
    for place in ("L4", "L4-5", "L5"):
        assert f'id="at-{place}"' in text
    assert text.count("<figure") == 4
    assert NO_INDICATION in text
    assert "INDICATIVE" in text


def test_no_output_but_dicom_names_the_patient(measured):
    out, result = measured
    texts = [(out / name).read_text() for name in ("findings.json", "report.html")]
    assert all("Jane_" not in text for text in (*texts, result.stdout, result.stderr))


def test_the_structured_report_says_what_the_sheet_says(measured, sheet):
    out, _ = measured
    report = srread(out / "findings.dcm")
    groups = report.content.get_image_measurement_groups()
    told = {group.tracking_identifier: group for group in groups}
    assert len(told) == len(sheet["findings"])
    for one in sheet["findings"][::12]:  # reading a group takes highdicom a tenth of a second
        name = " ".join(part for part in (one["name"], one["at"], one["side"]) if part)
        numbers = told[name].get_measurements()
        if one["value"] is None:
            assert numbers == []
            continue
        assert numbers[0].value == pytest.approx(one["value"], rel=1e-6)
        assert numbers[0].name.scheme_designator == "99KEYHOLE"
        assert numbers[0].unit.scheme_designator == "UCUM"


def test_landmarks_stand_in_dicoms_frame(measured, sheet, patient):
    data = pydicom.dcmread(measured[0] / "findings.dcm")
    slice_ = pydicom.dcmread(next((patient / "dicom").glob("*.dcm")))
    assert data.StudyInstanceUID == slice_.StudyInstanceUID
    assert data.VerificationFlag == "UNVERIFIED"
    points = [item for item in walk(data) if item.get("ValueType") == "SCOORD3D"]
    assert {item.ReferencedFrameOfReferenceUID for item in points} == {slice_.FrameOfReferenceUID}
    marks = [p for one in sheet["findings"] for p in one["landmarks"].values()]
    first = np.array(points[0].GraphicData)
    assert min(np.abs(first - np.array(mark) * [-1, -1, 1]).max() for mark in marks) < 0.01


def walk(item):
    """A content item and all below it."""
    yield item
    for child in item.get("ContentSequence", ()):
        yield from walk(child)


@pytest.mark.parametrize(
    ("at", "code"),
    [("L4/5", "L4L5Disc"), ("L5/S1", "L5S1Disc"), ("L4", "L4Vertebra"), ("L1-S1", "LumbarSpine")],
)
def test_places_have_snomeds_code(at, code):
    from pydicom.sr.codedict import codes

    assert findings_sr._place(at) == getattr(codes.SCT, code)


def test_a_place_that_snomed_lacks_is_keyholes():
    assert findings_sr._place("L5/6").scheme_designator == "99KEYHOLE"


def test_without_the_extra_all_else_is_written(sheet, patient, tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "highdicom", None)
    files = command.Files(scan=patient / "dicom")
    (refusal,) = command._write_sr(tmp_path, sheet, files)
    assert refusal.code == "extra-missing"
    assert "keyhole-spine[dicom]" in refusal.next


def test_nonsense_is_refused(refusal, patient):
    scan = (patient / "ct.nii.gz", "--labels", patient / "labels.nii.gz")
    assert refusal("measure", *scan, "--at", "L4x5") == "at-unreadable"
    assert refusal("measure", *scan, "--at", "L1/2") == "level-not-there"


def test_tables_say_grades_and_means():
    grade = {"scale": "S", "grade": "I", "may_be": ["0", "I"], "source": ""}
    assert graded(grade) == "S: I (0, I)"
    assert graded(grade | {"may_be": ["I"]}) == "S: I"
    assert beside_mean(None) == "-"
    assert beside_mean({"mean": 16.68, "sd": 1.2, "z": -0.4}) == "16.7 ± 1.2, z -0.4"


def test_tables_run_from_head_to_sacrum_and_end_with_the_sentence(sheet):
    names = ("L5/S1", "L4", "L1-S1", "L4/5", "T12", "L5")
    places = places_of({"at": name} for name in names)
    assert places == ["L1-S1", "T12", "L4", "L4/5", "L5", "L5/S1"]
    pages = findings_pages(sheet)
    assert pages[-1] == NO_INDICATION
    assert any(isinstance(p, str) and p.startswith("not seen: ") for p in pages)
