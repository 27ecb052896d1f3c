"""How far it is to bone, kept on a grid: muscles ask often, and bones are slow to answer."""

from collections.abc import Sequence
from typing import Self

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

from keyhole.simulate.engine.shapes import Shape
from keyhole.space import Floats, fixed

_STEP_MM = 3.0
_EDGE = 3
"""Nodes along the edge of the blocks that are judged by their middle first."""
_NEAR_MM = 9.0
"""A block whose middle is further from a bone than this is not looked at node by node."""
_SPAN_MM = 6.0
"""The most a distance falls from a block's middle to its corners, with room to spare."""


@frozen
class Room:
    """Signed distance to the nearest bone, (i, j, k) mm on a straight grid from `low` (3,)."""

    low: Floats = field(converter=fixed)
    values: NDArray[np.float32] = field(repr=False)

    @classmethod
    def round(cls, bones: Sequence[Shape], low: Floats, high: Floats) -> Self:
        """The room round bones in a box, true to about 0.3 mm near them."""
        blocks = np.ceil((high - low) / (_STEP_MM * _EDGE)).astype(int)
        values = np.full((int(blocks.prod()), _EDGE**3), _NEAR_MM - _SPAN_MM, dtype=np.float32)
        inner = (np.indices((_EDGE,) * 3).reshape(3, -1).T - _EDGE // 2) * _STEP_MM
        numbers = np.indices(tuple(blocks)).reshape(3, -1).T
        middles = low + (numbers * _EDGE + _EDGE // 2) * _STEP_MM
        for bone in bones:
            there = (middles > bone.low - _NEAR_MM) & (middles < bone.high + _NEAR_MM)
            near = np.flatnonzero(there.all(axis=1))
            near = near[bone.distance(middles[near]) < _NEAR_MM]
            nodes = (middles[near][:, None] + inner).reshape(-1, 3)
            away = bone.distance(nodes).reshape(-1, _EDGE**3)
            values[near] = np.minimum(values[near], away)
        i, j, k = blocks
        cut = values.reshape(i, j, k, _EDGE, _EDGE, _EDGE).transpose(0, 3, 1, 4, 2, 5)
        return cls(low, cut.reshape(i * _EDGE, j * _EDGE, k * _EDGE))

    def __call__(self, points: Floats) -> Floats:
        """(n,) mm from (n, 3) mm; held beyond the grid."""
        place = ((points - self.low) / _STEP_MM).T
        return np.asarray(map_coordinates(self.values, place, order=1, mode="nearest"))
