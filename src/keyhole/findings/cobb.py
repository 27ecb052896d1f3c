"""Coronal Cobb angle: the greatest of any two levels, with these.

Plane: the coronal plane of the pair (`up` the mean of both plates' normals). Landmarks: the upper
rim plane of the upper end vertebra, the lower one of the lower (S1: its upper). The sign is left
out, the side of the convexity noted. Source: DEFINITIONS 16. Being a greatest value, it reads high
by chance in a straight spine. Cannot see: levels outside the scan; the standing curve.
"""

import itertools
from collections.abc import Iterable

from attrs import frozen

from keyhole.anatomy.corners import Corners, End
from keyhole.anatomy.disc_space import coronal_deg
from keyhole.anatomy.pair_frame import pair_frame
from keyhole.anatomy.spaces import Ends
from keyhole.errors import AnatomyError
from keyhole.findings.corner_error import coronal_sd
from keyhole.findings.model import Finding
from keyhole.findings.quantity import Measure, Quantity, Seen
from keyhole.findings.segment_angles import SUPINE
from keyhole.findings.subject import Subject

_GREATEST = 1.7
"""How much less sure the greatest of many angles is than one of them (measured on phantoms)."""

COBB = Quantity(
    name="coronal_cobb",
    unit="deg",
    definition=(
        "Greatest coronal angle from the upper endplate of one vertebra to the lower one of "
        "another further down (S1: its upper one)."
    ),
    source="unsourced (DEFINITIONS 16)",
)


@frozen
class Curve:
    """A pair of end vertebrae, their plates and the angle between, positive open to the left."""

    upper: str
    lower: str
    above: Corners
    below: Corners
    deg: float


def greatest_curve(subject: Subject) -> Curve | None:
    """The pair with the greatest coronal angle; None with fewer than two levels."""
    corners = subject.corners.items()
    ends = {level: e for level, e in corners if not isinstance(e, AnatomyError)}
    pairs = itertools.combinations(ends, 2)
    curves = [_curve(subject, ends, *pair) for pair in pairs if "upper" in ends[pair[0]]]
    return max(curves, key=lambda curve: abs(curve.deg), default=None)


def _curve(subject: Subject, ends: dict[str, Ends], upper: str, lower: str) -> Curve:
    last: End = "lower" if "lower" in ends[lower] else "upper"
    above, below = ends[upper]["upper"], ends[lower][last]
    view = pair_frame(subject.spine[upper], subject.spine[lower], above, below)
    angle = coronal_deg(view, below.normal) - coronal_deg(view, above.normal)
    return Curve(upper, lower, above, below, angle)


def _take(subject: Subject, at: str) -> Iterable[Finding]:
    curve = greatest_curve(subject)
    if curve is None:
        yield COBB.unseen(
            at, "Fewer than two vertebrae could be measured.", "Give a scan that holds more levels."
        )
        return
    width = subject.spine[curve.upper].upper.width_mm
    side = "right" if curve.deg > 0 else "left"
    notes = (f"From {curve.upper} to {curve.lower}, convex to the {side}.", SUPINE)
    marks = {
        f"{curve.upper} middle": curve.above.centre,
        f"{curve.lower} middle": curve.below.centre,
    }
    error = _GREATEST * coronal_sd(subject, width, curve.above, curve.below)
    yield COBB.found(at, abs(curve.deg), error, seen=Seen(landmarks=marks, notes=notes))


MEASURE = Measure(where="spine", quantities=(COBB,), take=_take)
