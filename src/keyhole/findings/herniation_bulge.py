"""Bulge: how much of a disc's outline stands out beyond its rims (DEFINITIONS 11).

Plane: half-way between the two rims, all round. Counted is where the disc's labelled surface lies
over 1 mm or a voxel beyond the ruled surface between the rims' outlines (osteophytes cut off).
Over a quarter of the outline it is a bulge. Only from a labelled disc; cannot see the annulus.
"""

from collections.abc import Iterable

import numpy as np

from keyhole.anatomy.disc_margin import ANGLES
from keyhole.anatomy.displaced import LEAST_MM
from keyhole.errors import AnatomyError
from keyhole.findings.error import point_error
from keyhole.findings.herniation_shape import BULGE_SHARE, SOURCE
from keyhole.findings.model import Finding, ScaleGrade
from keyhole.findings.quantity import Measure, Quantity, Seen
from keyhole.findings.subject import Subject
from keyhole.findings.take import unseen
from keyhole.findings.targets import common_note

BULGE = Quantity(
    name="disc_bulge",
    unit="%",
    definition=(
        "The share of the disc's outline that stands over 1 mm or a voxel beyond the surface "
        "ruled between the rims; over 25 % it is a bulge, else at most a herniation."
    ),
    source="DEFINITIONS 11 after " + SOURCE,
)
_LEAST_SD = 2.0
"""Per cent: so much the share scatters even where the surface is steep."""
_SHARE = 0.5
"""The error of a stretch of the surface over that of one place (phantoms)."""


def _take(subject: Subject, at: str) -> Iterable[Finding]:
    edge = subject.disc_edges[at]
    if isinstance(edge, AnatomyError):
        return unseen((BULGE,), at, edge)
    least = max(LEAST_MM, subject.voxel_mm)
    u = _SHARE * point_error(subject)
    low, share, high = (100 * edge.bulge.share(least + move) for move in (u, 0.0, -u))
    sd = max((high - low) / 2, _LEAST_SD)
    names = ("no bulge", "bulge")
    ends = (share - 1.96 * sd, share + 1.96 * sd)
    may_be = tuple(names[k] for k in sorted({int(x > 100 * BULGE_SHARE) for x in ends}))
    grade = ScaleGrade(
        scale="Bulge (Fardon)",
        grade=names[int(share > 100 * BULGE_SHARE)],
        source=SOURCE,
        may_be=may_be,
    )
    frame = edge.margin.space.frame
    wall = edge.margin.space.wall(ANGLES, np.full(len(ANGLES), 0.5))
    notes = (common_note("bulge"),) if grade.grade == "bulge" else ()
    seen = Seen(outlines={"ruled": frame.to_patient(wall)}, grades=(grade,), notes=notes)
    return (BULGE.found(at, share, sd, seen=seen),)


MEASURE = Measure(where="segment", quantities=(BULGE,), take=_take)
