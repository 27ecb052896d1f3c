"""Where organs lie: from table to the design frames' world."""

from collections.abc import Sequence

import numpy as np
from attrs import frozen

from keyhole.simulate.design.model import Body
from keyhole.simulate.engine.shapes import Shape, smooth_max
from keyhole.simulate.soft.numbers import numbers
from keyhole.simulate.soft.posture import sunk
from keyhole.simulate.soft.trunk import Trunk, inward
from keyhole.simulate.soft.trunk_column import Column
from keyhole.simulate.soft.trunk_layers import RAYS
from keyhole.space import Floats

_ROUND_MM = 6.0


@frozen
class Abdomen:
    """The person's cavity: what organs need to know to find their places."""

    body: Body
    column: Column
    trunk: Trunk

    @property
    def scale(self) -> Floats:
        """(2,) the cavity's half width and its reach before the spine, as shares of the table's."""
        outlines, row = self.trunk.outlines, numbers("organs")["scale"]
        middle = int(np.argmin(np.abs(outlines.heights - self.column.height(2))))
        rays = outlines.viscera[middle]
        half = float(rays[0] + rays[RAYS // 2]) / 2
        front = outlines.centres[middle, 1] + float(rays[RAYS // 4]) - self._base[1]
        return np.array([half / row["half_width_mm"], front / row["front_mm"]])

    @property
    def _base(self) -> Floats:
        return np.asarray(self.column.wall.at([self.column.height(2.5)])[0])

    def place(self, x: float, y: float, rung: float, sink_mm: float) -> Floats:
        """(3,) mm of a place in the table, fallen as the posture lets it."""
        height = float(self.column.height(rung))
        middle = np.interp(height, self.trunk.outlines.heights, self.trunk.outlines.centres[:, 0])
        wide, deep = self.scale
        at = np.array([middle + wide * x, self._base[1] + deep * y, height])
        return np.asarray(at + sunk(self.body.posture, sink_mm))

    def room(self, inset_mm: float) -> Shape:
        """What lies within the wall of the cavity."""
        return inward(self.trunk.viscera, inset_mm)

    def places(self, rows: dict[str, Sequence[float]], sink_mm: float) -> Floats:
        """(n, 3) mm of a row of places."""
        table = zip(rows["x"], rows["y"], rows["rung"], strict=True)
        return np.array([self.place(*row, sink_mm) for row in table])


def common(shape: Shape, other: Shape) -> Shape:
    """What lies in both shapes, the edge rounded; the box is the first one's."""

    def distance(points: Floats) -> Floats:
        return smooth_max(shape.distance(points), other.distance(points), _ROUND_MM)

    return Shape(distance, shape.low, shape.high)
