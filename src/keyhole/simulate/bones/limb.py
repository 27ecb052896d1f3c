"""A limb: a strut of elliptic section along a straight axis, for every process of a vertebra."""

from collections.abc import Sequence

import numpy as np
from attrs import frozen
from numpy.typing import ArrayLike
from scipy.interpolate import PchipInterpolator

from keyhole.simulate.engine.shapes import Shape, placed
from keyhole.space import Floats, Frame, fixed, unit

_STEP_MM = 0.5


@frozen
class Ring:
    """A limb's section at a share of its length: semi-axes mm and where its middle lies.

    `broad` is across `up` and the axis, `tall` along `up`; `aside` and `lift` shift the middle
    the same ways.
    """

    share: float
    broad: float
    tall: float
    aside: float = 0.0
    lift: float = 0.0


def limb_frame(start: ArrayLike, end: ArrayLike, up: ArrayLike) -> Frame:
    """At the start: front along the axis, up as near as can be to `up`."""
    front = unit(np.asarray(end, dtype=np.float64) - np.asarray(start, dtype=np.float64))
    right = unit(np.cross(front, np.asarray(up, dtype=np.float64)))
    return Frame(start, np.column_stack([right, front, np.cross(right, front)]))


def limb(
    start: ArrayLike,
    end: ArrayLike,
    up: ArrayLike,
    rings: Sequence[Ring],
    *,
    power: float = 2.0,
    cap_mm: float = 0.0,
) -> Shape:
    """A strut from start to end (3,) mm, smooth between its rings.

    Args:
        start: where the axis begins; the cap reaches beyond it.
        end: where it ends.
        up: about where the sections' `tall` axis points; not along the axis.
        rings: from share 0 to 1, at least two.
        power: of the superellipse; 2 is an ellipse, more is squarer.
        cap_mm: how far the rounded ends reach; 0 for the section's lesser semi-axis.

    """
    frame = limb_frame(start, end, up)
    length = float(np.linalg.norm(fixed(end) - fixed(start)))
    column = _Column.of(rings, length, power, cap_mm)
    return placed(column.shape(), frame)


@frozen(eq=False)
class _Column:
    """The table of a limb's sections: rows broad, tall, aside, lift and their slopes."""

    length: float
    power: float
    cap_mm: float
    table: Floats
    slopes: Floats

    @classmethod
    def of(cls, rings: Sequence[Ring], length: float, power: float, cap_mm: float) -> "_Column":
        rows = np.array([[ring.broad, ring.tall, ring.aside, ring.lift] for ring in rings])
        knots = np.array([ring.share for ring in rings]) * length
        ticks = np.linspace(0, length, max(int(np.ceil(length / _STEP_MM)), 2) + 1)
        table = PchipInterpolator(knots, rows)(ticks)
        slopes = np.diff(table, axis=0) / (ticks[1] - ticks[0])
        return cls(length, power, cap_mm, table, slopes)

    def shape(self) -> Shape:
        """The limb along `front` of its own coordinates."""
        broad, tall, aside, lift = self.table.T
        cap = self.cap_mm or float(max(min(broad[0], tall[0]), min(broad[-1], tall[-1])))
        low = [(aside - broad).min(), -cap, (lift - tall).min()]
        high = [(aside + broad).max(), self.length + cap, (lift + tall).max()]
        return Shape(self._distance, low, high)

    def _distance(self, points: Floats) -> Floats:
        x, y, z = points.T
        step = self.length / len(self.slopes)
        place = np.clip(y / step, 0, len(self.slopes) - 1e-6)
        index = place.astype(np.int64)
        slope = self.slopes[index]
        row = self.table[index] + ((place - index) * step)[:, None] * slope
        broad, tall = row[:, 0], row[:, 1]
        over = y - np.clip(y, 0, self.length)
        cap = self.cap_mm or np.minimum(broad, tall)
        u, v, w = (x - row[:, 2]) / broad, (z - row[:, 3]) / tall, over / cap
        side = np.maximum(
            (np.abs(u) ** self.power + np.abs(v) ** self.power) ** (1 / self.power), 1e-6
        )
        reach = np.hypot(side, w)
        du = np.sign(u) * (np.abs(u) / side) ** (self.power - 1) * side / reach
        dv = np.sign(v) * (np.abs(v) / side) ** (self.power - 1) * side / reach
        along = -(du * (slope[:, 2] + u * slope[:, 0]) / broad)
        along -= dv * (slope[:, 3] + v * slope[:, 1]) / tall
        along = np.where(over == 0, along, w / reach / cap)
        steep = np.sqrt((du / broad) ** 2 + (dv / tall) ** 2 + along**2)
        return np.maximum((reach - 1) / np.maximum(steep, 1e-6), -np.minimum(broad, tall))
