"""Free room in a plane, from signed distances at fine steps."""

from collections.abc import Iterable

import numpy as np
from attrs import field, frozen

from keyhole.simulate.engine.shapes import Shape, evaluated
from keyhole.space import Floats, Frame, fixed, same, shaped


@frozen
class Section:
    """Distances (m, n) mm to what bounds the room (negative: free), at right (m,) and front (n,).

    Both run evenly by `step` in the plane of `frame`. An area is right to second order in the
    step: a cell counts by how much of it lies within.
    """

    frame: Frame
    step: float
    right: Floats = field(converter=fixed, validator=shaped(-1), eq=same)
    front: Floats = field(converter=fixed, validator=shaped(-1), eq=same)
    room: Floats = field(converter=fixed, validator=shaped(-1, -1), eq=same, repr=False)

    @property
    def shares(self) -> Floats:
        """(m, n) how much of each cell is free."""
        return np.clip(0.5 - self.room / self.step, 0, 1)

    @property
    def area(self) -> float:
        """Mm2 that are free."""
        return float(self.shares.sum()) * self.step**2

    def depth(self, aside: float) -> float:
        """Mm free along front at a place right of the middle."""
        place = int(np.abs(self.right - aside).argmin())
        return float(self.shares[place].sum()) * self.step

    @property
    def width(self) -> float:
        """Mm free along right, where that is most."""
        return float(self.shares.sum(axis=0).max()) * self.step


def ticks_over(outline: Floats, step: float) -> tuple[Floats, Floats]:
    """Ticks along right and front over the box of an outline (k, 2) mm; one is the midline's."""
    low, high = outline.min(axis=0) - 2 * step, outline.max(axis=0) + 2 * step
    right = step * np.arange(np.floor(low[0] / step), np.ceil(high[0] / step) + 1)
    return right, np.arange(low[1], high[1], step)


def plane(frame: Frame, half: tuple[float, float], step: float) -> tuple[Floats, Floats, Floats]:
    """Ticks along right and front, and the points (m * n, 3) mm of a frame's right-front plane."""
    ticks = [step * np.arange(-np.ceil(size / step), np.ceil(size / step) + 1) for size in half]
    right, front = np.meshgrid(*ticks, indexing="ij")
    local = np.column_stack([right.ravel(), front.ravel(), np.zeros(right.size)])
    return ticks[0], ticks[1], frame.to_patient(local)


def polar_distance(outline: Floats, points: Floats) -> Floats:
    """(n,) first-order distance of plane points (n, 2) to a star-shaped outline (k, 2)."""
    middle = outline.mean(axis=0)
    spokes, off = outline - middle, points - middle
    turn = np.arctan2(spokes[:, 1], spokes[:, 0])
    ranked = np.argsort(turn)
    angles, radii = turn[ranked], np.hypot(*spokes[ranked].T)
    angle, reach = np.arctan2(off[:, 1], off[:, 0]), np.hypot(*off.T)
    radius = np.interp(angle, angles, radii, period=2 * np.pi)
    slopes = (np.roll(radii, -1) - np.roll(radii, 1)) / (
        (np.roll(angles, -1) - np.roll(angles, 1)) % (2 * np.pi)
    )
    steep = np.interp(angle, angles, slopes, period=2 * np.pi) / np.maximum(reach, radius / 2)
    return (reach - radius) / np.sqrt(1 + steep**2)


def bounded(values: Floats, points: Floats, taken: Iterable[Shape], far_mm: float) -> Floats:
    """(n,) mm: the room's distance with everything in the way taken off it.

    Args:
        values: (n,) mm, negative in the room.
        points: (n, 3) mm.
        taken: shapes that are not free.
        far_mm: points further outside the room than this are left as they are.

    """
    found = values.copy()
    for shape in taken:
        near = np.flatnonzero(found < far_mm)
        if len(near) == 0:
            break
        found[near] = np.maximum(found[near], -evaluated(shape, points[near]))
    return found
