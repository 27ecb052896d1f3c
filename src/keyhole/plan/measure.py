"""What a fitting screw keeps from its walls, exactly: clearances, margins, room in the body."""

import numpy as np

from keyhole.kernels.breach import body_room, exact
from keyhole.plan.passage import DIRECTIONS, Passage
from keyhole.plan.search import Fits, usual_error
from keyhole.plan.settings import Settings
from keyhole.space import Floats

TOLERANCE_MM = 0.05
"""How far a reported minimum may lie above the true one."""
LATERAL = DIRECTIONS.index("lateral")


def least_margin(passage: Passage, fits: Fits, settings: Settings) -> Floats:
    """(n,) mm: the least margin of the sides that limit, capped."""
    least = fits.margin[:, passage.limits].min(axis=1)
    return np.minimum(least, settings.screws.margin_cap_mm)


def made_exact(passage: Passage, fits: Fits, settings: Settings) -> Fits:
    """The same screws with clearances and guaranteed margins exact to 0.05 mm."""
    rows = exact(
        passage.walls.values,
        passage.in_voxels(fits.found.lines),
        np.column_stack([fits.found.dock, fits.found.wall]),
        fits.diameter_mm / 2,
        usual_error(settings.error),
        TOLERANCE_MM,
    )
    return Fits(fits.diameter_mm, fits.found, fits.length, rows[:, :4], rows[:, 4:])


def against_bone(passage: Passage, fits: Fits, settings: Settings) -> Fits:
    """The same screws, exact, with what they truly leave the bone by on the lateral side.

    Without a room beside the pedicle they are as they were. With one, all that leaves the bone
    lies in the room, which is lateral: the lateral side is measured against the bone alone.
    """
    if passage.room is None:
        return fits
    alone = made_exact(passage.bone_alone, fits, settings)
    clearance, margin = fits.clearance.copy(), fits.margin.copy()
    clearance[:, LATERAL] = alone.clearance[:, LATERAL]
    margin[:, LATERAL] = alone.margin[:, LATERAL]
    return Fits(fits.diameter_mm, fits.found, fits.length, clearance, margin)


def body_rooms(passage: Passage, fits: Fits) -> Floats:
    """(n, 2) mm: free distance in the body to its front and side walls, and to the endplates."""
    return body_room(
        passage.vertebra.bone.values,
        passage.in_voxels(fits.found.lines),
        fits.diameter_mm / 2,
        np.column_stack([fits.found.wall, fits.found.dock + fits.length]),
        np.ascontiguousarray(passage.vertebra.frame.up),
        passage.to_voxels[:, :3].copy(),
    )
