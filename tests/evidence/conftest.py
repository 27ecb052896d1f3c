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
