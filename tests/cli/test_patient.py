"""From a phantom's files to a plan and its check, through the command line alone."""

import json

import nibabel as nib
import numpy as np
import pytest

from keyhole.plan.plan_file import from_data, read_plan

FIRST_BONE, LAST_BONE, AORTA = 25, 31, 52
"""Sacrum to L1, and the aorta, in TotalSegmentator's `total`."""
ASKED = ("--goal", "stabilize", "--at", "L4", "--side", "left")


@pytest.fixture(scope="module")
def written(told, tmp_path_factory):
    """A folder under a name that no output may show, and what `phantom` said of it."""
    folder = tmp_path_factory.mktemp("Jane_Doe") / "patient"
    words = ("--levels", "L1-S1", "--spacing", 1.5, "--labels-as", "total")
    return folder, *told("phantom", "--out", folder, "--seed", 3, *words)


@pytest.fixture(scope="module")
def patient(written):
    """A folder with a phantom's scan and label map."""
    return written[0]


@pytest.fixture(scope="module")
def scan(patient):
    """The words that name the phantom's files."""
    return patient / "ct.nii.gz", "--labels", patient / "labels.nii.gz"


@pytest.fixture(scope="module")
def planned(keyhole, scan, tmp_path_factory):
    """The folder of a plan and what the command said."""
    out = tmp_path_factory.mktemp("plan")
    return out, keyhole("plan", *scan, *ASKED, "--out", out, "--json")


def saved(path, place, change):
    """A file's image with its voxels changed, written elsewhere; the affine is kept."""
    image = nib.load(path)
    values = change(np.asanyarray(image.dataobj).copy())
    nib.save(nib.Nifti1Image(values, image.affine, image.header), place)
    return place


def cropped(path, place):
    """A label map cut off a little below the top of what it holds."""
    image = nib.load(path)
    values = np.asanyarray(image.dataobj)
    bones = np.argwhere((values >= FIRST_BONE) & (values <= LAST_BONE))
    nib.save(nib.Nifti1Image(values[:, :, : bones[:, 2].max() - 8], image.affine), place)
    return place


@pytest.fixture(scope="module")
def mirrored(patient, tmp_path_factory):
    """The words that name a copy of the phantom flipped from left to right."""
    folder = tmp_path_factory.mktemp("mirrored")
    names = ("ct.nii.gz", "labels.nii.gz")
    image, labels = (saved(patient / name, folder / name, np.flipud) for name in names)
    return image, "--labels", labels


def test_phantom_says_what_it_wrote(written):
    folder, data, code = written
    assert code == 0
    assert data["seed"] == 3
    assert {"ct.nii.gz", "labels.nii.gz"} <= set(data["written"])
    assert set(data["written"]) == {path.name for path in folder.iterdir()}


def test_read_shows_levels_structures_and_every_check(keyhole, told, scan):
    data, code = told("read", *scan)
    assert code == 0
    assert data["scan"]["modality"] == "CT"
    assert data["scan"]["id"].startswith("sha256:")
    assert "L4" in data["labels"]["levels"]
    volumes = {s["name"]: s["volume_ml"] for s in data["labels"]["structures"]}
    assert volumes["vertebra L4"] > 10
    checks = {check["code"]: check for check in data["checks"]}
    assert {"mirrored", "levels-merged", "metal", "cut-by-edge"} <= set(checks)
    assert all(check["evidence"] for check in checks.values())
    assert checks["mirrored"]["holds"]
    text = keyhole("read", *scan).stdout
    assert "mirrored" in text
    assert "L4" in text


def test_read_of_an_image_alone_says_that_nothing_can_be_planned(keyhole, told, patient):
    data, code = told("read", patient / "ct.nii.gz")
    assert code == 0
    assert data["labels"] is None
    assert data["labels_reason"]
    assert "Add --labels" in keyhole("read", patient / "ct.nii.gz").stdout


def test_a_label_map_alone_stands_as_the_scan(told, patient):
    for words in ((patient / "labels.nii.gz",), (f"{patient / 'labels.nii.gz'}=total",)):
        data, code = told("read", *words)
        assert code == 0
        assert data["scan"]["modality"] == "none"
        assert "no-image" in {w["code"] for w in data["warnings"]}
        assert "L4" in data["labels"]["levels"]


def test_a_label_map_alone_is_read_from_disk_once(keyhole, patient, monkeypatch):
    opened, load = [], nib.load
    monkeypatch.setattr(nib, "load", lambda path: opened.append(path) or load(path))
    place = patient / "labels.nii.gz"
    assert keyhole("read", place).exit_code == 0
    assert opened == [place]


def test_a_mirrored_scan_is_never_planned(refusal, mirrored):
    assert refusal("plan", *mirrored, *ASKED) == "mirrored"


def test_a_plan_for_a_mirrored_scan_is_not_checked(refusal, told, planned, mirrored, tmp_path):
    data = json.loads((planned[0] / "plan.json").read_text())
    data["scan"]["id"] = told("read", *mirrored)[0]["scan"]["id"]
    (tmp_path / "plan.json").write_text(json.dumps(data))
    assert refusal("check", tmp_path / "plan.json", *mirrored) == "mirrored"


def test_where_no_level_can_be_planned_the_plan_is_refused(keyhole, patient, tmp_path):
    out = tmp_path / "out"
    labels = cropped(patient / "labels.nii.gz", tmp_path / "labels.nii.gz")
    result = keyhole("plan", labels, "--goal", "stabilize", "--at", "L1", "--out", out, "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["refusal"]["code"] == "cut-by-edge"
    assert list(out.iterdir()) == []


def test_a_plan_is_written_whole(planned):
    out, result = planned
    assert result.exit_code == 0, result.stderr
    assert {path.name for path in out.iterdir()} == {"plan.json", "report.html"}
    plan = read_plan(out / "plan.json")
    assert from_data(json.loads(result.stdout)) == plan
    screws = [screw for option in plan.options for screw in option.screws]
    assert {(screw.level, screw.side) for screw in screws} == {("L4", "left")}
    seen = {structure.name for structure in plan.spine.structures if structure.seen}
    assert "vertebra L4" in seen
    assert {level.level for level in plan.spine.levels} == {"L3", "L4", "L5"}
    assert [target.at for target in plan.targets] == ["L4"]


def test_no_output_names_a_file_or_folder_of_the_patients(planned, patient):
    out, result = planned
    texts = [path.read_text() for path in out.iterdir()] + [result.stdout, result.stderr]
    for text in texts:
        assert "Jane_" not in text, "an underscore stands in no base64 picture"
        assert str(patient) not in text


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--at", "T3"), "level-not-there"),
        (("--at", "L2/4"), "at-unreadable"),
    ],
)
def test_what_this_patient_cannot_have_is_refused(refusal, scan, words, code):
    assert refusal("plan", *scan, "--goal", "stabilize", *words) == code


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("none.nii.gz",), "file-missing"),
        (("none.nii.gz", "--labels", "none.nii.gz"), "file-missing"),
        (("{ct}", "--labels", "{labels}=no-such"), "scheme-unknown"),
        (("{ct}", "--labels", "{ct}"), "ids-not-whole"),
        (("{ct}", "--labels", "{labels}", "--series", "2"), "series-unknown"),
    ],
)
def test_files_that_cannot_be_read_are_refused(refusal, patient, words, code):
    places = {"ct": patient / "ct.nii.gz", "labels": patient / "labels.nii.gz"}
    assert refusal("read", *(word.format(**places) for word in words)) == code


def test_a_folder_of_slices_needs_its_labels(keyhole, patient):
    assert keyhole("plan", patient, *ASKED).exit_code == 2


def test_a_plan_holds_against_its_scan(keyhole, planned, scan):
    result = keyhole("check", planned[0] / "plan.json", *scan)
    assert result.exit_code == 0, result.stderr
    assert result.stdout == "The plan holds.\n"
    assert "refused" not in result.stderr


def test_without_the_scan_the_shape_alone_is_checked(keyhole, told, planned):
    path = planned[0] / "plan.json"
    data, code = told("check", path)
    assert (code, data) == (0, {"holds": None, "checked": "shape"})
    assert keyhole("check", path, "--labels", "x").exit_code == 2


def test_an_edited_screw_that_leaves_its_pedicle_does_not_hold(told, planned, patient, tmp_path):
    """The label map is another one too, by one voxel: that is allowed, and said."""

    def one_voxel(values):
        values[tuple(np.argwhere(values == AORTA)[0])] = 0
        return values

    labels = saved(patient / "labels.nii.gz", tmp_path / "labels.nii.gz", one_voxel)
    data = json.loads((planned[0] / "plan.json").read_text())
    screw = data["options"][0]["screws"][0]
    inward = 8.0 if screw["side"] == "left" else -8.0
    for end in ("entry", "tip"):
        screw[end][0] += inward
    (tmp_path / "plan.json").write_text(json.dumps(data))
    words = (tmp_path / "plan.json", patient / "ct.nii.gz", "--labels", labels)
    data, code = told("check", *words)
    assert (code, data["holds"]) == (1, False)
    assert "another one" in data["notes"][0]
    assert "wall-breached" in {r["code"] for r in data["refusals"]}


def test_a_plan_is_not_checked_against_another_scan(refusal, planned, patient):
    labels = patient / "labels.nii.gz"
    assert refusal("check", planned[0] / "plan.json", labels) == "scan-differs"


def test_a_label_map_alone_is_planned_with_own_names_and_nothing_is_written(
    told, patient, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    call = "L1=T12,L2=L1,L3=L2,L4=L3,L5=L4"
    words = ("--goal", "stabilize", "--at", "L3", "--side", "left", "--call", call)
    maps = patient / "labels.nii.gz"
    data, code = told("plan", maps, *words, "--accept", "levels-shifted")
    assert code == 0
    assert list(tmp_path.iterdir()) == []
    assert data["request"]["call"]["L4"] == "L3"
    confirmed = [(c["what"], c["at"], c["text"]) for c in data["confirmations"]]
    assert ("level", ["L3"], "the map's L4 is L3") in confirmed
    assert ("accept", [], "levels-shifted") in confirmed
    (screw,) = data["options"][0]["screws"]
    assert (screw["level"], screw["side"], screw["hu"]) == ("L3", "left", None)
    assert screw["hu_meaning"]
    assert data["scan"]["modality"] == "none"
    assert data["scan"]["id"] == data["scan"]["labels_id"]


def test_demo_goes_from_phantom_to_report_and_people_get_a_table(keyhole, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = keyhole("demo")
    assert result.exit_code == 0, result.stderr
    folder = tmp_path / "keyhole-demo"
    assert {"ct.nii.gz", "labels.nii.gz", "plan.json", "report.html"} <= {
        path.name for path in folder.iterdir()
    }
    for word in ("percutaneous-screws", "rod left: L4, L5", "not a medical device"):
        assert word in result.stdout
    assert "keyhole-demo/report.html" in result.stdout
    screws = [s for option in read_plan(folder / "plan.json").options for s in option.screws]
    assert {(s.level, s.side) for s in screws} == {
        (level, side) for level in ("L4", "L5") for side in ("left", "right")
    }
