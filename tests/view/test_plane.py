"""A picture's plane: which side is which, and where a point falls."""

import numpy as np
import pytest
from attrs import evolve

from keyhole.scan.volume import Volume
from keyhole.space import turned, unit
from keyhole.view.plane import Plane, side_mark
from keyhole.view.slices import cut


def plane(up, right, **changes):
    options = {"size_mm": (60.0, 30.0), "pixels": 120} | changes
    return Plane.facing(np.array([4.0, -7, 9]), up=np.array(up), right=np.array(right), **options)


@pytest.mark.parametrize(
    ("direction", "mark"),
    [
        ([1, 0, 0], "R"),
        ([-1, 0, 0], "L"),
        ([0, 1, 0], "A"),
        ([0, -1, 0], "P"),
        ([0, 0, 1], "H"),
        ([0, 0, -1], "F"),
        ([0.1, 0.9, -0.3], "A"),
        ([0, 0.8, -0.6], "AF"),
        ([-0.6, -0.8, 0], "PL"),
    ],
)
def test_a_mark_names_the_patients_side(direction, mark):
    assert side_mark(unit(direction)) == mark


def test_an_axial_plane_from_the_feet_has_the_patients_left_at_image_right():
    assert plane([0, 1, 0], [-1, 0, 0]).marks == {
        "left": "R",
        "right": "L",
        "top": "A",
        "bottom": "P",
    }
    assert plane([0, 1, 0], [-1, 0, 0]).ahead == pytest.approx([0, 0, 1])


def test_a_plane_from_behind_looks_forward():
    assert plane([0, 0, 1], [1, 0, 0]).ahead == pytest.approx([0, 1, 0])


def test_points_and_pixels_agree_in_a_crooked_plane():
    up, right = turned([0, 0, 1], unit([1, 1, 0]), 37), turned([1, 0, 0], unit([1, 1, 0]), 37)
    drawn = plane(up, right)
    assert (drawn.rows, drawn.columns) == (60, 120)
    assert drawn.to_pixels(drawn.points[13, 57]) == pytest.approx([57, 13])
    assert drawn.to_pixels(drawn.points[13, 57] + 5 * drawn.ahead) == pytest.approx([57, 13])
    assert drawn.to_pixels(drawn.centre) == pytest.approx([59.5, 29.5])
    assert np.linalg.norm(drawn.points[0, 0] - drawn.points[0, 100]) == pytest.approx(50)
    assert drawn.moved(3).centre == pytest.approx(drawn.centre + 3 * drawn.ahead)


def test_a_relief_is_looked_at_straight_on_and_cut_where_it_lies():
    flat = plane([0, 1, 0.2], [-1, 0.1, 0])
    depth = np.add.outer(np.linspace(0, 6, flat.rows), np.linspace(-9, 4, flat.columns))
    bent = evolve(flat, relief=depth)
    assert bent.to_pixels(bent.points[13, 57]) == pytest.approx([57, 13])
    ahead = (bent.points - flat.points) @ flat.ahead
    assert ahead == pytest.approx(depth)
    assert bent.moved(3).points == pytest.approx(bent.points + 3 * flat.ahead)
    affine = np.diag([-2.0, 3, 2.5, 1])
    affine[:3, 3] = [34, -40, -16]
    i, j, k = np.indices((30, 24, 20))
    ramp = Volume((2.0 * i - j + 3 * k).astype(np.float32), affine)
    voxels = ramp.to_voxels(bent.points.reshape(-1, 3))
    within = ((voxels >= 0) & (voxels <= np.array(ramp.shape) - 1)).all(axis=1)
    found = cut(ramp, bent, outside=-99).ravel()
    assert 0.3 < within.mean() < 1
    assert found[within] == pytest.approx((voxels @ [2, -1, 3])[within], abs=1e-3)
    beyond = ((voxels < -0.5) | (voxels > np.array(ramp.shape) - 0.5)).any(axis=1)
    assert (found[beyond] == -99).all()


def test_a_bent_or_empty_plane_is_refused():
    flat = plane([0, 1, 0], [-1, 0, 0])
    with pytest.raises(ValueError, match="one number for each pixel"):
        evolve(flat, relief=np.zeros((3, 3)))
    with pytest.raises(ValueError, match="perpendicular"):
        Plane(np.zeros(3), np.array([1.0, 0, 0]), np.array([0.6, 0.8, 0]), 10, 10, 1.0)
    with pytest.raises(ValueError, match="at least one pixel"):
        Plane(np.zeros(3), np.array([1.0, 0, 0]), np.array([0, 0, -1.0]), 0, 10, 1.0)
    with pytest.raises(ValueError, match="at least one pixel"):
        Plane(np.zeros(3), np.array([1.0, 0, 0]), np.array([0, 0, -1.0]), 10, 10, float("nan"))
