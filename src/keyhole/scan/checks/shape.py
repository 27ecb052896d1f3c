"""`level-doubled`, `levels-merged`, `level-torn`: is each label one whole vertebra?"""

from collections.abc import Sequence
from statistics import median_low

import numpy as np
from attrs import frozen

from keyhole.errors import Refusal
from keyhole.scan.checks.case import Case
from keyhole.scan.checks.report import Check
from keyhole.scan.checks.survey import Bone
from keyhole.scan.checks.thresholds import Thresholds

_NEIGHBOURS = 4


@frozen
class Shape:
    """A level's size beside its neighbours' (None where it has none to compare with)."""

    bone: Bone
    volume_ml: float
    second_ml: float
    height_mm: float
    usual_ml: float | None
    usual_mm: float | None

    @property
    def told(self) -> str:
        """`L3 66 mL in 1 piece`."""
        count = len(self.bone.pieces_ml)
        return f"{self.bone.level} {self.volume_ml:.0f} mL in {count} piece{'s'[: count > 1]}"


def shapes(case: Case, left_out: frozenset[str]) -> tuple[Shape, ...]:
    """The size of each level but those left out, beside its nearest such neighbours."""
    bones = [bone for bone in case.bones if bone.level not in left_out]
    heights = {b.level: float(np.ptp(case.posture.heights_of(b.points))) for b in bones}
    return tuple(_shape(bone, bones, heights) for bone in bones)


def _shape(bone: Bone, bones: Sequence[Bone], heights: dict[str, float]) -> Shape:
    here = bones.index(bone)
    others = [b for b in bones if b is not bone and b.level != "S1"]
    near = sorted(others, key=lambda b: abs(bones.index(b) - here))[:_NEIGHBOURS]
    compared = bone.level != "S1" and near
    return Shape(
        bone=bone,
        volume_ml=bone.volume_ml,
        second_ml=bone.pieces_ml[1] if len(bone.pieces_ml) > 1 else 0.0,
        height_mm=heights[bone.level],
        usual_ml=median_low(b.volume_ml for b in near) if compared else None,
        usual_mm=median_low(heights[b.level] for b in near) if compared else None,
    )


def _is_doubled(s: Shape, limits: Thresholds) -> bool:
    """Two pieces apart, each of a vertebra's size."""
    if s.usual_ml is None or s.second_ml < limits.smallest_ml:
        return False
    large = s.second_ml >= limits.doubled_piece * s.usual_ml
    return large and s.volume_ml >= limits.doubled_whole * s.usual_ml


def _is_merged(s: Shape, limits: Thresholds) -> bool:
    """As large and tall as two of its neighbours, or larger than a vertebra can be."""
    if s.bone.name == "sacrum":
        return False
    if s.usual_ml is None or s.usual_mm is None or s.volume_ml > limits.largest_ml:
        return s.volume_ml > limits.largest_ml
    tall = s.height_mm >= limits.merged_height * s.usual_mm
    return tall and s.volume_ml >= limits.merged_volume * s.usual_ml


def _is_torn(s: Shape, limits: Thresholds) -> bool:
    """In pieces of which a second one counts, or much smaller or lower than its neighbours."""
    crumb = limits.torn_piece_sacrum if s.bone.name == "sacrum" else limits.torn_piece
    if s.second_ml >= crumb * s.volume_ml:
        return True
    if s.usual_ml is None or s.usual_mm is None:
        return False
    low = s.height_mm < limits.torn_height * s.usual_mm
    return low or s.volume_ml < limits.torn_volume * s.usual_ml


def judged(case: Case, cut: frozenset[str]) -> tuple[tuple[Check, Check, Check], frozenset[str]]:
    """The three checks of shape, and the levels they speak against. A level gets one code.

    Levels that the border cuts are left out; those too large are no measure for small ones.
    """
    found = shapes(case, cut)
    doubled = [s for s in found if _is_doubled(s, case.limits)]
    merged = [s for s in found if s not in doubled and _is_merged(s, case.limits)]
    large = frozenset(s.bone.level for s in doubled + merged)
    torn = [s for s in shapes(case, cut | large) if _is_torn(s, case.limits)]
    checks = (_doubled(doubled, found), _merged(merged, found), _torn(torn, found))
    return checks, large | {s.bone.level for s in torn}


def _evidence(found: Sequence[Shape]) -> str:
    return (", ".join(s.told for s in found) or "no level that the border does not cut") + "."


def _doubled(bad: Sequence[Shape], found: Sequence[Shape]) -> Check:
    if not bad:
        return Check("level-doubled", None, _evidence(found))
    told = ", ".join(f"{s.bone.level} in pieces of {_sizes(s)}" for s in bad)
    refusal = Refusal(
        "level-doubled",
        asked="Each name was to belong to one vertebra.",
        found=f"The map holds {told}, each the size of a vertebra.",
        next="Correct the label map, or name the levels with --call and add --accept "
        "level-doubled.",
        at=tuple(s.bone.level for s in bad),
    )
    return Check("level-doubled", refusal, _evidence(found))


def _merged(bad: Sequence[Shape], found: Sequence[Shape]) -> Check:
    if not bad:
        return Check("levels-merged", None, _evidence(found))
    told = ", ".join(_beside(s) for s in bad)
    refusal = Refusal(
        "levels-merged",
        asked="Each label was to hold one vertebra.",
        found=f"The map holds {told}: more than one vertebra.",
        next="Separate the vertebrae in the label map; the other levels can be planned.",
        at=tuple(s.bone.level for s in bad),
    )
    return Check("levels-merged", refusal, _evidence(found))


def _torn(bad: Sequence[Shape], found: Sequence[Shape]) -> Check:
    if not bad:
        return Check("level-torn", None, _evidence(found))
    told = ", ".join(
        f"{s.bone.level} in pieces of {_sizes(s)}" if len(s.bone.pieces_ml) > 1 else _beside(s)
        for s in bad
    )
    refusal = Refusal(
        "level-torn",
        asked="Each label was to hold a whole vertebra in one piece.",
        found=f"The map holds {told}.",
        next="Mend the label map; the other levels can be planned.",
        at=tuple(s.bone.level for s in bad),
    )
    return Check("level-torn", refusal, _evidence(found))


def _sizes(s: Shape) -> str:
    pieces = [f"{ml:.1f}" for ml in s.bone.pieces_ml[:3]]
    return " and ".join(pieces) + " mL"


def _beside(s: Shape) -> str:
    size = f"{s.bone.level} of {s.volume_ml:.0f} mL and {s.height_mm:.0f} mm"
    if s.usual_ml is None or s.usual_mm is None:
        return size
    return f"{size} beside neighbours of {s.usual_ml:.0f} mL and {s.usual_mm:.0f} mm"
