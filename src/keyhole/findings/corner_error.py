"""Standard errors of what is measured between corners of endplates (DEFINITIONS 16).

Two parts: voxels, by how the surface stands to them (`anatomy.lattice`), and the labels' own
scatter, at each place `label_sd_mm`. The factors bring the first part to the errors seen on
phantoms (validation/findings).
"""

import math

from keyhole.anatomy.corners import Corners
from keyhole.findings.subject import Subject
from keyhole.space import Floats

_ALONG, _UP, _MIDDLE, _SAGITTAL, _CORONAL = 1.45, 1.7, 1.25, 1.75, 0.85
"""Errors seen over the scatter that the lattice gives."""
_LEAST_MM, _LEAST_ALONG_MM, _LEAST_DEG = 0.05, 0.12, 0.1
"""What is left on the finest voxels: rims are no exact planes, walls no exact parabolas."""
_LEVER_DEG = 81.0
"""Degrees: of an angle between two lines whose ends are off by their lever's length."""


def place_sd(subject: Subject, plate: Corners, place: str, along: Floats) -> float:
    """SD of an endplate's `front`, `back` or `middle` in the direction `along` (3,), mm."""
    scatter = plate.scatter
    forward = (plate.front - plate.back) / plate.depth_mm
    flat, up = {
        "front": (scatter.front_along_mm, _UP * scatter.front_up_mm),
        "back": (scatter.back_along_mm, _UP * scatter.back_up_mm),
        "middle": (
            math.hypot(scatter.front_along_mm, scatter.back_along_mm) / 2,
            _MIDDLE * scatter.middle_up_mm,
        ),
    }[place]
    return math.hypot(
        math.hypot(_ALONG * flat, _LEAST_ALONG_MM) * float(forward @ along),
        up * float(plate.normal @ along),
        _LEAST_MM,
        subject.label_sd_mm,
    )


def gap_sd(subject: Subject, one: float, other: float) -> float:
    """SD of the distance between two places whose own SDs are given, mm, across bone or a gap.

    Labels err alike on both sides (bones too thin or too thick all round), so their error adds
    up instead of cancelling: twice `label_sd_mm`, not its root of squares.
    """
    return math.hypot(one, other, math.sqrt(2) * subject.label_sd_mm)


def depth_sd(subject: Subject, plate: Corners) -> float:
    """SD of an endplate's depth from corner to corner, mm."""
    forward = (plate.front - plate.back) / plate.depth_mm
    front, back = (place_sd(subject, plate, place, forward) for place in ("front", "back"))
    return gap_sd(subject, front, back)


def hollow_sd(subject: Subject, plate: Corners) -> float:
    """SD of how deep an endplate is dished, mm."""
    rim = (plate.scatter.front_up_mm + plate.scatter.back_up_mm) / 2
    return math.hypot(
        _UP * rim, _MIDDLE * plate.scatter.middle_up_mm, _LEAST_MM, subject.label_sd_mm
    )


def sagittal_sd(subject: Subject, *plates: Corners) -> float:
    """SD of the angle between two endplates in the sagittal plane, or of one to the world."""
    voxels = [_SAGITTAL * plate.scatter.sagittal_deg for plate in plates]
    return _angle(subject, voxels, sum(plate.depth_mm for plate in plates) / len(plates))


def coronal_sd(subject: Subject, widths: float, *plates: Corners) -> float:
    """SD of the angle between endplates in the coronal plane; `widths` is their mean width."""
    voxels = [_CORONAL * plate.scatter.coronal_deg for plate in plates]
    return _angle(subject, voxels, widths)


def _angle(subject: Subject, voxels: list[float], lever: float) -> float:
    """Of plates whose own tilts are so sure, degrees: half the square for one plate alone."""
    labels = _LEVER_DEG * subject.label_sd_mm / lever * math.sqrt(len(voxels) / 2)
    return math.hypot(*voxels, _LEAST_DEG * math.sqrt(len(voxels)), labels)
