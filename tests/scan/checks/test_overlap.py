"""Labels of another patient, or of another place, are never planned on."""

import numpy as np
import pytest

from keyhole.scan.checks import check_scan
from keyhole.scan.labels import Labels
from keyhole.scan.volume import Volume


def moved_image(torso, shift):
    affine = torso.image.affine.copy()
    affine[:3, 3] += shift
    return Volume(torso.image.values, affine)


def test_an_image_elsewhere_does_not_overlap(torso):
    report = check_scan(torso.labels, moved_image(torso, [900, 0, 0]))
    assert report.fatal.code == "no-overlap"
    assert "0% of the vertebrae's voxels lie in the image" in report.fatal.found
    assert report.against("L3") is report.fatal


@pytest.mark.parametrize(
    ("shift", "told"),
    [
        ([60, 0, 0], "no bone lies under the labels"),
        ([0, -30, 20], "no bone lies under the labels"),
        ([0, 24, 0], "moved by 24 mm the labels lie on bone better"),
        ([0, 0, 36], "moved by 36 mm the labels lie on bone better"),
        ([9, 0, 0], "moved by 8 mm the labels lie on bone better"),
        ([0, 0, -9], "moved by 8 mm the labels lie on bone better"),
        ([4, 4, 4], "the labels lie on bone better"),
    ],
)
def test_labels_beside_the_bones_are_refused_with_what_was_measured(torso, shift, told):
    report = check_scan(torso.labels, moved_image(torso, shift), accept=["no-overlap"])
    assert report.fatal.code == "no-overlap"
    assert told in report.fatal.found
    assert "HU under the vertebrae" in report.fatal.found


def test_labels_of_another_patient_are_refused(torso, patients):
    """The mean spine laid into the torso's image, middle on middle."""
    other = patients("mean_spine").labels
    affine = other.volume.affine.copy()
    middle = other.volume.to_patient(np.array(other.volume.shape) / 2)
    affine[:3, 3] += torso.image.to_patient(np.array(torso.image.shape) / 2) - middle
    placed = Labels(Volume(other.volume.values, affine), other.names)
    assert check_scan(placed, torso.image).fatal.code == "no-overlap"


def test_a_voxels_error_is_no_other_patient(torso, new_refusals):
    assert not new_refusals(check_scan(torso.labels, moved_image(torso, [1.5, 1.5, 0])))


def test_values_that_are_no_hounsfield_units_are_not_judged_as_such(torso, new_refusals):
    signal = Volume((torso.image.values.clip(-1000) + 1000) * 4, torso.image.affine)
    report = check_scan(torso.labels, signal)
    assert not new_refusals(report)
    evidence = {c.code: c.evidence for c in report.checks}
    assert "not in Hounsfield units" in evidence["no-overlap"]
    assert "not in Hounsfield units" in evidence["metal"]
    assert "no-skin" in {r.code for r in report.warnings}


def test_a_speck_of_bone_is_too_little_to_compare():
    values = np.zeros((4, 4, 4), np.uint8)
    values[1:3, 1:3, 1:3] = 1
    image = np.full((4, 4, 4), -100, np.int16)
    labels = Labels(Volume(values, np.eye(4)), ["vertebra L3"])
    checks = {c.code: c for c in check_scan(labels, Volume(image, np.eye(4))).checks}
    assert checks["no-overlap"].refusal is None
    assert "too little bone" in checks["no-overlap"].evidence
