"""The lateral recess of each side: depth and angle.

Plane: across the lower vertebra's `up`, 1 mm above its pedicle (at S1 beside its endplate).
Landmarks: the articular process behind, the body's or disc's border in front, from the facet's
medial part to just beyond the pedicle's medial border (Steurer 2011, fig. 7). What it cannot see:
flavum and capsule in the recess, an unlabelled bulge, the root itself.
"""

from collections.abc import Iterable

from keyhole.anatomy.canal_recess import Recess
from keyhole.errors import AnatomyError
from keyhole.findings.canal_error import Spread
from keyhole.findings.model import Finding
from keyhole.findings.quantity import Measure, Quantity, Seen
from keyhole.findings.subject import Subject
from keyhole.space import SIDES, Side

HEIGHT = Quantity(
    name="lateral_recess_height",
    unit="mm",
    definition=(
        "Shortest distance from the articular process forward to the body's or disc's border, "
        "at the upper border of the lower pedicle."
    ),
    source="Steurer J et al 2011 BMC Musculoskelet Disord 12:175, fig. 7",
)
ANGLE = Quantity(
    name="lateral_recess_angle",
    unit="deg",
    definition="Angle between floor and roof of the recess in the same plane.",
    source="Steurer J et al 2011 BMC Musculoskelet Disord 12:175",
)
SPREAD = Spread(voxel=0.4, method=0.7)
_LEVER_MM = 6.0
_DEGREES = 81.0
"""Degrees x mm: an angle's error is this times u / lever (DEFINITIONS 16)."""


def _take(subject: Subject, at: str) -> Iterable[Finding]:
    for side in SIDES:
        recess = subject.recesses[at, side]
        if isinstance(recess, AnatomyError):
            why = recess.refusal
            yield from (one.unseen(at, why.found, why.next, side=side) for one in (HEIGHT, ANGLE))
        else:
            yield from _measured(subject, at, side, recess)


def _measured(subject: Subject, at: str, side: Side, recess: Recess) -> Iterable[Finding]:
    floor, roof = recess.floor[recess.narrowest], recess.roof[recess.narrowest]
    seen = Seen(
        landmarks={"body": floor, "articular process": roof},
        outlines={"recess floor": recess.floor, "recess roof": recess.roof},
    )
    se = SPREAD.length(subject)
    yield HEIGHT.found(at, recess.height, se, side=side, seen=seen)
    yield ANGLE.found(at, recess.angle, _DEGREES * se / _LEVER_MM, side=side, seen=seen)


MEASURE = Measure(where="segment", quantities=(HEIGHT, ANGLE), take=_take)
