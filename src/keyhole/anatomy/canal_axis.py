"""The canal's own curve: smooth through the middles of the closed rings (DEFINITIONS 3).

Between two neighbours it is the cubic that leaves each ring's middle along that vertebra's own
`up`; beyond them it runs on straight. It rests on these two vertebrae alone, so that what else a
scan holds changes nothing.
"""

import numpy as np
from attrs import field, frozen

from keyhole.anatomy.canal_ring import Ring
from keyhole.space import Floats, Frame, fixed, same, shaped, unit

_TICKS = 161
_BEYOND = 0.5
"""How far the curve runs on beyond either ring: a share of the way between them."""


@frozen
class CanalAxis:
    """A curve every fraction of a mm: `along` (n,) mm from its lower end, `points` (n, 3) mm RAS.

    `ups` and `rights` (n, 3) are the directions cranially along it and towards the right.
    """

    along: Floats = field(converter=fixed, validator=shaped(-1), eq=same, repr=False)
    points: Floats = field(converter=fixed, validator=shaped(-1, 3), eq=same, repr=False)
    ups: Floats = field(converter=fixed, validator=shaped(-1, 3), eq=same, repr=False)
    rights: Floats = field(converter=fixed, validator=shaped(-1, 3), eq=same, repr=False)

    def frame(self, along: float) -> Frame:
        """The frame square to the curve at a place on it."""
        place, up, right = (
            np.array([np.interp(along, self.along, column) for column in rows.T])
            for rows in (self.points, self.ups, self.rights)
        )
        return Frame.from_up(place, up, right)

    def nearest(self, point: Floats) -> float:
        """Where along the curve the section through a point (3,) mm RAS stands."""
        ahead = np.einsum("ij,ij->i", point - self.points, self.ups)
        return float(np.interp(0.0, -ahead, self.along))


def axis_through(lower: Ring, upper: Ring) -> CanalAxis:
    """The curve from below the lower ring to above the upper one."""
    share = np.linspace(-_BEYOND, 1 + _BEYOND, _TICKS)[:, None]
    inner = np.clip(share, 0, 1)
    length = float(np.linalg.norm(upper.frame.origin - lower.frame.origin))
    starts, ends = lower.frame.up * length, upper.frame.up * length
    points = (
        (2 * inner**3 - 3 * inner**2 + 1) * lower.frame.origin
        + (inner**3 - 2 * inner**2 + inner) * starts
        + (3 * inner**2 - 2 * inner**3) * upper.frame.origin
        + (inner**3 - inner**2) * ends
        + np.minimum(share, 0) * starts
        + np.maximum(share - 1, 0) * ends
    )
    ups = np.gradient(points, axis=0)
    ups /= np.linalg.norm(ups, axis=1, keepdims=True)
    rights = (1 - inner) * lower.frame.right + inner * upper.frame.right
    steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    rights = np.array([unit(right) for right in rights])
    return CanalAxis(along, points, ups, rights)
