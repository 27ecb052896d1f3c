"""Reading a field along a tool, against SciPy and plain NumPy."""

import numpy as np
import pytest
from scipy import ndimage

from keyhole.kernels import field

pytestmark = pytest.mark.jit_off

LINE = np.array([[6.3, 5.1, 7.2], [0.9, 0.1, 0.05], [0.0, 0.8, -0.3], [-0.1, 0.2, 0.9]])


@pytest.fixture(scope="module")
def noise():
    return np.random.default_rng(5).normal(size=(15, 12, 14)).astype(np.float32)


def places(s, angles, radius):
    """(n, 3) voxel coordinates on the tool's surface."""
    round_ = radius * (np.cos(angles)[:, None] * LINE[2] + np.sin(angles)[:, None] * LINE[3])
    return LINE[0] + s * LINE[1] + round_


def read(values, points):
    return ndimage.map_coordinates(values.astype(float), points.T, order=1, mode="nearest")


def test_readings_are_trilinear_and_stop_at_the_border(noise):
    points = np.random.default_rng(6).uniform(-3, 17, size=(60, 3))
    found = [field.trilinear(noise, *point) for point in points]
    assert found == pytest.approx(read(noise, points), abs=1e-5)


def test_the_axis_and_the_surface_lie_where_the_line_says(noise):
    assert field.on_axis(noise, LINE, 2.5) == pytest.approx(
        read(noise, places(2.5, np.zeros(1), 0.0))[0], abs=1e-5
    )
    assert field.on_surface(noise, LINE, 2.5, 0.7, 1.8) == pytest.approx(
        read(noise, places(2.5, np.array([0.7]), 1.8))[0], abs=1e-5
    )


def test_a_ring_gives_each_sector_its_least_and_shares_the_borders(noise):
    angles = np.arange(24) * np.pi / 12
    values = -read(noise, places(1.0, angles, 2.0))
    least = np.full(4, np.inf)
    field.ring(noise, LINE, 1.0, 2.0, least)
    for k in range(4):
        off = np.abs((np.degrees(angles) - 90 * k + 180) % 360 - 180)
        assert least[k] == pytest.approx(values[off <= 45.1].min(), abs=1e-5)


def test_a_ring_is_covered_only_if_all_of_it_is(noise):
    deep = np.full_like(noise, -1.0)
    assert field.covered(deep, LINE, 1.0, 2.0, 0.5)
    assert not field.covered(deep, LINE, 1.0, 2.0, 1.5)
    i, j, k = np.round(places(1.0, np.array([2.0]), 2.0)[0]).astype(int)
    deep[i - 1 : i + 2, j - 1 : j + 2, k - 1 : k + 2] = 1.0
    assert not field.covered(deep, LINE, 1.0, 2.0, 0.0)


def test_the_position_error_grows_from_the_dock():
    turn = np.radians(3.0)
    assert field.position_error(-10.0, -10.0, 2.0, turn) == pytest.approx(2.0)
    assert field.position_error(30.0, -10.0, 2.0, turn) == pytest.approx(2 + 80 * np.sin(turn / 2))
    assert field.position_error(-50.0, -10.0, 2.0, turn) == pytest.approx(2 + 80 * np.sin(turn / 2))
