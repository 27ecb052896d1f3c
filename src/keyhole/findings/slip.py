"""Slip of a vertebra on the next (listhesis): mm, per cent, Meyerding.

Plane: midsagittal. Landmarks: posterior lower corner of the upper vertebra, posterior upper corner
of the lower one; the way between them along the lower one's upper endplate, forward positive
(DEFINITIONS 16). Per cent of that endplate's depth. Cannot see: what a standing picture or
flexion adds (supine reads 4.4 points less on average), nor the cause.
"""

import math
from collections.abc import Iterable

from keyhole.anatomy.disc_space import DiscSpace
from keyhole.findings.corner_error import depth_sd, place_sd, sagittal_sd
from keyhole.findings.model import Finding
from keyhole.findings.quantity import Quantity, Seen
from keyhole.findings.subject import Subject
from keyhole.findings.take import of_spaces
from keyhole.space import Floats, unit

FLOOR_MM, FLOOR_PERCENT = 3.0, 8.0
"""Below these automatic reading shows no slip [reliability.csv: about 3 mm or 8 to 10 %]."""
_NOISE = "Below the noise floor of automatic reading (3 mm, 8 %): no slip is shown by this."
_BACKWARD = "Backward slip (retrolisthesis): Meyerding's grades speak of forward slips only."
_SUPINE = (
    "Supine; standing reads 4.4 points more on average, limits -10.3 to 19.3 (Alvi MA et al, 255)."
)

DISTANCE = Quantity(
    name="slip_distance",
    unit="mm",
    definition=(
        "From the posterior upper corner of the lower vertebra to the posterior lower corner of "
        "the upper one along the lower one's upper endplate; forward positive."
    ),
    source="unsourced (recalled: convention)",
)
PERCENTAGE = Quantity(
    name="slip_percentage",
    unit="%",
    definition="The slip distance as a share of the depth of the lower vertebra's upper endplate.",
    source="unsourced (recalled: Meyerding HW 1932 Surg Gynecol Obstet 54:371-377)",
)


def slip_mm(space: DiscSpace) -> float:
    """The slip along the lower vertebra's endplate, mm, forward positive."""
    return float((space.above.back - space.below.back) @ _forward(space))


def slip_sd(subject: Subject, space: DiscSpace) -> float:
    """Its standard error, mm."""
    forward = _forward(space)
    gap = abs(float((space.above.back - space.below.back) @ space.below.normal))
    return math.hypot(
        place_sd(subject, space.above, "back", forward),
        place_sd(subject, space.below, "back", forward),
        gap * math.radians(sagittal_sd(subject, space.below)),
    )


def _forward(space: DiscSpace) -> Floats:
    return unit(space.below.front - space.below.back)


def _measured(subject: Subject, space: DiscSpace) -> Iterable[Finding]:
    distance, sd, depth = slip_mm(space), slip_sd(subject, space), space.below.depth_mm
    share, wide = distance / depth, depth_sd(subject, space.below)
    small = abs(distance) < FLOOR_MM or abs(100 * share) < FLOOR_PERCENT
    notes = (_NOISE, _SUPINE) if small else (_SUPINE,)
    if distance < 0 and not small:
        notes = (_BACKWARD, *notes)
    marks = {
        f"{space.upper} back": space.above.back,
        f"{space.lower} back": space.below.back,
        f"{space.lower} front": space.below.front,
    }
    seen = Seen(landmarks=marks, notes=notes)
    yield DISTANCE.found(space.name, distance, sd, seen=seen)
    percent_sd = 100 / depth * math.hypot(sd, share * wide)
    yield PERCENTAGE.found(space.name, 100 * share, percent_sd, seen=seen)


MEASURE = of_spaces((DISTANCE, PERCENTAGE), _measured)
