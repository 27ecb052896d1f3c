"""At which height displaced material ends: at the disc, or against the pedicles (DEFINITIONS 11).

Counted from its furthest place beyond the nearer endplate. Cranially: below the upper vertebra's
pedicle infrapedicular, beside it pedicular, above it suprapedicular; caudally the other way round.
"""

import numpy as np

from keyhole.anatomy.displaced import Displaced
from keyhole.anatomy.spine import Spine, Vertebra
from keyhole.findings.herniation_shape import SOURCE
from keyhole.findings.model import ScaleGrade
from keyhole.levels import segment_levels
from keyhole.space import Side

UP = ("disc", "infrapedicular", "pedicular", "suprapedicular")
DOWN = ("disc", "suprapedicular", "pedicular", "infrapedicular")


def height_grade(
    spine: Spine, segment: str, piece: Displaced, beyond_mm: float, sd: float
) -> ScaleGrade:
    """The height at which the material ends.

    Args:
        spine: the segment's two vertebrae.
        segment: its name.
        piece: the displaced material.
        beyond_mm: how far it reaches beyond the endplate, cranial positive.
        sd: of that, mm.

    """
    upper, lower = segment_levels(segment)
    level, names = (upper, UP) if beyond_mm >= 0 else (lower, DOWN)
    limits = _limits(spine[level], piece, 1 if beyond_mm >= 0 else -1)
    reach = abs(beyond_mm)
    grade = names[int(np.digitize(reach, limits))]
    ends = (reach - 1.96 * sd, reach + 1.96 * sd)
    near = [names[k] for k in range(int(np.digitize(ends[0], limits)), _last(ends[1], limits) + 1)]
    place = grade if grade == "disc" else f"{grade} at {level}"
    may_be = tuple(x if x == "disc" else f"{x} at {level}" for x in near)
    return ScaleGrade(scale="Height", grade=place, source=SOURCE, may_be=may_be)


def _last(reach: float, limits: list[float]) -> int:
    return int(np.digitize(reach, limits))


def _limits(vertebra: Vertebra, piece: Displaced, way: int) -> list[float]:
    """Mm beyond the endplate: where the disc's height ends, the pedicle begins and ends."""
    frame = piece.margin.space.frame
    plate = vertebra.lower if way > 0 else vertebra.upper
    assert plate is not None  # noqa: S101
    start = float(frame.to_local(plate.centre)[2])
    side: Side = "right" if piece.centre[0] > 0 else "left"
    pedicle = vertebra.pedicles.get(side) or next(iter(vertebra.pedicles.values()))
    heights = way * (frame.to_local(pedicle.outline)[:, 2] - start)
    low = max(float(heights.min()), piece.voxel_mm)
    return [piece.voxel_mm, low, max(float(heights.max()), low)]
