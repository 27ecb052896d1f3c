"""Where a vertebra's body and canal are, before anything is known but its label."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from keyhole.anatomy.grid import LocalGrid, local_grid
from keyhole.errors import AnatomyError
from keyhole.scan.volume import Volume
from keyhole.space import Floats, Frame, across, unit

_HOLE_MM2 = (60.0, 900.0)
"""Area of the opening in a plane for it to count as the canal; healthy canals measure 171-360
mm2 (measured on torso_ct), a stenotic one may be less than half of that."""
_LEAST_MM = 2.0
"""How far behind the body's middle a vertebra's centroid lies at least: the arch's weight."""
_GAPS_MM = (0.0, 0.5, 1.0, 1.5, 2.0)
"""How far the bone may be thickened to close a ring that the label leaves open."""


def body_centre(bone: Volume) -> Floats:
    """(3,) mm RAS: the middle of the bone's thickest part, which is the body."""
    deepest = float(bone.values.min())
    core = np.argwhere(bone.values < 0.8 * deepest)
    pieces, _ = ndimage.label(bone.values < 0.8 * deepest)
    largest = np.bincount(pieces[tuple(core.T)]).argmax()
    return bone.to_patient(np.argwhere(pieces == largest).mean(axis=0))


def canal_centre(bone: Volume, up: Floats, level: str) -> Floats:
    """(3,) mm RAS: centroid of the opening that the bone closes round across `up`.

    Raises AnatomyError `body-unseen` where no ring is closed.
    """
    centre = body_centre(bone)
    mass = bone.to_patient(np.argwhere(bone.values < 0).mean(axis=0))
    forward = np.cross(centre - mass, up)
    if np.linalg.norm(forward) > _LEAST_MM:
        frame = Frame.from_up(centre, up, forward)
        grid = local_grid(bone, frame, (30, 60, 28), 1.0)
        for gap in _GAPS_MM:
            hole = _holes(grid, gap)
            if hole is not None:
                return frame.to_patient(hole)
    raise AnatomyError(
        "body-unseen",
        asked=f"The canal of {level} was asked for.",
        found="Its label closes no ring behind the body.",
        next="Check the label: the arch is missing or broken.",
        at=[level],
    )


def _holes(grid: LocalGrid, gap: float) -> NDArray[np.float64] | None:
    """(3,) local mm: the mean of the openings behind the body, or None."""
    found = []
    for index, height in enumerate(grid.up):
        bone = grid.distances[:, :, index] < gap
        pieces, count = ndimage.label(ndimage.binary_fill_holes(bone) & ~bone)
        for piece in range(1, count + 1):
            rows = np.argwhere(pieces == piece)
            x, y = grid.right[rows[:, 0]].mean(), grid.front[rows[:, 1]].mean()
            if _HOLE_MM2[0] <= len(rows) <= _HOLE_MM2[1] and y < -6:
                found.append((x, y, height, len(rows)))
    if not found:
        return None
    holes = np.array(found)
    main = holes[:, 3] >= 0.5 * holes[:, 3].max()
    return np.average(holes[main, :3], axis=0, weights=holes[main, 3])


def rough_frame(bone: Volume, up: Floats, level: str) -> tuple[Frame, Floats]:
    """A first frame at the body's centre, its `front` from canal to body; and the canal's centre.

    Args:
        bone: signed distance, mm.
        up: (3,) roughly cranial, from the neighbours.
        level: for the refusal's words.

    """
    body, canal = body_centre(bone), canal_centre(bone, up, level)
    front = across(body - canal, unit(up))
    return Frame.from_up(body, up, np.cross(front, unit(up))), canal
