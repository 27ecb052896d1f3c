"""A vertebra's pedicles: oblique elliptic tubes, narrowest just behind the posterior wall."""

import numpy as np

from keyhole.simulate.bones.joints import sign
from keyhole.simulate.design.model import LevelSize, of
from keyhole.simulate.engine.shapes import Shape, flared_tube, smooth_max
from keyhole.space import Floats, Frame, Side, turned

_BEHIND_WALL_MM = 3.0
"""How far behind the posterior wall a pedicle is narrowest."""
_BELOW_RIM_MM = 2.0
"""How far its upper border lies below the upper rim."""
_CLEAR_MM = 0.7
_REACH_MM = (10.0, 12.0)
"""How far a pedicle's tube runs from its waist, backward and forward."""


def pedicle_frame(size: LevelSize, side: Side) -> Frame:
    """At the pedicle's waist: front along its axis, right along the minor diameter."""
    s, (minor, major) = sign(side), pedicle_semi(size, side)
    roll, front = np.radians(size.pedicle_roll), np.array([0, 1.0, 0])
    across = np.hypot(minor * np.cos(roll), major * np.sin(roll))
    upright = np.hypot(minor * np.sin(roll), major * np.cos(roll))
    centre = np.array(
        [
            s * (size.canal_width / 2 + across),
            size.back - _BEHIND_WALL_MM,
            size.height_posterior / 2 - _BELOW_RIM_MM - upright,
        ]
    )
    front = turned(front, [1, 0, 0], size.pedicle_tilt)
    front = turned(front, [0, 0, 1], s * size.pedicle_convergence)
    up = np.array([-s * np.sin(roll), 0, np.cos(roll)])
    up -= (up @ front) * front
    up /= np.linalg.norm(up)
    return Frame(centre, np.column_stack([np.cross(front, up), front, up]))


def pedicle_semi(size: LevelSize, side: Side) -> tuple[float, float]:
    """The waist's semi-axes, minor and major, mm."""
    width = of(size.pedicle_width, side)
    return width / 2, max(size.pedicle_height, width) / 2


def pedicle(size: LevelSize, side: Side) -> Shape:
    """The pedicle alone; its upper side stays below the rim's plane."""
    tube = flared_tube(pedicle_frame(size, side), pedicle_semi(size, side), _REACH_MM)
    height, rise = size.upper

    def distance(points: Floats) -> Floats:
        under = points[:, 2] - (height - _CLEAR_MM) - rise * points[:, 1]
        return smooth_max(tube(points), under, 1)

    return Shape(distance, tube.low, tube.high)
