"""What voxels do to a fitted surface: worst where it lies along their layers."""

import numpy as np
import pytest

from keyhole.anatomy.lattice import lattice_scatter
from keyhole.space import turned


def plane(normal, affine, expected=None):
    """The scatter of a rim of 40 mm fitted with a height and two slopes."""
    angles = np.linspace(0, 2 * np.pi, 400)
    rows = np.concatenate([r * np.column_stack([np.cos(angles), np.sin(angles)]) for r in (17, 20)])
    right = np.cross(normal, [0.3, 1.0, 0.2])
    right /= np.linalg.norm(right)
    points = rows[:, :1] * right + rows[:, 1:] * np.cross(normal, right)
    design = np.column_stack([np.ones(len(rows)), rows])
    return lattice_scatter(points + 5.3, normal, design, affine, expected)


def cubes(mm):
    return np.diag([mm, -mm, mm, 1.0])


def test_a_surface_within_a_layer_is_held_worse_than_one_across_layers():
    flat = np.array([0, 0, 1.0])
    steep = turned(flat, np.array([0.6, 0.8, 0]), 25)
    level, tilted = (np.sqrt(np.diag(plane(n, cubes(1.5)))) for n in (flat, steep))
    assert (level > 1.8 * tilted).all()
    assert 0.05 < level[0] < 0.5


def test_scatter_grows_with_the_voxels():
    normal = turned(np.array([0, 0, 1.0]), np.array([0.6, 0.8, 0]), 25)
    fine, coarse = (np.sqrt(plane(normal, cubes(mm))[0, 0]) for mm in (0.6, 1.8))
    assert coarse > 2.5 * fine


def test_what_is_expected_holds_a_weight_within_its_own_spread():
    normal = np.array([0, 0, 1.0])
    free = plane(normal, cubes(2.0))
    tied = plane(normal, cubes(2.0), np.array([[0, 0, 0.3 * 2.0 / 0.001]]))
    assert np.sqrt(tied[2, 2]) == pytest.approx(0.001, rel=0.2)
    assert free[2, 2] > 10 * tied[2, 2]
