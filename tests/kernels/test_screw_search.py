"""The search's kernels against brute force in NumPy, on lumpy bone."""

import itertools

import numpy as np
import pytest
from scipy import ndimage

from keyhole.kernels import breach, screw_search, stress

pytestmark = pytest.mark.jit_off

ERROR = (2.0, np.radians(3.0))
SIZE = (34, 20, 22)


@pytest.fixture(scope="module")
def bone():
    """A lumpy bar along the first axis, 1 mm voxels: about 13 mm across, 26 mm long."""
    i, j, k = np.indices(SIZE).astype(float)
    across = np.hypot(j - 9.5, (k - 10.5) * 0.9) - 6.5 - 0.7 * np.sin(i / 3.0)
    return np.maximum(across, np.abs(i - 16.5) - 13.0).astype(np.float32)


def some_lines(count, spread):
    """Lines near the bar's axis, each with its own crossing, direction and roll."""
    rng = np.random.default_rng(3)
    lines = np.empty((count, 4, 3))
    for line in lines:
        ahead = np.array([1.0, *rng.normal(0, 0.06, 2)])
        ahead /= np.linalg.norm(ahead)
        medial = np.cross(ahead, [0, 0, 1.0])
        medial /= np.linalg.norm(medial)
        line[:] = (
            np.array([15.0, 9.5, 10.5]) + rng.normal(0, spread, 3),
            ahead,
            medial,
            np.cross(medial, ahead),
        )
    return lines


def read(bone, points):
    flat = np.asarray(points).reshape(-1, 3).T
    found = ndimage.map_coordinates(bone.astype(float), flat, order=1, mode="nearest")
    return found.reshape(np.shape(points)[:-1])


def rings(bone, line, s, radius):
    """(n, 24) the field round the tool at each s (n,)."""
    angles = np.arange(24) * np.pi / 12
    round_ = radius * (np.cos(angles)[:, None] * line[2] + np.sin(angles)[:, None] * line[3])
    return read(bone, line[0] + s[:, None, None] * line[1] + round_)


def sector(values, k):
    """(n,) the least clearance in a sector, of rings (n, 24)."""
    return -values[:, [(6 * k + m) % 24 for m in range(-3, 4)]].max(axis=1)


def by_hand(bone, line, span, radius):
    """What `fit` should say of one line."""
    dock, wall, limit = span
    before = np.arange(np.ceil(dock), 1.0)
    inside = (rings(bone, line, before, radius) <= 0).all(axis=1)
    start = max(before[inside][0], -5.0) if inside.any() else -5.0
    far_back = np.arange(np.ceil(dock), -5.0)
    spare = (rings(bone, line, far_back, radius) <= -0.5).all(axis=1)
    begin = far_back[spare][0] if spare.any() else start
    s = np.concatenate([np.arange(begin, 0), np.arange(0, wall), [wall]])
    values = rings(bone, line, s, radius)
    sides = np.array([sector(values, k) for k in range(4)])
    if (sides[[0, 1, 3]] < 0).any():
        return np.full(9, np.nan)
    counts = (s >= start) | (sides < 0)
    e = ERROR[0] + 2 * np.abs(s - dock) * np.sin(ERROR[1] / 2)
    clear = np.where(counts, sides, np.inf).min(axis=1)
    margin = np.where(counts, sides - e, np.inf).min(axis=1)
    ahead = np.arange(wall, limit + 1e-9)
    outside = ~(rings(bone, line, ahead, radius) <= 0).all(axis=1)
    reach = wall + outside.argmax() - 1 if outside.any() else limit
    return np.concatenate([clear, margin, [reach]])


def test_the_kernel_equals_brute_force(bone):
    lines = some_lines(24, 1.3)
    ends = screw_search.survey(bone, lines, 30.0, 30.0, 5.0)
    assert np.isfinite(ends).all()
    spans = np.column_stack([ends[:, 0], np.full(24, 3.4), np.linspace(6, 14, 24)])
    found = screw_search.fit(bone, lines, spans, 4.0, ERROR)
    wanted = np.array([by_hand(bone, *pair, 4.0) for pair in zip(lines, spans, strict=True)])
    np.testing.assert_array_equal(np.isnan(found), np.isnan(wanted))
    np.testing.assert_allclose(found, wanted, atol=1e-4)
    assert 4 <= np.isnan(found[:, 0]).sum() <= 20  # some fit and some do not


def test_lines_enter_and_leave_where_the_field_changes_sign(bone):
    lines = some_lines(10, 1.5)
    ends = screw_search.survey(bone, lines, 30.0, 30.0, 5.0)
    for line, (dock, far) in zip(lines, ends, strict=True):
        assert read(bone, line[0] + np.array([[dock], [far]]) * line[1]) == pytest.approx(
            [0, 0], abs=0.06
        )
        between = np.arange(dock + 0.5, far - 0.4, 0.5)
        assert (read(bone, line[0] + between[:, None] * line[1]) < 0).all()


def test_a_line_that_never_leaves_the_bone_has_no_dock(bone):
    assert np.isnan(screw_search.survey(bone, some_lines(1, 0.1), 6.0, 30.0, 5.0)).all()


def test_exact_minima_are_those_of_a_fine_grid(bone):
    lines = some_lines(3, 0.6)
    spans = np.column_stack([screw_search.survey(bone, lines, 30, 30, 5)[:, 0], [4.0, 5.0, 2.5]])
    found = breach.exact(bone, lines, spans, 3.0, ERROR, 0.05)
    for line, (dock, wall), row in zip(lines, spans, found, strict=True):
        s = np.linspace(-5.0, wall, 90)
        for k in range(4):
            angles = k * np.pi / 2 + np.radians(np.linspace(-55, 55, 60))
            round_ = 3 * (np.cos(angles)[:, None] * line[2] + np.sin(angles)[:, None] * line[3])
            free = -read(bone, line[0] + s[:, None, None] * line[1] + round_)
            e = ERROR[0] + 2 * np.abs(s - dock) * np.sin(ERROR[1] / 2)
            assert free.min() - 0.02 <= row[k] <= free.min() + 0.05
            margin = (free - e[:, None]).min()
            assert margin - 0.02 <= row[4 + k] <= margin + 0.05


def test_a_larger_error_never_leaves_more_margin(bone):
    lines = some_lines(2, 0.8)
    spans = np.column_stack([screw_search.survey(bone, lines, 30, 30, 5)[:, 0], np.full(2, 4.0)])
    sizes = [(0.0, 0.0), (1.0, 0.01), (1.0, 0.05)]
    margins = [breach.exact(bone, lines, spans, 3.0, size, 0.1)[:, 4:] for size in sizes]
    for less, more in itertools.pairwise(margins):
        assert (more <= less + 0.1).all()


@pytest.mark.parametrize(("notch", "side"), [(np.s_[:9], 0), (np.s_[11:], 2)])
def test_a_screw_that_leaves_its_bone_again_behind_the_isthmus_is_judged_there(bone, notch, side):
    notched = bone.copy()
    notched[7:9, notch, :] = np.maximum(notched[7:9, notch, :], 1.0)
    line = some_lines(1, 0.0)
    spans = np.array([[screw_search.survey(notched, line, 30, 30, 5)[0, 0], 3.0, 6.0]])
    whole = breach.exact(bone, line, spans[:, :2], 3.0, ERROR, 0.1)[0, :4]
    found = breach.exact(notched, line, spans[:, :2], 3.0, ERROR, 0.1)[0, :4]
    assert whole.min() > 1
    assert found[side] < -0.5
    coarse = screw_search.fit(notched, line, spans, 3.0, ERROR)[0]
    medial_is_hard = side == 0
    assert np.isnan(coarse).all() if medial_is_hard else coarse[side] == pytest.approx(-1, abs=0.1)


def test_a_moved_tool_is_sampled_over_its_own_stretch(bone):
    lines = some_lines(2, 1.0)
    found = breach.sampled(bone, lines, (-4.0, 3.5), 3.0)
    for line, row in zip(lines, found, strict=True):
        values = rings(bone, line, np.array([*np.arange(-4.0, 3.5), 3.5]), 3.0)
        assert row == pytest.approx([sector(values, k).min() for k in range(4)], abs=1e-4)


def test_a_draw_without_error_is_the_screw_itself(bone):
    lines = some_lines(3, 0.8)
    docks = lines[:, 0] - 9 * lines[:, 1]
    planes = np.array(
        [[15.0, 9.5, 10.5], [1, 0, 0], [19.0, 9.5, 10.5], [1, 0, 0], [0, 1, 0], [0, 0, 1.0]]
    )
    found = stress.drawn_breaches(bone, np.eye(3, 4), docks, lines[:, 1].copy(), 3.0, planes)
    turned = lines.copy()
    for line in turned:
        line[0] += (15.0 - line[0, 0]) / line[1, 0] * line[1]
        line[2] = [0, 1, 0] - line[1, 1] * line[1]
        line[2] /= np.linalg.norm(line[2])
        line[3] = np.cross(line[1], line[2])
    walls = 4.0 / turned[:, 1, 0]
    wanted = [
        -np.array(
            [
                sector(rings(bone, line, np.arange(-5.0, wall + 1e-9), 3.0), k).min()
                for k in range(4)
            ]
        )
        for line, wall in zip(turned, walls, strict=True)
    ]
    np.testing.assert_allclose(found, wanted, atol=1e-4)
