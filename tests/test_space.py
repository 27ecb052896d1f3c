"""The one world: right, anterior, superior; frames that cannot swap the sides."""

import numpy as np
import pytest
from attrs import field, frozen
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from keyhole.space import (
    SIDES,
    Floats,
    Frame,
    across,
    angle_between,
    fixed,
    locked,
    same,
    shaped,
    turned,
    unit,
)

RIGHT, FRONT, UP = np.eye(3)
NUMBER = st.floats(-100, 100)
POINT = st.tuples(NUMBER, NUMBER, NUMBER).map(np.array)
TURNS = st.tuples(*[st.floats(-180, 180)] * 3).map(
    lambda angles: Rotation.from_euler("xyz", angles, degrees=True).as_matrix()
)


def long(vector):
    return np.linalg.norm(vector) > 1e-3


@given(POINT, TURNS, POINT)
def test_to_the_patient_and_back(origin, axes, local):
    frame = Frame(origin, axes)
    np.testing.assert_allclose(frame.to_local(frame.to_patient(local)), local, atol=1e-8)


def test_local_points_lie_where_the_axes_point():
    frame = Frame([10, 20, 30], Rotation.from_euler("z", 90, degrees=True).as_matrix())
    np.testing.assert_allclose(frame.right, FRONT, atol=1e-12)
    np.testing.assert_allclose(frame.front, -RIGHT, atol=1e-12)
    np.testing.assert_allclose(frame.up, UP, atol=1e-12)
    np.testing.assert_allclose(frame.to_patient([[1, 2, 3]]), [[8, 21, 33]])


def test_lateral_is_away_from_the_midline():
    frame = Frame([0, 0, 0], np.eye(3))
    np.testing.assert_array_equal(frame.lateral("right"), RIGHT)
    np.testing.assert_array_equal(frame.lateral("left"), -RIGHT)
    assert SIDES == ("left", "right")


@given(POINT, POINT, POINT)
def test_a_frame_from_up_stands_upright_and_is_right_handed(origin, up, right):
    assume(long(up) and long(right) and 1 < angle_between(up, right) < 179)
    frame = Frame.from_up(origin, up, right)
    np.testing.assert_allclose(frame.up, unit(up), atol=1e-9)
    assert frame.right @ right > 0
    np.testing.assert_allclose(np.cross(frame.right, frame.front), frame.up, atol=1e-9)


@pytest.mark.parametrize(
    ("axes", "why"),
    [(np.diag([-1, 1, 1]), "left-handed"), (np.diag([2, 1, 1]), "perpendicular"),
     ([[1, 0.1, 0], [0, 1, 0], [0, 0, 1]], "perpendicular"), (np.eye(4), "shape"),
     (np.full((3, 3), np.nan), "finite")],
)  # fmt: skip
def test_what_is_no_frame_is_refused(axes, why):
    with pytest.raises(ValueError, match=why):
        Frame([0, 0, 0], axes)


def test_frames_are_equal_by_value_and_locked():
    frame = Frame([1, 2, 3], np.eye(3))
    assert frame == Frame([1, 2, 3], np.eye(3))
    assert frame != Frame([1, 2, 4], np.eye(3))
    with pytest.raises(ValueError, match="read-only"):
        frame.axes[0, 0] = -1


@given(POINT)
def test_a_unit_has_length_one_and_the_same_way(vector):
    assume(long(vector))
    np.testing.assert_allclose(unit(vector) * np.linalg.norm(vector), vector, atol=1e-9)
    assert np.linalg.norm(unit(vector)) == pytest.approx(1)


def test_what_has_no_length_has_no_direction():
    with pytest.raises(ValueError, match="without length"):
        unit([0, 0, 0])
    with pytest.raises(ValueError, match="without length"):
        across([0, 0, 5], UP)


def test_across_drops_what_lies_along():
    np.testing.assert_allclose(across([3, 0, 8], UP), RIGHT)
    np.testing.assert_allclose(across([0, -2, 1], UP), -FRONT)


def test_turns_follow_the_right_hand():
    np.testing.assert_allclose(turned(RIGHT, UP, 90), FRONT, atol=1e-12)
    np.testing.assert_allclose(turned(FRONT, RIGHT, 90), UP, atol=1e-12)


@given(POINT, POINT, st.floats(-360, 360))
def test_turning_agrees_with_scipy(vector, axis, degrees):
    assume(long(axis))
    theirs = Rotation.from_rotvec(unit(axis) * degrees, degrees=True).apply(vector)
    np.testing.assert_allclose(turned(vector, unit(axis), degrees), theirs, atol=1e-8)


@pytest.mark.parametrize("degrees", [0, 1e-5, 30, 90, 179.99999, 180])
def test_angles_are_exact_at_both_ends(degrees):
    other = [5 * np.cos(np.radians(degrees)), 5 * np.sin(np.radians(degrees)), 0]
    assert angle_between(RIGHT, other) == pytest.approx(degrees, abs=1e-9)


def test_fixed_copies_and_locked_does_not():
    mine = np.array([1.0, 2])
    copy = fixed(mine)
    mine[0] = 9
    assert copy.tolist() == [1, 2]
    assert locked(mine) is mine
    for array in (copy, mine):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 5


@frozen
class Path:
    points: Floats = field(converter=fixed, validator=shaped(-1, 3), eq=same)


def test_shapes_are_demanded():
    assert Path(np.zeros((5, 3))) == Path(np.zeros((5, 3)))
    assert Path(np.zeros((5, 3))) != Path(np.zeros((4, 3)))
    for bad in (np.zeros(3), np.zeros((5, 2)), np.zeros((1, 5, 3))):
        with pytest.raises(ValueError, match="points must have shape"):
            Path(bad)
    with pytest.raises(ValueError, match="finite"):
        Path([[np.inf, 0, 0]])
