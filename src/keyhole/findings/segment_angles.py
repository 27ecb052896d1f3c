"""A segment's angles: lordosis by both conventions, coronal tilt.

Planes: the segment's midsagittal and coronal plane (`up` the mean of the two plates' normals).
Landmarks: the rim planes. `segmental_lordosis` is from the upper plate of the upper vertebra to
that of the lower one; `disc_wedge` is the disc angle, between the plates that face the disc.
Both positive where the front is the wider. Source: Sci Rep 2022 s41598-022-21840-x. Norms were
taken standing. Cannot see: posture other than the scan's.
"""

from collections.abc import Iterable

from keyhole.anatomy.disc_space import DiscSpace, coronal_deg, sagittal_deg
from keyhole.anatomy.pair_frame import pair_frame
from keyhole.anatomy.spaces import end_of
from keyhole.errors import AnatomyError
from keyhole.findings.corner_error import coronal_sd, sagittal_sd
from keyhole.findings.model import Finding
from keyhole.findings.quantity import Quantity, Seen
from keyhole.findings.subject import Subject
from keyhole.findings.take import of_spaces, unseen

SUPINE = "As the patient lay; the norm was taken standing."

_SOURCE = "Sci Rep 2022 s41598-022-21840-x"
LORDOSIS = Quantity(
    name="segmental_lordosis",
    unit="deg",
    definition="Angle from the upper vertebra's upper endplate to the lower one's upper endplate.",
    source=_SOURCE,
)
WEDGE = Quantity(
    name="disc_wedge",
    unit="deg",
    definition="Disc angle: between the endplates that face the disc.",
    source=_SOURCE,
)
TILT = Quantity(
    name="segmental_coronal_tilt",
    unit="deg",
    definition="Coronal angle between the endplates that face the disc; positive opens left.",
    source="unsourced",
)


def disc_angle(space: DiscSpace) -> float:
    """Between the plates that face the disc, degrees, positive where the front is wider."""
    above, below = (sagittal_deg(space.frame, plate.normal) for plate in (space.above, space.below))
    return above - below


def segmental_lordosis(subject: Subject, space: DiscSpace) -> float:
    """From upper plate to upper plate, degrees. Raises AnatomyError without corners."""
    spine, top = subject.spine, end_of(subject.corners, space.upper, "upper")
    view = pair_frame(spine[space.upper], spine[space.lower], top, space.below)
    return sagittal_deg(view, top.normal) - sagittal_deg(view, space.below.normal)


def _lordosis(subject: Subject, space: DiscSpace) -> Finding:
    try:
        angle = segmental_lordosis(subject, space)
        top = end_of(subject.corners, space.upper, "upper")
    except AnatomyError as refusal:
        return unseen([LORDOSIS], space.name, refusal)[0]
    error = sagittal_sd(subject, top, space.below)
    return LORDOSIS.found(space.name, angle, error, seen=Seen(notes=(SUPINE,)))


def _measured(subject: Subject, space: DiscSpace) -> Iterable[Finding]:
    yield _lordosis(subject, space)
    marks = {
        f"{level} {place}": getattr(plate, place)
        for level, plate in ((space.upper, space.above), (space.lower, space.below))
        for place in ("front", "back")
    }
    yield WEDGE.found(
        space.name,
        disc_angle(space),
        sagittal_sd(subject, space.above, space.below),
        seen=Seen(landmarks=marks),
    )
    tilt = coronal_deg(space.frame, space.below.normal) - coronal_deg(
        space.frame, space.above.normal
    )
    width = subject.spine[space.upper].upper.width_mm
    yield TILT.found(space.name, tilt, coronal_sd(subject, width, space.above, space.below))


MEASURE = of_spaces((LORDOSIS, WEDGE, TILT), _measured)
