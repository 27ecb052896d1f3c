"""How far the levels lie from one another, and how far their names say they should."""

import itertools
from collections.abc import Sequence
from statistics import median

import numpy as np
from attrs import frozen

from keyhole.levels import LEVELS, order
from keyhole.scan.checks.case import Case
from keyhole.scan.checks.survey import Bone
from keyhole.space import Floats, unit

_OPTIONAL = ("T13", "L6")
"""Vertebrae most people lack: their absence leaves no gap in the count."""


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
    return 1 + len(skipped(upper, lower))


def skipped(upper: str, lower: str) -> tuple[str, ...]:
    """The vertebrae between two levels that everyone has."""
    between = LEVELS[order(upper) + 1 : order(lower)]
    return tuple(level for level in between if level not in _OPTIONAL)


def _distances(case: Case, bones: Sequence[Bone]) -> list[float]:
    """From body centre to body centre, mm.

    S1 has no centre where the sacrum is labelled as a whole: it is taken to lie below the first
    bone met as far as the bodies above lie below theirs.
    """
    centres = [bone.centre for bone in bones]
    straight = [float(np.linalg.norm(b - a)) for a, b in itertools.pairwise(centres)]
    if len(bones) < 3 or bones[-1].level != "S1":
        return straight
    halves = [
        float(np.linalg.norm(b.centre - a.centre))
        - first_bone_below(b, a.centre, unit(b.centre - a.centre), case)
        for a, b in itertools.pairwise(bones[:-1])
        if _names_between(a.level, b.level) == 1
    ]
    below = first_bone_below(bones[-1], centres[-2], _onward(centres[:-1]), case)
    return [*straight[:-1], below + (median(halves) if halves else case.limits.half_body_mm)]


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
