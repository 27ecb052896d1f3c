"""What precedence leaves of a solid: its shape less all that is painted over it."""

from collections.abc import Sequence

import numpy as np

from keyhole.simulate.engine.shapes import Shape
from keyhole.simulate.engine.solid import Solid
from keyhole.space import Floats


def remains(solids: Sequence[Solid], place: int) -> Shape:
    """The solid at a place in the order of painting, less every later one.

    Its sign is exact; its value is a distance of first order only, as every shape's.
    """
    own = solids[place].shape
    later = [solid.shape for solid in solids[place + 1 :] if meet(own, solid.shape)]

    def distance(points: Floats) -> Floats:
        values = own(points)
        for shape in later:
            values = np.maximum(values, -shape(points))
        return values

    return Shape(distance, own.low, own.high)


def meet(a: Shape, b: Shape) -> bool:
    """Whether two boxes have room in common."""
    return bool((np.maximum(a.low, b.low) < np.minimum(a.high, b.high)).all())
