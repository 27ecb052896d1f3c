"""The facet joints: angle, tropism, the room between the bones, and the facing area.

Angle: in the axial plane through the middle of the disc, between the line through the joint's two
ends and the sagittal midline; tropism the difference of the two sides. Gap: the bones' middle
distance over the whole joint; area: of the surface midway between them where they face each other
over no more than 4 mm (DEFINITIONS 12). Cannot see: cartilage, fluid, whether the joint is
inflamed or hurts; in labels that let two worn processes touch the joint is lost.
"""

import math
from collections.abc import Iterable, Iterator

from keyhole.anatomy.joints import FacetJoint
from keyhole.errors import AnatomyError
from keyhole.findings.error import length_error, point_error
from keyhole.findings.model import Finding
from keyhole.findings.quantity import Measure, Quantity, Seen
from keyhole.findings.subject import Subject
from keyhole.space import SIDES, Side

_SOURCE = "PMC7341411"
ANGLE = Quantity(
    name="facet_angle",
    unit="deg",
    definition=(
        "Between the line through the two ends of the facet joint and the sagittal midline, in "
        "the axial plane through the middle of the disc."
    ),
    source=_SOURCE,
)
TROPISM = Quantity(
    name="facet_tropism",
    unit="deg",
    definition="The difference of the left and the right facet angle.",
    source=_SOURCE,
)
GAP = Quantity(
    name="facet_gap",
    unit="mm",
    definition="The middle distance between the bones of the joint.",
    source="unsourced",
)
AREA = Quantity(
    name="facet_area",
    unit="mm2",
    definition="The surface midway between the two processes where they face over 4 mm or less.",
    source="DEFINITIONS 12",
)
QUANTITIES = (ANGLE, TROPISM, GAP, AREA)
_LEVER_DEG = 81.0
_GAP_SHARE = 0.6
"""A distance over many places is surer than one place's, in what voxels do (phantoms)."""
_TOUCH = "The labels of the two processes touch: no room is seen between them."
_NO_LINE = "The joint does not reach the axial plane through the middle of the disc."


def angle_sd(subject: Subject, joint: FacetJoint) -> float:
    """Degrees (DEFINITIONS 16: 81 u over the lever)."""
    return _LEVER_DEG * point_error(subject) / joint.chord_mm


def _take(subject: Subject, at: str) -> Iterable[Finding]:
    angles: list[tuple[float, float]] = []
    for side in SIDES:
        joint = subject.joints[at, side]
        if isinstance(joint, AnatomyError):
            why = joint.refusal
            yield from (q.unseen(at, why.found, why.next, side=side) for q in (ANGLE, GAP, AREA))
            continue
        if joint.angle_deg is not None:
            angles.append((joint.angle_deg, angle_sd(subject, joint)))
        yield from _one(subject, at, side, joint)
    yield _tropism(at, angles)


def _one(subject: Subject, at: str, side: Side, joint: FacetJoint) -> Iterator[Finding]:
    if joint.angle_deg is None:
        yield ANGLE.unseen(at, _NO_LINE, "Nothing: measure it on a plane by hand.", side=side)
    else:
        marks = {f"{side} medial end": joint.line[0], f"{side} lateral end": joint.line[-1]}
        seen = Seen(landmarks=marks, outlines={"joint": joint.line})
        yield ANGLE.found(at, joint.angle_deg, angle_sd(subject, joint), side=side, seen=seen)
    voxel = _GAP_SHARE * max(subject.voxel_sd_least_mm, subject.voxel_sd_share * subject.voxel_mm)
    sd = math.hypot(voxel, length_error(subject.label_sd_mm, subject.label_sd_mm))
    notes = (_TOUCH,) if joint.gap_mm <= 0 else ()
    yield GAP.found(at, max(joint.gap_mm, 0.0), sd, side=side, seen=Seen(notes=notes))
    around = 4 * math.sqrt(joint.area_mm2)
    yield AREA.found(at, joint.area_mm2, around * point_error(subject), side=side)


def _tropism(at: str, angles: list[tuple[float, float]]) -> Finding:
    if len(angles) < 2:
        return TROPISM.unseen(
            at, "The angle of one facet joint or of both is not seen.", "See the facet angle."
        )
    (left, left_sd), (right, right_sd) = angles
    return TROPISM.found(at, abs(left - right), length_error(left_sd, right_sd))


MEASURE = Measure(where="segment", quantities=QUANTITIES, take=_take)
