"""A smooth line of frames: coordinates that follow a crooked spine.

Own coordinates of a curve are (right, front, along) mm: a point lies in the plane across the
curve at `along`, `right` and `front` of the curve's point there. `along` grows cranially.
"""

from collections.abc import Sequence

import numpy as np
from attrs import field, frozen
from scipy.interpolate import CubicSpline

from keyhole.space import Floats, Frame, fixed, same, shaped, unit

_STEP_MM = 1.0
_ROUNDS = 5
_STILL_MM = 1e-7
_LEAST_STRETCH = 0.35
"""Planes across a curve meet on its hollow side; nearer to where they meet nothing is asked."""


@frozen
class Curve:
    """Frames every millimetre: `centres` (n, 3) mm, `axes` (n, 3, 3) columns right, front, along.

    `start` is the first one's `along`. Beyond its ends the curve is straight.
    """

    start: float
    centres: Floats = field(converter=fixed, validator=shaped(-1, 3), eq=same, repr=False)
    axes: Floats = field(converter=fixed, validator=shaped(-1, 3, 3), eq=same, repr=False)
    _table: Floats = field(init=False, repr=False, eq=False)
    _short: Floats = field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        """Rows of centre, tangent, right and front, and of the first two alone."""
        right, front, tangent = (self.axes[:, :, n] for n in range(3))
        object.__setattr__(self, "_table", np.hstack([self.centres, tangent, right, front]))
        object.__setattr__(self, "_short", np.hstack([self.centres, tangent]))

    @classmethod
    def through(cls, frames: Sequence[Frame], beyond_mm: tuple[float, float] = (80, 80)) -> "Curve":
        """The curve through frames given from caudal to cranial; `along` is 0 at the first.

        The line is a natural cubic spline through the origins; `right` turns evenly from frame
        to frame. It is carried on straight below and above by `beyond_mm`.
        """
        origins = np.array([frame.origin for frame in frames])
        knots = np.concatenate([[0], np.linalg.norm(np.diff(origins, axis=0), axis=1).cumsum()])
        line = CubicSpline(knots, origins, bc_type="natural")
        ends = (-beyond_mm[0], knots[-1] + beyond_mm[1])
        ticks = np.arange(ends[0], ends[1] + _STEP_MM, _STEP_MM)
        held = np.clip(ticks, 0, knots[-1])
        tangents = line(held, 1)
        tangents /= np.linalg.norm(tangents, axis=1, keepdims=True)
        centres = line(held) + (ticks - held)[:, None] * tangents
        rights = np.array([frame.right for frame in frames])
        right = np.column_stack([np.interp(held, knots, column) for column in rights.T])
        right -= (right * tangents).sum(axis=1, keepdims=True) * tangents
        right /= np.linalg.norm(right, axis=1, keepdims=True)
        return cls(ends[0], centres, np.stack([right, np.cross(tangents, right), tangents], axis=2))

    @property
    def end(self) -> float:
        """The last frame's `along`."""
        return self.start + (len(self.centres) - 1) * _STEP_MM

    def frame(self, along: float) -> Frame:
        """The frame at a place on the curve."""
        centre, axes = self._at(np.array([along]))
        up = unit(axes[0, :, 2])
        return Frame.from_up(centre[0], up, axes[0, :, 0])

    def to_local(self, points: Floats) -> Floats:
        """(n, 3) mm RAS -> (n, 3) right, front, along."""
        along = self._first_guess(points)
        moving = np.arange(len(points))
        for _ in range(_ROUNDS):
            step = self._step(points[moving], along[moving])
            along[moving] += step
            moving = moving[np.abs(step) > _STILL_MM]
        low, high, share, over = self._rows(along, 12)
        row = low + share * (high - low)
        off = points - row[:, :3] - over * row[:, 3:6]
        return np.column_stack([_dot(off, row[:, 6:9]), _dot(off, row[:, 9:]), along])

    def _step(self, points: Floats, along: Floats) -> Floats:
        """(n,) how much further along the planes across the curve lie that hold the points."""
        low, high, share, over = self._rows(along, 6)
        row = low + share * (high - low)
        off = points - row[:, :3] - over * row[:, 3:]
        bend = (high[:, 3:] - low[:, 3:]) / _STEP_MM
        return _dot(off, row[:, 3:]) / np.maximum(1 - _dot(off, bend), _LEAST_STRETCH)

    def to_patient(self, local: Floats) -> Floats:
        """(n, 3) right, front, along -> (n, 3) mm RAS."""
        centre, axes = self._at(local[:, 2])
        return centre + np.einsum("nij,nj->ni", axes[:, :, :2], local[:, :2])

    def _first_guess(self, points: Floats) -> Floats:
        axis = unit(self.centres[-1] - self.centres[0])
        heights = self.centres @ axis
        ticks = self.start + _STEP_MM * np.arange(len(heights))
        low, high = heights[0], heights[-1]
        height = points @ axis
        guess = np.interp(height, heights, ticks)
        return guess + np.where(height < low, height - low, np.maximum(height - high, 0))

    def _at(self, along: Floats) -> tuple[Floats, Floats]:
        """(n, 3) centres and (n, 3, 3) axes, the axes square to first order between ticks."""
        low, high, share, over = self._rows(along, 12)
        row = low + share * (high - low)
        axes = row[:, [6, 9, 3, 7, 10, 4, 8, 11, 5]].reshape(-1, 3, 3)
        return row[:, :3] + over * row[:, 3:6], axes

    def _rows(self, along: Floats, columns: int) -> tuple[Floats, Floats, Floats, Floats]:
        """The table's rows before and after each place, (n, columns); how far between, (n, 1);
        and how far beyond the ends, mm (n, 1).
        """
        place = np.clip((along - self.start) / _STEP_MM, 0, len(self.centres) - 1)
        index = np.minimum(place.astype(np.int64), len(self.centres) - 2)
        over = along - (self.start + place * _STEP_MM)
        table = self._table if columns == 12 else self._short
        return table[index], table[index + 1], (place - index)[:, None], over[:, None]


def _dot(a: Floats, b: Floats) -> Floats:
    """(n,) of (n, 3) and (n, 3)."""
    return np.asarray(np.einsum("ni,ni->n", a, b))
