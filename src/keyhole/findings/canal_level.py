"""The developmental canal of a level: area, AP depth, width of its ring; pedicle distance.

Plane: across the vertebra's `up`, where its bone closes round the canal: the pedicles' lower half,
as a rule. Landmarks: posterior body wall, spinolaminar line, medial pedicle walls of this one
vertebra (Griffith 2016). Area and depth are medians over the middle half of the closed ring, the
width is the mean over all of it, behind the recesses' corners. The interpedicular distance is the shortest between the medial
pedicle walls (Wang D 2021). What it cannot see: anything acquired at the disc; a ring that the
label leaves open.
"""

from collections.abc import Iterable, Sequence

import numpy as np

from keyhole.anatomy.canal_section import Section
from keyhole.errors import AnatomyError
from keyhole.findings.canal import AP, AREA, TRANSVERSE
from keyhole.findings.canal_error import Spread
from keyhole.findings.model import Finding
from keyhole.findings.quantity import Measure, Quantity, Seen
from keyhole.findings.subject import Subject
from keyhole.findings.take import unseen
from keyhole.space import SIDES

INTERPEDICULAR = Quantity(
    name="interpedicular_distance",
    unit="mm",
    definition="Shortest distance between the medial walls of a level's two pedicles.",
    source="Wang D 2021",
)
AREA_SPREAD = Spread(voxel=0.05, method=0.03)
AP_SPREAD = Spread(voxel=0.3, method=0.4)
WIDTH_SPREAD = Spread(voxel=0.4, method=0.5)
APART_SPREAD = Spread(voxel=0.4, method=0.4)
_BEHIND = 0.7
"""The share of its depth, from the back, in which the ring's width is read: the front corners are
the recesses, which flare towards the foramina. Unsourced: of the readings tried, the one nearest
to the published width of the mean spine; it is wider than the width at mid-pedicle."""
_NOTES = ("Where the vertebra's own bone closes round the canal: developmental.",)


def _take(subject: Subject, at: str) -> Iterable[Finding]:
    yield _interpedicular(subject, at)
    ring = subject.rings[at]
    if isinstance(ring, AnatomyError):
        yield from unseen((AREA, AP, TRANSVERSE), at, ring)
    else:
        yield from _sizes(subject, at, ring.sections)


def _sizes(subject: Subject, at: str, sections: Sequence[Section]) -> Iterable[Finding]:
    part = len(sections) // 4
    inner = sections[part : len(sections) - part]
    middle = sections[len(sections) // 2]
    outlines = {"bony canal": middle.outline}
    area = float(np.median([one.area for one in inner]))
    seen = Seen(landmarks={"middle": middle.frame.origin}, outlines=outlines, notes=_NOTES)
    se = AREA_SPREAD.area(subject, area, middle.perimeter)
    yield AREA.found(at, area, se, seen=seen)
    front, back = middle.ap
    walls = {"front wall": front, "back wall": back}
    seen = Seen(landmarks=walls, outlines=outlines, notes=_NOTES)
    deep = float(np.median([one.depth for one in inner]))
    yield AP.found(at, deep, AP_SPREAD.length(subject), seen=seen)
    left, right = middle.transverse(_BEHIND)
    walls = {"left wall": left, "right wall": right}
    seen = Seen(landmarks=walls, outlines=outlines, notes=_NOTES)
    wide = float(np.mean([one.width(_BEHIND) for one in sections]))
    yield TRANSVERSE.found(at, wide, WIDTH_SPREAD.length(subject), seen=seen)


def _interpedicular(subject: Subject, at: str) -> Finding:
    """From the isthmuses' own outlines, the distance across the midline."""
    vertebra = subject.spine[at]
    missing = [side for side in SIDES if side not in vertebra.pedicles]
    if missing:
        found = f"The {missing[0]} pedicle cannot be found in the label."
        return INTERPEDICULAR.unseen(at, found, "Check the label of the pedicle.")
    left, right = (vertebra.pedicles[side].outline for side in SIDES)
    across = vertebra.frame.right
    ends = left[(left @ across).argmax()], right[(right @ across).argmin()]
    value = float((ends[1] - ends[0]) @ across)
    seen = Seen(landmarks={"left pedicle": ends[0], "right pedicle": ends[1]})
    return INTERPEDICULAR.found(at, value, APART_SPREAD.length(subject), seen=seen)


MEASURE = Measure(where="level", quantities=(INTERPEDICULAR, AREA, AP, TRANSVERSE), take=_take)
