"""Real maps pass with no refusal for the levels they hold whole, and the checks are quick."""

import time

import pytest

from keyhole.errors import CODES
from keyhole.scan.checks import check_scan

HELD = {
    "torso_ct": ("L1", "L2", "L3", "L4", "L5", "S1"),
    "visible_human_spine": ("L1", "L2", "L3", "L4", "L5", "S1"),
    "mean_spine": ("L2", "L3", "L4", "L5"),
    "bodyparts3d_torso": ("L1", "L2", "L3", "L4", "L5", "S1"),
    "l3_ct": ("L3",),
    "torso_dicom": (),
}
CUT = {
    "torso_ct": {"T11", "T12"},
    "bodyparts3d_torso": {"T12"},
    "l3_ct": {"L2", "L4"},
    "torso_dicom": {"T11", "T12"},
}
WARNED = {
    "torso_ct": {"coarse-voxels"},
    "visible_human_spine": {"side-unverified", "no-skin", "no-image"},
    "mean_spine": {"count-unanchored", "side-unverified", "no-skin", "no-image"},
    "bodyparts3d_torso": {"no-image"},
    "l3_ct": {"count-unanchored", "no-skin"},
    "torso_dicom": {"count-unanchored", "coarse-voxels"},
}


@pytest.mark.parametrize("name", HELD)
def test_whole_levels_are_usable_and_only_cut_ones_refused(patients, name):
    report = patients(name).checked()
    assert report.fatal is None
    assert [report.against(level) for level in HELD[name]] == [None] * len(HELD[name])
    assert {r.code for r in report.refusals} == ({"cut-by-edge"} if name in CUT else set())
    assert {level for r in report.refusals for level in r.at} == CUT.get(name, set())
    assert {r.code for r in report.warnings} == WARNED[name]


@pytest.mark.parametrize("name", HELD)
def test_every_check_tells_what_it_measured(patients, name):
    checks = patients(name).checked().checks
    assert len({check.code for check in checks}) == len(checks)
    assert {check.code for check in checks} <= set(CODES)
    assert all(check.evidence.endswith(".") and "\n" not in check.evidence for check in checks)


def test_the_sides_are_told_in_millimetres(torso):
    evidence = {check.code: check.evidence for check in torso.checked().checks}
    assert "spleen 106 mm left of the midline" in evidence["mirrored"]
    assert "the sacrum follows L5" in evidence["count-unanchored"]


@pytest.mark.parametrize(("name", "seconds"), [("torso_ct", 1.5), ("visible_human_spine", 4.0)])
def test_checks_are_quick(patients, name, seconds):
    patient = patients(name)
    check_scan(patient.labels, patient.image)
    start = time.process_time()
    check_scan(patient.labels, patient.image)
    assert time.process_time() - start < seconds
