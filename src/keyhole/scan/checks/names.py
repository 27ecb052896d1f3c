"""`levels-swapped` and `levels-shifted`: do the names follow the bones?"""

import itertools
from collections.abc import Sequence
from statistics import median

import numpy as np
from attrs import frozen

from keyhole.errors import Refusal
from keyhole.levels import LEVELS, order
from keyhole.scan.checks.case import Case
from keyhole.scan.checks.report import Check
from keyhole.scan.checks.survey import Bone
from keyhole.scan.volume import Volume
from keyhole.space import Floats, unit

_OPTIONAL = ("T13", "L6")
"""Vertebrae most people lack: their absence leaves no gap in the count."""
_NEXT = "Count the levels on the whole spine, name them with --call and add --accept {code}."


@frozen
class Step:
    """The way from one level in the map to the next below it.

    `distance_mm` is from body centre to body centre, `names` how many names lie between them
    (1: neighbours by name) and `ratio` the distance of one such step over the usual one.
    """

    upper: str
    lower: str
    distance_mm: float
    names: int
    ratio: float


def swapped(case: Case, sound: Sequence[Bone]) -> tuple[Check, frozenset[str]]:
    """Whether the levels follow one another along the spine; and those that do not."""
    if case.posture.reversed_names:
        touched = [bone.level for bone in case.bones]
        found = "The names run from the pelvis to the chest"
    else:
        touched = _out_of_order(case, sound)
        found = "Along the spine lie " + ", ".join(_as_they_lie(case, sound))
    evidence = "from head to sacrum: " + ", ".join(_as_they_lie(case, sound)) + "."
    if not touched:
        return Check("levels-swapped", None, evidence), frozenset()
    refusal = Refusal(
        "levels-swapped",
        asked="The levels were to follow one another from head to sacrum.",
        found=f"{found}.",
        next=_NEXT.format(code="levels-swapped"),
        at=tuple(touched),
    )
    return Check("levels-swapped", refusal, evidence), frozenset(touched)


def _as_they_lie(case: Case, bones: Sequence[Bone]) -> list[str]:
    """The names from the highest bone to the lowest."""
    heights = {b.level: case.posture.heights_of(b.centre)[0] for b in bones}
    return sorted(heights, key=lambda level: -heights[level])


def _out_of_order(case: Case, bones: Sequence[Bone]) -> list[str]:
    """Levels that lie above one they should lie below, or below one they should lie above."""
    lying = _as_they_lie(case, bones)
    wrong = {
        level
        for upper, lower in itertools.combinations(lying, 2)
        if order(upper) > order(lower)
        for level in (upper, lower)
    }
    return sorted(wrong, key=order)


def steps(case: Case, bones: Sequence[Bone]) -> tuple[Step, ...]:
    """The ways between the bones that follow one another, from head to sacrum."""
    pairs = list(itertools.pairwise(bones))
    counts = [_names_between(a.level, b.level) for a, b in pairs]
    distances = _distances(case, bones)
    each = [d / n for d, n in zip(distances, counts, strict=True)]
    return tuple(
        Step(a.level, b.level, distances[i], counts[i], each[i] / _usual(each, counts, i))
        for i, (a, b) in enumerate(pairs)
    )


def _usual(each: Sequence[float], counts: Sequence[int], at: int) -> float:
    """The usual distance of one step beside step `at`: the one above the sacrum's, or near ones."""
    near = sorted(
        (i for i in range(len(each)) if i != at), key=lambda i: (counts[i] != 1, abs(i - at))
    )
    if not near:
        return each[at]
    return median(each[i] for i in (near[:1] if at == len(each) - 1 else near[:4]))


def _names_between(upper: str, lower: str) -> int:
    """How many steps the names say: 1 for neighbours; T13 and L6 may be missing."""
    between = LEVELS[order(upper) + 1 : order(lower)]
    return 1 + sum(level not in _OPTIONAL for level in between)


def _distances(case: Case, bones: Sequence[Bone]) -> list[float]:
    """From body centre to body centre, mm; to S1, by the first bone met below the last body."""
    centres = [bone.centre for bone in bones]
    straight = [float(np.linalg.norm(b - a)) for a, b in itertools.pairwise(centres)]
    if len(bones) < 3 or bones[-1].level != "S1":
        return straight
    above = first_bone_below(bones[-2], bones[-3].centre, unit(centres[-2] - centres[-3]), case)
    below = first_bone_below(bones[-1], centres[-2], _onward(centres[:-1]), case)
    return [*straight[:-1], below + straight[-2] - above]


def _onward(centres: Sequence[Floats]) -> Floats:
    """The direction in which the column goes on below its last two or three centres."""
    last = unit(centres[-1] - centres[-2])
    return unit(2 * last - unit(centres[-2] - centres[-3])) if len(centres) > 2 else last


def first_bone_below(bone: Bone, apex: Floats, direction: Floats, case: Case) -> float:
    """The distance from `apex` to the bone's nearest voxel about `direction`, mm.

    Where none lies in the cone about it, the nearest of all.
    """
    ways = bone.points - apex
    lengths = np.linalg.norm(ways, axis=1)
    inside = ways @ direction >= lengths * np.cos(np.radians(case.limits.cone_deg))
    return float((lengths[inside] if inside.any() else lengths).min())


def shifted(case: Case, ways: Sequence[Step], sound: Sequence[Bone]) -> Check:
    """Whether each level, the sacrum above all, follows the one its name says."""
    evidence = "; ".join(_told(way) for way in ways) or "no two sound levels to compare"
    far = [w for w in ways if w.ratio > case.limits.far or w.ratio < case.limits.near]
    bone_ml = _unlabelled_bone(case, ways, sound)
    if bone_ml is not None:
        evidence += f"; {bone_ml:.1f} mL of unlabelled bone between {_last(ways)}"
    filled = bone_ml is not None and bone_ml >= case.limits.unlabelled_bone_ml
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
    seen = f", with {bone_ml:.0f} mL of unlabelled bone between" if bone_ml else ""
    return Refusal(
        "levels-shifted",
        asked="Each level was to follow the one its name says.",
        found=f"{_told(worst)}{seen}: {_reading(worst, case)}.",
        next=_NEXT.format(code="levels-shifted"),
        at=tuple(touched if anchored else levels),
    )


def _reading(way: Step, case: Case) -> str:
    """What may be the matter with a step that is too long or too short for its names."""
    if way.ratio < case.limits.near and way.names > 1:
        return f"{way.lower} follows {way.upper} directly, so the names may be shifted by one"
    if way.lower == "S1" and way.upper == "L5":
        return "the sacrum does not follow L5; there may be an unlabelled L6, or the names are shifted"
    return f"{way.lower} does not follow {way.upper}; a vertebra between them may be unlabelled"


def _unlabelled_bone(case: Case, ways: Sequence[Step], sound: Sequence[Bone]) -> float | None:
    """Bright unlabelled room between the last vertebra and the sacrum, mL; None without CT."""
    if case.hounsfield is None or not ways or ways[-1].lower != "S1" or ways[-1].names != 1:
        return None
    start, end = sound[-2].centre, sound[-1].centre
    axis, length = unit(end - start), float(np.linalg.norm(end - start))
    radius = case.limits.unlabelled_radius_mm
    part = _crop_round(case.hounsfield, np.array([start, end]), radius)
    points = part.to_patient(np.argwhere(part.values > case.limits.bone_hu))
    if not len(points):
        return 0.0
    along = (points - start) @ axis
    aside = np.linalg.norm(points - start - along[:, None] * axis, axis=1)
    points = points[(along > 0) & (along < length) & (aside < radius)]
    free = int((case.labels.volume.at(points) == 0).sum()) if len(points) else 0
    return free * float(np.prod(part.spacing)) / 1000


def _crop_round(image: Volume, points: Floats, margin_mm: float) -> Volume:
    low, high = image.box(points, margin_mm)
    return image.crop(low, np.maximum(high, low + 1))
