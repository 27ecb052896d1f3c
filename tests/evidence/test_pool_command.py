"""`keyhole evidence pool`: from a file to one JSON document, and refused by code."""

import csv
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from keyhole.cli.app import app

HERE = Path(__file__).parent / "data" / "meta_analysis_fixture_data.csv"
KEYS = {"k", "estimate", "se", "ci", "pi", "tau2", "i2", "q", "q_p", "p", "scale", "shown"}


def run(*words):
    return CliRunner().invoke(app, ["evidence", "pool", *map(str, words)])


@pytest.fixture(scope="module")
def bcg(tmp_path_factory):
    """The vaccine trials in two files; the second lacks columns and its first line has a mark."""
    place = tmp_path_factory.mktemp("bcg")
    with HERE.open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["dataset"] == "bcg"]
    _written(place / "one.csv", list(rows[0]), rows[:6])
    _written(place / "two.csv", ["study", "e2", "n2", "e1", "n1"], rows[6:])
    (place / "two.csv").write_text("\ufeff" + (place / "two.csv").read_text())
    return place


def _written(path, columns, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)


def test_one_document_with_the_keys_that_were_promised(bcg):
    result = run(bcg / "one.csv", bcg / "two.csv", "--measure", "RR", "--method", "DL", "--test", "z",
                 "--json")  # fmt: skip
    assert result.exit_code == 0
    said = json.loads(result.stdout)
    assert set(said) > KEYS
    assert (said["k"], said["scale"], said["test"]) == (13, "log", "z")
    assert round(said["estimate"], 4) == -0.7141
    assert [round(x, 4) for x in said["ci"]] == [-1.0644, -0.3638]
    assert [round(x, 4) for x in said["shown"]["ci"]] == [0.3449, 0.695]
    assert round(said["i2"], 4) == 92.1173
    assert [round(x, 4) for x in said["tau2_ci"]] == [0.1197, 1.1115]
    assert said["pi"] == said["pi_t"] != said["pi_z"]
    assert sum(study["weight"] for study in said["studies"]) == pytest.approx(100)


def test_a_page_for_people_names_model_test_and_what_was_left_out(tmp_path):
    rows = [["study", "n1", "e1", "n2", "e2"], ["a", 40, 3, 40, 6], ["b", 30, 0, 30, 2],
            ["c", 20, 0, 25, 0], ["d", 60, 4, 55, 9]]  # fmt: skip
    path = tmp_path / "table.csv"
    path.write_text("\n".join(",".join(map(str, row)) for row in rows))
    page = run(path, "--measure", "OR").stdout
    assert "OR REML (knha), 3 studies" in page
    assert "Left out: c, no event in either arm." in page
    common = run(path, "--measure", "OR", "--method", "MH").stdout
    assert "OR MH (z)" in common
    assert "one true effect" in common
    plain = json.loads(run(path, "--measure", "RD", "--method", "EE", "--json").stdout)
    assert (plain["k"], plain["pi"], plain["dropped"]) == (4, None, [])
    assert "one true effect" in plain["pi_reason"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "table-unreadable"),
        ("study,yi,vi\n", "table-unreadable"),
        ("study,yi,yi\na,1,2\n", "table-unreadable"),
        ("study,yi,vi\na,1\n", "table-unreadable"),
        ("study,yi,vi\na,1,2,3\n", "table-unreadable"),
        ("study;yi;vi\na;1;2\n", "columns-missing"),
        ("study,yi\na,1\n", "columns-missing"),
        ("study,yi,vi\na,one,2\n", "text-in-numbers"),
        ("study,yi,vi\na,1,2\n", "one-study"),
        ("study,yi,vi\na,1,2\na,1,2\n", "study-doubled"),
        ("study,yi,vi,outcome\na,1,2,pain\nb,1,2,stay\n", "outcomes-mixed"),
        ("study,yi,vi,unit\na,1,2,mm\nb,1,2,cm\n", "units-mixed"),
    ],
)
def test_tables_that_are_refused(tmp_path, text, code):
    path = tmp_path / "table.csv"
    path.write_text(text)
    result = run(path, "--measure", "GEN", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["refusal"]["code"] == code


def test_files_that_are_none_are_refused(tmp_path):
    (tmp_path / "latin.csv").write_bytes("study,yi,vi\nNiël,1,2\n".encode("latin-1"))
    for name, code in (
        ("none.csv", "file-missing"),
        ("latin.csv", "table-unreadable"),
        ("", "table-unreadable"),
    ):
        result = run(tmp_path / name, "--measure", "GEN", "--json")
        assert json.loads(result.stdout)["refusal"]["code"] == code


@pytest.mark.parametrize(
    "words",
    [("--measure", "GEN"), ("t.csv",), ("t.csv", "--measure", "WMD"),
     ("t.csv", "--measure", "OR", "--method", "SJ"), ("t.csv", "--measure", "OR", "--test", "wald")],
)  # fmt: skip
def test_wrong_usage_ends_with_2(words):
    assert run(*words).exit_code == 2


def test_studies_of_seven_outcomes_are_not_one_pool():
    result = run(HERE, "--measure", "RR", "--json")
    assert json.loads(result.stdout)["refusal"]["code"] == "outcomes-mixed"
