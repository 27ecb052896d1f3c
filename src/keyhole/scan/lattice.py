"""Where grids meet: the same voxel centres in another order, or a lattice wide enough for all."""

import itertools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from keyhole.scan.volume import Volume
from keyhole.space import Floats

_MOST_VOXELS = 120_000_000
"""Unsourced: with its temporaries a map of this size stays under 1 GiB."""


def widened(finest: Volume, grids: Sequence[Volume]) -> tuple[Volume, bool]:
    """The lattice of `finest` continued until it holds all grids; its values mean nothing.

    Also tells whether its voxels had to be made larger to stay under 120 million of them.
    """
    corners = np.concatenate([finest.to_voxels(g.to_patient(box_corners(g))) for g in grids])
    corners = np.round(corners + 0.5, 3)
    low, high = np.floor(corners.min(axis=0)), np.ceil(corners.max(axis=0))
    larger = max(1.0, float(np.prod(high - low) / _MOST_VOXELS) ** (1 / 3))
    return _continued(finest, low, high - low, larger), larger > 1


def same_lattice(one: Volume, other: Volume) -> bool:
    """Whether both have the same voxel centres, to 0.01 mm, in whatever order they are stored."""
    corners = np.array(list(itertools.product(*((0, n - 1) for n in one.shape))))
    there = other.to_voxels(one.to_patient(corners))
    ends = np.array(other.shape) - 1
    off_mm = np.minimum(np.abs(there), np.abs(there - ends)) * other.spacing
    steps = np.abs(np.linalg.inv(other.affine)[:3, :3] @ one.affine[:3, :3])
    whole = np.allclose(steps, np.rint(steps), atol=1e-3) and np.allclose(
        steps.sum(axis=0), 1, atol=1e-3
    )
    return bool(whole and np.prod(one.shape) == np.prod(other.shape) and off_mm.max() < 1e-2)


def box_corners(grid: Volume) -> NDArray[np.float64]:
    """(8, 3) voxel coordinates of the outer corners of a grid's box."""
    ends = [(-0.5, n - 0.5) for n in grid.shape]
    return np.array(list(itertools.product(*ends)))


def _continued(grid: Volume, low: Floats, size: Floats, larger: float) -> Volume:
    """The grid continued from voxel `low` over `size` voxels, its edges `larger` times as long."""
    affine = grid.affine.copy()
    affine[:3, :3] *= larger
    affine[:3, 3] = grid.to_patient(low - 0.5 + larger / 2)
    shape = tuple(int(n) for n in np.ceil(np.round(size / larger, 3)))
    return Volume(np.broadcast_to(np.uint8(0), shape), affine)
