"""A round cord along a smooth line of points: nerves, vessels, ribs, wires."""

import numpy as np
from numpy.typing import ArrayLike
from scipy.interpolate import PchipInterpolator, make_interp_spline

from keyhole.simulate.engine.shapes import Shape
from keyhole.space import Floats, fixed

_STEP_MM = 3.0


def smooth_line(points: ArrayLike, radii: ArrayLike, step_mm: float = _STEP_MM) -> Floats:
    """(m, 4) mm: a cubic line through points (n, 3) with radii (n,), about every `step_mm`."""
    places, sizes = fixed(points), fixed(radii)
    knots = np.concatenate([[0], np.linalg.norm(np.diff(places, axis=0), axis=1).cumsum()])
    count = max(int(np.ceil(knots[-1] / step_mm)), 1)
    ticks = np.linspace(0, knots[-1], count + 1)
    line = make_interp_spline(knots, places, k=min(3, len(places) - 1))(ticks)
    return np.column_stack([line, PchipInterpolator(knots, sizes)(ticks)])


def chain(points: ArrayLike, radii: ArrayLike, step_mm: float = _STEP_MM) -> Shape:
    """A cord of round section through points (n, 3) mm, n at least 2, with radii (n,) mm there."""
    line = smooth_line(points, radii, step_mm)
    starts, alongs = line[:-1, :3], np.diff(line[:, :3], axis=0)
    lengths = (alongs**2).sum(axis=1)

    def distance(points: Floats) -> Floats:
        best = np.full(len(points), np.inf)
        for start, along, length, a, b in zip(
            starts, alongs, lengths, line[:-1, 3], line[1:, 3], strict=True
        ):
            off = points - start
            share = np.clip(off @ along / length, 0, 1)
            off -= share[:, None] * along
            np.minimum(best, np.sqrt((off**2).sum(axis=1)) - (a + share * (b - a)), out=best)
        return best

    most = line[:, 3:].max()
    return Shape(distance, line[:, :3].min(axis=0) - most, line[:, :3].max(axis=0) + most)
