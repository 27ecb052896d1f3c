"""Where the spinal cord ends.

Definition: the lowest point of a true cord label (`cord`), as a height above the L1/2 disc's
centre along the segment's `up`; the grade names the vertebra there. Landmarks: the tip. Source:
unsourced. What it cannot see: anything where the map holds only the canal's content
(TotalSegmentator's `spinal_cord`), or where the cord's label ends at the scan's border.
"""

from collections.abc import Iterable

import numpy as np

from keyhole.errors import AnatomyError
from keyhole.findings.error import length_error, point_error
from keyhole.findings.model import Finding, ScaleGrade
from keyhole.findings.quantity import Measure, Quantity, Seen
from keyhole.findings.subject import Subject
from keyhole.findings.vessels import level_at

CONUS_HEIGHT = Quantity(
    name="conus_height",
    unit="mm",
    definition="Height of the cord's tip above the L1/2 disc's centre, along the segment's up.",
    source="unsourced",
)
_AT = "L1/2"
_NEXT = "Give a map with the cord itself; `canal content` is not it."


def _take(subject: Subject, at: str) -> Iterable[Finding]:
    return [_one(subject)] if at == _AT else []


def _one(subject: Subject) -> Finding:
    labels, space = subject.spine.labels, subject.disc_spaces[_AT]
    if isinstance(space, AnatomyError):
        return CONUS_HEIGHT.unseen(_AT, space.refusal.found, space.refusal.next)
    if "cord" not in labels:
        found = "The map holds no cord (the content of the canal is not the cord)."
        return CONUS_HEIGHT.unseen(_AT, found, _NEXT)
    points = labels.points("cord")
    heights = space.frame.to_local(points)[:, 2]
    tip = points[heights <= heights.min() + subject.voxel_mm].mean(axis=0)
    voxels = labels.volume.to_voxels(points[heights <= heights.min() + subject.voxel_mm])
    border = (voxels < 0.5) | (voxels > np.array(labels.volume.shape) - 1.5)
    if border.any():
        return CONUS_HEIGHT.unseen(_AT, "The cord's label ends at the scan's border.", _NEXT)
    grade = ScaleGrade(scale="level", grade=level_at(subject.spine, tip), source="this spine")
    seen = Seen(landmarks={"conus": tip, "disc": space.frame.origin}, grades=[grade])
    se = length_error(point_error(subject), subject.voxel_mm)
    return CONUS_HEIGHT.found(_AT, float(heights.min()) - subject.voxel_mm / 2, se, seen=seen)


MEASURE = Measure(where="segment", quantities=(CONUS_HEIGHT,), take=_take)
