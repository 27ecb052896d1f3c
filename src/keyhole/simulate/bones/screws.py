"""Pedicle screws of an earlier operation: shaft along the pedicle's axis, head behind it."""

import numpy as np

from keyhole.simulate.bones.joints import sign
from keyhole.simulate.bones.pedicle import pedicle_frame, pedicle_semi
from keyhole.simulate.design.model import LevelSize
from keyhole.simulate.engine.shapes import Shape, cone, joined
from keyhole.space import Frame, Side, turned

_MOST_RADIUS_MM = 3.25
_FILL = 0.78
"""The shaft's share of the pedicle's width."""
_BEFORE_CORTEX_MM = 5.0
_HEAD_MM = 6.5
_SACRAL_DEG = 35.0


def screw(level: str, size: LevelSize, side: Side, bone: Shape) -> Shape:
    """A screw in the bone's own coordinates."""
    axis = _axis(level, size, side)
    ticks = np.arange(-45.0, 70.0, 0.5)
    inside = bone(axis.origin + ticks[:, None] * axis.front) < 0
    entry = float(ticks[inside].min())
    waist = int(np.searchsorted(ticks, 0.0))
    out = np.flatnonzero(~inside[waist:])
    exit_ = float(ticks[waist + int(out[0])]) if len(out) else float(ticks[-1])
    tip = min(exit_ - _BEFORE_CORTEX_MM, entry + 50.0)
    radius = min(_MOST_RADIUS_MM, _FILL * pedicle_semi(size, side)[0])
    along = [axis.to_patient([0, place, 0]) for place in (entry - 5, entry + 4, tip)]
    head = cone(along[0], axis.to_patient([0, entry - 11, 0]), _HEAD_MM, _HEAD_MM)
    shaft = cone(along[1], along[2], radius, radius * 0.85)
    return joined([cone(along[0], along[1], radius, radius), shaft, head], 1)


def _axis(level: str, size: LevelSize, side: Side) -> Frame:
    """Where the screw runs: front along it."""
    if level != "S1":
        return pedicle_frame(size, side)
    s = sign(side)
    front = turned([0, 1.0, 0], [0, 0, 1.0], s * _SACRAL_DEG)
    origin = [s * (size.canal_width / 2 + 9), size.back - 2, -13.0]
    return Frame(origin, np.column_stack([np.cross(front, [0, 0, 1.0]), front, [0, 0, 1.0]]))
