"""How high the iliac crests stand against the L4/5 disc.

Definition: from the L4/5 disc's centre to the highest point of each hip bone, along the `up` of
L3 (the most level vertebra; or of the modelled one nearest to it) made square to the line between
the hip bones' middles. Positive: the crest stands above the disc's centre, and a straight lateral
way may meet it. Landmarks: the disc's centre, the crest's top. Source: unsourced. What it cannot
see: a crest that the scan cuts off; both hips are needed.
"""

from collections.abc import Iterable

import numpy as np

from keyhole.errors import AnatomyError
from keyhole.findings.error import length_error, point_error
from keyhole.findings.model import Finding
from keyhole.findings.quantity import Measure, Quantity, Seen
from keyhole.findings.subject import Subject
from keyhole.findings.take import unseen
from keyhole.levels import LEVELS
from keyhole.space import SIDES, Floats, Frame, Side

CREST_HEIGHT = Quantity(
    name="crest_height",
    unit="mm",
    definition="How far the iliac crest's top stands above the L4/5 disc's centre, along L3's up made square to the hips' line.",
    source="unsourced",
)
_AT = "L4/5"
_SAGITTAL_DEG = 3.0
"""How surely L3 is level front to back. Unsourced."""


def _take(subject: Subject, at: str) -> Iterable[Finding]:
    if at != _AT:
        return []
    space = subject.disc_spaces[at]
    if isinstance(space, AnatomyError):
        return unseen((CREST_HEIGHT,), at, space)
    labels = subject.spine.labels
    missing = [f"hip {side}" for side in SIDES if f"hip {side}" not in labels]
    if missing:
        found = f"The map holds no {' and no '.join(missing)}."
        return [CREST_HEIGHT.unseen(at, found, "Give a map with both hips.")]
    hips: dict[Side, Floats] = {side: labels.points(f"hip {side}") for side in SIDES}
    frame = levelled(subject, space.frame.origin, hips["right"].mean(0) - hips["left"].mean(0))
    return [_one(subject, frame, side, hips[side]) for side in SIDES]


def levelled(subject: Subject, origin: Floats, right: Floats) -> Frame:
    """The frame at a point with `right` as given and, square to it, `up` as L3 has it."""
    middle = LEVELS.index("L3")
    near = min(subject.spine.vertebrae, key=lambda v: abs(LEVELS.index(v.level) - middle))
    upright = Frame.from_up(origin, near.frame.up, right)
    back = np.cross(right, upright.front)
    return Frame.from_up(origin, back, right)


def _one(subject: Subject, frame: Frame, side: Side, points: Floats) -> Finding:
    volume = subject.spine.labels.volume
    local = frame.to_local(points)
    highest = float(local[:, 2].max())
    top = local[:, 2] > highest - subject.voxel_mm
    voxels = volume.to_voxels(points[top])
    if ((voxels < 0.5) | (voxels > np.array(volume.shape) - 1.5)).any():
        return CREST_HEIGHT.unseen(_AT, "The scan cuts the crest.", "Give a wider scan.", side=side)
    half = float(np.abs(frame.up @ volume.affine[:3, :3]).max()) / 2
    lean = abs(float(local[top, 1].mean())) * np.radians(_SAGITTAL_DEG)
    se = length_error(point_error(subject), subject.voxel_mm / np.sqrt(12), lean)
    seen = Seen(landmarks={"crest": points[top].mean(axis=0), "disc": frame.origin})
    return CREST_HEIGHT.found(_AT, highest + half, se, side=side, seen=seen)


MEASURE = Measure(where="segment", quantities=(CREST_HEIGHT,), take=_take)
