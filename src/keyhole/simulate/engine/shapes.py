"""Shapes as signed distance functions: values below 0 inside, mm, zero on the surface.

The zero surface is exact; the value is a distance to first order near it and a lower bound
further away. Who needs true distances asks `surface.Surface`. Points are (n, 3) mm in the
shape's own coordinates; results are (n,).
"""

from collections.abc import Callable, Sequence

import numpy as np
from attrs import field, frozen
from numpy.typing import ArrayLike, NDArray

from keyhole.space import Floats, Frame, fixed, same, shaped

Distance = Callable[[Floats], Floats]
_CULL_MM = 6.0
"""Further than this from its box a part of a union is not evaluated; its box stands for it."""
_GROUP_MM = 18.0


@frozen
class Shape:
    """A signed distance function and the box, low to high corner (3,) mm, that holds it."""

    distance: Distance = field(repr=False)
    low: Floats = field(converter=fixed, validator=shaped(3), eq=same)
    high: Floats = field(converter=fixed, validator=shaped(3), eq=same)

    def __call__(self, points: Floats) -> Floats:
        """(n,) signed distances of (n, 3) mm; far off the box a lower bound."""
        middle, half = (self.low + self.high) / 2, (self.high - self.low) / 2
        outside = np.full(len(points), -np.inf)
        for axis in range(3):
            off = np.abs(points[:, axis] - middle[axis])
            off -= half[axis]
            if len(off) and off.min() > _CULL_MM:
                return off
            np.maximum(outside, off, out=outside)
        near = outside <= _CULL_MM
        count = int(np.count_nonzero(near))
        if count == len(points):
            return self.distance(points)
        if count:
            outside[near] = self.distance(points[near])
        return outside


def evaluated(shape: Shape, points: Floats) -> Floats:
    """(n,) the shape at many scattered points, taken in groups that lie together."""
    cells = np.floor((points - points.min(axis=0)) / _GROUP_MM).astype(np.int64)
    cell = np.ravel_multi_index(tuple(cells.T), tuple((cells.max(axis=0) + 1).tolist()))
    ranked = np.argsort(cell, kind="stable")
    values = np.empty(len(points))
    for group in np.split(ranked, np.flatnonzero(np.diff(cell[ranked])) + 1):
        values[group] = shape(points[group])
    return values


def placed(shape: Shape, frame: Frame) -> Shape:
    """The shape moved from a frame's own coordinates to the world the frame lives in."""
    corners = frame.to_patient(_corners(shape.low, shape.high))
    return Shape(
        lambda points: shape(frame.to_local(points)), corners.min(axis=0), corners.max(axis=0)
    )


def _corners(low: Floats, high: Floats) -> Floats:
    """(8, 3): the corners of a box."""
    picks: NDArray[np.int64] = np.indices((2, 2, 2)).reshape(3, 8).T
    return np.where(picks == 0, low, high)


def smooth_min(a: Floats, b: Floats, blend_mm: float) -> Floats:
    """The lesser of two distances, blended where they differ by less than `blend_mm`."""
    share = np.maximum(blend_mm - np.abs(a - b), 0) / blend_mm
    return np.minimum(a, b) - share**2 * (blend_mm / 4)


def smooth_max(a: Floats, b: Floats, blend_mm: float) -> Floats:
    """The greater of two distances, blended likewise (the edge is rounded off)."""
    return -smooth_min(-a, -b, blend_mm)


def joined(shapes: Sequence[Shape], blend_mm: float) -> Shape:
    """One shape of several, with fillets."""

    def distance(points: Floats) -> Floats:
        values = shapes[0](points)
        for shape in shapes[1:]:
            values = smooth_min(values, shape(points), blend_mm)
        return values

    low = np.min([shape.low for shape in shapes], axis=0) - blend_mm / 4
    high = np.max([shape.high for shape in shapes], axis=0) + blend_mm / 4
    return Shape(distance, low, high)


def carved(shape: Shape, tool: Shape, *, gap_mm: float = 0, blend_mm: float = 1) -> Shape:
    """The shape less the tool widened by a gap."""

    def distance(points: Floats) -> Floats:
        return smooth_max(shape(points), gap_mm - tool(points), blend_mm)

    return Shape(distance, shape.low, shape.high)


def ellipsoid(centre: ArrayLike, semi: ArrayLike) -> Shape:
    """An ellipsoid with semi-axes (3,) mm along the coordinates."""
    middle, radii = fixed(centre), fixed(semi)

    def distance(points: Floats) -> Floats:
        return _ellipse_distance(points - middle, radii)

    return Shape(distance, middle - radii, middle + radii)


def _ellipse_distance(offsets: Floats, radii: Floats) -> Floats:
    """First-order distance to an ellipse or ellipsoid; `radii` (d,) or (n, d)."""
    scaled = offsets / radii
    reach = np.sqrt((scaled**2).sum(axis=1))
    slope = np.maximum(np.sqrt(((scaled / radii) ** 2).sum(axis=1)), 1e-9)
    return reach * (reach - 1) / slope - np.where(reach < 1e-6, radii.min(), 0.0)


def cone(start: ArrayLike, end: ArrayLike, start_mm: float, end_mm: float) -> Shape:
    """A rounded cone from one point to another with these radii."""
    a, b = fixed(start), fixed(end)
    along, most = b - a, max(start_mm, end_mm)

    def distance(points: Floats) -> Floats:
        share = np.clip((points - a) @ along / (along @ along), 0, 1)
        off = points - a - share[:, None] * along
        return np.sqrt((off**2).sum(axis=1)) - (start_mm + share * (end_mm - start_mm))

    return Shape(distance, np.minimum(a, b) - most, np.maximum(a, b) + most)


def slab(frame: Frame, half: ArrayLike, round_mm: float) -> Shape:
    """A box of half sizes (3,) mm along the frame's axes, its edges rounded."""
    core = fixed(half) - round_mm

    def distance(points: Floats) -> Floats:
        over = np.abs(points) - core
        outside = np.sqrt((np.maximum(over, 0) ** 2).sum(axis=1))
        return outside + np.minimum(over.max(axis=1), 0) - round_mm

    return placed(Shape(distance, -fixed(half), fixed(half)), frame)


def flared_tube(frame: Frame, semi: tuple[float, float], reach: tuple[float, float]) -> Shape:
    """An elliptic tube along the frame's `front`, narrowest at its origin.

    Args:
        frame: origin at the waist; semi-axes lie along `right` and `up`.
        semi: the waist's semi-axes, mm.
        reach: how far the tube runs backward and forward, mm.

    """
    radii, middle, half = np.array(semi), (reach[1] - reach[0]) / 2, (reach[0] + reach[1]) / 2
    most = radii * (1 + FLARE * max(reach) ** 2)

    def distance(points: Floats) -> Floats:
        wider = 1 + FLARE * np.clip(points[:, 1], -reach[0], reach[1]) ** 2
        side = _ellipse_distance(points[:, ::2], radii * wider[:, None])
        return smooth_max(side, np.abs(points[:, 1] - middle) - half, 2)

    corner = np.array([most[0], half, most[1]])
    centre = np.array([0, middle, 0])
    return placed(Shape(distance, centre - corner, centre + corner), frame)


FLARE = 0.003
"""A pedicle's semi-axes grow by this much, as a share, a square millimetre from the waist."""
