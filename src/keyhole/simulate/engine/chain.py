"""A round cord along a smooth line of points: nerves, vessels, ribs, wires."""

from collections.abc import Sequence

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
    alongs = np.diff(line[:, :3], axis=0)
    lengths = (alongs**2).sum(axis=1, keepdims=True)
    links = np.hstack([line[:-1], alongs, lengths, np.diff(line[:, 3:], axis=0)]).tolist()

    def distance(points: Floats) -> Floats:
        columns = np.ascontiguousarray(points.T)
        best = np.full(len(points), np.inf)
        for link in links:
            np.minimum(best, _link_distance(columns, link), out=best)
        return best

    most = line[:, 3:].max()
    return Shape(distance, line[:, :3].min(axis=0) - most, line[:, :3].max(axis=0) + most)


def _link_distance(columns: Floats, link: Sequence[float]) -> Floats:
    """(n,) to a rounded cone; `columns` (3, n) mm, worked on one by one, which is much quicker.

    `link`: start (3), radius there, way to the end (3), its length squared, growth of the radius.
    """
    x, y, z, radius, u, v, w, length, growth = link
    dx, dy, dz = columns[0] - x, columns[1] - y, columns[2] - z
    share = (dx * u + dy * v + dz * w) / length
    np.clip(share, 0, 1, out=share)
    dx -= share * u
    dy -= share * v
    dz -= share * w
    share *= growth
    return np.asarray(np.sqrt(dx * dx + dy * dy + dz * dz) - share - radius)
