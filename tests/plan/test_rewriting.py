"""Edit, check, rewrite, check again: the loop of a surgeon who moves a screw, by command line."""

import json

import pytest
from typer.testing import CliRunner

from keyhole.cli.app import app


def keyhole(*words):
    result = CliRunner().invoke(app, [str(word) for word in (*words, "--json")])
    return json.loads(result.stdout), result.exit_code


@pytest.fixture(scope="module")
def scan(tmp_path_factory):
    """The words that name a phantom's files."""
    folder = tmp_path_factory.mktemp("phantom") / "patient"
    words = ("--levels", "L3-S1", "--spacing", 2.0, "--labels-as", "total")
    keyhole("phantom", "--out", folder, "--seed", 4, *words)
    return folder / "ct.nii.gz", "--labels", folder / "labels.nii.gz"


@pytest.fixture(scope="module")
def folder(scan, tmp_path_factory):
    """A folder with the plan of one screw."""
    out = tmp_path_factory.mktemp("plan")
    keyhole("plan", *scan, "--goal", "stabilize", "--at", "L4", "--side", "left", "--out", out)
    return out


def edited(folder, name, mm):
    """The plan with its screw moved outward by so many mm, its numbers left alone."""
    data = json.loads((folder / "plan.json").read_text())
    (screw,) = data["options"][0]["screws"]
    for end in ("entry", "tip"):
        screw[end][0] -= mm
    (folder / name).write_text(json.dumps(data))
    return folder / name


def test_a_moved_screw_is_put_right_and_holds(scan, folder):
    path, out = edited(folder, "moved.json", 0.4), folder / "right.json"
    data, code = keyhole("check", path, *scan)
    assert (code, data["holds"], data["rewritten"]) == (1, False, False)
    assert {r["code"] for r in data["refusals"]} == {"numbers-differ"}
    assert {c["key"] for c in data["corrections"]} > {"clearance_mm.lateral", "margin_mm.medial"}
    people = CliRunner().invoke(app, ["check", str(path), *map(str, scan)])
    assert "clearance_mm.lateral" in people.stdout
    assert "does not hold" in people.stdout

    data, code = keyhole("check", path, *scan, "--rewrite", out)
    assert (code, data["holds"], data["rewritten"]) == (0, True, True)
    data, code = keyhole("check", out, *scan)
    assert (code, data["holds"], data["corrections"]) == (0, True, [])
    moved, right = (json.loads(p.read_text())["options"][0]["screws"][0] for p in (path, out))
    assert right["entry"] == pytest.approx(moved["entry"], abs=0.001)
    assert right["tip"] == pytest.approx(moved["tip"], abs=0.001)


def test_what_breaks_a_rule_is_not_rewritten(scan, folder):
    out = folder / "no.json"
    data, code = keyhole("check", edited(folder, "bad.json", -6.0), *scan, "--rewrite", out)
    assert (code, data["rewritten"]) == (1, False)
    assert "wall-breached" in {r["code"] for r in data["refusals"]}
    assert not out.exists()


def test_a_plan_that_holds_and_a_file_that_is_there_are_left_alone(scan, folder):
    out = folder / "same.json"
    data, code = keyhole("check", folder / "plan.json", *scan, "--rewrite", out)
    assert (code, data["holds"], data["rewritten"]) == (0, True, False)
    assert not out.exists()
    data, code = keyhole("check", folder / "plan.json", *scan, "--rewrite", folder / "plan.json")
    assert (code, data["refusal"]["code"]) == (1, "output-filled")


def test_rewriting_needs_the_scan(folder):
    words = ["check", str(folder / "plan.json"), "--rewrite", str(folder / "x.json")]
    assert CliRunner().invoke(app, words).exit_code == 2
