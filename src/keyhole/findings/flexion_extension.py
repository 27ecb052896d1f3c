"""Movement of a segment between a scan in flexion and one in extension.

Landmarks: as for slip and disc angle, each measured within its own scan, so the scans need not lie
on one another. Translation is the change of slip, the angle that of the disc's angle; both without
sign. Per cent of the lower endplate's depth. The thresholds do not agree with one another, and healthy
people reach 10.7 +- 4.6 degrees and 8 +- 4 % at L2/3 (Abbott 2006). Cannot see: pain or muscle guarding
that stops a movement; scans that were taken lying still.
"""

import math

from keyhole.anatomy.disc_space import DiscSpace
from keyhole.errors import AnatomyError
from keyhole.findings.corner_error import sagittal_sd
from keyhole.findings.model import Finding
from keyhole.findings.quantity import Quantity, Seen
from keyhole.findings.segment_angles import disc_angle
from keyhole.findings.slip import slip_mm, slip_sd
from keyhole.findings.subject import Subject
from keyhole.findings.take import unseen

_HEALTHY = "Healthy people reach 10.7 +- 4.6 degrees and 8 +- 4 % at L2/3 (Abbott 2006)."
_SOURCE = "Spondylolisthesis flexion-extension reliability 1994 Eur J Radiol 18:227-231"

TRANSLATION = Quantity(
    name="dynamic_translation",
    unit="mm",
    definition="How far the slip differs between flexion and extension.",
    source=_SOURCE,
)
PERCENT = Quantity(
    name="dynamic_translation_percent",
    unit="%",
    definition="The dynamic translation as a share of the lower vertebra's upper endplate's depth.",
    source="unsourced (recalled: Posner I et al 1982 Spine 7:374)",
)
ANGLE = Quantity(
    name="dynamic_angle",
    unit="deg",
    definition="How far the disc's angle differs between flexion and extension.",
    source=_SOURCE,
)
QUANTITIES = (TRANSLATION, PERCENT, ANGLE)


def dynamic(flexion: Subject, extension: Subject, segment: str) -> tuple[Finding, ...]:
    """Translation, its share and angle of a segment between two scans of one patient.

    Args:
        flexion: the subject bent forward.
        extension: the subject bent backward.
        segment: `L4/5`.

    """
    try:
        bent, straight = (_space(one, segment) for one in (flexion, extension))
    except AnatomyError as refusal:
        return tuple(unseen(QUANTITIES, segment, refusal))
    way = abs(slip_mm(bent) - slip_mm(straight))
    way_sd = math.hypot(slip_sd(flexion, bent), slip_sd(extension, straight))
    depth = (bent.below.depth_mm + straight.below.depth_mm) / 2
    turn = abs(disc_angle(bent) - disc_angle(straight))
    turn_sd = math.hypot(_angle_sd(flexion, bent), _angle_sd(extension, straight))
    seen = Seen(notes=(_HEALTHY,))
    return (
        TRANSLATION.found(segment, way, way_sd, seen=seen),
        PERCENT.found(segment, 100 * way / depth, 100 * way_sd / depth, seen=seen),
        ANGLE.found(segment, turn, turn_sd, seen=seen),
    )


def _space(subject: Subject, name: str) -> DiscSpace:
    """A segment's space. Raises AnatomyError where a scan does not hold it."""
    found = subject.disc_spaces.get(name)
    if isinstance(found, DiscSpace):
        return found
    if found is not None:
        raise found
    raise AnatomyError(
        "not-seen",
        asked=f"The movement of {name} was asked for.",
        found=f"A scan shows {', '.join(subject.segments) or 'no segment'}, not {name}.",
        next="Give two scans that both hold the segment whole.",
        at=[name],
    )


def _angle_sd(subject: Subject, space: DiscSpace) -> float:
    return sagittal_sd(subject, space.above, space.below)
