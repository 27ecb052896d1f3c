"""Every kind of number against metafor's: the golden ones, and where R is, some made anew.

The whole comparison is validation/metafor; here a slice of its 300 sets, every measure among them.
"""

import csv
import importlib
import subprocess
import sys

import pytest

SLICE = range(0, 300, 11)
AGAIN = (33, 34)


@pytest.fixture(scope="module")
def validation(root):
    """The modules of validation/metafor, by name."""
    place = str(root / "validation" / "metafor")
    sys.path.insert(0, place)
    yield importlib.import_module
    sys.path.remove(place)


def test_the_golden_numbers_are_of_these_sets_and_this_script(validation):
    sets, run = validation("random_sets"), validation("run")
    _, source = validation("compare").golden()
    assert source["sets"] == sets.digest(sets.as_csv(sets.all_sets()))
    assert source["script"] == sets.digest(run.SCRIPT.read_text(encoding="utf-8"))
    assert "metafor" in source["versions"]


def test_keyhole_says_what_metafor_says(validation):
    compare = validation("compare")
    families = compare.compared(compare.golden()[0], SLICE)
    assert {name: family.off for name, family in families.items() if family.off} == {}
    assert len(families) == 23
    assert sum(family.compared for family in families.values()) > 4500


def test_a_number_that_is_off_is_seen(validation):
    compare = validation("compare")
    theirs = {number: dict(row) for number, row in compare.golden()[0].items()}
    theirs[40]["REML.knha.hi"] *= 1 + 3e-6
    families = compare.compared(theirs, [40])
    assert [name for name, family in families.items() if family.off] == ["knha"]
    assert compare.distance("PM.se", {"k": 3, "effects.w": 1.0}, 1.0) == float("inf")


def test_metafor_says_today_what_it_said(validation, require):
    require("Rscript")
    compare, run = validation("compare"), validation("run")
    fresh, versions = run.ask_metafor(*AGAIN)
    assert "metafor" in versions
    golden = compare.golden()[0]
    for number in range(AGAIN[0], AGAIN[1] + 1):
        assert set(fresh[number]) == set(golden[number])
        for key, value in fresh[number].items():
            assert value == pytest.approx(golden[number][key], rel=1e-6, abs=1e-9), key


def test_the_diagnostics_are_metafors_today(require, root, tmp_path):
    """One of the three data sets of diagnostics.csv, row by row."""
    place, fresh = root / "tests/evidence/data", tmp_path / "fresh.csv"
    script, data = (
        root / "validation/metafor/diagnostics.R",
        place / "meta_analysis_fixture_data.csv",
    )
    words = [str(require("Rscript")), *map(str, (script, data, fresh)), "hackshaw1998"]
    subprocess.run(words, check=True, capture_output=True)
    kept = [row for row in read(place / "diagnostics.csv") if row["dataset"] == "hackshaw1998"]
    said = read(fresh)
    assert len(said) == len(kept) > 50
    for one, other in zip(said, kept, strict=True):
        assert one | {"values": ""} == other | {"values": ""}
        assert floats(one) == pytest.approx(floats(other), rel=1e-6, abs=1e-9, nan_ok=True)


def read(path):
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


def floats(row):
    """The row's numbers; R's TRUE is 1."""
    return [float(x.replace("NA", "nan")) for x in row["values"].split()]


def test_hartung_knapp_holds_what_it_promises(validation):
    coverage = validation("coverage_of_intervals")
    cell = coverage.one_cell(5, 0.5, 150)
    assert cell["REML knha"][0] > 0.9
    assert cell["REML knha"][0] > cell["DL z"][0]
    lines = list(coverage.coverage_lines(4))
    assert [line[:4] in {"PASS", "FAIL"} for line in lines[:2]] == [True, True]
    assert len([line for line in lines if line.startswith("| ")]) == 17
