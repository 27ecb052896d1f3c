"""A whole grid painted, tile by tile: what lies in each voxel before a scanner's own faults.

Tiles are painted by several threads; each tile is the same whoever paints it.
"""

import itertools
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from keyhole.simulate.engine.refine import Tile
from keyhole.simulate.engine.tissue import tissue
from keyhole.simulate.images.canvas import Canvas, Coat, Look
from keyhole.simulate.images.grids import Grid
from keyhole.space import Floats

_EDGES = {1: 48, 3: 48, 5: 40, 7: 56}
"""Voxels along a tile by the layers a voxel is cut into: multiples of these and of `COARSE`.

Layers are odd, so that the middle one holds the voxel's centre.
"""

Triple = tuple[int, int, int]


@frozen
class Exposure:
    """Arrays (i, j, k) of a grid; `value` and `grain` are empty where no image was wanted."""

    value: NDArray[np.float32] = field(repr=False)
    grain: NDArray[np.float32] = field(repr=False)
    codes: NDArray[np.uint8] = field(repr=False)
    parts: NDArray[np.uint8] = field(repr=False)

    @classmethod
    def blank(cls, shape: Triple, *, image: bool) -> "Exposure":
        """Nothing painted."""
        seen = shape if image else (0, 0, 0)
        return cls(
            np.empty(seen, np.float32),
            np.empty(seen, np.float32),
            np.empty(shape, np.uint8),
            np.empty(shape, np.uint8),
        )


def workers(threads: int | None) -> int:
    """How many threads to use where the user does not say: one a core."""
    return threads or os.cpu_count() or 1


def expose(
    coats: Sequence[Coat], grid: Grid, look: Look | None, threads: int | None = None
) -> Exposure:
    """Paint coats, given in their order, on a grid.

    A voxel's code is that of the last solid its centre lies in; its value mixes tissues by how
    much of it they fill. Voxels longer one way than another are cut into layers for this.
    """
    whole = _Mosaic.of(grid, cut=look is not None)
    result = Exposure.blank(grid[1], image=look is not None)
    lows = np.array([coat.solid.shape.low for coat in coats]).reshape(-1, 3)
    highs = np.array([coat.solid.shape.high for coat in coats]).reshape(-1, 3)

    def paint(first: Triple) -> None:
        tile = whole.tile(first)
        near = np.flatnonzero(_meet(tile, lows, highs, whole.ramp_mm)).tolist()
        canvas = Canvas.blank(tile, whole.ramp_mm, look)
        canvas.paint([coats[n] for n in near], tissue("air"))
        whole.put(canvas, first, result)

    with ThreadPoolExecutor(workers(threads)) as pool:
        list(pool.map(paint, whole.firsts()))
    return result


def _meet(tile: Tile, lows: Floats, highs: Floats, margin_mm: float) -> NDArray[np.bool_]:
    """(s,) which boxes the tile may touch."""
    half = (np.array(tile.edges) - 1) / 2
    middle = tile.corner + tile.steps @ half
    reach = np.abs(tile.steps) @ half + margin_mm
    met = (lows < middle + reach) & (highs > middle - reach)
    return np.asarray(met.all(axis=1))


@frozen
class _Mosaic:
    """A grid with its voxels cut into `layers` along i, j, k, as tiles of `edges` such layers."""

    grid: Grid
    layers: Triple
    edges: Triple

    @classmethod
    def of(cls, grid: Grid, *, cut: bool) -> "_Mosaic":
        spacing = np.linalg.norm(grid[0][:3, :3], axis=0)
        longer = spacing / spacing.min() if cut else np.ones(3)
        a, b, c = (min(2 * int(ratio / 2) + 1, max(_EDGES)) for ratio in longer.tolist())
        return cls(grid, (a, b, c), (_EDGES[a], _EDGES[b], _EDGES[c]))

    @property
    def ramp_mm(self) -> float:
        """How wide an edge is painted: a layered voxel's mean edge."""
        volume = abs(np.linalg.det(self.grid[0][:3, :3])) / np.prod(self.layers)
        return float(np.cbrt(volume))

    def firsts(self) -> list[Triple]:
        """The first voxel of every tile."""
        ticks = [range(0, n, step) for n, step in zip(self.grid[1], self._strides, strict=True)]
        return [(i, j, k) for i, j, k in itertools.product(*ticks)]

    @property
    def _strides(self) -> list[int]:
        """Whole voxels along a tile."""
        return [edge // n for edge, n in zip(self.edges, self.layers, strict=True)]

    def tile(self, first: Triple) -> Tile:
        """The tile that begins with a voxel, its corner the middle of that one's first layer."""
        affine, layers = self.grid[0], np.array(self.layers)
        corner = np.array(first) - (layers - 1) / (2 * layers)
        return Tile(self.edges, affine[:3, :3] @ corner + affine[:3, 3], affine[:3, :3] / layers)

    def put(self, canvas: Canvas, first: Triple, result: Exposure) -> None:
        """Lay a painted tile into the whole: values averaged over layers, codes of the middle."""
        size = np.minimum(np.array(self.grid[1]) - first, self._strides).tolist()
        here = tuple(slice(a, a + n) for a, n in zip(first, size, strict=True))
        there = tuple(slice(n) for n in size)
        if result.value.size:
            result.value[here] = self._averaged(canvas.value)[there]
            result.grain[here] = self._averaged(canvas.grain)[there]
        result.codes[here] = self._middle(canvas.codes)[there]
        result.parts[here] = self._middle(canvas.parts)[there]

    def _averaged(self, flat: NDArray[np.float32]) -> NDArray[np.float32]:
        if self.layers == (1, 1, 1):
            return flat.reshape(self.edges)
        return np.asarray(flat.reshape(self._split).mean(axis=(1, 3, 5)))

    def _middle(self, flat: NDArray[np.uint8]) -> NDArray[np.uint8]:
        a, b, c = (n // 2 for n in self.layers)
        return flat.reshape(self._split)[:, a, :, b, :, c]

    @property
    def _split(self) -> list[int]:
        """The shape that has a tile's voxels and their layers on axes of their own."""
        return [n for pair in zip(self._strides, self.layers, strict=True) for n in pair]
