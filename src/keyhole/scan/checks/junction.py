"""`count-unanchored` and `transitional-possible`: can the count of the levels be trusted?"""

from collections.abc import Sequence

import numpy as np
from scipy.spatial import cKDTree

from keyhole.errors import Refusal
from keyhole.scan.checks.case import Case
from keyhole.scan.checks.report import Check
from keyhole.scan.checks.spacing import Step
from keyhole.scan.checks.survey import Bone, thinned

_LUMBAR = ("T12", "L1", "L2", "L3", "L4", "L5")
_RIBS_12 = ("rib left 12", "rib right 12")
_THIN_MM = 3.0


def count_unanchored(case: Case, ways: Sequence[Step], shifted: bool) -> Check:
    """Whether the sacrum below, or T12 with its ribs above, anchors the count (DEFINITIONS 1)."""
    levels = [bone.level for bone in case.bones]
    ribs = [rib for rib, level in ribs_12(case).items() if level == "T12"]
    if ways and ways[-1].lower == "S1" and not shifted:
        return Check("count-unanchored", None, f"the sacrum follows {ways[-1].upper}.")
    if ribs and set(_LUMBAR) <= set(levels):
        told = f"T12 carries {' and '.join(ribs)}, and five levels follow it."
        return Check("count-unanchored", None, told)
    found = f"The map holds {', '.join(levels)}, {_lack(levels, ribs, shifted)}."
    refusal = Refusal(
        "count-unanchored",
        asked="The levels were to be counted from the sacrum, or from T12 and its ribs.",
        found=found,
        next="Count the levels by fluoroscopy, or give a map that reaches to the sacrum.",
    )
    return Check("count-unanchored", refusal, found)


def _lack(levels: Sequence[str], ribs: Sequence[str], shifted: bool) -> str:
    below = "no sound vertebra above the sacrum"
    if "S1" not in levels:
        below = "no sacrum"
    elif shifted:
        below = "a sacrum that does not follow"
    return f"{below} and {'too few levels under T12' if ribs else 'no twelfth rib'}"


def ribs_12(case: Case) -> dict[str, str]:
    """The level that each labelled twelfth rib meets, where one lies near enough."""
    met = {}
    for rib in (name for name in _RIBS_12 if name in case.labels):
        tree = cKDTree(thinned(case.labels.cut(rib), _THIN_MM))
        near = {b.level: float(np.min(tree.query(b.points)[0])) for b in case.bones}
        level = min(near, key=lambda name: near[name])
        if near[level] <= case.limits.rib_near_mm:
            met[rib] = level
    return met


def transitional(case: Case, ways: Sequence[Step], sound: Sequence[Bone]) -> Check:
    """Signs of a transitional vertebra at the lumbosacral junction."""
    measured: list[str] = []
    signs: list[str] = []
    odd = [bone.level for bone in case.bones if bone.level in ("L6", "T13")]
    signs += [f"the map names {level}" for level in odd]
    if case.bone("T12"):
        met = ribs_12(case)
        signs += [f"{rib} meets {level}, not T12" for rib, level in met.items() if level != "T12"]
    if ways and ways[-1].lower == "S1" and ways[-1].names == 1:
        last = ways[-1]
        told = f"{last.upper} to S1 is {last.ratio:.2f} of the distance above it"
        low, high = case.limits.transitional_near, case.limits.transitional_far
        (signs if not low <= last.ratio <= high else measured).append(told)
        bone = next(b for b in sound if b.level == last.upper)
        for side, mm in zip(("left", "right"), transverse_heights(case, bone), strict=True):
            tall = mm >= case.limits.transverse_process_mm
            process = f"{last.upper}'s {side} transverse process is {mm:.0f} mm high"
            (signs if tall else measured).append(process)
    evidence = "; ".join(signs + measured) or "no sound level above a sacrum"
    if not signs:
        return Check("transitional-possible", None, f"{evidence}.")
    refusal = Refusal(
        "transitional-possible",
        asked="The lumbosacral junction was to be of the common form.",
        found=f"{'; '.join(signs)}.",
        next="Count the levels on the whole spine; the lowest one may be transitional.",
    )
    return Check("transitional-possible", refusal, f"{evidence}.")


def transverse_heights(case: Case, bone: Bone) -> tuple[float, float]:
    """Height of the left and right transverse process, mm, half-way out beyond the body's side.

    Measured in slabs across the process; the least of them stands, so that neither the root at
    the pedicle nor a partial voxel counts.
    """
    local = case.posture.frame.to_local(bone.points) - case.posture.frame.to_local(bone.centre)
    return _height(local, -1), _height(local, 1)


def _height(local: np.ndarray[tuple[int, int], np.dtype[np.float64]], sign: int) -> float:
    out = sign * local[:, 0]
    reach = float(out.max())
    slabs = [(out >= a * reach) & (out < (a + 0.1) * reach) for a in (0.7, 0.8)]
    heights = [float(np.ptp(local[slab, 2])) for slab in slabs if slab.any()]
    return min(heights, default=0.0)
