"""Published studies, and tables made up for one question each."""

import csv
from pathlib import Path

import pytest

HERE = Path(__file__).parent / "data"


def by_column(rows):
    return {column: [row[column] for row in rows] for column in rows[0]}


@pytest.fixture(scope="session")
def published():
    """`published("bcg")`: the table of one published meta-analysis."""
    with (HERE / "meta_analysis_fixture_data.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return lambda name: by_column([row for row in rows if row["dataset"] == name])


@pytest.fixture(scope="session")
def printed():
    """What was printed of the published meta-analyses, row by row."""
    with (HERE / "meta_analysis_fixture_expected.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="session")
def metafor():
    """`metafor("bcg", "REML", "z", "influence")`: its numbers by name, one or one a study."""
    with (HERE / "diagnostics.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))

    def read(*wanted):
        mine = [r for r in rows if (r["dataset"], r["method"], r["test"], r["what"]) == wanted]
        assert mine, wanted
        numbers = {
            r["quantity"]: [float(x.replace("NA", "nan")) for x in r["values"].split()]
            for r in mine
        }
        return {name: x if len(x) > 1 else x[0] for name, x in numbers.items()}

    return read
