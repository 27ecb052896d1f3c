"""The bony canal where the map holds none: modelled, for pictures only.

A *ring* is what one vertebra leaves open across its `up`, at its canal's centre. From ring to
ring the wall is ruled straight (DEFINITIONS 3), so that between the vertebrae no ligament and no
disc is known to it. Bone that reaches in is to be cut out of it by who draws it.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from keyhole.anatomy.spine import Vertebra
from keyhole.space import Floats, Frame, fixed, same

_RAYS = 72
_REACH_MM, _STEP_MM = 22.0, 0.25
"""How far a ray looks for the wall; beyond, the ring is open there. Unsourced."""
_NEAR_MM = 2.0
"""Beyond this from the widest wall no angle is looked at: it is outside."""
_CLOSED = 0.5
"""The least share of rays that must meet bone for a ring to be one. Unsourced."""
_BEYOND_MM = 16.0
"""How far past the first and the last ring the canal is drawn. Unsourced."""


@frozen
class Ring:
    """One opening: `frame` at the canal's centre, `radii` (72,) mm to the wall from `right` on."""

    frame: Frame
    radii: Floats = field(converter=fixed, eq=same)

    @classmethod
    def of(cls, vertebra: Vertebra) -> "Ring | None":
        """The vertebra's ring; None where too little of it is closed, or the centre lies in bone.

        Rays that meet no bone take the radii of their neighbours.
        """
        turn = 2 * np.pi * np.arange(_RAYS) / _RAYS
        away = np.arange(0, _REACH_MM, _STEP_MM)
        flat = np.stack([np.cos(turn), np.sin(turn), np.zeros(_RAYS)], axis=-1)
        frame = Frame(vertebra.canal_centre, vertebra.frame.axes)
        points = frame.to_patient((flat[:, None] * away[:, None]).reshape(-1, 3))
        bone = vertebra.bone.at(points, order=1, outside=np.inf).reshape(_RAYS, -1) < 0
        met = bone.any(axis=1)
        if met.mean() < _CLOSED or bone[:, 0].any():
            return None
        radii = np.interp(turn, turn[met], away[bone.argmax(axis=1)[met]], period=2 * np.pi)
        return cls(frame, radii)


def rings(vertebrae: Iterable[Vertebra]) -> tuple[Ring, ...]:
    """The rings of those vertebrae that have one, in their order."""
    found = (Ring.of(vertebra) for vertebra in vertebrae)
    return tuple(ring for ring in found if ring is not None)


def canal_field(points: Floats, along: Sequence[Ring]) -> NDArray[np.float32]:
    """(n,) mm, negative within the modelled canal, its zero line the wall.

    Args:
        points: (n, 3) mm RAS.
        along: at least one ring, from head to foot.

    """
    ups = np.array([ring.frame.up for ring in along])
    over = ups @ points.T - np.array([[ring.frame.origin @ ring.frame.up] for ring in along])
    out = np.maximum(over[0], -over[-1]) - _BEYOND_MM
    for ring, beyond in ((along[0], over[0]), (along[-1], -over[-1])):
        near = (beyond >= 0) & (beyond < _BEYOND_MM + _REACH_MM)
        wall = _off_wall(points[near], (ring, ring), np.zeros(int(near.sum())))
        out[near] = np.maximum(out[near], wall)
    for (ring, below), (down, up) in zip(pairwise(along), pairwise(over), strict=True):
        between = (down <= 0) & (up >= 0)
        share = down[between] / np.minimum(down[between] - up[between], -1e-9)
        out[between] = _off_wall(points[between], (ring, below), share)
    return out.astype(np.float32)


def _off_wall(points: Floats, between: tuple[Ring, Ring], share: Floats) -> Floats:
    """(n,) mm outside the wall at `share` (n,) of the way from one ring to the next."""
    upper, lower = between
    a, b = upper.frame, lower.frame
    off = points - (a.origin + share[:, None] * (b.origin - a.origin))
    right = np.einsum("ij,ij->i", off, a.right + share[:, None] * (b.right - a.right))
    front = np.einsum("ij,ij->i", off, a.front + share[:, None] * (b.front - a.front))
    out = np.hypot(right, front) - min(upper.radii.min(), lower.radii.min())
    near = np.hypot(right, front) < max(upper.radii.max(), lower.radii.max()) + _NEAR_MM
    place = np.arctan2(front[near], right[near]) * (_RAYS / (2 * np.pi)) % _RAYS
    wall_a, wall_b = (
        np.interp(place, np.arange(_RAYS + 1), np.append(r.radii, r.radii[0])) for r in between
    )
    wall = wall_a + share[near] * (wall_b - wall_a)
    out[near] = np.hypot(right[near], front[near]) - wall
    return np.asarray(out)
