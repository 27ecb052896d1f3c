"""A picture's plane: which side is which, and where a point falls."""

import numpy as np
import pytest

from keyhole.space import turned, unit
from keyhole.view.plane import Plane, side_mark


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


def test_a_bent_or_empty_plane_is_refused():
    with pytest.raises(ValueError, match="perpendicular"):
        Plane(np.zeros(3), np.array([1.0, 0, 0]), np.array([0.6, 0.8, 0]), 10, 10, 1.0)
    with pytest.raises(ValueError, match="at least one pixel"):
        Plane(np.zeros(3), np.array([1.0, 0, 0]), np.array([0, 0, -1.0]), 0, 10, 1.0)
    with pytest.raises(ValueError, match="at least one pixel"):
        Plane(np.zeros(3), np.array([1.0, 0, 0]), np.array([0, 0, -1.0]), 10, 10, float("nan"))
