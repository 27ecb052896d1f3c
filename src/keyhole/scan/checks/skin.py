"""`no-skin`: does the scan reach the skin behind the spine?"""

import numpy as np

from keyhole.errors import Refusal
from keyhole.scan.checks.case import Case
from keyhole.scan.checks.report import Check
from keyhole.scan.checks.survey import Bone
from keyhole.scan.volume import Volume
from keyhole.space import Floats, turned

_LOOKS_DEG = (-35.0, -15.0, 0.0, 15.0, 35.0)
"""Directions from a vertebra's body, about straight behind."""
_DEEPEST_MM = 300.0


def no_skin(case: Case) -> Check:
    """Whether the skin behind the levels is in the map or, failing that, in the image."""
    if "body" in case.labels:
        share = _seen(case, case.labels.volume, labelled=True)
        told = f"{share:.0%} of the looks backwards leave the labelled body within the map."
    elif case.hounsfield is not None:
        share = _seen(case, case.hounsfield, labelled=False)
        told = f"{share:.0%} of the looks backwards meet air within the image."
    else:
        share, told = 0.0, "neither a label of the body nor a CT image."
    if share >= case.limits.seen_share:
        return Check("no-skin", None, told)
    refusal = Refusal(
        "no-skin",
        asked="The skin behind the spine was to be in the scan.",
        found=f"{told[0].upper()}{told[1:]}",
        next="Screws get no skin entry; give a scan or a body label that reaches the skin.",
    )
    return Check("no-skin", refusal, told)


def _seen(case: Case, volume: Volume, *, labelled: bool) -> float:
    """The share of looks backwards from the levels' bodies that end outside the patient."""
    looks = [
        _leaves(case, volume, bone, degrees, labelled=labelled)
        for bone in case.bones
        for degrees in _LOOKS_DEG
    ]
    return float(np.mean(looks))


def _leaves(case: Case, volume: Volume, bone: Bone, degrees: float, *, labelled: bool) -> bool:
    """Whether one look meets the outside before it meets the scan's border."""
    step = case.limits.step_mm
    direction = turned(-case.posture.frame.front, case.posture.frame.up, degrees)
    points = bone.centre + np.arange(step, _DEEPEST_MM, step)[:, None] * direction
    if labelled:
        outside = volume.at(points, outside=1) == 0
    else:
        outside = volume.at(points, outside=0) < case.limits.air_hu
    return _has_run(outside, int(np.ceil(case.limits.run_mm / step)))


def _has_run(flags: Floats, length: int) -> bool:
    """Whether `length` flags in a row are true."""
    counts = np.convolve(np.asarray(flags, dtype=int), np.ones(length, dtype=int), mode="valid")
    return bool((counts == length).any())
