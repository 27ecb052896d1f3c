"""A solid of the phantom: a named shape with its tissue, and its distances on a voxel grid."""

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import ArrayLike, NDArray

from keyhole.simulate.engine.shapes import Shape, placed
from keyhole.simulate.engine.tissue import Tissue
from keyhole.space import Floats, Frame

_BRICK = 4
"""Voxels along the edge of the bricks that are judged by their middle first."""
_STEEP = 1.4
"""The most a signed distance function changes a millimetre, with room to spare."""
_HERD = 6
"""Bricks along the edge of the blocks evaluated together, so that far parts are skipped."""


@frozen
class Part:
    """A sub-region of a solid: its voxels are those nearest to this part's shape of all parts.

    `tissue` is the solid's own where None.
    """

    name: str
    shape: Shape = field(repr=False)
    tissue: Tissue | None = None


@frozen
class Solid:
    """One structure: its canonical name (empty: tissue without a label), shape and tissue.

    With `cortex` the outermost `cortex_mm` are of that tissue. `parts` divide the solid.
    """

    name: str
    shape: Shape = field(repr=False)
    tissue: Tissue
    cortex: Tissue | None = None
    cortex_mm: float = 0.0
    parts: tuple[Part, ...] = ()

    def moved(self, to: Frame) -> "Solid":
        """The solid carried from a frame's own coordinates to its world."""
        parts = tuple(evolve(part, shape=placed(part.shape, to)) for part in self.parts)
        return evolve(self, shape=placed(self.shape, to), parts=parts)


@frozen
class Block:
    """Part of a voxel grid, from `low` to `high` (not included), and distances in it."""

    low: NDArray[np.int64]
    high: NDArray[np.int64]
    distances: NDArray[np.float32] = field(repr=False)

    @property
    def box(self) -> tuple[slice, slice, slice]:
        """The part as slices."""
        a, b, c = (slice(int(i), int(j)) for i, j in zip(self.low, self.high, strict=True))
        return a, b, c


def sample(
    shape: Shape, affine: Floats, grid: tuple[int, int, int], *, band_mm: float
) -> Block | None:
    """The shape's signed distance at voxel centres, as true as the shape's own within the band.

    Elsewhere only the sign and being beyond the band hold. None where the box misses the grid.
    """
    low, high = _covered(shape, affine, grid, band_mm)
    if (high <= low).any():
        return None
    extent = high - low
    bricks: NDArray[np.int64] = -(-extent // _BRICK)
    numbers = np.indices(tuple(bricks.tolist())).reshape(3, -1).T
    middles = np.asarray(numbers * _BRICK + low + (_BRICK - 1) / 2, dtype=np.float64)
    coarse = _evaluate(shape, affine, middles)
    reach = np.linalg.norm(affine[:3, :3] @ _diagonals(), axis=0).max() * (_BRICK - 1) / 2
    near = np.flatnonzero(np.abs(coarse) < _STEEP * reach + band_mm)
    padded = np.repeat(coarse.astype(np.float32), _BRICK**3).reshape(-1, _BRICK, _BRICK, _BRICK)
    inner = np.indices((_BRICK,) * 3).reshape(3, -1).T - (_BRICK - 1) / 2
    for herd in _herds(near, bricks):
        voxels = (middles[herd][:, None, :] + inner).reshape(-1, 3)
        padded[herd] = _evaluate(shape, affine, voxels).reshape(-1, _BRICK, _BRICK, _BRICK)
    a, b, c = bricks
    full = padded.reshape(a, b, c, _BRICK, _BRICK, _BRICK).transpose(0, 3, 1, 4, 2, 5)
    distances = full.reshape(a * _BRICK, b * _BRICK, c * _BRICK)
    return Block(low, high, distances[: extent[0], : extent[1], : extent[2]])


def _diagonals() -> Floats:
    """(3, 4): the four diagonals of a cube."""
    return np.array([[1, 1, 1], [1, 1, -1], [1, -1, 1], [1, -1, -1]], dtype=np.float64).T


def _covered(
    shape: Shape, affine: Floats, grid: ArrayLike, band_mm: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The voxels whose centres may lie in the shape or its band."""
    picks = np.indices((2, 2, 2)).reshape(3, 8).T
    corners = np.where(picks == 0, shape.low - band_mm, shape.high + band_mm)
    back = np.linalg.inv(affine)
    voxels = corners @ back[:3, :3].T + back[:3, 3]
    low = np.maximum(np.ceil(voxels.min(axis=0) - 1e-9), 0).astype(np.int64)
    high = np.minimum(np.floor(voxels.max(axis=0) + 1e-9) + 1, np.asarray(grid)).astype(np.int64)
    return low, high


def _herds(near: NDArray[np.int64], bricks: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """The bricks' numbers in groups that lie together."""
    if len(near) == 0:
        return []
    places = np.stack(np.unravel_index(near, bricks)) // _HERD
    herd = np.ravel_multi_index(tuple(places), tuple(bricks // _HERD + 1))
    ranked = np.argsort(herd, kind="stable")
    return np.split(near[ranked], np.flatnonzero(np.diff(herd[ranked])) + 1)


def _evaluate(shape: Shape, affine: Floats, voxels: Floats) -> Floats:
    return shape(voxels @ affine[:3, :3].T + affine[:3, 3])
