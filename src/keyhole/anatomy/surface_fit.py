"""A piece of a bone's surface, fitted beside a place where it cannot be seen and carried on to it."""

import numpy as np
from attrs import frozen

from keyhole.anatomy.lattice import VOXEL_SD, lattice_scatter
from keyhole.scan.volume import Volume
from keyhole.space import Floats, Frame

HOLLOW_SD = 0.006
"""SD of how much a wall is hollowed, per mm, unsourced. Coarse voxels say too little of it to carry
a wall on to its rim without."""
_WALL_MM2 = 95.0
"""The piece of wall that is fitted so."""
_TRIM_MM, _TRIM_VOXELS = 1.5, 0.75
"""Residuals beyond this (osteophytes, a vein's mouth) are left out (DEFINITIONS 2)."""
_LEAST, _TURNS = 20, 6
"""Points that a fit needs, and how often it is trimmed at most."""


@frozen
class Fit:
    """A surface carried on to one place, and the SD that voxels give it there, mm."""

    value: float
    sd: float


def last_crossing(bone: Volume, view: Frame, ticks: Floats) -> Floats:
    """Where rows of points leave the bone for the last time.

    Args:
        bone: signed distance, mm, negative inside.
        view: the frame of the points.
        ticks: (..., n, 3) local mm, each row evenly spaced.

    Returns:
        (...): the place in the row, in steps, interpolated; NaN where the row does not leave
        the bone or never meets it.

    """
    values = bone.at(view.to_patient(ticks.reshape(-1, 3)), order=1, outside=100)
    values = values.reshape(ticks.shape[:-1])
    inside = values < 0
    count = values.shape[-1]
    last = count - 1 - inside[..., ::-1].argmax(axis=-1)
    fine = inside.any(axis=-1) & (last < count - 1)
    last = np.where(fine, last, 0)
    low = np.take_along_axis(values, last[..., None], axis=-1)[..., 0]
    high = np.take_along_axis(values, last[..., None] + 1, axis=-1)[..., 0]
    share = low / np.where(fine, low - high, 1)
    return np.where(fine, last + share, np.nan)


def carried_on(
    design: Floats,
    points: Floats,
    axis: int,
    view: Frame,
    affine: Floats,
    hollow: float | None = None,
) -> Fit | None:
    """The trimmed least-squares fit of a surface, where all columns but the first are zero.

    Args:
        design: (..., m).
        points: (..., 3) local mm, NaN where nothing was found.
        axis: the points' coordinate that is fitted.
        view: the points' frame.
        affine: (4, 4) of the label map.
        hollow: what the last weight is expected to be, within `HOLLOW_SD`.

    """
    seen = np.isfinite(points[..., axis])
    rows, places = design[seen], points[seen]
    values = places[:, axis]
    voxel = voxel_edge(affine)
    tie = np.zeros((0 if hollow is None else 1, design.shape[-1]))
    tie[:, -1] = VOXEL_SD * voxel / HOLLOW_SD
    repeated = voxel * np.sqrt(len(rows) / _WALL_MM2)
    kept = np.ones(len(rows), dtype=bool)
    weights: Floats = np.zeros(design.shape[-1])
    for _ in range(_TURNS):
        if kept.sum() < _LEAST:
            return None
        left = np.vstack([rows[kept], repeated * tie])
        right = np.append(values[kept], repeated * tie[:, -1] * (hollow or 0))
        weights = np.asarray(np.linalg.lstsq(left, right, rcond=None)[0])
        residual = np.abs(values - rows @ weights)
        limit = max(_TRIM_MM, _TRIM_VOXELS * voxel, float(np.median(residual)))
        if (kept == (residual <= limit)).all():
            break
        kept = residual <= limit
    where = view.to_patient(places[kept])
    scatter = lattice_scatter(where, view.axes[:, axis], rows[kept], affine, tie)
    return Fit(float(weights[0]), float(np.sqrt(scatter[0, 0])))


def voxel_edge(affine: Floats) -> float:
    """The largest voxel edge, mm."""
    return float(np.linalg.norm(affine[:3, :3], axis=0).max())
