"""Rings, canals, recesses and foramina of a whole spine, or why one could not be had."""

from collections.abc import Mapping, Sequence

from keyhole.anatomy.canal import SegmentCanal, ring_of, segment_canal
from keyhole.anatomy.canal_recess import Recess, find_recess
from keyhole.anatomy.canal_ring import Ring, find_ring
from keyhole.anatomy.canal_solids import Solids, segment_solids
from keyhole.anatomy.foramina import Foramen, find_foramen
from keyhole.anatomy.spine import Spine
from keyhole.anatomy.tried import tried
from keyhole.errors import AnatomyError
from keyhole.levels import segment_levels
from keyhole.space import SIDES, Side

Rings = Mapping[str, Ring | AnatomyError]
SolidsBySegment = Mapping[str, Solids]
Sided = tuple[str, Side]


def all_rings(spine: Spine) -> Rings:
    """By level: its closed ring."""
    return {one.level: tried(find_ring, one) for one in spine.vertebrae}


def all_solids(spine: Spine, segments: Sequence[str]) -> SolidsBySegment:
    """By segment: what bounds its canal and foramina."""
    return {name: segment_solids(spine, name) for name in segments}


def all_canals(
    spine: Spine, solids: SolidsBySegment, rings: Rings
) -> dict[str, SegmentCanal | AnatomyError]:
    """By segment: its canal."""
    return {name: tried(segment_canal, spine, name, one, rings) for name, one in solids.items()}


def all_foramina(spine: Spine, solids: SolidsBySegment) -> dict[Sided, Foramen | AnatomyError]:
    """By segment and side: its foramen."""
    return {
        (name, side): tried(find_foramen, spine, name, side, one)
        for name, one in solids.items()
        for side in SIDES
    }


def all_recesses(
    spine: Spine, solids: SolidsBySegment, rings: Rings
) -> dict[Sided, Recess | AnatomyError]:
    """By segment and side: the recess that leads to the lower vertebra's root."""
    return {
        (name, side): tried(_recess, spine, solids, rings, (name, side))
        for name in solids
        for side in SIDES
    }


def _recess(spine: Spine, solids: SolidsBySegment, rings: Rings, where: Sided) -> Recess:
    name, side = where
    upper, lower = (spine[level] for level in segment_levels(name))
    bones = Solids((upper.bone, lower.bone))
    return find_recess(solids[name], bones, lower, ring_of(rings, lower.level), side)
