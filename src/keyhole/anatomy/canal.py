"""The bony canal of a segment, section by section, square to its own curve (DEFINITIONS 3).

Vocabulary: *ring*, where one vertebra's bone surrounds the canal on all sides; *axis*, the
canal's own curve; *section*, the cut square to it. Front wall: bodies, rims and the labelled
disc; where no disc is labelled, ruled from rim to rim.
"""

from collections.abc import Mapping

import numpy as np
from attrs import field, frozen

from keyhole.anatomy.canal_axis import CanalAxis, axis_through
from keyhole.anatomy.canal_ring import REACH_MM, Ring, cast, spokes
from keyhole.anatomy.canal_section import Section
from keyhole.anatomy.canal_solids import Solids
from keyhole.anatomy.canal_walls import walls
from keyhole.anatomy.spine import Spine
from keyhole.anatomy.tried import known
from keyhole.errors import AnatomyError
from keyhole.levels import segment_levels
from keyhole.space import Floats, Frame, fixed, same, shaped

EVERY_MM = 1.0
_BACK_MM = 3.0
_WALL_OFF_MM = 6.0
"""How far the front wall may lie off the line from ring to ring."""

_BEHIND_STEPS = 12
"""Mm backward that are looked for room where a section's middle is filled."""
_FILLED_MM, _FILLED_SHARE = 0.5, 0.5
"""A ray shorter than the first meets something at once; over the second of them: filled."""


@frozen
class SegmentCanal:
    """A segment's canal from the lower mid-pedicle to the upper, a section every millimetre.

    `disc_along` is where the section through the disc's middle stands, `along` (n,) mm.
    """

    segment: str
    axis: CanalAxis = field(repr=False)
    along: Floats = field(converter=fixed, validator=shaped(-1), eq=same, repr=False)
    sections: tuple[Section, ...] = field(repr=False)
    disc_along: float

    @property
    def at_disc(self) -> int:
        """Which section lies nearest to the disc's middle."""
        return int(np.abs(self.along - self.disc_along).argmin())


def segment_canal(
    spine: Spine, name: str, solids: Solids, rings: Mapping[str, Ring | AnatomyError]
) -> SegmentCanal:
    """The bony canal of a segment whose two vertebrae are modelled.

    Args:
        spine: both.
        name: the segment.
        solids: what bounds it: the two bones and the disc, where that is labelled.
        rings: by level, the closed rings, or why there are none.

    Raises:
        AnatomyError: `body-unseen` where a vertebra closes no ring.

    """
    high, low = (ring_of(rings, level) for level in segment_levels(name))
    axis = axis_through(low, high)
    foot, top = (axis.nearest(ring.mid_pedicle) for ring in (low, high))
    along = np.linspace(foot, top, int(np.ceil((top - foot) / EVERY_MM)) + 1)
    places = tuple((axis.nearest(ring.frame.origin), ring.radii) for ring in (low, high))
    sections = sections_at(axis, along, solids, places)
    return SegmentCanal(name, axis, along, sections, axis.nearest(_disc_middle(spine, name)))


def ring_of(rings: Mapping[str, Ring | AnatomyError], level: str) -> Ring:
    """The ring of a level. Raises the AnatomyError that stands for it."""
    return known(rings[level])


def sections_at(
    axis: CanalAxis, along: Floats, solids: Solids, rings: tuple[tuple[float, Floats], ...]
) -> tuple[Section, ...]:
    """The sections of a canal at places along its axis."""
    frames = [axis.frame(place) for place in along.tolist()]
    starts = np.array([frame.to_patient([0.0, -_BACK_MM, 0.0]) for frame in frames])
    ahead = np.array([frame.front for frame in frames])
    shifts = _shifts(along, solids.gaps(starts, ahead, REACH_MM) - _BACK_MM, rings)
    radii = _freed(solids, frames, shifts)
    wall = walls(along, radii, rings)
    flat = spokes()[None, :, :2] * wall[:, :, None]
    flat[:, :, 1] += shifts[:, None]
    return tuple(map(Section, frames, flat, wall == radii))


def _freed(solids: Solids, frames: list[Frame], shifts: Floats) -> Floats:
    """(k, m) mm: the rays' lengths; `shifts` moves back to where a ray starts outside of solids.

    Disc material may fill the canal's middle: what is left lies behind it.
    """
    radii = _cast_from(solids, frames, shifts)
    for _ in range(_BEHIND_STEPS):
        filled = np.flatnonzero((radii <= _FILLED_MM).mean(axis=1) > _FILLED_SHARE)
        if not len(filled):
            break
        shifts[filled] -= 1.0
        radii[filled] = _cast_from(solids, [frames[k] for k in filled], shifts[filled])
    return radii


def _cast_from(solids: Solids, frames: list[Frame], shifts: Floats) -> Floats:
    """(k, m) mm: the rays' lengths from places this far forward of the sections' middles."""
    poles = [
        Frame(frame.to_patient([0.0, shift, 0.0]), frame.axes)
        for frame, shift in zip(frames, shifts.tolist(), strict=True)
    ]
    return cast(solids, poles)


def _shifts(along: Floats, fronts: Floats, rings: tuple[tuple[float, Floats], ...]) -> Floats:
    """(k,) mm forward to where the rays start: as far behind the front wall as in the rings.

    `fronts` (k,) mm is how far ahead of each section's middle the front wall stands.

    So the side walls' corners keep their angle, and can be ruled ray by ray.
    """
    places = np.array([place for place, _ in rings])
    asked = np.interp(along, places, [ring[len(ring) // 4] for _, ring in rings])
    shifts = fronts - asked
    seen = np.abs(shifts) < _WALL_OFF_MM
    return np.interp(along, along[seen], shifts[seen]) if seen.any() else np.zeros(len(along))


def _disc_middle(spine: Spine, name: str) -> Floats:
    """(3,) mm RAS: midway between the facing rims' centres."""
    upper, lower = (spine[level] for level in segment_levels(name))
    assert upper.lower is not None  # noqa: S101
    return (upper.lower.centre + lower.upper.centre) / 2
