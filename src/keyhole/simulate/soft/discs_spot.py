"""Points on a disc's outer surface at which something grows out of it."""

import numpy as np

from keyhole.simulate.soft.discs_margin import Margin
from keyhole.space import Floats, Frame, across

_COUNT = 720
_ROUNDS = 40


def margin_spot(margin: Margin, aside: float) -> tuple[Frame, float]:
    """The point of the back or side so far right of the middle, half-way between the rims.

    Returns:
        A frame in the world, `right` along the margin and `front` outward, and the disc's height
        there, mm. Beyond the disc's width the point is the outermost.

    """
    ring = _ring(margin)
    outward = ring - ring.mean(axis=0)
    behind = np.flatnonzero(outward[:, 1] < 0)
    best = int(behind[np.abs(ring[behind, 0] - aside).argmin()])
    along = ring[(best + 1) % _COUNT] - ring[best - 1]
    normal = across(outward[best], along / np.linalg.norm(along))
    here = Frame.from_up(ring[best], [0, 0, 1.0], np.cross(normal, [0, 0, 1.0]))
    world = Frame(margin.frame.to_patient(here.origin), margin.frame.axes @ here.axes)
    return world, float(margin.gap(*ring[best : best + 1, :2].T)[0])


def _ring(margin: Margin) -> Floats:
    """(720, 3) mm: the outer surface half-way between the rims, in the disc's coordinates."""
    angle = np.arange(_COUNT) * (2 * np.pi / _COUNT)
    rays = np.column_stack([np.cos(angle), np.sin(angle)])
    low, high = np.zeros(_COUNT), np.full(_COUNT, 60.0)
    points = np.zeros((_COUNT, 3))
    for _ in range(_ROUNDS):
        middle = (low + high) / 2
        points[:, :2] = middle[:, None] * rays
        x, y, _z = points.T
        points[:, 2] = (margin.upper.height(x, y) + margin.lower.height(x, y)) / 2
        inside = margin.side(points) < 0
        low, high = np.where(inside, middle, low), np.where(inside, high, middle)
    return points
