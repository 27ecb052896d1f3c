"""The nerve roots with their ganglia."""

from collections.abc import Iterable, Sequence

import numpy as np

from keyhole.simulate.engine.chain import chain
from keyhole.simulate.engine.loft import Loft
from keyhole.simulate.engine.shapes import Shape, joined
from keyhole.simulate.engine.solid import Part, Solid
from keyhole.simulate.engine.tissue import tissue
from keyhole.simulate.soft.canal_room import Canal
from keyhole.simulate.soft.nerves_path import RootPath, pushed, root_paths
from keyhole.simulate.soft.numbers import numbers

_STEP_MM = 1.5
_NEAR_MM = 4.0


def roots(canal: Canal, sac: Loft, obstacles: Iterable[Shape]) -> tuple[RootPath, ...]:
    """The roots of both sides, moved off the discs and bones that lie in their way."""
    solid = tuple(obstacles)
    return tuple(_moved(path, solid) for path in root_paths(canal, sac))


def _moved(path: RootPath, obstacles: Sequence[Shape]) -> RootPath:
    low, high = path.points.min(axis=0) - _NEAR_MM, path.points.max(axis=0) + _NEAR_MM
    near = [x for x in obstacles if (x.low < high).all() and (x.high > low).all()]
    most = float(numbers("canal")["root"]["pushed_mm"])
    return pushed(path, joined(near, 0.01), most) if near else path


def root_solid(path: RootPath) -> Solid:
    """A root in the world, with its ganglion as a part."""
    whole = chain(path.points, path.radii, _STEP_MM)
    half = numbers("canal")["root"]["ganglion_length_mm"] / 2
    inside = np.abs(path.along - path.ganglion) <= half
    knot = chain(path.points[inside], path.radii[inside] + 0.2, _STEP_MM)
    nerve = Shape(lambda points: np.maximum(whole(points), -knot(points)), whole.low, whole.high)
    parts = (Part("nerve", nerve), Part("ganglion", knot))
    return Solid(f"root {path.level} {path.side}", whole, tissue("nerve"), parts=parts)
