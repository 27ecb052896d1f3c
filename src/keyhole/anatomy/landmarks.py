"""Named points of a vertebra's arch and processes, found from its shape alone.

Names: `spinous tip`, `lamina`, and for each side `transverse tip`, `superior facet tip`,
`inferior facet tip`, `pars`. A point that cannot be found is left out, never guessed.
"""

import numpy as np
from numpy.typing import NDArray

from keyhole.anatomy.grid import LocalGrid
from keyhole.space import SIDES, Floats, Side


def find_landmarks(grid: LocalGrid, canal: Floats, back: float) -> dict[str, Floats]:
    """The points, mm RAS.

    Args:
        grid: the bone round the vertebra's frame.
        canal: (3,) local mm, the canal's centre.
        back: local front-coordinate of the posterior body wall, mm.

    """
    rows = np.argwhere(grid.inside)
    points = np.column_stack([grid.right[rows[:, 0]], grid.front[rows[:, 1]], grid.up[rows[:, 2]]])
    behind = points[points[:, 1] < canal[1]]
    found = {
        "spinous tip": _end(behind[np.abs(behind[:, 0]) < 8], 1, -1),
        "lamina": _lamina(grid, canal),
    }
    for side in SIDES:
        found |= _sided(points, behind, canal, back, side)
    return {
        name: grid.frame.to_patient(point) for name, point in found.items() if point is not None
    }


def _sided(
    points: Floats, behind: Floats, canal: Floats, back: float, side: Side
) -> dict[str, Floats | None]:
    """The points of one side, local mm."""
    sign = 1 if side == "right" else -1
    lateral = points[:, 0] * sign
    wing = points[(points[:, 1] < back + 6) & (lateral > 15)]
    joint = behind[(behind[:, 0] * sign > 4) & (behind[:, 0] * sign < 32)]
    above = joint[joint[:, 2] > canal[2]]
    below = joint[(joint[:, 2] < canal[2] - 8) & (joint[:, 0] * sign > 5)]
    return {
        f"transverse tip {side}": _end(wing, 0, sign),
        f"superior facet tip {side}": _end(above, 2, 1),
        f"inferior facet tip {side}": _end(below, 2, -1),
        f"pars {side}": _pars(joint, canal, sign),
    }


def _end(points: Floats, axis: int, sign: int) -> Floats | None:
    """The mean of the outermost 1.5 mm of some points along an axis, or None without points."""
    if len(points) == 0:
        return None
    along = points[:, axis] * sign
    return points[along >= along.max() - 1.5].mean(axis=0)


def _lamina(grid: LocalGrid, canal: Floats) -> Floats | None:
    """The middle of the bone behind the canal, in the midsagittal plane."""
    column = int(np.abs(grid.right - canal[0]).argmin())
    row = int(np.abs(grid.up - canal[2]).argmin())
    behind = grid.front < canal[1]
    bone: NDArray[np.intp] = np.flatnonzero(grid.inside[column, behind, row])
    if len(bone) == 0:
        return None
    return np.array([canal[0], grid.front[behind][bone[-1]], canal[2]])


def _pars(joint: Floats, canal: Floats, sign: int) -> Floats | None:
    """The centroid of the arch's bone 6 to 10 mm below the middle of the closed ring."""
    low = canal[2] - joint[:, 2]
    part = joint[(low > 6) & (low < 10) & (joint[:, 0] * sign > 6)]
    return None if len(part) == 0 else part.mean(axis=0)
