"""Voxels and their place in the patient, always in a crooked scan."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from keyhole.errors import ScanError
from keyhole.scan.volume import Volume

TURN = Rotation.from_euler("xyz", [21, -33, 50], degrees=True).as_matrix()
EDGES = np.array([0.6, 1.3, 2.2])


def crooked(shape=(6, 7, 5), *, hand=-1, dtype=np.int16):
    affine = np.eye(4)
    affine[:3, :3] = TURN * EDGES * [hand, 1, 1]
    affine[:3, 3] = [-40, 61, 130]
    values = np.random.default_rng(3).integers(0, 99, shape).astype(dtype)
    return Volume(values, affine)


def refused(values, affine):
    with pytest.raises(ScanError) as e:
        Volume(values, affine)
    return e.value.refusal.code


@given(st.tuples(*[st.floats(-50, 50)] * 3), st.sampled_from([-1, 1]))
def test_to_the_patient_and_back(voxel, hand):
    volume = crooked(hand=hand)
    np.testing.assert_allclose(volume.to_voxels(volume.to_patient(voxel)), voxel, atol=1e-9)


def test_a_voxel_lies_where_the_affine_says():
    volume = crooked()
    expected = TURN @ (np.array([2, 3, 4]) * EDGES * [-1, 1, 1]) + [-40, 61, 130]
    np.testing.assert_allclose(volume.to_patient([2, 3, 4]), expected)
    np.testing.assert_allclose(volume.spacing, EDGES)


def test_lps_is_turned_into_ras():
    affine = np.diag([1.0, 2, 3, 1])
    affine[:3, 3] = [10, 20, 30]
    volume = Volume.placed(np.ones((2, 3, 4)), affine, world="LPS")
    np.testing.assert_allclose(volume.to_patient([1, 1, 1]), [-11, -22, 33])
    ras = Volume.placed(np.ones((2, 3, 4)), affine, world="RAS")
    np.testing.assert_allclose(ras.to_patient([1, 1, 1]), [11, 22, 33])


def test_nearest_values_are_the_voxels_own():
    volume = crooked()
    voxels = np.argwhere(np.ones(volume.shape))
    nudge = np.random.default_rng(1).uniform(-0.45, 0.45, voxels.shape)
    assert (volume.at(volume.to_patient(voxels + nudge)) == volume.values.ravel()).all()


def test_linear_values_follow_a_slope():
    volume = crooked()
    grid = volume.to_patient(np.argwhere(np.ones(volume.shape)))
    slope = np.array([0.3, -0.2, 0.5])
    slanted = Volume((grid @ slope).reshape(volume.shape).astype(np.float32), volume.affine)
    points = volume.to_patient(np.random.default_rng(2).uniform(0, 4, (50, 3)))
    np.testing.assert_allclose(slanted.at(points, order=1), points @ slope, atol=1e-4)


def test_beyond_the_border_nothing_is_read():
    volume = crooked()
    inside, beyond = volume.to_patient([[-0.4, 3, 2], [-0.6, 3, 2]])
    assert volume.at(inside)[0] == volume.values[0, 3, 2]
    assert volume.at(beyond, outside=-1000)[0] == -1000
    assert volume.at(volume.to_patient([5.6, 3, 2]), order=1, outside=-7)[0] == -7


def test_a_crop_stays_in_its_place():
    volume = crooked()
    part = volume.crop([1, -5, 2], [4, 3, 99])
    assert part.shape == (3, 3, 3)
    points = part.to_patient(np.argwhere(np.ones(part.shape)))
    assert (volume.at(points) == part.values.ravel()).all()


def test_a_box_holds_its_points_and_margin():
    volume = crooked((30, 30, 30))
    points = volume.to_patient([[10, 11, 12], [14, 13, 15]])
    low, high = volume.box(points, margin_mm=3.1)
    np.testing.assert_array_equal(low, [4, 8, 10])
    np.testing.assert_array_equal(high, [21, 17, 18])
    low, high = volume.box(points, margin_mm=500)
    assert (low.tolist(), high.tolist()) == ([0, 0, 0], [30, 30, 30])


def test_resampled_to_its_own_voxels_nothing_changes_up_to_the_border():
    volume = crooked()
    turned = Volume(np.ascontiguousarray(volume.values[::-1, :, ::-1]),
                    volume.affine @ [[-1, 0, 0, 5], [0, 1, 0, 0], [0, 0, -1, 4], [0, 0, 0, 1]])  # fmt: skip
    assert (turned.on_grid_of(volume).values == volume.values).all()
    assert (turned.on_grid_of(volume, order=1).values == volume.values).all()


def test_resampled_to_another_grid_a_ball_keeps_its_place():
    fine = crooked((40, 24, 16), dtype=np.uint8)
    grid = np.argwhere(np.ones(fine.shape))
    ball = fine.to_patient([18, 12, 8])
    near = np.linalg.norm(fine.to_patient(grid) - ball, axis=1) < 7
    fine = Volume(near.reshape(fine.shape).astype(np.uint8), fine.affine)
    affine = np.eye(4)
    affine[:3, 3] = ball - 19.7
    other = Volume(np.zeros((40, 40, 40), np.uint8), affine)
    moved = fine.on_grid_of(other)
    assert moved.same_grid(other)
    centre = moved.to_patient(np.argwhere(moved.values)).mean(axis=0)
    np.testing.assert_allclose(centre, ball, atol=0.2)
    assert fine.on_grid_of(other, outside=9).values[0, 0, 0] == 9


def test_grids_differ_by_shape_and_by_place():
    volume = crooked()
    assert volume.same_grid(crooked())
    assert not volume.same_grid(crooked((6, 7, 4)))
    assert not volume.same_grid(crooked(hand=1))


def test_equal_and_unequal_volumes():
    volume = crooked()
    other = volume.values.copy()
    other[0, 0, 0] += 1
    assert volume == crooked()
    assert volume != Volume(other, volume.affine)
    assert volume != crooked(hand=1)


def test_the_id_follows_values_type_shape_and_place():
    volume = crooked()
    other = volume.values.copy()
    other[0, 0, 0] += 1
    ids = {
        volume.id,
        Volume(other, volume.affine).id,
        Volume(volume.values.astype(np.int32), volume.affine).id,
        Volume(volume.values.reshape(7, 6, 5), volume.affine).id,
        crooked(hand=1).id,
    }
    assert len(ids) == 5
    assert volume.id == crooked().id
    assert volume.id.startswith("sha256:")


def test_arrays_are_locked_also_after_pickling():
    for volume in (crooked(), pickle.loads(pickle.dumps(crooked()))):  # noqa: S301
        assert volume == crooked()
        with pytest.raises(ValueError, match="read-only"):
            volume.values[0, 0, 0] = 1
        with pytest.raises(ValueError, match="read-only"):
            volume.affine[0, 3] = 1


@pytest.mark.parametrize("shape", [(3, 4), (3, 4, 5, 1), (3,)])
def test_only_three_dimensions(shape):
    assert refused(np.ones(shape), np.eye(4)) == "not-3d"


def test_nothing_and_not_a_number_are_refused():
    assert refused(np.ones((3, 0, 2)), np.eye(4)) == "empty"
    for bad in (np.nan, np.inf):
        values = np.ones((2, 2, 2))
        values[1, 1, 0] = bad
        assert refused(values, np.eye(4)) == "not-finite"


@pytest.mark.parametrize(
    "affine",
    [np.diag([1.0, 0, 1, 1]), np.diag([1.0, 1, 1, 2]), np.ones((4, 4)),
     [[1, 2, 0, 0], [2, 4, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]],
)  # fmt: skip
def test_a_broken_place_is_refused(affine):
    assert refused(np.ones((2, 2, 2)), affine) == "affine-broken"


def test_a_sheared_place_is_refused():
    affine = np.eye(4)
    affine[0, 2] = 0.1
    assert refused(np.ones((2, 2, 2)), affine) == "sheared"


def test_an_affine_of_another_shape_is_a_bug():
    with pytest.raises(ValueError, match="shape"):
        Volume(np.ones((2, 2, 2)), np.eye(3))
