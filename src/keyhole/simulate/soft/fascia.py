"""The thoracolumbar fascia: a sheet behind the muscles of the back."""

from collections.abc import Iterator

import numpy as np

from keyhole.simulate.engine.shapes import Shape
from keyhole.simulate.engine.solid import Solid
from keyhole.simulate.engine.tissue import tissue
from keyhole.simulate.soft.trunk import Trunk, side_of, within_box
from keyhole.simulate.soft.trunk_column import Column
from keyhole.space import SIDES, Floats

THICK_MM = 1.5
_DEEP_MM = 1.0
"""How deep under the muscular wall's outside the sheet's middle lies."""
_LATERAL_MM = 88.0
_BELOW_RUNGS = 1.9
_BEFORE_TIP_MM = 26.0


def fascia_solids(trunk: Trunk, column: Column) -> Iterator[Solid]:
    """One sheet a side, from the sacrum to the top of the trunk's muscles of the back."""
    wall = trunk.wall

    def sheet(points: Floats) -> Floats:
        return np.abs(wall.distance(points) + _DEEP_MM) - THICK_MM / 2

    middle = trunk.outlines.centres[:, 0]
    bottom, top = column.height([-_BELOW_RUNGS, len(column.rungs) + 0.5])
    front = float(column.tip.points[:, 1].max()) + _BEFORE_TIP_MM
    low = np.array([middle.min() - _LATERAL_MM, wall.low[1], bottom])
    high = np.array([middle.max() + _LATERAL_MM, front, top])
    whole = within_box(Shape(sheet, wall.low, wall.high), low, high)
    for side in SIDES:
        yield Solid(f"thoracolumbar fascia {side}", side_of(whole, trunk, side), tissue("tendon"))
