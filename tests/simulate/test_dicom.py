"""A phantom's CT as a DICOM series: read back, built upon, and held to the standard."""

import subprocess

import highdicom
import numpy as np
import pydicom
import pytest
from highdicom.seg import (
    SegmentAlgorithmTypeValues,
    Segmentation,
    SegmentationTypeValues,
    SegmentDescription,
)
from highdicom.sr.coding import CodedConcept
from pydicom.uid import UID

from keyhole.errors import OutputError
from keyhole.scan.read import read_scan
from keyhole.scan.volume import Volume
from keyhole.simulate.design.model import Body
from keyhole.simulate.files.dicom import Series, write_ct_series
from keyhole.space import turned

SOMEONE = Series(3, Body(sex="female", age=41, stature_cm=162, bmi=24, posture="prone"))
SHAPE = (23, 31, 9)


def scan(*, oblique=True, left_handed=False):
    """An off-centre, uneven grid of noise, with values to both ends of the scale."""
    axes = np.eye(3)
    if oblique:
        axes = np.column_stack([turned(c, np.array([0.48, 0.6, 0.64]), 37) for c in axes.T])
    affine = np.eye(4)
    affine[:3, :3] = axes * [0.83 * (-1 if left_handed else 1), 1.07, 2.6]
    affine[:3, 3] = -61.37, 44.21, -1203.6
    values = np.random.default_rng(1).integers(-1024, 3072, SHAPE).astype(np.int16)
    values[0, 0, 0], values[-1, -1, -1] = -1024, 3071
    return Volume(values, affine)


@pytest.mark.parametrize("oblique", [True, False])
@pytest.mark.parametrize("left_handed", [True, False])
def test_a_series_is_read_back_voxel_by_voxel(tmp_path, oblique, left_handed):
    image = scan(oblique=oblique, left_handed=left_handed)
    files = write_ct_series(tmp_path / "series", image, SOMEONE)
    assert len(files) == SHAPE[2]
    back = read_scan(tmp_path / "series")
    voxels = np.indices(SHAPE).reshape(3, -1).T
    there = back.volume.to_voxels(image.to_patient(voxels))
    off = (there - np.rint(there)) * back.volume.spacing
    assert np.abs(off).max() < 0.01
    assert (back.volume.values[tuple(np.rint(there).astype(int).T)] == image.values.ravel()).all()
    assert back.volume.values.dtype == np.int16
    assert (back.modality, back.posture, back.kvp) == ("CT", "prone", 120)


def test_a_point_on_the_patients_left_lies_there_in_lps(tmp_path):
    """DICOM's x runs to the left."""
    image = scan(oblique=False)
    file = pydicom.dcmread(write_ct_series(tmp_path, image, SOMEONE)[0])
    x, y, z = (float(v) for v in file.ImagePositionPatient)
    assert (x, y, z) == pytest.approx((61.37, -44.21, -1203.6))
    assert list(map(float, file.ImageOrientationPatient)) == pytest.approx([-1, 0, 0, 0, -1, 0])
    assert list(map(float, file.PixelSpacing)) == pytest.approx([1.07, 0.83])
    assert file.pixel_array.shape == (SHAPE[1], SHAPE[0])


def test_nobody_could_be_meant(tmp_path):
    file = pydicom.dcmread(write_ct_series(tmp_path, scan(), SOMEONE)[0])
    assert str(file.PatientName) == "SYNTHETIC^PHANTOM"
    assert file.PatientID == "KEYHOLE-PHANTOM-3"
    assert (file.PatientSex, file.PatientAge, file.QualityControlSubject) == ("F", "041Y", "YES")
    assert float(file.PatientWeight) == pytest.approx(24 * 1.62**2, abs=0.1)


def test_the_same_seed_gives_the_same_files_and_another_one_others(tmp_path):
    one, two = (write_ct_series(tmp_path / name, scan(), SOMEONE) for name in ("a", "b"))
    assert [a.read_bytes() for a in one] == [b.read_bytes() for b in two]
    other = pydicom.dcmread(write_ct_series(tmp_path / "c", scan(), Series(4, SOMEONE.body))[0])
    same = pydicom.dcmread(one[0])
    uids = ("StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID", "SOPInstanceUID")
    for name in uids:
        assert UID(same[name].value).is_valid
        assert same[name].value.startswith("2.25.")
        assert same[name].value != other[name].value
    numbers = {pydicom.dcmread(file).SOPInstanceUID for file in one}
    assert len(numbers) == SHAPE[2]
    moved = Volume(scan().values, scan(oblique=False).affine)
    again = pydicom.dcmread(write_ct_series(tmp_path / "d", moved, SOMEONE)[0])
    assert again.SeriesInstanceUID != same.SeriesInstanceUID
    assert again.StudyInstanceUID == same.StudyInstanceUID


@pytest.mark.parametrize("left_handed", [True, False])
def test_the_standards_checker_finds_no_error(tmp_path, require, left_handed):
    checker = require("dciodvfy")
    files = write_ct_series(tmp_path, scan(left_handed=left_handed), SOMEONE)
    for file in (files[0], files[-1]):
        told = subprocess.run([checker, "-new", file], capture_output=True, text=True, check=False)
        assert "CTImage" in told.stderr
        assert "Error" not in told.stderr, told.stderr
        assert "Warning" not in told.stderr, told.stderr


def test_the_checker_is_no_yes_man(tmp_path, require):
    file = write_ct_series(tmp_path, scan(), SOMEONE)[0]
    data = pydicom.dcmread(file)
    del data.ImagePositionPatient
    data.save_as(file)
    told = subprocess.run(
        [require("dciodvfy"), "-new", file], capture_output=True, text=True, check=False
    )
    assert "Error" in told.stderr


def test_highdicom_builds_on_the_series(tmp_path):
    image = scan()
    slices = [pydicom.dcmread(file) for file in write_ct_series(tmp_path, image, SOMEONE)]
    volume = highdicom.get_volume_from_series(slices)
    lps = np.diag([-1.0, -1, 1, 1]) @ image.affine
    for voxel in ((0, 0, 0), (5, 7, 3)):
        point = (lps @ [*voxel, 1])[:3]
        place = volume.map_reference_to_indices(point[None])[0]
        assert place == pytest.approx(np.rint(place), abs=0.01)
        assert volume.array[tuple(np.rint(place).astype(int))] == image.values[voxel]
    part = (image.values > 2000).astype(np.uint8)
    code = CodedConcept("91723000", "SCT", "Anatomical Structure")
    algorithm = highdicom.AlgorithmIdentificationSequence(
        "threshold", CodedConcept("123109", "DCM", "Manual Processing"), "1"
    )
    described = SegmentDescription(
        1, "bright", code, code, SegmentAlgorithmTypeValues.AUTOMATIC, algorithm
    )
    segmentation = Segmentation(
        slices,
        np.ascontiguousarray(part.transpose(2, 1, 0)),
        SegmentationTypeValues.BINARY,
        [described],
        highdicom.UID(),
        2,
        highdicom.UID(),
        1,
        "Keyhole",
        "phantom",
        "0",
        "0",
    )
    assert segmentation.FrameOfReferenceUID == slices[0].FrameOfReferenceUID
    assert int(segmentation.get_volume(combine_segments=True).array.sum()) == int(part.sum())


def test_a_folder_that_cannot_be_written_is_refused(tmp_path):
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(OutputError) as e:
        write_ct_series(tmp_path / "taken", scan(), SOMEONE)
    assert e.value.refusal.code == "output-unwritable"
