"""A mirrored patient is never let through; one who merely lies crooked always is."""

import numpy as np
import pytest
from attrs import evolve
from scipy.spatial.transform import Rotation

from keyhole.scan.checks import check_scan
from keyhole.scan.checks.survey import survey
from keyhole.scan.labels import Labels
from keyhole.scan.volume import Volume

SPINE = ("vertebra L1", "vertebra L2", "vertebra L3", "vertebra L4", "vertebra L5", "vertebra S1")
TURNS = [(180, 0, 0), (0, 0, 180), (90, 0, 0), (35, -50, 110)]


def sides(report):
    return {r.code: r for r in (*report.refusals, *report.warnings) if r.code in CODES}


CODES = ("mirrored", "side-unverified")


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_arrays_flipped_with_the_affine_kept_are_mirrored(torso, new_refusals, axis):
    report = torso.flipped(axis).checked(accept=["mirrored"], named=["L4"])
    assert set(new_refusals(report)) == {"mirrored"}
    assert report.fatal is not None
    assert report.fatal.code == "mirrored"
    assert report.against("L4") is report.fatal
    assert "liver 76 mm left" in report.fatal.found


def test_a_scan_mirrored_before_it_was_labelled_is_found_by_its_organs(torso, new_refusals):
    report = torso.flipped(0).sides_renamed().checked()
    assert set(new_refusals(report)) == {"mirrored"}
    assert "kidney" not in new_refusals(report)["mirrored"].found


def test_side_names_exchanged_alone_are_mirrored(torso, new_refusals):
    spine = torso.only(*SPINE, "kidney left", "kidney right").sides_renamed()
    assert set(new_refusals(spine.checked())) == {"mirrored"}


def test_aorta_and_vena_cava_alone_tell_a_mirrored_spine(torso, new_refusals):
    cropped = torso.only(*SPINE, "aorta", "vena cava")
    assert not sides(cropped.checked())
    assert set(new_refusals(cropped.flipped(0).checked())) == {"mirrored"}


def test_sub_regions_tell_a_mirrored_vertebra(patients):
    patient = patients("l3_ct")
    assert not sides(patient.checked())
    parts = patient.labels.parts
    names = [
        n.replace("left", "?").replace("right", "left").replace("?", "right") for n in parts.names
    ]
    wrong = evolve(patient.labels, parts=evolve(parts, names=names))
    assert set(sides(evolve(patient, labels=wrong).checked())) == {"mirrored"}


def test_a_spine_alone_tells_no_side(torso):
    report = torso.only(*SPINE).checked()
    assert set(sides(report)) == {"side-unverified"}
    assert "no organ" in sides(report)["side-unverified"].found


def test_one_swapped_pair_among_right_ones_is_told_but_not_refused(torso):
    wrong = torso.renamed({"hip left": "hip right", "hip right": "hip left"})
    report = wrong.checked()
    assert set(sides(report)) == {"side-unverified"}
    assert sides(report)["side-unverified"].found.startswith(
        "Nothing in the map settles them: hip right 152 mm left of hip left"
    )


def test_a_left_vena_cava_does_not_outvote_liver_and_spleen(torso):
    wrong = torso.renamed({"aorta": "vena cava", "vena cava": "aorta"})
    assert set(sides(wrong.checked())) == set()


def test_organs_in_a_tie_settle_nothing(torso):
    held = (*SPINE, "liver", "spleen", "aorta", "vena cava")
    wrong = torso.only(*held).renamed({"aorta": "vena cava", "vena cava": "aorta"})
    assert set(sides(wrong.checked())) == {"side-unverified"}


def test_vessels_far_from_the_levels_are_no_witnesses(torso):
    high = torso.only("vertebra L5", "vertebra S1", "aorta", "vena cava")
    values = high.labels.volume.values.copy()
    aorta = high.labels.code("aorta")
    values[:, :, :75][values[:, :, :75] == aorta] = 0
    assert set(sides(high.with_values(values).checked())) == {"side-unverified"}


@pytest.mark.parametrize("degrees", TURNS)
def test_how_the_patient_lay_changes_no_verdict(torso, degrees):
    turn = Rotation.from_euler("zyx", degrees, degrees=True).as_matrix()
    lying = torso.moved(turn, [40, -300, 7])
    straight, turned = torso.checked(), lying.checked()
    assert [(c.code, c.refusal is None) for c in turned.checks] == [
        (c.code, c.refusal is None) for c in straight.checks
    ]
    assert [r.at for r in turned.refusals] == [r.at for r in straight.refusals]
    assert "mirrored" in {r.code for r in lying.flipped(0).checked().refusals}


def test_an_oblique_left_handed_uneven_grid_changes_no_verdict(torso, new_refusals):
    turn = Rotation.from_euler("zyx", [20, -10, 15], degrees=True).as_matrix()
    linear = turn @ np.diag([-2.5, 3.0, 4.0])
    centre = torso.labels.volume.to_patient(np.array(torso.labels.volume.shape) / 2)
    shape = np.array([170, 150, 110])
    affine = np.eye(4)
    affine[:3, :3], affine[:3, 3] = linear, centre - linear @ (shape / 2)
    crooked = torso.on_grid(affine, tuple(shape))
    assert np.linalg.det(affine[:3, :3]) < 0
    assert not new_refusals(crooked.checked())
    assert crooked.checked().against("T12").code == "cut-by-edge"
    assert set(new_refusals(crooked.flipped(2).checked())) == {"mirrored"}


@pytest.mark.parametrize(
    ("behind", "told"), [("canal content", "the canal content"), (None, "the affine")]
)
def test_bodies_without_arches_find_their_front_otherwise(behind, told):
    names = ["vertebra L3", "vertebra L4", "liver", "spleen"] + ([behind] if behind else [])
    values = np.zeros((60, 50, 40), np.uint8)
    values[22:38, 20:32, 22:30] = 1
    values[22:38, 20:32, 6:14] = 2
    values[48:58, 20:30, 10:30] = 3
    values[2:12, 20:30, 10:30] = 4
    if behind:
        values[27:33, 8:14, 2:38] = 5
    labels = Labels(Volume(values, np.diag([2.5, 2.5, 2.5, 1])), names)
    evidence = {c.code: c for c in check_scan(labels, None).checks}["mirrored"]
    assert evidence.refusal is None
    assert f"front by {told}" in evidence.evidence
    mirrored = Labels(Volume(values[::-1].copy(), labels.volume.affine), names)
    assert check_scan(mirrored, None).fatal.code == "mirrored"


def test_what_lies_on_the_midline_is_no_witness():
    values = np.zeros((60, 50, 40), np.uint8)
    values[22:38, 20:32, 22:30] = 1
    values[22:38, 20:32, 6:14] = 2
    for code, front in ((3, 34), (4, 38), (5, 42)):
        values[27:33, front : front + 3, 4:34] = code
    names = ["vertebra L3", "vertebra L4", "aorta", "vena cava", "stomach"]
    report = check_scan(Labels(Volume(values, np.diag([2.5, 2.5, 2.5, 1])), names), None)
    assert "no organ and no sided name" in sides(report)["side-unverified"].found


def test_a_label_finer_than_its_thinning_still_has_a_middle():
    """Seven voxels of 0.5 mm that the thinned grid misses."""
    values = np.zeros((9, 9, 9), np.uint8)
    for n in range(1, 8):
        values[n, 8 - n, 2 if n in (1, 4, 7) else 1] = 1
    bone = survey(Labels(Volume(values, np.diag([0.5, 0.5, 0.5, 1])), ["vertebra L3"]))[0]
    np.testing.assert_allclose(bone.centre, [2, 2, 0.5 * (3 * 2 + 4) / 7])
    assert len(bone.points) == 7
