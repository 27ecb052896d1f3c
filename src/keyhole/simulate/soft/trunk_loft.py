"""Columns of level sections, quick to ask: trunk and muscles are asked millions of times."""

from functools import cached_property

import numpy as np
from attrs import define
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

from keyhole.simulate.engine.curve import Curve
from keyhole.simulate.engine.loft import ANGLES, Loft
from keyhole.simulate.engine.shapes import Shape, smooth_max
from keyhole.space import Floats

_MARGIN_MM = 0.2
_TURN = ANGLES / (2 * np.pi)


class Level(Curve):
    """Level sections: right, front and along are the world's own axes."""

    def to_local(self, points: Floats) -> Floats:
        """The points themselves."""
        return points

    def to_patient(self, local: Floats) -> Floats:
        """The points themselves."""
        return local


LEVEL = Level(0.0, np.array([[0, 0, 0], [0, 0, 1.0]]), np.stack([np.eye(3)] * 2))


@define(slots=False, frozen=True)
class LevelLoft(Loft):
    """A loft along `LEVEL` whose distance is read from two tables: radius, and how it slopes."""

    @cached_property
    def _tables(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """(k, ANGLES + 1) mm radii, and the factor that makes them distances."""
        radii, middles = self._table, self._middles
        angle = np.arange(ANGLES) / _TURN
        around = (np.roll(radii, -1, axis=1) - np.roll(radii, 1, axis=1)) * _TURN / 2 / radii
        drift = np.gradient(middles, self._step, axis=0) @ [np.cos(angle), np.sin(angle)]
        ahead = np.gradient(radii, self._step, axis=0) + drift
        factor = 1 / np.sqrt(1 + around**2 + ahead**2)
        closed = [np.column_stack([t, t[:, 0]]).astype(np.float32) for t in (radii, factor)]
        return closed[0], closed[1]

    def shape(self) -> Shape:
        """The column as a shape."""
        angle = np.arange(ANGLES) / _TURN
        rays = np.stack([np.cos(angle), np.sin(angle)])
        rings = self._middles[:, :, None] + self._table[:, None, :] * rays
        low, high = rings.min(axis=(0, 2)), rings.max(axis=(0, 2))
        return Shape(
            self._distance,
            [*(low - _MARGIN_MM), self.stations[0]],
            [*(high + _MARGIN_MM), self.stations[-1]],
        )

    def _distance(self, points: Floats) -> Floats:
        z = points[:, 2]
        place = np.clip((z - self.stations[0]) / self._step, 0, len(self._middles) - 1)
        ticks = np.arange(len(self._middles))
        x = points[:, 0] - np.interp(place, ticks, self._middles[:, 0])
        y = points[:, 1] - np.interp(place, ticks, self._middles[:, 1])
        turn = np.arctan2(y, x) * _TURN
        turn[turn < 0] += ANGLES
        where = np.stack([place, turn])
        radius, factor = (
            map_coordinates(table, where, order=1, mode="nearest", prefilter=False)
            for table in self._tables
        )
        side = (np.hypot(x, y) - radius) * factor
        ends = np.maximum(self.stations[0] - z, z - self.stations[-1])
        if ends.max(initial=-np.inf) < -self.round_mm and side.size:
            return np.asarray(np.maximum(side, ends))
        return smooth_max(side, ends, self.round_mm)
