"""`metal`: is there an implant in a vertebra?"""

import numpy as np
from scipy import ndimage

from keyhole.errors import Refusal
from keyhole.scan.checks.case import Case
from keyhole.scan.checks.report import Check
from keyhole.scan.checks.survey import Bone
from keyhole.scan.volume import Volume

_RIM_MM = 1.5
"""Room this near to the label counts as the level."""
_TRACK_MM = 4.0
"""Labels leave implants out: gaps up to twice as wide as this between labelled bone count too."""


def metal(case: Case) -> Check:
    """The levels with more than a speck brighter than bone can be."""
    image = case.hounsfield
    if image is None:
        why = "no image" if case.image is None else "the image is not in Hounsfield units"
        return Check("metal", None, f"{why}: metal cannot be seen.")
    found = {bone.level: _metal_mm3(case, image, bone) for bone in case.bones}
    bad = [level for level, mm3 in found.items() if mm3 >= case.limits.metal_least_mm3]
    if not bad:
        worst = max(found.values())
        over = f"over {case.limits.metal_hu:.0f} HU"
        return Check("metal", None, f"at most {worst:.0f} mm3 {over} in a level.")
    told = ", ".join(f"{level} {found[level]:.0f} mm3" for level in bad)
    refusal = Refusal(
        "metal",
        asked="The bone of each level was to be free of metal.",
        found=f"Over {case.limits.metal_hu:.0f} HU are {told}.",
        next="Ask for other levels, or add --accept metal; the plan is then marked.",
        at=tuple(bad),
    )
    return Check("metal", refusal, f"over {case.limits.metal_hu:.0f} HU: {told}.")


def _metal_mm3(case: Case, image: Volume, bone: Bone) -> float:
    """How much of the image in and at the level's label is brighter than bone can be, mm3."""
    low, high = image.box(bone.points, 2 * _RIM_MM)
    if (high <= low).any():
        return 0.0
    part = image.crop(low, high)
    hot = np.argwhere(part.values > case.limits.metal_hu)
    if not len(hot):
        return 0.0
    inside = _bone_and_tracks(case.labels.cut(bone.name, 2 * _TRACK_MM))
    count = int((inside.at(part.to_patient(hot)) > 0).sum())
    return count * float(np.prod(image.spacing))


def _bone_and_tracks(label: Volume) -> Volume:
    """The label with its rim and with the gaps in it closed, 0 or 1."""
    away = ndimage.distance_transform_edt(~label.values, sampling=label.spacing)
    room = np.pad(away <= _TRACK_MM, 1, mode="edge")
    closed = ndimage.distance_transform_edt(room, sampling=label.spacing)[1:-1, 1:-1, 1:-1]
    inside = (away <= _RIM_MM) | (closed > _TRACK_MM)
    return Volume(inside.astype(np.uint8), label.affine)
