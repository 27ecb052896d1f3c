"""Standard errors of what is measured on labels (DEFINITIONS 5 and 16).

`u` is how far a labelled surface may lie off at one place. What rests on many places (a fitted
plane, a section's area) is surer than one place; how much so is held to phantoms by
`validation/findings`.
"""

import math

from keyhole.findings.subject import Subject


def point_error(subject: Subject) -> float:
    """u, mm: the SD of a labelled surface at one place: voxels and labels together."""
    voxel = max(subject.voxel_sd_least_mm, subject.voxel_sd_share * subject.voxel_mm)
    return math.hypot(voxel, subject.label_sd_mm)


def length_error(*ends: float) -> float:
    """Mm: of a length between places whose own errors are given."""
    return math.hypot(*ends)
