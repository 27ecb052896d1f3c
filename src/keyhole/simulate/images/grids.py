"""Grids to scan a patient on: straight, or crooked as real ones are."""

from collections.abc import Sequence

import numpy as np

from keyhole.simulate.design.draw import demand_levels
from keyhole.simulate.patient import Phantom
from keyhole.space import Floats, turned

Grid = tuple[Floats, tuple[int, int, int]]
"""(4, 4) affine, voxel centre -> mm RAS; and the voxels along i, j, k."""

STRAIGHT: Floats = np.eye(3)
_OFF_CENTRE = np.array([0.37, 0.21, 0.44])
"""The share of a voxel by which a crooked grid misses the box it covers."""


def crooked_grid(
    patient: Phantom,
    spacing_mm: tuple[float, float, float] = (1.0, 1.0, 1.0),
    *,
    oblique: tuple[float, float, float] = (12.0, -7.0, 18.0),
    left_handed: bool = True,
    levels: Sequence[str] | None = None,
    margin_mm: float = 8.0,
) -> Grid:
    """A turned, off-centre grid that covers some levels' bones and little else.

    Args:
        patient: who will be scanned.
        spacing_mm: along i, j, k.
        oblique: degrees about right, front, up, in turn.
        left_handed: i runs to the left (determinant below 0), as DICOM-born files often have.
        levels: what to cover; all the patient's where None.
        margin_mm: beyond the bones' surface.

    Raises:
        RequestError: `level-not-there`.

    """
    turn = _turn(oblique)
    if left_handed:
        turn = turn * [-1, 1, 1]
    chosen = patient.levels if levels is None else levels
    return _covering(_corners(patient, chosen) @ turn, turn, spacing_mm, margin_mm)


def standard_grid(patient: Phantom, spacing_mm: float = 1.5, margin_mm: float = 20.0) -> Grid:
    """A straight grid, as most CT files have: i left to right; the whole torso across.

    Of a crop it covers the window.
    """
    if patient.window is not None:
        return _covering(np.array(patient.window), STRAIGHT, (spacing_mm,) * 3, 0.0)
    corners = _corners(patient, patient.levels)
    body = [solid for solid in patient.solids if solid.name == "body"]
    margin = np.full(3, margin_mm)
    if body:
        margin[:2] = 5.0
        skin = np.array([body[0].shape.low, body[0].shape.high])
        skin[:, 2] = np.clip(skin[:, 2], corners[:, 2].min(), corners[:, 2].max())
        corners = np.vstack([corners, skin])
    return _covering(corners, STRAIGHT, (spacing_mm,) * 3, margin)


def _turn(degrees: tuple[float, float, float]) -> Floats:
    axes = np.eye(3)
    for axis, angle in zip(np.eye(3), degrees, strict=True):
        axes = np.column_stack([turned(column, axis, angle) for column in axes.T])
    return axes


def _corners(patient: Phantom, levels: Sequence[str]) -> Floats:
    """(8 n, 3) mm RAS: the corners of the levels' boxes."""
    demand_levels(levels, patient.levels)
    picks = np.indices((2, 2, 2)).reshape(3, 8).T
    boxes = [
        patient.frames[level].to_patient(
            np.where(picks == 0, patient.bones[level].low, patient.bones[level].high)
        )
        for level in levels
    ]
    return np.vstack(boxes)


def _covering(
    corners: Floats, axes: Floats, spacing_mm: tuple[float, float, float], margin: float | Floats
) -> Grid:
    """The grid whose axes these are, round corners given along them."""
    spacing = np.asarray(spacing_mm, dtype=np.float64)
    low = corners.min(axis=0) - margin - _OFF_CENTRE * spacing
    size = np.ceil((corners.max(axis=0) + margin - low) / spacing).astype(int) + 1
    affine = np.eye(4)
    affine[:3, :3] = axes * spacing
    affine[:3, 3] = axes @ low
    return affine, (int(size[0]), int(size[1]), int(size[2]))
