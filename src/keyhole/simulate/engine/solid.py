"""A solid of the phantom: a named shape with its tissue, and its distances on a voxel grid."""

import itertools

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import ArrayLike, NDArray

from keyhole.simulate.engine.refine import COARSE, Band, Tile, touch
from keyhole.simulate.engine.shapes import Shape, placed
from keyhole.simulate.engine.tissue import Tissue
from keyhole.space import Floats, Frame

_TILE = 32
"""Voxels along the edge of the tiles that a block is sampled by."""
_FAR_MM = 1e3
"""What a distance reads outside the shape and its band."""


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
    distances = np.full(high - low, _FAR_MM, dtype=np.float32)
    band, every = Band(band_mm, band_mm), np.ones((_TILE // COARSE) ** 3, dtype=bool)
    for first in itertools.product(*(range(0, n, _TILE) for n in (high - low).tolist())):
        corner = affine[:3, :3] @ (low + first) + affine[:3, 3]
        tile = Tile((_TILE, _TILE, _TILE), corner, affine[:3, :3])
        found = touch(shape, tile, band, every)
        painted = np.full(tile.size, _FAR_MM, dtype=np.float32)
        painted[found.voxels] = found.distances
        part = distances[tuple(slice(n, n + _TILE) for n in first)]
        part[:] = painted.reshape(tile.edges)[tuple(slice(n) for n in part.shape)]
    return Block(low, high, distances)


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
