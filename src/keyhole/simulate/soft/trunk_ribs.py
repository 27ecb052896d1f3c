"""Lines laid into the wall of the chest: ribs lie between what they enclose and the skin."""

import numpy as np

from keyhole.simulate.design.model import Design
from keyhole.simulate.soft.trunk_column import column_of
from keyhole.simulate.soft.trunk_outlines import Outlines
from keyhole.space import Floats, Frame


def laid_in_wall(
    design: Design, frames: dict[str, Frame], points: Floats, share: Floats, outside_mm: float
) -> Floats:
    """Points (n, 3) mm of the frames' world moved level, out or in, to the wall of the chest.

    Each goes `share` (n,) of the way to `outside_mm` outside what the wall encloses.
    """
    outlines = Outlines.of(design, column_of(design, frames))
    loft = outlines.loft(outlines.viscera)
    moved = points.copy()
    for k, (point, part) in enumerate(zip(points, share, strict=True)):
        height = float(point[2])
        ring = loft.outline(height)
        middle = np.array([np.interp(height, outlines.heights, c) for c in outlines.centres.T])
        spokes, off = ring - middle, point[:2] - middle
        turn = np.arctan2(spokes[:, 1], spokes[:, 0])
        reach = np.interp(
            np.arctan2(off[1], off[0]), *_sorted(turn, np.hypot(*spokes.T)), period=2 * np.pi
        )
        wanted = (reach + outside_mm) / float(np.hypot(*off))
        moved[k, :2] = middle + off * (1 + part * (wanted - 1))
    return moved


def _sorted(turn: Floats, reach: Floats) -> tuple[Floats, Floats]:
    order = np.argsort(turn)
    return turn[order], reach[order]
