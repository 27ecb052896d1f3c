"""The corners of every vertebra and the disc spaces between them, or why there are none."""

from collections.abc import Mapping, Sequence

from keyhole.anatomy.corners import Corners, End, body_corners
from keyhole.anatomy.disc_space import DiscSpace
from keyhole.anatomy.pair_frame import pair_frame
from keyhole.anatomy.spine import Spine
from keyhole.anatomy.tried import known, tried
from keyhole.errors import AnatomyError
from keyhole.levels import segment_levels

Ends = Mapping[End, Corners]
CornersByLevel = Mapping[str, Ends | AnatomyError]


def all_corners(spine: Spine) -> CornersByLevel:
    """By level: the corners of both ends, or the refusal that stands for them."""
    return {one.level: tried(body_corners, one, spine.labels.volume) for one in spine.vertebrae}


def ends_of(corners: CornersByLevel, level: str) -> Ends:
    """The corners of a level. Raises the AnatomyError that stands for them."""
    return known(corners[level])


def end_of(corners: CornersByLevel, level: str, end: End) -> Corners:
    """One end of a level. Raises AnatomyError where it is not there."""
    ends = ends_of(corners, level)
    if end not in ends:
        raise AnatomyError(
            "not-seen",
            asked=f"The {end} endplate of {level} was asked for.",
            found=f"The scan does not hold the {end} endplate of {level}.",
            next="Give a scan that holds the whole vertebra.",
            at=[level],
        )
    return ends[end]


def all_disc_spaces(
    spine: Spine, corners: CornersByLevel, segments: Sequence[str]
) -> dict[str, DiscSpace | AnatomyError]:
    """By segment: its space, or the refusal that stands for it."""
    return {name: tried(_space, spine, corners, name) for name in segments}


def _space(spine: Spine, corners: CornersByLevel, name: str) -> DiscSpace:
    upper, lower = segment_levels(name)
    above, below = end_of(corners, upper, "lower"), end_of(corners, lower, "upper")
    frame = pair_frame(spine[upper], spine[lower], above, below)
    return DiscSpace(name=name, upper=upper, lower=lower, frame=frame, above=above, below=below)
