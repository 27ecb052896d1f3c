"""A phantom scanned: straight and crooked, image and labels."""

import json

import nibabel as nib
import numpy as np
import pytest
from scipy import ndimage

from keyhole.errors import OutputError, RequestError
from keyhole.scan.schemes import load_scheme
from keyhole.simulate import crooked_grid, phantom, scan_patient, standard_grid, write_phantom
from keyhole.simulate.engine.shapes import ellipsoid
from keyhole.simulate.engine.solid import sample
from keyhole.space import Frame, turned

TURN = np.column_stack([turned(c, [0.48, 0.6, 0.64], 70) for c in np.eye(3)])


@pytest.fixture(scope="module")
def patient():
    return phantom(1)


@pytest.fixture(scope="module")
def torso(patient):
    return scan_patient(patient, *standard_grid(patient, 3.0), noise_hu=5, seed=2)


def test_every_structure_is_there_and_on_its_side(patient, torso):
    _, labels = torso
    for solid in patient.solids:
        assert not solid.name or solid.name in labels, solid.name
    for name in labels.names:
        side = name.split()[-1]
        if side in ("left", "right"):
            outward = 1 if side == "right" else -1
            assert labels.points(name)[:, 0].mean() * outward > 15, name
    for name, outward in (("liver", 1), ("vena cava", 1), ("spleen", -1), ("aorta", -1)):
        assert labels.points(name)[:, 0].mean() * outward > 5, name
    assert labels.levels == patient.levels


def test_the_skin_lies_behind_the_laminae_by_50_to_60_mm(patient, torso):
    _, labels = torso
    for level in ("L1", "L3", "L5"):
        size = patient.sizes[level]
        lamina = patient.frames[level].to_patient(
            [0, size.back - size.canal_ap - size.lamina_thickness, -6]
        )
        column = lamina + np.linspace(0, -90, 901)[:, None] * [0, 1, 0]
        depth = 0.1 * np.flatnonzero(labels.volume.at(column) > 0)[-1]
        assert 48 < depth < 62


def test_tissues_have_their_numbers(patient, torso):
    image, labels = torso
    for name, low, high in (("liver", 53, 63), ("autochthon left", 50, 60), ("aorta", 40, 50)):
        inner = ndimage.binary_erosion(labels.mask(name))
        assert low < image.values[inner].mean() < high
    body = patient.frames["L3"].origin[None]
    assert 120 < image.at(body)[0] < 200
    assert image.values[labels.volume.values == 0].mean() < -950
    assert image.values.dtype == np.int16


@pytest.mark.parametrize("left_handed", [True, False])
def test_a_crooked_scan_holds_the_bone_where_the_surface_says(left_handed):
    patient = phantom(2, levels=("L3",), pose=Frame([90, 40, -120], TURN))
    affine, shape = crooked_grid(
        patient, (0.9, 1.2, 2.0), oblique=(20, -15, 35), left_handed=left_handed
    )
    assert (np.linalg.det(affine[:3, :3]) < 0) == left_handed
    image, labels = scan_patient(patient, affine, shape, image=False)
    assert image is None
    inside = labels.mask("vertebra L3")
    assert not any(inside.take([0, -1], axis=axis).any() for axis in range(3))
    picked = np.random.default_rng(0).integers(0, shape, (4000, 3))
    away = patient.bone_sdf("L3", labels.volume.to_patient(picked))
    clear = np.abs(away) > 0.05
    assert (inside[tuple(picked[clear].T)] == (away[clear] < 0)).all()
    pedicle = patient.truth["L3"].pedicles["left"]
    assert labels.volume.at(pedicle.centre[None])[0] == labels.code("vertebra L3")
    assert labels.volume.at((pedicle.centre + 0.5 * TURN[:, 2])[None])[0] > 0


def test_each_vertebra_is_one_piece(torso):
    _, labels = torso
    for level in labels.levels:
        mask = labels.mask("sacrum" if level == "S1" else f"vertebra {level}")
        pieces, _ = ndimage.label(mask, np.ones((3, 3, 3)))
        sizes = np.bincount(pieces.ravel())[1:]
        assert sizes.max() / sizes.sum() > 0.99


def test_bricks_change_no_sign():
    shape = ellipsoid([3, 4, 5], [9, 14, 6])
    affine = np.array([[0.6, 0.3, 0, -9], [-0.3, 0.6, 0, -8], [0, 0, 0.8, -6.0], [0, 0, 0, 1]])
    block = sample(shape, affine, (60, 61, 43), band_mm=1)
    voxels = np.indices(block.distances.shape).reshape(3, -1).T + block.low
    exact = shape(voxels @ affine[:3, :3].T + affine[:3, 3]).reshape(block.distances.shape)
    assert ((exact < 0) == (block.distances < 0)).all()
    near = np.abs(exact) < 1
    assert block.distances[near] == pytest.approx(exact[near], abs=1e-5)


def test_a_solid_off_the_grid_is_not_sampled():
    assert sample(ellipsoid([500, 0, 0], [5, 5, 5]), np.eye(4), (20, 20, 20), band_mm=1) is None


def test_a_grid_over_an_absent_level_is_refused(patient):
    with pytest.raises(RequestError) as e:
        crooked_grid(patient, levels=("T12",))
    assert e.value.refusal.code == "level-not-there"


def test_a_phantom_is_written_as_real_scans_come(tmp_path):
    few = phantom(5, levels=("L4", "L5"), torso=False)
    write_phantom(tmp_path / "new", seed=5, spacing_mm=2.0, patient=few)
    assert sorted(p.name for p in (tmp_path / "new").iterdir()) == [
        "ct.nii.gz",
        "labels.nii.gz",
        "truth.json",
    ]
    ids = nib.load(tmp_path / "new" / "labels.nii.gz")
    ct = nib.load(tmp_path / "new" / "ct.nii.gz")
    assert ct.affine == pytest.approx(ids.affine)
    names = load_scheme("total").structures
    assert {names[n] for n in np.unique(ids.dataobj) if n} == {"vertebra L4", "vertebra L5"}
    truth = json.loads((tmp_path / "new" / "truth.json").read_text())
    assert [level["level"] for level in truth["levels"]] == ["L4", "L5"]
    centre = truth["levels"][0]["pedicles"]["left"]["centre"]
    voxel = np.rint(np.linalg.inv(ids.affine) @ [*centre, 1]).astype(int)[:3]
    assert names[int(np.asarray(ids.dataobj)[tuple(voxel)])] == "vertebra L4"


def test_a_place_that_cannot_be_written_is_refused(tmp_path):
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(OutputError) as e:
        write_phantom(
            tmp_path / "taken", patient=phantom(0, levels=("L4",), torso=False), spacing_mm=4
        )
    assert e.value.refusal.code == "output-unwritable"
