"""The ray caster and the plane sampler against shapes whose answer is known."""

import numpy as np
import pytest

from keyhole.kernels.cast import cast_bone, cast_cones, sample_plane


def ball(radius, size=80, step=0.8, centre=(3.0, -2.0, 1.5)):
    """Distance field of a ball off the middle of a grid of `size` voxels, and its place."""
    low = -np.array([size, size, size]) * step / 2
    grid = np.stack(np.indices((size, size, size)), axis=-1) * step + low
    return (np.linalg.norm(grid - centre, axis=-1) - radius).astype(np.float32), low


@pytest.mark.parametrize("radius", [6.0, 15.5])
@pytest.mark.parametrize("turn", [0, 33, 160])
def test_a_ball_has_its_radius_depth_and_place_from_every_side(radius, turn):
    step, centre = 0.8, np.array([3.0, -2.0, 1.5])
    field, low = ball(radius, step=step, centre=centre)
    a = np.radians(turn)
    ahead = np.array([np.sin(a), np.cos(a), 0.0])
    right, down = np.array([np.cos(a), -np.sin(a), 0.0]) * 0.25, np.array([0, 0, -0.25])
    shape = (240, 240)
    start = -100 * ahead - 119.5 * right - 119.5 * down
    met = cast_bone(field, step, (start - low) / step, right / step, down / step, ahead, shape)
    hit = np.isfinite(met[..., 0])
    assert np.sqrt(hit.sum() * 0.25**2 / np.pi) == pytest.approx(radius, abs=0.08)
    rows, columns = np.nonzero(hit)
    assert rows.mean() == pytest.approx(119.5 - centre[2] / 0.25, abs=0.6)
    assert columns.mean() == pytest.approx(119.5 + centre @ right / 0.25**2, abs=0.6)
    nearest = 100 + centre @ ahead - radius
    assert met[..., 0].min() == pytest.approx(nearest, abs=0.08)
    row, column = np.rint([rows.mean(), columns.mean()]).astype(int)
    assert met[row, column, 1] == pytest.approx(1, abs=0.02)
    assert met[row, column, 2] > 0.9
    assert met[row, np.nonzero(hit[row])[0][0], 1] < 0.45


def test_a_cleft_is_less_open_than_a_free_side():
    field, low = ball(10.0, centre=(0.0, 0.0, -11.0))
    other, _ = ball(10.0, centre=(0.0, 0.0, 11.0))
    both = np.minimum(field, other)
    right, down, ahead = np.array([0.25, 0, 0]), np.array([0, 0, -0.25]), np.array([0, 1.0, 0])
    start = np.array([0, -60, 0]) - 119.5 * right - 119.5 * down
    met = cast_bone(both, 0.8, (start - low) / 0.8, right / 0.8, down / 0.8, ahead, (240, 240))
    near_gap, far_from_it = met[119 - 10, 119], met[119 - 76, 119]
    assert np.isfinite([near_gap[0], far_from_it[0]]).all()
    assert near_gap[2] < far_from_it[2] - 0.1


def test_a_ray_beside_the_field_meets_nothing():
    field, _ = ball(6.0)
    right, down = np.array([1.0, 0, 0]), np.array([0, 0, -1.0])
    ahead = np.array([0, 1.0, 0])
    met = cast_bone(field, 0.8, np.array([500.0, -9, 40]), right, down, ahead, (3, 3))
    assert np.isinf(met[..., 0]).all()
    assert (met[..., 1:] == 0).all()


def rays(pixel=0.1, pixels=400):
    right, down = np.array([pixel, 0, 0]), np.array([0, 0, -pixel])
    start = np.array([0, -50.0, 0]) - (pixels - 1) / 2 * (right + down)
    return start, right, down, np.array([0, 1.0, 0]), (pixels, pixels)


def test_a_round_cone_is_as_wide_as_its_two_ends_and_as_near():
    cone = np.array([[-8, 2, 0, 4, 8, 2, 0, 2.0]])
    met = cast_cones(cone, *rays())
    hit = np.isfinite(met[..., 0])
    columns = np.nonzero(hit.any(axis=0))[0]
    assert columns[0] == pytest.approx(199.5 - 120, abs=1.5)
    assert columns[-1] == pytest.approx(199.5 + 100, abs=1.5)
    at_thick, at_thin = int(199.5 - 80), int(199.5 + 80)
    assert hit[:, at_thick].sum() * 0.1 == pytest.approx(8.0, abs=0.25)
    lean = np.arcsin(2 / 16)
    between = 2 * (2 + 4) / 2 / np.cos(lean)
    assert hit[:, 200].sum() * 0.1 == pytest.approx(between, abs=0.15)
    assert met[200, at_thick, 0] == pytest.approx(48, abs=0.1)
    assert met[200, at_thick, 2] == 0
    assert met[200, at_thick - 20, 3] == 0
    assert met[200, at_thin + 10, 3] == pytest.approx(16, abs=0.5)


def test_the_nearer_of_two_implants_is_seen_and_an_end_may_swallow_the_other():
    balls = np.array([[0, 6, 0, 3, 0, 6, 0, 3.0], [0, -6, 0, 2, 0, -6, 0.5, 1.0]])
    met = cast_cones(balls, *rays())
    assert met[200, 200, 2] == 1
    assert met[200, 200, 0] == pytest.approx(42, abs=0.1)
    assert met[200, 226, 2] == 0
    assert met[0, 0, 2] == -1
    assert np.isinf(met[0, 0, 0])
    swallowed = cast_cones(np.array([[0, 0, 0, 1, 0, 0, 0.5, 3.0]]), *rays())
    assert np.isfinite(swallowed[..., 0]).sum() * 0.01 == pytest.approx(np.pi * 9, rel=0.03)


def test_a_plane_reads_a_slope_exactly_between_voxels_and_the_outside_beyond():
    values = np.add.outer(np.add.outer(np.arange(5.0), 10 * np.arange(6.0)), 100 * np.arange(7.0))
    start, right, down = np.array([0.2, 0.3, 0.4]), np.array([0.5, 0, 0]), np.array([0, 0.25, 0.5])
    read = sample_plane(values, start, right, down, (4, 20), np.float32(-9))
    i = 0.2 + 0.5 * np.arange(20)
    expected = i[:, None] + 10 * (0.3 + 0.25 * np.arange(4)) + 100 * (0.4 + 0.5 * np.arange(4))
    assert read[:, :8] == pytest.approx(expected.T[:, :8], abs=1e-3)
    assert (read[:, 9:] == -9).all()
