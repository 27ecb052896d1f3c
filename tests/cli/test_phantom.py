"""`keyhole phantom`: every option, and what it refuses."""

import json

import nibabel as nib
import numpy as np
import pytest

from keyhole.scan.read import read_labels, read_scan
from keyhole.simulate.page import phantom_page

SMALL = ("--levels", "L4/5", "--no-soft", "--spacing", 2.5)
EVERYTHING = (
    *("--levels", "L5-S1", "--no-soft", "--spacing", 3, "--seed", 4),
    *("--sex", "female", "--age", 71, "--stature", 158, "--bmi", 31),
    *("--posture", "decubitus-left", "--with", "slip=L4/5:6mm", "--with", "sixth-lumbar"),
    *("--labels-as", "total", "--labels-as", "keyhole", "--mr", "t2", "--dicom"),
    *("--noise", 5, "--streaks", 0.5),
)


@pytest.fixture(scope="module")
def small(told, tmp_path_factory):
    folder = tmp_path_factory.mktemp("small") / "new"
    return folder, *told("phantom", "--out", folder, *SMALL)


@pytest.fixture(scope="module")
def everything(told, tmp_path_factory):
    folder = tmp_path_factory.mktemp("everything") / "new"
    return folder, *told("phantom", "--out", folder, *EVERYTHING)


def named(path, scheme):
    return read_labels([(path, scheme)], image=None)[0]


def voxels(path):
    return np.asanyarray(nib.load(path).dataobj)


def test_by_default_a_ct_keyholes_map_and_the_truth(small):
    folder, data, code = small
    assert code == 0
    names = {path.name for path in folder.iterdir()}
    assert names == {*("ct.nii.gz", "labels.nii.gz", "labels_keyhole_parts.nii.gz", "truth.json")}
    assert set(data["written"]) == names
    assert data["illness"] == []
    labels = named(folder / "labels.nii.gz", "auto")
    assert labels.schemes == ("keyhole",)
    assert labels.levels == ("L4", "L5")
    assert "disc L4/5" in labels
    assert nib.load(folder / "ct.nii.gz").header.get_zooms() == (2.5, 2.5, 2.5)


def test_everything_that_was_asked_for_is_there(everything):
    folder, data, code = everything
    assert code == 0
    assert data["levels"] == ["L5", "L6", "S1"]
    assert data["person"] == {
        "sex": "female",
        "age": 71.0,
        "stature_cm": 158.0,
        "bmi": 31.0,
        "posture": "decubitus left",
    }
    truth = json.loads((folder / "truth.json").read_text())
    assert truth["recipe"]["illness"] == ["slip=L4/5:6mm", "sixth-lumbar"]
    assert truth["recipe"]["seed"] == data["seed"] == 4
    total = named(folder / "labels.nii.gz", "total")
    own = named(folder / "labels_keyhole.nii.gz", "keyhole")
    assert own.levels == ("L5", "L6", "S1")
    assert total.levels == ("L5", "S1")
    assert "disc L5/6" in own
    ct, mr = voxels(folder / "ct.nii.gz"), voxels(folder / "mr_t2.nii.gz")
    assert ct.shape == mr.shape
    assert ct.min() < -900
    assert mr.min() >= 0
    series = read_scan(folder / "dicom")
    assert len(list((folder / "dicom").iterdir())) == ct.shape[2]
    assert sorted(series.volume.values.shape) == sorted(ct.shape)
    assert series.volume.values.max() == ct.max()


def test_the_same_words_write_the_same_bytes_and_people_are_told(small, keyhole, tmp_path):
    folder, data, _ = small
    text = keyhole("phantom", "--out", tmp_path / "again", *SMALL).stdout
    for path in folder.iterdir():
        assert (tmp_path / "again" / path.name).read_bytes() == path.read_bytes(), path.name
    for word in (data["person"]["sex"], f"{data['person']['age']:.0f} years", "healthy", "L4, L5"):
        assert word in text


def test_a_spoiled_map_differs_and_its_scan_does_not(small, told, tmp_path):
    told("phantom", "--out", tmp_path / "new", *SMALL, "--spoil", "eroded=L4:2")
    before, after = (voxels(folder / "labels.nii.gz") for folder in (small[0], tmp_path / "new"))
    one = before == before[before > 0].min()
    assert (after[one] > 0).mean() < 0.8
    assert (after[~one] == before[~one]).all()
    assert (voxels(tmp_path / "new" / "ct.nii.gz") == voxels(small[0] / "ct.nii.gz")).all()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--with", "plague=L4/5"), "order-unknown"),
        (("--with", "stenosis=L4/5:awful"), "order-unreadable"),
        (("--with", "stenosis=L5/6"), "level-not-there"),
        (("--with", "stenosis=L4/5:bulge=90"), "out-of-range"),
        (("--levels", "L6"), "level-not-there"),
        (("--levels", "skull"), "at-unreadable"),
        (("--stature", 300), "out-of-range"),
        (("--spacing", 0), "out-of-range"),
        (("--noise", -1), "out-of-range"),
        (("--streaks", 99), "out-of-range"),
        (("--spoil", "???"), "order-unreadable"),
        (("--spoil", "haunted"), "order-unknown"),
        (("--spoil", "eroded:9"), "out-of-range"),
        (("--labels-as", "nobody"), "scheme-unknown"),
    ],
)
def test_what_cannot_be_made_is_refused_and_nothing_written(refusal, tmp_path, words, code):
    assert refusal("phantom", "--out", tmp_path / "new", *words) == code
    assert not list(tmp_path.rglob("*.*"))


def test_a_filled_folder_is_refused(refusal, tmp_path):
    (tmp_path / "mine.txt").touch()
    assert refusal("phantom", "--out", tmp_path, *SMALL) == "output-filled"


def test_the_page_of_illnesses_is_made_from_their_table(root):
    assert (root / "docs/look-up/phantom.md").read_text(encoding="utf-8") == phantom_page()
