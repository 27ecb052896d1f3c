"""Lumbar lordosis by Cobb's method: L1 to S1, and T12 to S1 and L4 to S1 for their supine norms.

Plane: the midsagittal plane of the pair. Landmarks: rim planes, osteophytes left out. Positive
lordotic. Source: PMC9827318 table 1; Polly 1996. L1 to S1 norms were taken standing, which reads
more than lying. Cannot see: the standing patient.
"""

from collections.abc import Iterable

from keyhole.anatomy.corners import Corners
from keyhole.anatomy.disc_space import sagittal_deg
from keyhole.anatomy.pair_frame import pair_frame
from keyhole.anatomy.spaces import end_of
from keyhole.errors import AnatomyError
from keyhole.findings.corner_error import sagittal_sd
from keyhole.findings.model import Finding
from keyhole.findings.quantity import Measure, Quantity, Seen
from keyhole.findings.segment_angles import SUPINE
from keyhole.findings.subject import Subject
from keyhole.findings.take import unseen

_SOURCE = "PMC9827318 table 1; Polly DW et al 1996 Spine 21:1530-1535"
LORDOSES = {
    top: Quantity(
        name=name,
        unit="deg",
        definition=f"Angle between the upper endplates of {top} and S1; positive lordotic.",
        source=_SOURCE,
    )
    for top, name in {
        "L1": "lumbar_lordosis_cobb",
        "T12": "lumbar_lordosis_t12_s1",
        "L4": "lordosis_l4_s1",
    }.items()
}


def lordosis(subject: Subject, top: str) -> tuple[float, Corners, Corners]:
    """The angle, degrees, and the two upper endplates. Raises AnatomyError without them."""
    spine = subject.spine
    upper, lower = spine[top], spine["S1"]
    above, below = (end_of(subject.corners, level, "upper") for level in (top, "S1"))
    view = pair_frame(upper, lower, above, below)
    return sagittal_deg(view, above.normal) - sagittal_deg(view, below.normal), above, below


def _take(subject: Subject, at: str) -> Iterable[Finding]:
    for top, quantity in LORDOSES.items():
        try:
            angle, above, below = lordosis(subject, top)
        except AnatomyError as refusal:
            yield from unseen([quantity], at, refusal)
            continue
        marks = {
            f"{level} {place}": getattr(plate, place)
            for level, plate in ((top, above), ("S1", below))
            for place in ("front", "back")
        }
        notes = (SUPINE,) if top == "L1" else ()
        seen = Seen(landmarks=marks, notes=notes)
        yield quantity.found(at, angle, sagittal_sd(subject, above, below), seen=seen)


MEASURE = Measure(where="spine", quantities=tuple(LORDOSES.values()), take=_take)
