"""The pars interarticularis: how thick a bridge of bone joins the two articular pillars of a side.

The bridge runs, on one side of the midline, from the bone behind the pedicle (the upper pillar) to
the inferior process. Its thickness is the diameter of the largest
ball that passes from the one to the other within the bone. Where none passes the arch is broken
there, or the label is.
"""

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray
from scipy import ndimage

from keyhole.anatomy.grid import LocalGrid, local_grid
from keyhole.anatomy.spine import Vertebra
from keyhole.errors import AnatomyError
from keyhole.space import Floats, Side, fixed, same, shaped

_REACH_MM, _STEP_MM = (36.0, 60.0, 45.0), 0.75
_OFF_MIDLINE_MM = 4.0
"""How far from the midline the bridge stays: the lamina's way round is no pars."""
_AHEAD_MM, _PILLAR_MM, _PILLAR_UP_MM = 4.0, 3.0, (-6.0, 12.0)
"""How far before the canal's middle the bridge may run; and how far behind it, and how high about
the pedicle's middle, the upper pillar lies."""
_TIP_MM = 9.0
"""How much of the inferior process above its tip counts as reached."""
_THICKEST_MM, _TURNS = 7.0, 7

Ends = tuple[tuple[NDArray[np.intp], ...], tuple[NDArray[np.intp], ...]]


@frozen
class Pars:
    """One pars: its thickness, mm, and the middle (3,) mm RAS of its narrowest place.

    `thickness_mm` is 0 and `broken` holds where no bone joins the two pillars.
    """

    level: str
    side: Side
    thickness_mm: float
    place: Floats = field(converter=fixed, validator=shaped(3), eq=same)
    broken: bool


def find_pars(vertebra: Vertebra, side: Side) -> Pars:
    """The pars of one side.

    Raises:
        AnatomyError: `not-seen` where the side has no pedicle or no inferior process.

    """
    tip = vertebra.landmarks.get(f"inferior facet tip {side}")
    if tip is None or side not in vertebra.pedicles:
        raise AnatomyError(
            "not-seen",
            asked=f"The {side} pars of {vertebra.level} was asked for.",
            found="Its pedicle or its inferior articular process is not in the label.",
            next="Check the label of the vertebra's arch.",
            at=[f"{vertebra.level} {side}"],
        )
    grid = _side(vertebra, side)
    ends = _ends(vertebra, grid, side, tip)
    depth = -grid.distances.astype(np.float64)
    low, high = 0.0, _THICKEST_MM
    if not _joined(depth > 0, ends):
        return Pars(vertebra.level, side, 0.0, _gap(vertebra, grid, depth, ends), True)
    for _ in range(_TURNS):
        middle = (low + high) / 2
        low, high = (middle, high) if _joined(depth > middle, ends) else (low, middle)
    place = _narrowest(grid, depth, high, ends)
    return Pars(vertebra.level, side, 2 * low, place, False)


def _side(vertebra: Vertebra, side: Side) -> LocalGrid:
    """The vertebra round its frame, where the bridge may run."""
    grid = local_grid(vertebra.bone, vertebra.frame, _REACH_MM, _STEP_MM)
    canal = vertebra.frame.to_local(vertebra.canal_centre)
    out = grid.right - canal[0] if side == "right" else canal[0] - grid.right
    beside, behind = out > _OFF_MIDLINE_MM, grid.front < canal[1] + _AHEAD_MM
    return LocalGrid(
        grid.frame,
        grid.distances[beside][:, behind],
        grid.inside[beside][:, behind],
        grid.right[beside],
        grid.front[behind],
        grid.up,
    )


def _ends(vertebra: Vertebra, grid: LocalGrid, side: Side, tip: Floats) -> Ends:
    """Where in the grid the upper pillar and the inferior process lie."""
    height = float(vertebra.frame.to_local(vertebra.pedicles[side].centre)[2])
    canal = float(vertebra.frame.to_local(vertebra.canal_centre)[1])
    low = float(vertebra.frame.to_local(tip)[2])
    off = grid.up - height
    pillar = np.ix_(
        np.arange(len(grid.right)),
        np.flatnonzero(grid.front > canal - _PILLAR_MM),
        np.flatnonzero((off > _PILLAR_UP_MM[0]) & (off < _PILLAR_UP_MM[1])),
    )
    process = np.ix_(
        np.arange(len(grid.right)),
        np.arange(len(grid.front)),
        np.flatnonzero(grid.up < low + _TIP_MM),
    )
    return pillar, process


def _joined(bone: NDArray[np.bool_], ends: Ends) -> bool:
    """Whether one piece of bone reaches from one end to the other."""
    pieces, count = ndimage.label(bone)
    if count == 0:
        return False
    upper, lower = (np.unique(pieces[end]) for end in ends)
    return bool(np.setdiff1d(np.intersect1d(upper, lower), [0]).size)


def _narrowest(grid: LocalGrid, depth: Floats, high: float, ends: Ends) -> Floats:
    """(3,) mm RAS: between what of either end is left where the bone is thicker than that."""
    pieces, _ = ndimage.label(depth > high)
    way = np.zeros(depth.shape)
    for end in ends:
        reached = np.isin(pieces, np.setdiff1d(np.unique(pieces[end]), [0]))
        if not reached.any():
            reached[end] = True
        way += ndimage.distance_transform_edt(~reached)
    return _mean(grid, np.argwhere((way <= way.min() + 1.0) & (depth > 0)))


def _gap(
    vertebra: Vertebra,
    grid: LocalGrid,
    depth: Floats,
    ends: Ends,
) -> Floats:
    """(3,) mm RAS: midway between the two parts of a broken bridge."""
    pieces, _ = ndimage.label(depth > 0)
    upper, lower = (np.setdiff1d(np.unique(pieces[end]), [0]) for end in ends)
    if len(upper) == 0 or len(lower) == 0:
        return vertebra.canal_centre
    low = np.argwhere(np.isin(pieces, upper))[:, 2].min()
    rows = np.argwhere(np.isin(pieces, upper) & (np.arange(depth.shape[2]) <= low + 2))
    return _mean(grid, rows)


def _mean(grid: LocalGrid, rows: NDArray[np.intp]) -> Floats:
    local = [
        ticks[rows[:, axis]].mean() for axis, ticks in enumerate((grid.right, grid.front, grid.up))
    ]
    return grid.frame.to_patient(local)
