"""`levels-shifted`: does the sacrum, and every level, follow the one its name says?"""

from collections.abc import Sequence

import numpy as np

from keyhole.errors import Refusal
from keyhole.levels import order
from keyhole.scan.checks.case import Case
from keyhole.scan.checks.report import Check
from keyhole.scan.checks.spacing import Step, skipped
from keyhole.scan.checks.survey import Bone
from keyhole.space import unit


def shifted(case: Case, ways: Sequence[Step], sound: Sequence[Bone]) -> Check:
    """Whether each level, the sacrum above all, follows the one its name says."""
    evidence = "; ".join(_told(way) for way in ways) or "no two sound levels to compare"
    far = [w for w in ways if w.ratio > case.limits.far or w.ratio < case.limits.near]
    bone_ml = _unlabelled_bone(case, ways, sound)
    filled = False
    if bone_ml is not None:
        evidence += f"; {bone_ml:.1f} mL of unlabelled bone between {_last(ways)}"
        room = ways[-1].ratio > case.limits.room
        filled = room and bone_ml >= case.limits.unlabelled_bone_ml
    if not far and not filled:
        return Check("levels-shifted", None, f"{evidence}.")
    return Check("levels-shifted", _refuse_shift(case, far or [ways[-1]], bone_ml), f"{evidence}.")


def _told(way: Step) -> str:
    return f"{way.upper} to {way.lower} {way.distance_mm:.0f} mm ({way.ratio:.2f} of the usual)"


def _last(ways: Sequence[Step]) -> str:
    return f"{ways[-1].upper} and {ways[-1].lower}"


def _refuse_shift(case: Case, far: Sequence[Step], bone_ml: float | None) -> Refusal:
    worst = max(far, key=lambda w: abs(np.log(w.ratio)))
    levels = [bone.level for bone in case.bones]
    anchored = "S1" in levels
    touched = [x for x in levels if order(x) <= max(order(w.upper) for w in far)]
    between = bone_ml if worst.lower == "S1" and bone_ml is not None else 0.0
    seen = f", with {between:.0f} mL of unlabelled bone between" if between >= 1 else ""
    return Refusal(
        "levels-shifted",
        asked="Each level was to follow the one its name says.",
        found=f"{_told(worst)}{seen}: {_reading(worst, case.limits.near)}.",
        next="Count the levels on the whole spine, name them with --call and add --accept "
        "levels-shifted.",
        at=tuple(touched if anchored else levels),
    )


def _reading(way: Step, near: float) -> str:
    """What may be the matter with a step that is too long or too short for its names."""
    if way.ratio < near and way.names > 1:
        lack = ", ".join(skipped(way.upper, way.lower))
        return (
            f"{way.lower} follows {way.upper} directly: the names may be shifted, or {lack} lacks"
        )
    if way.lower == "S1" and way.upper == "L5":
        return (
            "the sacrum does not follow L5; there may be an unlabelled L6, or the names are shifted"
        )
    return f"{way.lower} does not follow {way.upper}; a vertebra between them may be unlabelled"


def _unlabelled_bone(case: Case, ways: Sequence[Step], sound: Sequence[Bone]) -> float | None:
    """Bright unlabelled room between the last vertebra and the sacrum, mL; None without CT."""
    if case.hounsfield is None or not ways or ways[-1].lower != "S1" or ways[-1].names != 1:
        return None
    start, end = sound[-2].centre, sound[-1].centre
    axis, length = unit(end - start), float(np.linalg.norm(end - start))
    radius = case.limits.unlabelled_radius_mm
    low, high = case.hounsfield.box(np.array([start, end]), radius)
    part = case.hounsfield.crop(low, high)
    points = part.to_patient(np.argwhere(part.values > case.limits.bone_hu))
    along = (points - start) @ axis
    aside = np.linalg.norm(points - start - along[:, None] * axis, axis=1)
    points = points[(along > 0) & (along < length) & (aside < radius)]
    free = int((case.labels.volume.at(points) == 0).sum()) if len(points) else 0
    return free * float(np.prod(part.spacing)) / 1000
