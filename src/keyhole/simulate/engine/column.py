"""Upright columns: vertebral bodies, discs, canal, skin; all have a superellipse for outline."""

from collections.abc import Callable

import numpy as np
from attrs import field, frozen
from numpy.typing import ArrayLike

from keyhole.simulate.engine.shapes import Shape, smooth_max
from keyhole.space import Floats, fixed, same, shaped


@frozen
class Outline:
    """|x/a|^n + |y/b|^n = 1 with its own exponent before and behind; semi-axes mm."""

    half_width: float
    half_depth: float
    front: float = 2.0
    back: float = 2.0

    def distance(
        self, x: Floats, y: Floats, scale: Floats | float = 1.0, deep: Floats | float | None = None
    ) -> Floats:
        """(n,) first-order distance to the outline grown by `scale` (in depth by `deep`)."""
        deep = scale if deep is None else deep
        power = self.front if self.front == self.back else np.where(y > 0, self.front, self.back)
        u, v = np.abs(x) / (self.half_width * scale), np.abs(y) / (self.half_depth * deep)
        reach = np.maximum((u**power + v**power) ** (1 / power), 1e-6)
        du = (u / reach) ** (power - 1) / (self.half_width * scale)
        dv = (v / reach) ** (power - 1) / (self.half_depth * deep)
        return (reach - 1) / np.maximum(np.sqrt(du**2 + dv**2), 1e-6)

    def reach(self, x: Floats, y: Floats) -> Floats:
        """(n,) 0 at the centre, 1 on the outline."""
        power = self.front if self.front == self.back else np.where(y > 0, self.front, self.back)
        u, v = np.abs(x) / self.half_width, np.abs(y) / self.half_depth
        return (u**power + v**power) ** (1 / power)

    def area_centre(self, step_mm: float = 0.1) -> Floats:
        """(2,) mm: the centroid of what the outline encloses (right, front)."""
        across = np.arange(-self.half_width, self.half_width + step_mm, step_mm)
        along = np.arange(-self.half_depth, self.half_depth + step_mm, step_mm)
        x, y = np.meshgrid(across, along, indexing="ij")
        inside = self.reach(x.ravel(), y.ravel()) < 1
        return np.array([x.ravel()[inside].mean(), y.ravel()[inside].mean()])


@frozen
class End:
    """One end of a body: z = height + slope * front on the rim; `dish_mm` deep in the middle."""

    height: float
    slope: float
    dish_mm: float = 0.0

    def plane(self, y: Floats) -> Floats:
        """(n,) height of the rim's plane."""
        return self.height + self.slope * y

    def normal(self) -> Floats:
        """(3,) the rim plane's unit normal, upward."""
        return np.array([0, -self.slope, 1.0]) / np.hypot(1, self.slope)


RIM = 0.78
"""The share of the outline's reach within which an endplate is dished; outside is flat rim."""
BACK_WAIST = 0.25
"""How much of the waist the posterior wall has: it is nearly straight."""


@frozen
class BodyForm:
    """A vertebral body: outline at the rims, waist as a share of it, two ends."""

    outline: Outline
    waist: float
    upper: End
    lower: End

    def shape(self) -> Shape:
        """The body as a shape round its middle."""
        grown = np.array([self.outline.half_width, self.outline.half_depth])
        tilt = self.outline.half_depth * max(abs(self.upper.slope), abs(self.lower.slope))
        high = np.array([*grown, self.upper.height + tilt])
        low = np.array([*-grown, self.lower.height - tilt])
        return Shape(self._distance, low, high)

    def _distance(self, points: Floats) -> Floats:
        x, y, z = points.T
        top, bottom = self.upper.plane(y), self.lower.plane(y)
        rise = np.clip((2 * z - top - bottom) / (top - bottom), -1, 1)
        drawn_in = (1 - self.waist) * (1 - rise**2)
        deep = 1 - np.where(y > 0, drawn_in, BACK_WAIST * drawn_in)
        side = self.outline.distance(x, y, 1 - drawn_in, deep)
        dish = np.maximum(1 - (self.outline.reach(x, y) / RIM) ** 2, 0) ** 2
        above = (z - top) / np.hypot(1, self.upper.slope) + self.upper.dish_mm * dish
        below = (bottom - z) / np.hypot(1, self.lower.slope) + self.lower.dish_mm * dish
        return smooth_max(side, np.maximum(above, below), 2)


@frozen
class Bent:
    """A column of one outline whose middle wanders in front with height.

    `heights` (n,) rising, `fronts` (n,): where the middle lies; straight beyond the ends.
    """

    outline: Outline
    heights: Floats = field(converter=fixed, validator=shaped(-1), eq=same)
    fronts: Floats = field(converter=fixed, validator=shaped(-1), eq=same)
    sideways: float = 0.0

    def shape(self) -> Shape:
        """The column from the lowest to the highest height."""
        a, b = self.outline.half_width, self.outline.half_depth
        low = [self.sideways - a, self.fronts.min() - b, self.heights[0]]
        high = [self.sideways + a, self.fronts.max() + b, self.heights[-1]]
        return Shape(self._distance, low, high)

    def _distance(self, points: Floats) -> Floats:
        x, y, z = points.T
        middle = np.interp(z, self.heights, self.fronts)
        side = self.outline.distance(x - self.sideways, y - middle)
        return np.maximum(side, np.maximum(self.heights[0] - z, z - self.heights[-1]))


def tapered(
    outline: Outline,
    centre: ArrayLike,
    heights: tuple[float, float],
    scale: Callable[[Floats], Floats],
) -> Shape:
    """A straight column between two heights, its outline scaled by a function of height."""
    x0, y0 = fixed(centre)
    low_z, high_z = heights
    most = float(scale(np.linspace(low_z, high_z, 50)).max())

    def distance(points: Floats) -> Floats:
        x, y, z = points.T
        side = outline.distance(x - x0, y - y0, scale(np.clip(z, low_z, high_z)))
        return smooth_max(side, np.maximum(low_z - z, z - high_z), 1)

    a, b = outline.half_width * most, outline.half_depth * most
    return Shape(distance, [x0 - a, y0 - b, low_z], [x0 + a, y0 + b, high_z])
