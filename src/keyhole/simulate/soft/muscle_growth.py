"""A muscle grown into the room that bones, fascia and other muscles leave it.

Each level section starts from the outline the table gives it; every ray is cut where something
is in the way, and the rest swells until the section has its area. So the areas are known by
equation, a thick facet pushes the multifidus aside, and no muscle runs through bone.
"""

from collections.abc import Callable, Sequence

import numpy as np
from attrs import evolve, field, frozen
from scipy.ndimage import gaussian_filter1d, minimum_filter1d

from keyhole.simulate.engine.loft import superellipse
from keyhole.simulate.soft.trunk_loft import LEVEL, LevelLoft
from keyhole.space import Floats, fixed

Wall = tuple[Callable[[Floats], Floats], float]
"""Signed distances to what is in the way, and how many mm to keep from it."""
RAYS = 72
_ANGLES: Floats = np.asarray(np.arange(RAYS) * (2 * np.pi / RAYS), dtype=np.float64)
_STRIDES = 13
_FAR_MM = 60.0
_STRIDE = 0.85
"""The share of a distance that is stepped along a ray: shapes may be steep by 1.25."""
_CORE_MM = 5.0
_MOST = 1.8
"""Where others are in the way a section swells beyond its free outline by at most this factor."""
_PUSHES: Floats = np.array([(x, y) for x in range(-3, 13, 3) for y in range(-12, 13, 3)], float)
"""Outward and to the side of that, mm: where a centre may be moved to find room round it."""
_PUSH_COST = 0.1
"""What a millimetre's move costs, in mm of room."""


@frozen
class Sections:
    """Where a muscle's sections lie, (k, ...), and what they would be with room on all sides.

    `heights` mm rising, `centres` (k, 2) mm right, front, `outward` (k, 2) away from the
    midline, `outlines` (k, RAYS) mm, `areas` (k,) mm2 wanted.
    """

    heights: Floats = field(converter=fixed)
    centres: Floats = field(converter=fixed)
    outward: Floats = field(converter=fixed, repr=False)
    outlines: Floats = field(converter=fixed, repr=False)
    areas: Floats = field(converter=fixed)


def turned_oval(
    half_width: float, front: float, back: float, roll: float, power: float = 2.2
) -> Floats:
    """(RAYS,) mm: a superellipse turned by `roll` radians from right towards front."""
    count = 720
    radii = superellipse(half_width, front, back, power, count)
    place = (_ANGLES - roll) % (2 * np.pi) * (count / (2 * np.pi))
    return np.asarray(np.interp(place, np.arange(count + 1), np.append(radii, radii[0])))


def grown(sections: Sections, walls: Sequence[Wall]) -> LevelLoft:
    """The muscle in the room left by walls.

    Where the room is too small for the area the section is as large as the room.
    """
    sections = _pushed(sections, walls)
    free = sections.outlines * np.sqrt(sections.areas / _areas(sections.outlines))[:, None]
    limit = _evened(_reach(sections, free, walls))
    radii = _swollen(free, limit, sections.areas)
    return LevelLoft(LEVEL, sections.heights, sections.centres, radii, round_mm=2)


def _pushed(sections: Sections, walls: Sequence[Wall]) -> Sections:
    """Sections whose centre has something in the way are moved to the nearest place with room."""
    wanted = np.minimum(_CORE_MM, sections.outlines.min(axis=1) / 2)
    ahead = np.column_stack([-sections.outward[:, 1], sections.outward[:, 0]])
    sides = np.stack([sections.outward, ahead], axis=1)
    moves = np.einsum("ma,kac->mkc", _PUSHES, sides)
    room = []
    for move in moves:
        places = np.column_stack([sections.centres + move, sections.heights])
        room.append(np.minimum(_clearance(places, walls), wanted))
    worth = np.array(room) - _PUSH_COST * np.linalg.norm(_PUSHES, axis=1)[:, None]
    best = moves[worth.argmax(axis=0), np.arange(len(wanted))]
    return evolve(sections, centres=sections.centres + gaussian_filter1d(best, 0.7, axis=0))


def _clearance(points: Floats, walls: Sequence[Wall]) -> Floats:
    """(n,) mm from (n, 3) mm to the nearest wall."""
    away = np.full(len(points), np.inf)
    for shape, gap in walls:
        np.minimum(away, shape(points) - gap, out=away)
    return away


def _reach(sections: Sections, free: Floats, walls: Sequence[Wall]) -> Floats:
    """(k, RAYS) mm: how far each ray runs from its centre before it meets a wall."""
    most = _MOST * free
    rays = np.column_stack([np.cos(_ANGLES), np.sin(_ANGLES), np.zeros(RAYS)])
    starts = np.column_stack([sections.centres, sections.heights])
    far = np.zeros_like(most)
    for _ in range(_STRIDES):
        open_ = far < most
        points = (starts[:, None] + far[..., None] * rays)[open_]
        if len(points) == 0:
            break
        far[open_] += _STRIDE * np.clip(_clearance(points, walls), 0, _FAR_MM)
    return np.minimum(far, most)


def _evened(limit: Floats) -> Floats:
    """The reach without spikes: never beyond what was found."""
    low = minimum_filter1d(limit, 3, axis=1, mode="wrap")
    return np.minimum(gaussian_filter1d(low, 1.5, axis=1, mode="wrap"), limit)


def _swollen(outlines: Floats, limit: Floats, areas: Floats) -> Floats:
    """(k, RAYS): the outlines scaled and cut so that their areas are those wanted."""
    low, high = np.full(len(areas), 0.5), np.full(len(areas), _MOST)
    for _ in range(40):
        middle = (low + high) / 2
        small = _areas(np.minimum(middle[:, None] * outlines, limit)) < areas
        low, high = np.where(small, middle, low), np.where(small, high, middle)
    return np.maximum(np.minimum(high[:, None] * outlines, limit), 0.3)


def _areas(radii: Floats) -> Floats:
    around = radii * np.roll(radii, -1, axis=1)
    return np.asarray(0.5 * around.sum(axis=1) * np.sin(2 * np.pi / RAYS))
