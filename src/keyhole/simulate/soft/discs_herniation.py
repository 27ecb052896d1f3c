"""Disc material beyond the margin: a lump of the zone, kind and volume ordered.

A protrusion is a mound on a broad base within the disc's height; an extrusion a head on a
narrower neck, which may have wandered; a sequester a piece that touches the disc nowhere.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from keyhole.simulate.bones.joints import sign
from keyhole.simulate.design.model import Design, Herniation, Segment
from keyhole.simulate.design.stack import inverse
from keyhole.simulate.engine.shapes import Shape, cone, ellipsoid, evaluated, joined, placed
from keyhole.simulate.soft.canal_zones import borders
from keyhole.simulate.soft.discs_margin import Margin
from keyhole.simulate.soft.discs_spot import margin_spot
from keyhole.space import Floats

_FREE_MM = 1.5
"""How far a sequester lies off the disc."""
_LARGEST_MM = 16.0
_ROUNDS = 24


def herniation_shape(
    design: Design, part: Segment, margin: Margin, taken: Sequence[Shape], step_mm: float = 0.5
) -> Shape | None:
    """The lump in the world; what of it nothing else takes has the volume ordered.

    None for a segment without herniation.

    Args:
        design: the whole spine.
        part: the segment.
        margin: its disc's; what lies within counts to the disc.
        taken: bones, and roots where they are known, standing in the world.
        step_mm: how finely volumes are counted; 0.5 is good to a per cent.

    """
    order = part.herniation
    if order is None:
        return None
    aside = sign(order.side) * borders(design, part, order.side).middle(order.zone)
    spot, gap = margin_spot(margin, aside)
    disc, *others = [
        placed(shape, inverse(spot)) for shape in (placed(margin.shape(), margin.frame), *taken)
    ]
    return placed(_lump(order, gap, _size(order, gap, (disc, *others), step_mm)), spot)


def _lump(order: Herniation, gap: float, size: float) -> Shape:
    """A lump in its spot's coordinates; `size` scales it."""
    return _KINDS[order.kind](size, gap, order.migration_mm)


def _protrusion(size: float, gap: float, shift: float) -> Shape:
    return ellipsoid([0, 0, shift], [1.4 * size, size, min(0.9 * size, gap / 2 + 1.0)])


def _extrusion(size: float, gap: float, shift: float) -> Shape:
    tall = size * (1.0 + 0.3 * min(abs(shift) / 8, 1))
    head = ellipsoid([0, 0.7 * size, shift], [size, 0.8 * size, tall])
    neck = min(0.5 * size, gap / 2)
    return joined([head, cone([0, -2, 0], [0, 0.6 * size, shift], neck, 0.6 * size)], 1.0)


def _sequester(size: float, _: float, shift: float) -> Shape:
    return ellipsoid([0, _FREE_MM + 0.75 * size, shift], [0.9 * size, 0.75 * size, 1.2 * size])


_KINDS: Mapping[str, Callable[[float, float, float], Shape]] = {
    "protrusion": _protrusion,
    "extrusion": _extrusion,
    "sequester": _sequester,
}


def _size(order: Herniation, gap: float, taken: Sequence[Shape], step: float) -> float:
    """The scale at which the part of the lump that nothing takes has the volume ordered.

    `taken` begins with the disc. The others are asked only where a lump grows that is a little
    too large, which is made larger again until it suffices.
    """
    disc, *others = taken
    points = _grid(order, step)
    free = evaluated(disc, points)
    points, free = points[free > -step], free[free > -step]
    known = np.zeros(len(points), dtype=bool)
    most = 1.2 * _solved(order, gap, (points, free), (_LARGEST_MM, step))
    while True:
        asked = ~known & (_lump(order, gap, most).distance(points) < step)
        for shape in others:
            free[asked] = np.minimum(free[asked], evaluated(shape, points[asked]))
        known |= asked
        size = _solved(order, gap, (points[known], free[known]), (most, step))
        if size < 0.999 * most or most >= _LARGEST_MM:
            return size
        most *= 1.2


def _solved(
    order: Herniation, gap: float, room: tuple[Floats, Floats], limits: tuple[float, float]
) -> float:
    """The scale, by halving, at which the lump fills enough of points with free distances."""
    (points, free), (high, step) = room, limits
    low = 0.5
    for _ in range(_ROUNDS):
        size = (low + high) / 2
        lump = _lump(order, gap, size).distance(points)
        filled = np.clip(0.5 - np.maximum(lump, -free) / step, 0, 1).sum() * step**3
        low, high = (size, high) if filled < order.volume_mm3 else (low, size)
    return (low + high) / 2


def _grid(order: Herniation, step: float) -> Floats:
    """(n, 3) mm: points round the spot, as far as a lump of that volume can reach."""
    reach, shift = 1.5 * float(np.cbrt(order.volume_mm3)) + 3, order.migration_mm
    aside = np.arange(-reach, reach, step)
    out = np.arange(-1.0, 1.3 * reach, step)
    tall = np.arange(min(0, shift) - reach, max(0, shift) + reach, step)
    return np.stack(np.meshgrid(aside, out, tall, indexing="ij"), axis=-1).reshape(-1, 3)
