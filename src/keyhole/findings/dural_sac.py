"""The thecal sac of a segment, where one is labelled: least area and midline depth.

Plane: square to the bony canal's own curve, every millimetre between the mid-pedicle sections.
Landmarks: the sac's label, and what it holds of labelled roots. What it cannot see: a sac that is not labelled (TotalSegmentator's
`spinal_cord` is the canal's content, of unknown kind, and is never taken for one); what lies in
it, so no Lee (central) and no Schizas grade.
"""

import math
from collections.abc import Iterable

from keyhole.anatomy.canal import SegmentCanal
from keyhole.anatomy.canal_sac import SAC, SacSection, sac_sections
from keyhole.errors import AnatomyError
from keyhole.findings.canal_error import Spread
from keyhole.findings.model import Finding
from keyhole.findings.quantity import Measure, Quantity, Seen
from keyhole.findings.subject import Subject
from keyhole.findings.take import unseen

AREA = Quantity(
    name="dural_sac_area",
    unit="mm2",
    definition="Least area of the labelled thecal sac square to the canal's curve.",
    source="unsourced (recalled: Schonstrom NS, Hansson T 1985 Spine)",
)
AP = Quantity(
    name="dural_sac_ap",
    unit="mm",
    definition="Least midline depth of the labelled thecal sac, square to the canal's curve.",
    source="Talekar KS et al 2017 Appl Radiol 46(1)",
)
LEE = Quantity(
    name="lee_central",
    unit="grade",
    definition="How far the fluid before the roots is effaced, by Lee.",
    source="Lee GY et al 2011 Skeletal Radiol 40:1033-1039",
)
SCHIZAS = Quantity(
    name="schizas",
    unit="grade",
    definition="How roots and fluid share the sac on axial T2, by Schizas.",
    source="Schizas C et al 2010 Spine 35:1919-1924",
)
AREA_SPREAD = Spread(voxel=0.04, method=0.015)
AP_SPREAD = Spread(voxel=0.3, method=0.2)


def _take(subject: Subject, at: str) -> Iterable[Finding]:
    yield from _sizes(subject, at)
    for grade in (LEE, SCHIZAS):
        yield grade.unseen(
            at,
            "Labels hold neither the fluid before the roots nor how the roots lie in it.",
            "Read it on axial T2.",
        )


def _sizes(subject: Subject, at: str) -> Iterable[Finding]:
    labels, canal = subject.spine.labels, subject.canals[at]
    if subject.sac is None:
        found = "The map holds no thecal sac."
        if "canal content" in labels:
            found += (
                " The canal's content is in it, which is not the sac and is not measured as one."
            )
        return [one.unseen(at, found, "Give an MR with its sac labelled.") for one in (AREA, AP)]
    if isinstance(canal, AnatomyError):
        return unseen((AREA, AP), at, canal)
    sections = sac_sections(canal, subject.sac)
    if not sections:
        found = "The sac's label does not run through the whole segment."
        return [one.unseen(at, found, "Give a map with the whole sac.") for one in (AREA, AP)]
    return _measured(subject, canal, sections)


def _measured(
    subject: Subject, canal: SegmentCanal, sections: tuple[SacSection, ...]
) -> Iterable[Finding]:
    small = min(sections, key=lambda one: one.area)
    seen = Seen(landmarks={"middle": small.middle}, outlines={SAC: small.outline})
    se = math.hypot(AREA_SPREAD.area(subject, small.area, small.perimeter), small.unsure)
    yield AREA.found(canal.segment, small.area, se, seen=seen)
    flat = min(sections, key=lambda one: one.ap)
    seen = Seen(landmarks={"front": flat.front, "back": flat.back}, outlines={SAC: flat.outline})
    yield AP.found(canal.segment, flat.ap, AP_SPREAD.length(subject), seen=seen)


MEASURE = Measure(where="segment", quantities=(AREA, AP, LEE, SCHIZAS), take=_take)
