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


LATITUDE = (44, 55, 42, 52, 13, 44, 19, 13, 27, 42, 18, 33, 33)


@pytest.fixture(scope="module")
def placed(bcg):
    """The vaccine trials with their latitude and how patients were allocated."""
    with HERE.open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["dataset"] == "bcg"]
    for place, (row, latitude) in enumerate(zip(rows, LATITUDE, strict=True)):
        how = "alternate" if place in {4, 5} else "systematic" if place > 8 else "random"
        row |= {"latitude": latitude, "how": how, "gaps": "" if place == 2 else latitude}
    columns = ["study", "n1", "e1", "n2", "e2", "latitude", "how", "gaps"]
    _written(bcg / "placed.csv", columns, rows)
    return bcg / "placed.csv"


def test_groups_and_moderators_stand_beside_the_pool(placed):
    words = (placed, "--measure", "RR", "--test", "z", "--by", "how", "--moderator", "latitude")
    said = json.loads(run(*words, "--json").stdout)
    groups, regression = said["subgroups"], said["regression"]
    assert [(g["group"], g["k"]) for g in groups["groups"]] == [
        ("random", 7), ("alternate", 2), ("systematic", 4)]  # fmt: skip
    assert groups["between"]["df"] == 2
    assert [term["name"] for term in regression["terms"]] == ["constant", "latitude"]
    assert regression["terms"][1]["estimate"] == pytest.approx(-0.0291, abs=5e-5)
    assert regression["r2"] == pytest.approx(75.62, abs=0.03)
    page = run(*words).stdout
    assert "Between the groups: Q " in page
    assert "They take away 76 % of tau2" in page


def test_moderators_follow_the_studies_that_were_kept(tmp_path):
    """A double zero drops out of a ratio, and its moderator with it."""
    rows = ["study,n1,e1,n2,e2,x", "z,9,0,9,0,99", "a,40,3,40,6,1", "b,50,5,50,9,2", "c,60,9,55,9,3",
            "d,50,7,50,6,4"]  # fmt: skip
    for name, lines in (("with.csv", rows), ("without.csv", [rows[0], *rows[2:]])):
        (tmp_path / name).write_text("\n".join(lines))
    words = ("--measure", "OR", "--moderator", "x", "--json")
    one, other = (json.loads(run(tmp_path / n, *words).stdout) for n in ("with.csv", "without.csv"))
    assert one["dropped"]
    assert one["regression"] == other["regression"]
    assert other["subgroups"] is None


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--by", "country"), "columns-missing"),
        (("--by", "gaps"), "moderators-unfit"),
        (("--by", "latitude"), "one-study"),
        (("--moderator", "country"), "columns-missing"),
        (("--moderator", "how"), "text-in-numbers"),
        (("--moderator", "gaps"), "moderators-unfit"),
        (("--moderator", "latitude", "--method", "MH"), "method-unfit"),
    ],
)
def test_columns_that_tell_nothing_apart_are_refused(placed, words, code):
    result = run(placed, "--measure", "RR", *words, "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["refusal"]["code"] == code


def test_an_interval_that_agreement_made_narrow_is_warned_of(tmp_path):
    path = tmp_path / "alike.csv"
    path.write_text("study,yi,vi,g\na,0.50,0.1,x\nb,0.51,0.2,x\nc,0.49,0.1,y\nd,0.5,0.2,y\n")
    result = run(path, "--measure", "GEN", "--by", "g", "--json")
    said = json.loads(result.stdout)
    assert said["wider_by_z"][0] < said["ci"][0] < said["ci"][1] < said["wider_by_z"][1]
    assert [(w["code"], w["at"]) for w in said["warnings"]] == [
        ("interval-narrow", []), ("interval-narrow", ["x"]), ("interval-narrow", ["y"])]  # fmt: skip
    assert "keyhole: warning: interval-narrow: " in result.stderr
    plain = json.loads(run(path, "--measure", "GEN", "--test", "z", "--json").stdout)
    assert (plain["wider_by_z"], plain["warnings"]) == (None, [])


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
