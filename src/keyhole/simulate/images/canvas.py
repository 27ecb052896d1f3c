"""One tile of an image, painted from the last solid back to the first.

Later solids lie over earlier ones. Beginning with the last, each solid paints only what the
ones over it leave clear, so that nothing hidden is ever evaluated; the mixture is the same.
"""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from keyhole.simulate.engine.refine import COARSE, Band, Numbers, Tile, Touched, touch
from keyhole.simulate.engine.solid import Part, Solid
from keyhole.simulate.engine.tissue import Tissue
from keyhole.space import Floats

Look = Callable[[Tissue], tuple[float, float]]
"""What a scanner shows of a tissue: its value, and the standard deviation of its grain."""

_FLAGS = np.dtype(f"u{COARSE}")
"""A cell's flags along k read as one number, which is ten times as quick as flag by flag."""


@frozen
class Coat:
    """A solid as it is painted: its code in the label map (0: none) and its parts' codes."""

    solid: Solid
    code: int
    parts: tuple[int, ...] = ()


@frozen
class Canvas:
    """A tile's voxels, flat (n,), while they are painted.

    `value` and `grain` are what is painted so far, `clear` the share still to be painted;
    `codes` and `parts` are labels. Without a `look` only labels are painted.
    """

    tile: Tile
    ramp_mm: float
    look: Look | None
    value: NDArray[np.float32] = field(repr=False)
    grain: NDArray[np.float32] = field(repr=False)
    clear: NDArray[np.float32] = field(repr=False)
    codes: NDArray[np.uint8] = field(repr=False)
    parts: NDArray[np.uint8] = field(repr=False)

    @classmethod
    def blank(cls, tile: Tile, ramp_mm: float, look: Look | None) -> "Canvas":
        """Nothing painted yet. `ramp_mm` is how wide an edge is: a voxel."""
        seen = tile.size if look else 0
        value, grain = np.zeros((2, seen), np.float32)
        codes, parts = np.zeros((2, tile.size), np.uint8)
        return cls(tile, ramp_mm, look, value, grain, np.ones(seen, np.float32), codes, parts)

    def paint(self, coats: Sequence[Coat], ground: Tissue) -> None:
        """Paint all solids, given in their order, and `ground` behind them."""
        open_cells = self._open_cells()
        for coat in reversed(coats):
            found = touch(coat.solid.shape, self.tile, self._band(coat.solid), open_cells)
            if len(found.voxels):
                self._lay(coat, found)
                open_cells = self._open_cells()
            if not open_cells.any():
                break
        if self.look:
            value, grain = self.look(ground)
            np.add(self.value, value * self.clear, out=self.value)
            np.add(self.grain, grain * self.clear, out=self.grain)

    def _band(self, solid: Solid) -> Band:
        if self.look is None:
            return Band()
        half = self.ramp_mm / 2
        return Band(half + (solid.cortex_mm if solid.cortex else 0.0), half)

    def _open_cells(self) -> NDArray[np.bool_]:
        """(m,) the coarse cells in which something can still be painted."""
        left = self.codes == 0
        if self.look:
            left |= self.clear > 0
        a, b, c = (edge // COARSE for edge in self.tile.edges)
        words = left.view(_FLAGS).reshape(a, COARSE, b, COARSE, c)
        rows = np.bitwise_or.reduce(words, axis=3)
        return np.asarray(np.bitwise_or.reduce(rows, axis=1).ravel() != 0)

    def _lay(self, coat: Coat, found: Touched) -> None:
        solid, voxels, away = coat.solid, found.voxels, found.distances
        own = coat.code > 0
        unnamed = own & (away < 0) & (self.codes[voxels] == 0)
        visible = self.clear[voxels] > 0 if self.look else np.zeros(len(voxels), bool)
        kept = unnamed | visible
        if not kept.any():
            return
        voxels, away, unnamed = voxels[kept], away[kept], unnamed[kept]
        nearness = _nearness(solid.parts, self.tile, voxels) if solid.parts else None
        if nearness is not None and own:
            self.parts[voxels[unnamed]] = np.array(coat.parts, np.uint8)[nearness[0][unnamed]]
        self.codes[voxels[unnamed]] = coat.code
        if self.look:
            self._mix(voxels, away, *_shown(solid, self.look, away, nearness, self.ramp_mm))

    def _mix(
        self, voxels: Numbers, away: Floats, value: Floats | float, grain: Floats | float
    ) -> None:
        clear = self.clear[voxels]
        share = np.clip(0.5 - away / self.ramp_mm, 0, 1).astype(np.float32) * clear
        self.value[voxels] += (share * value).astype(np.float32)
        self.grain[voxels] += (share * grain).astype(np.float32)
        self.clear[voxels] = clear - share


Nearness = tuple[NDArray[np.int64], NDArray[np.int64], Floats]
"""(n,) the nearest part, the next one, and how much nearer, mm, the first is."""


def _nearness(parts: Sequence[Part], tile: Tile, voxels: Numbers) -> Nearness:
    places = tile.places(voxels)
    away = np.stack([part.shape(places) for part in parts])
    if len(parts) == 1:
        nobody = np.zeros(len(voxels), np.int64)
        return nobody, nobody, np.full(len(voxels), np.inf)
    first, second = np.argpartition(away, 1, axis=0)[:2]
    columns = np.arange(len(voxels))
    return first, second, away[second, columns] - away[first, columns]


def _shown(
    solid: Solid, look: Look, away: Floats, nearness: Nearness | None, ramp_mm: float
) -> tuple[Floats | float, Floats | float]:
    """Value and grain of a solid's voxels: its tissue, its parts' where it has some, its cortex."""
    shown: Iterable[Floats | float] = look(solid.tissue)
    if nearness is not None:
        looks = np.array([look(part.tissue or solid.tissue) for part in solid.parts]).T
        first, second, nearer = nearness
        share = np.clip(0.5 + nearer / (2 * ramp_mm), 0.5, 1)
        shown = [share * one[first] + (1 - share) * one[second] for one in looks]
    if solid.cortex is not None:
        shell = np.clip(0.5 + (away + solid.cortex_mm) / ramp_mm, 0, 1)
        shown = [
            one + shell * (hard - one) for one, hard in zip(shown, look(solid.cortex), strict=True)
        ]
    value, grain = shown
    return value, grain
