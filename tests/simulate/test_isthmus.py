"""The truth's own measuring: it finds analytic values, wherever the tube lies."""

import numpy as np
import pytest

from keyhole.simulate import Recipe
from keyhole.simulate.bones.joints import sign
from keyhole.simulate.bones.vertebra import pedicle_frame
from keyhole.simulate.design.draw import draw_design
from keyhole.simulate.engine.shapes import ellipsoid, flared_tube, placed
from keyhole.simulate.truth.isthmus import find_isthmus
from keyhole.space import SIDES, Frame, angle_between, turned


def leaning(degrees):
    """A frame turned about all three axes."""
    axes = np.eye(3)
    for axis, turn in zip(np.eye(3), degrees, strict=True):
        axes = np.column_stack([turned(column, axis, turn) for column in axes.T])
    return Frame([17, -21, 5], axes)


@pytest.mark.parametrize("degrees", [(0, 0, 0), (3, 0, 14), (-8, 31, 22), (12, -44, -20)])
def test_a_flared_tube_has_its_waist_as_isthmus(degrees):
    frame = leaning(degrees)
    tube = flared_tube(frame, (4.5, 7.5), (14, 14))
    start = frame.origin + 2.2 * frame.front + 0.8 * frame.right
    tilted = turned(frame.front, frame.up, 7)
    found = find_isthmus(tube, start, tilted, np.array([0, 1.0, 0]), "right")
    assert found.centre == pytest.approx(frame.origin, abs=0.02)
    assert angle_between(found.axis, frame.front) < 0.1
    assert found.width_mm == pytest.approx(9, abs=0.005)
    assert found.height_mm == pytest.approx(15, abs=0.005)
    assert found.inscribed_mm == pytest.approx(9, abs=0.02)
    assert found.area_mm2 == pytest.approx(np.pi * 4.5 * 7.5, rel=5e-4)


def test_a_straight_elliptic_tube_gives_its_analytic_values():
    frame = leaning((5, 20, 15))
    long = ellipsoid([0, 0, 0], [5, 4000, 8])
    found = find_isthmus(
        placed(long, frame), frame.origin + frame.right, frame.front, frame.front, "left"
    )
    assert angle_between(found.axis, frame.front) < 0.1
    assert np.linalg.norm(np.cross(found.centre - frame.origin, frame.front)) < 0.01
    assert (found.width_mm, found.height_mm) == pytest.approx((10, 16), abs=0.005)
    assert found.area_mm2 == pytest.approx(np.pi * 40, rel=5e-4)


def test_a_normal_never_leaves_its_35_degrees():
    frame = leaning((0, 0, 50))
    tube = flared_tube(frame, (4, 6), (20, 20))
    found = find_isthmus(
        tube, frame.origin, leaning((0, 0, 30)).front, np.array([0, 1.0, 0]), "left"
    )
    assert angle_between(found.axis, [0, 1, 0]) <= 35.001
    assert angle_between(found.axis, frame.front) >= 14.9


def test_no_bridge_is_the_phantoms_own_fault():
    ball = ellipsoid([0, 0, 0], [5, 5, 5])
    with pytest.raises(ValueError, match="no pedicle"):
        find_isthmus(
            ball, np.array([50.0, 0, 0]), np.array([0, 1.0, 0]), np.array([0, 1.0, 0]), "left"
        )


def test_the_oblique_waist_leans_with_its_upper_end_to_the_midline():
    size = draw_design(Recipe()).size("L5")
    for side in SIDES:
        up = pedicle_frame(size, side).up
        assert up[0] * sign(side) < -0.5
        assert up[2] > 0.5
