"""The canal's wall round its axis: bone where bone stands, a ruled surface where none does.

DEFINITIONS 3: a ring is closed over only 7 to 14 mm of each vertebra. Each ray of a section runs
out to the first bone (or labelled disc). From either ring that wall is followed along the canal
as far as it runs on without a step; between the two ends - pedicle to pedicle across a foramen,
rim to rim across a map without disc, lamina to lamina across the window - it is ruled, ray by
ray. Bone within the ruled surface, or no further than a little beyond it, is wall: a facet's
front, a bulge, the lip of a body.
"""

import numpy as np

from keyhole.anatomy.canal_ring import spokes
from keyhole.space import Floats

NEAR_MM = 4.0
"""Bone no further than this beyond the ruled surface bounds the canal (unsourced)."""
BEHIND = -0.5
"""The part of a ray that points to the front, from which down it looks at laminae."""
STEEP = 0.6
"""A wall that falls away faster than this, mm a mm along the canal, has ended (unsourced)."""


def walls(along: Floats, radii: Floats, ends: tuple[tuple[float, Floats], ...]) -> Floats:
    """(k, m) mm: the wall's distance from the axis in each section, along each ray.

    Args:
        along: (k,) mm, the sections' places, rising.
        radii: (k, m) mm to the first bone or disc; infinite where a ray meets none.
        ends: the rings: place along, and radii (m,) mm, from below upward.

    """
    line = _ruled(along, radii, ends)
    return np.where(radii <= line + NEAR_MM, radii, line)


def _ruled(along: Floats, radii: Floats, ends: tuple[tuple[float, Floats], ...]) -> Floats:
    """(k, m) mm: straight from ring to ring; behind, from where either lamina ends."""
    places = np.array([place for place, _ in ends])
    out = np.column_stack(
        [np.interp(along, places, pair) for pair in np.array([ring for _, ring in ends]).T]
    )
    for ray in np.flatnonzero(spokes()[:, 1] < BEHIND):
        known = np.full(len(along), np.nan)
        for place, ring in ends:
            _follow(known, along, radii[:, ray], place, float(ring[ray]))
        held = np.isfinite(known)
        out[:, ray] = np.interp(along, along[held], known[held])
    return out


def _follow(known: Floats, along: Floats, radii: Floats, place: float, start: float) -> None:
    """Enter the wall along one ray, upward and downward from a ring, into `known`."""
    first = int(np.abs(along - place).argmin())
    step = float(along[1] - along[0])
    known[first] = min(start, radii[first])
    for way in (range(first + 1, len(along)), range(first - 1, -1, -1)):
        last = known[first]
        for k in way:
            if radii[k] > last + STEEP * step:
                break
            last = known[k] = radii[k]
