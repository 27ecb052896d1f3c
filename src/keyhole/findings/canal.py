"""The bony canal of a segment: least area, AP depth, width.

Plane: square to the canal's own curve, every millimetre between the two mid-pedicle sections.
Landmarks: body, rim or labelled disc in front, laminae and facets behind, pedicles at the sides;
ruled surfaces between them (DEFINITIONS 3). The AP depth at the disc is the acquired one
(Griffith 2016). What it cannot see: flavum (never counted as its wall), a disc or bulge that is not
labelled, and the thecal sac: a bony canal is not a sac.
"""

from collections.abc import Iterable

from keyhole.anatomy.canal import SegmentCanal
from keyhole.anatomy.canal_section import Section
from keyhole.errors import AnatomyError
from keyhole.findings.canal_error import Spread
from keyhole.findings.model import Finding
from keyhole.findings.quantity import Measure, Quantity, Seen
from keyhole.findings.subject import Subject
from keyhole.findings.take import unseen

GRIFFITH = "Griffith JF 2016 PMC5219964"
AREA = Quantity(
    name="canal_area",
    unit="mm2",
    definition=(
        "Area of the bony canal square to its own curve: at a segment the least between its "
        "mid-pedicle sections, at a level where its own bone closes round it."
    ),
    source="unsourced",
)
AP = Quantity(
    name="canal_ap",
    unit="mm",
    definition=(
        "Midline depth of the bony canal, body or disc to lamina: at a segment at the disc "
        "(acquired), at a level where its own bone closes round it (developmental)."
    ),
    source=GRIFFITH,
)
LEAST_AP = Quantity(
    name="canal_ap_least",
    unit="mm",
    definition="The least midline depth of the bony canal between the mid-pedicle sections.",
    source="unsourced",
)
TRANSVERSE = Quantity(
    name="canal_transverse",
    unit="mm",
    definition=(
        "Greatest width of the bony canal's section: at a segment where that is least, at a "
        "level the mean over its closed ring, behind the recesses' corners."
    ),
    source="unsourced",
)
AREA_SPREAD = Spread(voxel=0.08, method=0.05)
AP_SPREAD = Spread(voxel=0.3, method=0.5)
DISC_SPREAD = Spread(voxel=0.3, method=2.2)
"""Of the depth at the disc: its back end lies in the window, between the laminae's edges."""
WIDTH_SPREAD = Spread(voxel=0.3, method=0.7)
_ALL = (AREA, AP, LEAST_AP, TRANSVERSE)


def _take(subject: Subject, at: str) -> Iterable[Finding]:
    canal = subject.canals[at]
    if isinstance(canal, AnatomyError):
        return unseen(_ALL, at, canal)
    return _measured(subject, canal)


def _measured(subject: Subject, canal: SegmentCanal) -> Iterable[Finding]:
    at, sections = canal.segment, canal.sections
    notes = _notes(subject, at)
    smallest = min(sections, key=lambda section: section.area)
    yield area_found(subject, at, smallest, notes)
    yield ap_found(subject, AP, at, sections[canal.at_disc], notes)
    yield ap_found(subject, LEAST_AP, at, min(sections, key=lambda section: section.depth), notes)
    yield width_found(subject, at, min(sections, key=lambda section: section.width()), notes)


def area_found(subject: Subject, at: str, section: Section, notes: tuple[str, ...]) -> Finding:
    """The finding of a section's area."""
    se = AREA_SPREAD.area(subject, section.area, section.perimeter)
    seen = Seen(
        landmarks={"middle": section.frame.origin},
        outlines={"bony canal": section.outline},
        notes=notes,
    )
    return AREA.found(at, section.area, se, seen=seen)


def ap_found(
    subject: Subject, quantity: Quantity, at: str, section: Section, notes: tuple[str, ...]
) -> Finding:
    """The finding of a section's midline depth."""
    front, back = section.ap
    if not section.ap_seen:
        notes = (*notes, "One end of the depth is ruled from bone to bone.")
    seen = Seen(
        landmarks={"front wall": front, "back wall": back},
        outlines={"bony canal": section.outline},
        notes=notes,
    )
    spread = DISC_SPREAD if quantity is AP else AP_SPREAD
    return quantity.found(at, section.depth, spread.length(subject), seen=seen)


def width_found(subject: Subject, at: str, section: Section, notes: tuple[str, ...]) -> Finding:
    """The finding of a section's greatest width."""
    left, right = section.transverse()
    seen = Seen(
        landmarks={"left wall": left, "right wall": right},
        outlines={"bony canal": section.outline},
        notes=notes,
    )
    return TRANSVERSE.found(at, section.width(), WIDTH_SPREAD.length(subject), seen=seen)


def _notes(subject: Subject, at: str) -> tuple[str, ...]:
    bony = "Bone and labelled disc only: the thecal sac is smaller."
    if f"disc {at}" in subject.spine.labels:
        return (bony,)
    return (bony, "No disc is labelled: a bulge is not seen; the front is ruled from rim to rim.")


MEASURE = Measure(where="segment", quantities=_ALL, take=_take)
