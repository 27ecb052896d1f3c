"""A column whose cross-section changes along a curve: canal, sac, muscles, trunk.

A section is star-shaped round its centre: `radii` at even angles from `right` towards `front`.
Its area follows from its radii, so a lofted structure's areas are known by equation.
"""

import numpy as np
from attrs import field, frozen
from numpy.typing import ArrayLike
from scipy.interpolate import CubicSpline, PchipInterpolator

from keyhole.simulate.engine.curve import Curve
from keyhole.simulate.engine.shapes import Shape, smooth_max
from keyhole.space import Floats, fixed, same, shaped

ANGLES = 256
"""How finely a section is held: radii between them are linear."""
_STEP_MM = 0.5


@frozen
class Loft:
    """Sections along a curve, from `stations[0]` to `stations[-1]`.

    `stations` (k,) mm along, rising; `centres` (k, 2) right, front mm; `radii` (k, m) mm.
    Between stations centre and radii run smoothly and never overshoot; `round_mm` rounds the
    edge of the flat ends.
    """

    curve: Curve
    stations: Floats = field(converter=fixed, validator=shaped(-1), eq=same)
    centres: Floats = field(converter=fixed, validator=shaped(-1, 2), eq=same)
    radii: Floats = field(converter=fixed, validator=shaped(-1, -1), eq=same, repr=False)
    round_mm: float = 1.0
    _table: Floats = field(init=False, repr=False, eq=False)
    _middles: Floats = field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        """Sections every half millimetre, ready to be looked up."""
        ticks = self._ticks()
        angles = np.linspace(0, 2 * np.pi, self.radii.shape[1] + 1)
        closed = np.column_stack([self.radii, self.radii[:, :1]])
        fine = np.arange(ANGLES) * (2 * np.pi / ANGLES)
        dense = CubicSpline(angles, closed, axis=1, bc_type="periodic")(fine)
        set_ = object.__setattr__
        set_(self, "_table", PchipInterpolator(self.stations, np.maximum(dense, 0.05))(ticks))
        set_(self, "_middles", PchipInterpolator(self.stations, self.centres)(ticks))

    def _ticks(self) -> Floats:
        count = max(int(np.ceil((self.stations[-1] - self.stations[0]) / _STEP_MM)), 1)
        return np.linspace(self.stations[0], self.stations[-1], count + 1)

    def outline(self, along: float) -> Floats:
        """(256, 2) mm right, front: the section at a place on the curve."""
        row, centre = self._section(along)
        angle = np.arange(ANGLES) * (2 * np.pi / ANGLES)
        return centre + row[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])

    def area(self, along: float) -> float:
        """mm2 of the section at a place on the curve."""
        row, _ = self._section(along)
        return float(0.5 * (row * np.roll(row, -1)).sum() * np.sin(2 * np.pi / ANGLES))

    def _section(self, along: float) -> tuple[Floats, Floats]:
        place = (along - self.stations[0]) / self._step
        index = int(np.clip(place, 0, len(self._table) - 2))
        share = float(np.clip(place - index, 0, 1))
        mix = [(1 - share) * a[index] + share * a[index + 1] for a in (self._table, self._middles)]
        return mix[0], mix[1]

    @property
    def _step(self) -> float:
        return float(self.stations[-1] - self.stations[0]) / (len(self._table) - 1)

    def shape(self) -> Shape:
        """The column as a shape."""
        rings = [
            self.curve.to_patient(np.column_stack([self.outline(s), np.full(ANGLES, s)]))
            for s in (*self._ticks()[::4].tolist(), float(self.stations[-1]))
        ]
        cloud = np.vstack(rings)
        return Shape(self._distance, cloud.min(axis=0) - 1, cloud.max(axis=0) + 1)

    def _distance(self, points: Floats) -> Floats:
        local = self.curve.to_local(points)
        along = local[:, 2]
        place = np.clip((along - self.stations[0]) / self._step, 0, len(self._table) - 1.001)
        index = place.astype(np.int64)
        share = place - index
        low, high = self._middles[index], self._middles[index + 1]
        off = local[:, :2] - (low + share[:, None] * (high - low))
        reach = np.maximum(np.hypot(off[:, 0], off[:, 1]), 1e-6)
        turn = np.arctan2(off[:, 1], off[:, 0]) % (2 * np.pi) * (ANGLES / (2 * np.pi))
        before = turn.astype(np.int64) % ANGLES
        after, part = (before + 1) % ANGLES, turn - np.floor(turn)
        corners = [self._table[i, j] for i in (index, index + 1) for j in (before, after)]
        lower = corners[0] + part * (corners[1] - corners[0])
        upper = corners[2] + part * (corners[3] - corners[2])
        radius = lower + share * (upper - lower)
        around = (corners[1] - corners[0]) * (1 - share) + (corners[3] - corners[2]) * share
        around *= ANGLES / (2 * np.pi) / np.maximum(reach, radius / 2)
        ahead = (upper - lower + ((high - low) * off).sum(axis=1) / reach) / self._step
        side = (reach - radius) / np.sqrt(1 + around**2 + ahead**2)
        return smooth_max(
            side, np.maximum(self.stations[0] - along, along - self.stations[-1]), self.round_mm
        )


def superellipse(
    half_width: float, front: float, back: float, power: ArrayLike = 2.0, count: int = 48
) -> Floats:
    """(count,) radii of a section: half width, depth before and behind its centre.

    `power` is one exponent, or (before, behind): 2 is an ellipse, more is squarer.
    """
    angle = np.arange(count) * (2 * np.pi / count)
    power_front, power_back = np.broadcast_to(np.asarray(power, dtype=np.float64), 2)
    ahead = np.sin(angle) >= 0
    power_here = np.where(ahead, power_front, power_back)
    u = np.abs(np.cos(angle)) / half_width
    v = np.abs(np.sin(angle)) / np.where(ahead, front, back)
    return np.asarray((u**power_here + v**power_here) ** (-1 / power_here), dtype=np.float64)


def radial(outline: ArrayLike, centre: ArrayLike, count: int = 96) -> Floats:
    """(count,) radii of a polygon (k, 2), star-shaped round a centre: a section drawn by hand.

    Raises ValueError where a ray from the centre does not meet the outline once.
    """
    corners = np.asarray(outline, dtype=np.float64) - np.asarray(centre, dtype=np.float64)
    angles = np.arctan2(corners[:, 1], corners[:, 0])
    steps = (np.diff(np.append(angles, angles[0])) + np.pi) % (2 * np.pi) - np.pi
    if not (np.all(steps > 0) or np.all(steps < 0)):
        raise ValueError("The outline is not star-shaped round its centre.")
    following = np.roll(corners, -1, axis=0)
    wanted = np.arange(count) * (2 * np.pi / count)
    rays = np.column_stack([np.cos(wanted), np.sin(wanted)])
    edge = following - corners
    bottom = _cross(rays[:, None], edge[None])
    with np.errstate(divide="ignore", invalid="ignore"):
        far = _cross(corners[None], edge[None]) / bottom
        share = _cross(corners[None], rays[:, None]) / bottom
    met = (share > -1e-9) & (share < 1 + 1e-9) & (far > 0)
    return np.where(met, far, np.inf).min(axis=1)


def _cross(a: Floats, b: Floats) -> Floats:
    """The turn from one plane vector to another, (..., 2) each."""
    return np.asarray(a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0])
