"""What a map without vertebrae gets, how codes are accepted, and where the numbers come from."""

import tomllib
from importlib.resources import files

import numpy as np
import pytest

from keyhole.errors import Refusal
from keyhole.scan.checks import Check, CheckReport, check_scan
from keyhole.scan.checks.report import report
from keyhole.scan.labels import Labels
from keyhole.scan.volume import Volume


def said(code, at=()):
    return Check(code, Refusal(code, asked="a", found="b", next="c", at=at), "measured.")


def test_an_empty_map_is_fatal():
    labels = Labels(Volume(np.zeros((4, 5, 6), np.uint8), np.eye(4)), ["vertebra L3"])
    checked = check_scan(labels, None, accept=["empty"])
    assert checked.fatal.code == "empty"
    assert checked.against("L3") is checked.fatal


def test_a_map_without_vertebrae_is_fatal_and_says_what_it_holds():
    values = np.zeros((4, 5, 6), np.uint8)
    values[1, 2, 3] = 1
    checked = check_scan(Labels(Volume(values, np.eye(4)), ["liver"]), None)
    assert checked.fatal.code == "no-vertebrae"
    assert "liver" in checked.fatal.found
    assert {r.code for r in checked.warnings} == {"no-image"}


@pytest.mark.parametrize(
    "code", ["mirrored", "no-overlap", "cut-by-edge", "levels-merged", "level-torn"]
)
def test_what_nobody_can_accept_stays_refused(code):
    checked = report([said(code, ("L3",))], accept=[code], named=["L3"])
    assert [r.code for r in checked.refusals] == [code]
    assert checked.accepted == ()


@pytest.mark.parametrize("code", ["levels-swapped", "levels-shifted", "level-doubled"])
def test_codes_about_names_need_the_users_names(code):
    check = said(code, ("L3", "L4"))
    assert report([check], accept=[code], named=[]).refusals == (check.refusal,)
    part = report([check], accept=[code], named=["L4"])
    assert part.against("L3").at == ("L3",)
    assert part.against("L4") is None
    whole = report([check], accept=[code], named=["L3", "L4"])
    assert whole.refusals == ()
    assert whole.warnings == (check.refusal,)
    assert whole.checks == (Check(code, None, "measured."),)


def test_warnings_forbid_no_level():
    checked = CheckReport((said("coarse-voxels"), Check("metal", None, "none.")))
    assert checked.fatal is None
    assert checked.against("L3") is None
    assert [r.code for r in checked.warnings] == ["coarse-voxels"]
    assert checked != CheckReport((said("no-image"), Check("metal", None, "none.")))


def test_every_threshold_has_its_source():
    text = files("keyhole.scan.checks").joinpath("thresholds.toml").read_text(encoding="utf-8")
    entries = [(n, e) for table in tomllib.loads(text).values() for n, e in table.items()]
    assert len(entries) > 30
    assert all(set(entry) == {"value", "source"} and entry["source"] for _, entry in entries)
