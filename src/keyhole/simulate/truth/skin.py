"""How deep the spine lies under the skin of the back, on the surfaces themselves.

All depths run straight from back to front as the patient's third lumbar vertebra has it (for a
table: as the table has it), at the height of the disc's middle.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from attrs import field, frozen
from scipy.optimize import brentq

from keyhole.simulate.design.model import Design
from keyhole.simulate.design.stack import inverse, stack, within
from keyhole.simulate.engine.shapes import Shape
from keyhole.simulate.soft.trunk_column import column_of
from keyhole.space import Floats, Frame, fixed, same, shaped

ASIDE_MM = (-50.0, -30.0, -15.0, 0.0, 15.0, 30.0, 50.0)
"""Where depths to bone are taken, mm right of the midline."""
_BEYOND_MM = 12.0
"""How far before the canal's back the way to bone may still end: transverse processes do."""
_OUTSIDE_MM = 260.0
_STEP_MM = 0.5


@frozen
class SkinTruth:
    """A segment's skin depths, mm; `epidural` is the point (3,) mm RAS behind the sac.

    `epidural_mm` is the way from the skin to it in the midline; `bone_mm` by mm right of the
    midline the way to the first bone, None where the way meets none.
    """

    segment: str
    epidural: Floats = field(converter=fixed, validator=shaped(3), eq=same)
    epidural_mm: float
    bone_mm: Mapping[float, float | None]


def skin_truths(
    design: Design, frames: Mapping[str, Frame], skin: Shape, bones: Sequence[Shape]
) -> dict[str, SkinTruth]:
    """Every segment's depths; skin, bones and frames in one world, wherever that lies."""
    here = stack(design)
    column = column_of(design, here)
    pose = within(frames["L3"], inverse(here["L3"]))
    found = {}
    for part, rung in zip(reversed(design.segments), range(len(column.rungs)), strict=True):
        height = float(column.rungs[rung])
        own = np.array([*column.canal.at([height])[0], height])
        across, ahead = pose.right, pose.front
        middle = pose.to_patient(own)
        found[part.name] = SkinTruth(
            part.name,
            middle,
            _way_out(skin, middle, -ahead),
            {x: _to_bone(skin, bones, middle + x * across, ahead) for x in ASIDE_MM},
        )
    return found


def _way_out(skin: Shape, start: Floats, along: Floats) -> float:
    """How far it is, mm, from a point within the skin to the skin."""
    return _crossing(skin, start, along, np.arange(0, _OUTSIDE_MM, _STEP_MM))


def _to_bone(skin: Shape, bones: Sequence[Shape], abreast: Floats, ahead: Floats) -> float | None:
    """How far it is, mm, from the skin of the back forward to bone."""
    depth = _way_out(skin, abreast, -ahead)
    surface = abreast - depth * ahead
    ways = [_first(bone, surface, ahead, depth + _BEYOND_MM) for bone in bones]
    return min((way for way in ways if way is not None), default=None)


def _first(bone: Shape, start: Floats, along: Floats, most: float) -> float | None:
    ticks = np.arange(0, most, _STEP_MM)
    inside = np.flatnonzero(bone(start + ticks[:, None] * along) < 0)
    if len(inside) == 0:
        return None
    return _crossing(bone, start, along, ticks[: inside[0] + 1])


def _crossing(shape: Shape, start: Floats, along: Floats, ticks: Floats) -> float:
    """Where a shape's sign changes last among ticks along a line."""

    def away(way: float) -> float:
        return float(shape((start + way * along)[None])[0])

    signs = np.sign(shape(start + ticks[:, None] * along))
    last = int(np.flatnonzero(signs[1:] != signs[:-1])[-1])
    return float(brentq(away, ticks[last], ticks[last + 1], xtol=1e-6))
