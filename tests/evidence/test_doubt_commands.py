"""`keyhole evidence plot`, `doubt` and `summary`."""

import csv
import json

import pytest
from typer.testing import CliRunner

from keyhole.cli.app import app


def run(*words):
    return CliRunner().invoke(app, ["evidence", *(str(word) for word in words)])


def told(*words):
    result = run(*words, "--json")
    return json.loads(result.stdout), result.exit_code


@pytest.fixture
def table(published, tmp_path):
    """`table("bcg", 2)`: a CSV file of the first two studies of a published set."""

    def write(name, rows=None):
        columns = published(name)
        path = tmp_path / f"{name}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(columns)
            writer.writerows(list(zip(*columns.values(), strict=True))[:rows])
        return path

    return write


def test_plot_writes_three_files(table, tmp_path):
    out = tmp_path / "plots"
    words = ("--measure", "RR", "--out", out, "--better", "lower", "--contours", "--fill", "L0")
    data, code = told("plot", table("bcg"), *words)
    assert code == 0
    assert data["written"] == ["forest.svg", "funnel.svg", "baujat.svg"]
    assert sorted(path.name for path in out.iterdir()) == sorted(data["written"])
    forest = (out / "forest.svg").read_text(encoding="utf-8")
    assert "favours MISS" in forest
    assert "Filled" not in forest
    data, code = told("plot", table("bcg"), *words)
    assert (data["refusal"]["code"], code) == ("output-filled", 1)


def test_plot_draws_what_two_studies_allow(table, tmp_path):
    words = (table("bcg", 2), "--measure", "RR", "--out", tmp_path / "two")
    result = run("plot", *words)
    assert result.exit_code == 0
    assert "one-study" in result.stderr
    assert "Written: forest.svg, funnel.svg." in result.stdout
    data, code = told("plot", *words, "--kind", "baujat")
    assert (data["refusal"]["code"], code) == ("one-study", 1)


def test_plots_that_cannot_be_written_are_refused(table, tmp_path):
    (tmp_path / "out" / "forest.svg").mkdir(parents=True)
    words = ("--measure", "RR", "--out", tmp_path / "out", "--force", "--kind", "forest")
    data, code = told("plot", table("bcg"), *words)
    assert (data["refusal"]["code"], code) == ("output-unwritable", 1)


def test_doubt_tells_people_and_machines(table):
    result = run("doubt", table("bcg"), "--measure", "RR")
    assert result.exit_code == 0
    assert "Begg's rank test: tau 0.026, p = 0.952." in result.stdout
    assert "Fail-safe N (Rosenthal), not to be leaned on: 598." in result.stdout
    data, code = told("doubt", table("bcg"), "--measure", "RR", "--method", "MH")
    assert code == 0
    assert data["influence"] is None
    assert [refusal["code"] for refusal in data["refusals"]] == ["method-unfit"] * 3
    assert len(data["cumulative"]) == 13
    counted = run("doubt", table("bcg"), "--measure", "RR", "--method", "MH")
    assert counted.exit_code == 0
    assert "method-unfit" in counted.stderr


def test_summary_asks_before_it_grades(table):
    words = ("summary", table("bcg"), "--measure", "RR", "--outcome", "tuberculosis")
    result = run(*words)
    assert result.exit_code == 0
    assert "not graded; a person must say: design, risk of bias, indirectness" in result.stdout
    judged = (
        "--judge",
        "risk of bias=1: open label",
        "--judge",
        "indirectness=0: the patients meant",
    )
    data, code = told(*words, "--design", "randomised", *judged, "--by", "A. Reader")
    assert (data["certainty"], code) == ("very low", 0)
    assert data["judgements"][0]["by"] == "A. Reader"
    assert data["per_1000"]["second_from"] == "the median of the studies"


@pytest.mark.parametrize(
    "judged",
    [
        ("--judge", "luck=1: why", "--by", "me"),
        ("--judge", "indirectness=5: why", "--by", "me"),
        ("--judge", "indirectness=1", "--by", "me"),
        ("--judge", "indirectness=1: why"),
    ],
)
def test_a_judgement_without_domain_steps_reason_or_name_is_refused(table, judged):
    words = ("summary", table("bcg"), "--measure", "RR", "--outcome", "tuberculosis")
    data, code = told(*words, *judged)
    assert (data["refusal"]["code"], code) == ("judgement-unreadable", 1)
