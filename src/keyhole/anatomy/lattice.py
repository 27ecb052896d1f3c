"""How far voxels alone may put a fitted surface off.

A label map holds a surface only where voxels change from one side to the other. A surface that
runs across many layers of voxels is held well; one that lies within a layer may lie anywhere in
it. So the error depends on how the surface stands to the voxels. It is found by laying the
surface into the voxels in many ways near the one seen, and fitting each again.
"""

import itertools

import numpy as np

from keyhole.space import Floats

VOXEL_SD = 0.3
"""SD of a surface at one place, voxels: evenly spread within one."""
_PHASES = (np.arange(6) + 0.5) / 6
"""Where in a voxel the surface's middle may lie."""
_TILTS = np.linspace(-1.0, 1.0, 5)
"""How far the surface's ends may lie off what was fitted, voxels."""


def lattice_scatter(
    points: Floats,
    normal: Floats,
    design: Floats,
    affine: Floats,
    expected: Floats | None = None,
) -> Floats:
    """The scatter (m, m) of least-squares weights that voxels cause, mm along the normal.

    Args:
        points: (n, 3) mm RAS, places on the surface, about flat.
        normal: (3,) the surface's direction.
        design: (n, m) what its distance along the normal was fitted with.
        affine: (4, 4) of the label map.
        expected: (k, m) further rows of the fit, which tie weights to what is expected of them,
            each to an SD of one place's error, `VOXEL_SD` voxels.

    """
    to_voxels = np.linalg.inv(affine)[:3, :3]
    voxels = (points - points.mean(axis=0)) @ to_voxels.T
    across = affine[:3, :3].T @ normal
    axis = int(np.abs(across / np.linalg.norm(affine[:3, :3], axis=0)).argmax())
    columns, rows = _columns(voxels, axis)
    span = np.maximum(np.abs(columns).max(axis=0), 1e-6)
    heights = voxels[rows, axis]
    ways = itertools.product(_PHASES, _TILTS, _TILTS)
    laid = np.stack([heights + p + columns @ (np.array([s, t]) / span) for p, s, t in ways])
    wrong = np.floor(laid) + 0.5 - laid
    tied = np.zeros((0, design.shape[1])) if expected is None else expected
    fit = np.linalg.pinv(np.vstack([design[rows], tied]))
    wrong_weights = fit[:, : len(rows)] @ wrong.T
    chance = fit[:, len(rows) :] * VOXEL_SD
    scatter = wrong_weights @ wrong_weights.T / len(laid) + chance @ chance.T
    return np.asarray(scatter * across[axis] ** 2)


def _columns(voxels: Floats, axis: int) -> tuple[Floats, np.ndarray]:
    """Of points, one for each column of voxels along an axis: its place (k, 2) and its row."""
    flat = np.delete(voxels, axis, axis=1)
    _, rows = np.unique(np.round(flat), axis=0, return_index=True)
    return flat[rows], rows
