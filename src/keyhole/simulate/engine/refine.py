"""Where a shape lies in a tile of voxels: cells halved until they are clear of its surface.

A *tile* is a small block of a voxel grid, its edges multiples of `COARSE`; voxels in it are
named by their flat number. A cell whose middle is further from the surface than the cell can
reach is wholly inside or outside, so that only a thin shell is evaluated voxel by voxel.
"""

from functools import cache

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from keyhole.simulate.engine.shapes import Shape
from keyhole.space import Floats, fixed, same, shaped

COARSE = 4
"""Voxels along the edge of the cells that are judged first."""
STEEP = 2.0
"""The most a signed distance changes a millimetre, with room for those that are rough far off."""

Numbers = NDArray[np.int64]
Edges = tuple[int, int, int]


@frozen
class Tile:
    """Voxels along i, j, k and where they lie: `corner` (3,) mm RAS is the first one's centre.

    `steps` (3, 3) mm RAS: columns lead from a voxel to the next along i, j, k.
    """

    edges: Edges
    corner: Floats = field(converter=fixed, validator=shaped(3), eq=same)
    steps: Floats = field(converter=fixed, validator=shaped(3, 3), eq=same)

    @property
    def size(self) -> int:
        """How many voxels it has."""
        return self.edges[0] * self.edges[1] * self.edges[2]

    def places(self, voxels: Numbers) -> Floats:
        """(n, 3) mm RAS of voxels by their numbers (n,)."""
        return self.corner + _unravelled(voxels, self.edges) @ self.steps.T


@frozen
class Band:
    """How far, mm, on either side of its surface a shape's distance itself is asked for."""

    inner: float = 0.0
    outer: float = 0.0


@frozen
class Touched:
    """Voxels (n,) of a tile that lie in a shape or its outer band, with their distances (n,) mm.

    Deeper than the inner band a distance says no more than that.
    """

    voxels: Numbers = field(repr=False)
    distances: Floats = field(repr=False)


def touch(shape: Shape, tile: Tile, band: Band, open_cells: NDArray[np.bool_]) -> Touched:
    """The voxels of a tile that a shape takes up.

    Args:
        shape: in mm RAS, as the tile.
        tile: where to look.
        band: what has to be right to a hair.
        open_cells: (m,) of the tile's coarse cells in order: False for those not asked about.

    """
    cells, middles = _within(shape, tile, band, open_cells)
    found: list[tuple[Numbers, Floats]] = []
    edge = COARSE
    while edge > 1 and len(cells):
        away = shape(middles)
        reach = STEEP * _diagonal(tile) * (edge - 1) / 2
        deep = away < -reach - band.inner
        if deep.any():
            inner = _numbers(edge, tile.edges)
            voxels = (cells[deep][:, None] + inner).ravel()
            found.append((voxels, np.repeat(away[deep], len(inner))))
        near = ~deep & (away < reach + band.outer)
        edge //= 2
        cells = (cells[near][:, None] + _numbers(2, tile.edges) * edge).ravel()
        middles = (middles[near][:, None] + (_corners() * edge / 2) @ tile.steps.T).reshape(-1, 3)
    if len(cells):
        away = shape(middles)
        held = away < band.outer
        found.append((cells[held], away[held]))
    if not found:
        return Touched(np.empty(0, np.int64), np.empty(0))
    return Touched(np.concatenate([v for v, _ in found]), np.concatenate([d for _, d in found]))


def _within(
    shape: Shape, tile: Tile, band: Band, open_cells: NDArray[np.bool_]
) -> tuple[Numbers, Floats]:
    """The open coarse cells that the shape's box may reach: first voxels' numbers, middles."""
    numbers, grid = _coarse(tile.edges)
    middles = tile.corner + grid[open_cells] @ tile.steps.T
    reach = np.abs(tile.steps).sum(axis=1) * (COARSE - 1) / 2 + band.outer
    near = ((middles > shape.low - reach) & (middles < shape.high + reach)).all(axis=1)
    return numbers[open_cells][near], middles[near]


@cache
def _coarse(edges: Edges) -> tuple[Numbers, Floats]:
    """Of a tile's coarse cells: the first voxels' numbers (m,) and the middles (m, 3) in voxels."""
    cells: Numbers = np.indices([edge // COARSE for edge in edges]).reshape(3, -1).T * COARSE
    return _flat(cells, edges), np.asarray(cells + (COARSE - 1) / 2, dtype=np.float64)


@cache
def _numbers(edge: int, edges: Edges) -> Numbers:
    """(edge ** 3,) what to add to a cell's first voxel's number for each of its voxels."""
    return _flat(np.indices((edge,) * 3).reshape(3, -1).T, edges)


@cache
def _corners() -> Floats:
    """(8, 3) -1 or 1: the halves of a cell, in the order of `_numbers`."""
    return np.asarray(np.indices((2, 2, 2)).reshape(3, 8).T * 2 - 1, dtype=np.float64)


def _flat(places: Numbers, edges: Edges) -> Numbers:
    """(n,) numbers of voxels (n, 3) along i, j, k."""
    return np.asarray((places[:, 0] * edges[1] + places[:, 1]) * edges[2] + places[:, 2])


def _diagonal(tile: Tile) -> float:
    """The longest way from corner to corner of a voxel, mm."""
    return float(np.linalg.norm(tile.steps @ _corners().T, axis=0).max())


def _unravelled(voxels: Numbers, edges: Edges) -> Numbers:
    rest, k = np.divmod(voxels, edges[2])
    i, j = np.divmod(rest, edges[1])
    return np.stack([i, j, k], axis=1)
