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
        for _ in range(_ROUNDS):
            centre, axes = self._at(along)
            off = points - centre
            bend = self._bend(along)
            stretch = np.maximum(1 - (off * bend).sum(axis=1), _LEAST_STRETCH)
            along = along + (off * axes[:, :, 2]).sum(axis=1) / stretch
        centre, axes = self._at(along)
        off = points - centre
        sides = np.einsum("ni,nij->nj", off, axes[:, :, :2])
        return np.column_stack([sides, along])

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
        place = np.clip((along - self.start) / _STEP_MM, 0, len(self.centres) - 1)
        index = np.minimum(place.astype(np.int64), len(self.centres) - 2)
        share = (place - index)[:, None]
        centre = (1 - share) * self.centres[index] + share * self.centres[index + 1]
        axes = (1 - share[..., None]) * self.axes[index] + share[..., None] * self.axes[index + 1]
        over = along - (self.start + place * _STEP_MM)
        return centre + over[:, None] * axes[:, :, 2], axes

    def _bend(self, along: Floats) -> Floats:
        """(n, 3) 1/mm: how the tangent turns."""
        place = np.clip((along - self.start) / _STEP_MM, 0, len(self.centres) - 2)
        index = place.astype(np.int64)
        return (self.axes[index + 1, :, 2] - self.axes[index, :, 2]) / _STEP_MM
