"""Endplate planes: least squares through the rim, never through the concave middle.

DEFINITIONS 2: the rim is the outer fifth of the surface; residuals over 1.5 mm (osteophytes)
are trimmed; a plane worse than 2 mm RMS is flagged by its owner.
"""

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from keyhole.anatomy.grid import LocalGrid
from keyhole.anatomy.spine import Endplate
from keyhole.errors import AnatomyError
from keyhole.space import Floats, Frame, unit

TRIM_MM = 1.5
_EDGE_MM = 1.0
"""How much of the outermost surface is left out: the rounding of the corner."""
_WING_MM = 10.0
"""Half the width below which a part of the outline is a process, not body."""
_REACH_MM = 5.0
"""How far the rim may overhang the waist."""
_ROOT_MM = (8.0, 10.0)
"""Further out than the first and less than the second ahead of the posterior wall, a body's
upper end runs into the pedicle's root, and is no rim there."""


def find_endplate(
    grid: LocalGrid, back: float, which: Literal["upper", "lower"], level: str
) -> Endplate:
    """The plane through the rim of one endplate.

    Args:
        grid: the bone round a frame at the body's centre.
        back: local front-coordinate of the posterior body wall, mm.
        which: `upper` or `lower`.
        level: for the refusal's words.

    Raises:
        AnatomyError: `body-unseen` where the body has no such end.

    """
    heights, there = _heights(grid, back, which)
    rim = _rim(there, float(grid.right[1] - grid.right[0]))
    if which == "upper":
        rim &= ~_roots(grid, back)
    rows = np.argwhere(rim)
    if len(rows) < 20:
        raise AnatomyError(
            "body-unseen",
            asked=f"The {which} endplate of {level} was asked for.",
            found="Its rim cannot be found in the label.",
            next="Check the label of the body.",
            at=[level],
        )
    points = np.column_stack([grid.right[rows[:, 0]], grid.front[rows[:, 1]], heights[rim]])
    outline = np.argwhere(there)
    centre = np.array([grid.right[outline[:, 0]].mean(), grid.front[outline[:, 1]].mean()])
    return endplate_through(grid.frame, points, centre)


def endplate_through(frame: Frame, rim: Floats, centre: Floats) -> Endplate:
    """The trimmed plane through rim points (n, 3), local mm, over a centre (2,) right, front."""
    kept, slopes = _trimmed_plane(rim)
    height = np.array([centre[0], centre[1], 1.0]) @ slopes
    residual = kept[:, 2] - np.column_stack([kept[:, :2], np.ones(len(kept))]) @ slopes
    normal = frame.axes @ unit([-slopes[0], -slopes[1], 1.0])
    return Endplate(
        centre=frame.to_patient([centre[0], centre[1], height]),
        normal=normal,
        rim=frame.to_patient(kept),
        width_mm=float(np.ptp(kept[:, 0])) + 2 * _EDGE_MM,
        depth_mm=float(np.ptp(kept[:, 1])) + 2 * _EDGE_MM,
        rms_mm=float(np.sqrt((residual**2).mean())),
    )


def _trimmed_plane(points: Floats) -> tuple[Floats, Floats]:
    """The points kept and (a, b, c) of height = a right + b front + c."""
    kept = points
    slopes: Floats = np.zeros(3)
    for _ in range(8):
        design = np.column_stack([kept[:, :2], np.ones(len(kept))])
        slopes = np.asarray(np.linalg.lstsq(design, kept[:, 2], rcond=None)[0], dtype=np.float64)
        residual = points[:, 2] - np.column_stack([points[:, :2], np.ones(len(points))]) @ slopes
        limit = max(TRIM_MM, float(np.quantile(np.abs(residual), 0.5)))
        chosen = points[np.abs(residual) <= limit]
        if len(chosen) == len(kept):
            break
        kept = chosen
    return kept, slopes


def _heights(
    grid: LocalGrid, back: float, which: Literal["upper", "lower"]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Height of the end's surface over each column, and where there is any.

    Columns lie ahead of the posterior wall and no further out than the rim may overhang the
    waist, so that transverse processes stay out.
    """
    sign = 1 if which == "upper" else -1
    up = grid.up[::sign]
    distances = grid.distances[:, :, ::sign]
    inside = distances < 0
    waist = grid.inside[:, :, np.abs(grid.up) <= 2].any(axis=2) & (grid.front > back)[None, :]
    step = float(grid.right[1] - grid.right[0])
    allowed = _main_piece(_opened(waist, step))
    if not allowed.any():
        return np.zeros(waist.shape), allowed
    allowed = ndimage.distance_transform_edt(~allowed) * step <= _REACH_MM
    allowed &= (grid.front > back)[None, :]
    rank = up.shape[0] - 1 - np.argmax(inside[:, :, ::-1], axis=2)
    there = inside.any(axis=2) & allowed & (sign * up[rank] > 0)
    rank = np.clip(rank, 0, up.shape[0] - 2)
    low = np.take_along_axis(distances, rank[..., None], axis=2)[..., 0]
    high = np.take_along_axis(distances, rank[..., None] + 1, axis=2)[..., 0]
    share = np.clip(-low / np.maximum(high - low, 1e-6), 0, 1)
    heights = up[rank] + share * (up[1] - up[0])
    if there.any():
        middle = np.median(heights[there])
        there &= np.abs(heights - middle) < 10
    return heights, _main_piece(_opened(there, step))


def _opened(mask: NDArray[np.bool_], step: float) -> NDArray[np.bool_]:
    """The mask without anything narrower than 20 mm: transverse processes, osteophytes."""
    deep = ndimage.distance_transform_edt(np.pad(mask, 1))[1:-1, 1:-1] * step > _WING_MM
    if not deep.any():
        return mask
    return mask & (ndimage.distance_transform_edt(~deep) * step <= _WING_MM)


def _main_piece(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The largest connected piece of a 2-D mask."""
    pieces, count = ndimage.label(mask)
    if count == 0:
        return mask
    return pieces == np.bincount(pieces.ravel())[1:].argmax() + 1


def _roots(grid: LocalGrid, back: float) -> NDArray[np.bool_]:
    """The columns over the pedicles' roots."""
    return (np.abs(grid.right) > _ROOT_MM[0])[:, None] & (grid.front < back + _ROOT_MM[1])


def _rim(there: NDArray[np.bool_], step: float) -> NDArray[np.bool_]:
    """The outer fifth of the surface's radius, less the rounded edge."""
    depth = ndimage.distance_transform_edt(there) * step
    band = max(0.2 * float(depth.max()), 2.0)
    return there & (depth > _EDGE_MM) & (depth <= _EDGE_MM + band)
