"""`levels-swapped`: do the levels follow one another along the spine?"""

import itertools
from collections.abc import Sequence

from keyhole.errors import Refusal
from keyhole.levels import order
from keyhole.scan.checks.case import Case
from keyhole.scan.checks.report import Check
from keyhole.scan.checks.survey import Bone


def swapped(case: Case, bones: Sequence[Bone], cut: frozenset[str]) -> tuple[Check, frozenset[str]]:
    """Whether the levels follow one another along the spine; and those that do not.

    Args:
        case: for the patient's own up.
        bones: the levels of a vertebra's shape.
        cut: those of them that the border cuts; their middles are rough.

    """
    lying = ", ".join(_as_they_lie(case, bones)) or "no level of a vertebra's shape"
    if case.posture.reversed_names:
        touched = [bone.level for bone in case.bones]
        found = "The names run from the pelvis to the chest"
    else:
        touched = _out_of_order(case, bones, cut)
        found = f"Along the spine lie {lying}"
    evidence = f"from head to sacrum: {lying}."
    if not touched:
        return Check("levels-swapped", None, evidence), frozenset()
    refusal = Refusal(
        "levels-swapped",
        asked="The levels were to follow one another from head to sacrum.",
        found=f"{found}.",
        next="Count the levels on the whole spine, name them with --call and add --accept "
        "levels-swapped.",
        at=tuple(touched),
    )
    return Check("levels-swapped", refusal, evidence), frozenset(touched)


def _as_they_lie(case: Case, bones: Sequence[Bone]) -> list[str]:
    """The names from the highest bone to the lowest."""
    heights = {b.level: case.posture.heights_of(b.centre)[0] for b in bones}
    return sorted(heights, key=lambda level: -heights[level])


def _out_of_order(case: Case, bones: Sequence[Bone], cut: frozenset[str]) -> list[str]:
    """Levels that lie above one they should lie below, or below one they should lie above."""
    wrong: set[str] = set()
    for upper, lower in itertools.combinations(bones, 2):
        drop = float((upper.centre - lower.centre) @ case.posture.frame.up)
        rough = {upper.level, lower.level} & cut
        if drop < (-case.limits.cut_middle_mm if rough else 0.0):
            wrong |= {upper.level, lower.level}
    return sorted(wrong, key=order)
