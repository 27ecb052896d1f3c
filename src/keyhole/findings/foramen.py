"""The neural foramen of each side: height, width in thirds, area, and the Lee grade that is not.

Plane: the foramen's own, across the line from its medial to its lateral opening, between the
pedicles. Landmarks: the pedicles' borders, body and disc in front, pars and articular process
behind, joint gaps closed (Silverstein 2015 for height and width). What it cannot see: fat and
root, so no Lee grade; flavum and capsule; an unlabelled bulge; how it narrows in extension.
"""

from collections.abc import Iterable

from keyhole.anatomy.foramina import Foramen
from keyhole.errors import AnatomyError
from keyhole.findings.canal_error import Spread
from keyhole.findings.model import Finding
from keyhole.findings.quantity import Measure, Quantity, Seen
from keyhole.findings.subject import Subject
from keyhole.space import SIDES, Side

_SILVERSTEIN = "Silverstein 2015"
HEIGHT = Quantity(
    name="foramen_height",
    unit="mm",
    definition="From the upper pedicle's lower border to the lower pedicle's upper border.",
    source=_SILVERSTEIN,
)
WIDTH = Quantity(
    name="foramen_width",
    unit="mm",
    definition="Greatest distance from body or disc to pars or articular process.",
    source=_SILVERSTEIN,
)
THIRDS = tuple(
    Quantity(
        name=f"foramen_width_{third}",
        unit="mm",
        definition=f"The greatest width in the {third} third of the foramen's height.",
        source=_SILVERSTEIN,
    )
    for third in ("lower", "middle", "upper")
)
AREA = Quantity(
    name="foramen_area",
    unit="mm2",
    definition="Area free of bone and labelled disc in the foramen's own plane.",
    source="unsourced",
)
LEE = Quantity(
    name="lee_foraminal",
    unit="grade",
    definition="Fat round the root in the foramen, by Lee.",
    source="Lee S et al 2010 AJR 194:1095-1098 doi 10.2214/AJR.09.2772",
)
HEIGHT_SPREAD = Spread(voxel=0.4, method=1.0)
WIDTH_SPREAD = Spread(voxel=0.4, method=0.9)
AREA_SPREAD = Spread(voxel=0.08, method=0.08)
_MEASURED = (HEIGHT, WIDTH, *THIRDS, AREA)


def _take(subject: Subject, at: str) -> Iterable[Finding]:
    for side in SIDES:
        foramen = subject.foramina[at, side]
        if isinstance(foramen, AnatomyError):
            why = foramen.refusal
            yield from (one.unseen(at, why.found, why.next, side=side) for one in _MEASURED)
        else:
            yield from _measured(subject, at, side, foramen)
        yield LEE.unseen(
            at,
            "Labels hold neither the fat round the root nor the root's shape.",
            "Read it on sagittal T1 or T2 through the foramen.",
            side=side,
        )


def _measured(subject: Subject, at: str, side: Side, foramen: Foramen) -> Iterable[Finding]:
    notes = _notes(subject, at)
    edge = {"foramen": foramen.outline}
    seen = Seen(outlines=edge, notes=notes)
    pedicles = {"upper pedicle": foramen.roof, "lower pedicle": foramen.floor}
    tall = Seen(landmarks=pedicles, outlines=edge, notes=notes)
    yield HEIGHT.found(at, foramen.height, HEIGHT_SPREAD.length(subject), side=side, seen=tall)
    se = WIDTH_SPREAD.length(subject)
    yield WIDTH.found(at, max(foramen.widths), se, side=side, seen=seen)
    for third, value in zip(THIRDS, foramen.widths, strict=True):
        yield third.found(at, value, se, side=side, seen=seen)
    se = AREA_SPREAD.area(subject, foramen.area, foramen.perimeter)
    yield AREA.found(at, foramen.area, se, side=side, seen=seen)


def _notes(subject: Subject, at: str) -> tuple[str, ...]:
    if f"disc {at}" in subject.spine.labels:
        return ()
    return ("No disc is labelled: a bulge is not seen; the front is ruled from body to body.",)


MEASURE = Measure(where="segment", quantities=(*_MEASURED, LEE), take=_take)
