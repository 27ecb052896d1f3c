"""The pars of each side: its thickness, and whether a defect is suspected.

Definition: the diameter of the largest ball that passes within the bone, on its own side, from the
pillar beside the pedicle to the inferior articular process. Landmark: the narrowest place. A label
through which nothing passes is a suspicion, never proof: labels break where bone is thin, and
close where a defect is narrower than two voxels. Cannot see: a stress reaction, sclerosis, age of a
defect; 3D views of CT, or MR, tell.
"""

from collections.abc import Iterable, Iterator

from keyhole.anatomy.pars import Pars, find_pars
from keyhole.errors import AnatomyError
from keyhole.findings.error import length_error, point_error
from keyhole.findings.model import Finding, ScaleGrade
from keyhole.findings.quantity import Measure, Quantity, Seen
from keyhole.findings.subject import Subject
from keyhole.space import SIDES

WIDTH = Quantity(
    name="pars_width",
    unit="mm",
    definition=(
        "The diameter of the largest ball that passes within the bone from the pillar beside the "
        "pedicle to the inferior articular process of that side."
    ),
    source="unsourced",
)
SUSPECTED, WHOLE = "defect suspected", "whole"
SCALE = "Pars"
_THIN_MM = 1.5
"""A bridge thinner than this, or than its own error, may as well be none (unsourced)."""
_NOTE = "A break in the label: look at the images; a thin pars reads the same."


def _take(subject: Subject, at: str) -> Iterable[Finding]:
    if at == "S1":
        return
    for side in SIDES:
        try:
            pars = find_pars(subject.spine[at], side)
        except AnatomyError as refusal:
            yield WIDTH.unseen(at, refusal.refusal.found, refusal.refusal.next, side=side)
            continue
        yield from _one(subject, pars)


def _one(subject: Subject, pars: Pars) -> Iterator[Finding]:
    u = point_error(subject)
    sd = length_error(u, u)
    doubt = pars.broken or pars.thickness_mm < max(_THIN_MM, 1.96 * sd)
    grade = ScaleGrade(
        scale=SCALE,
        grade=SUSPECTED if pars.broken else WHOLE,
        source="unsourced",
        may_be=(SUSPECTED, WHOLE) if doubt else (WHOLE,),
    )
    seen = Seen(
        landmarks={f"pars {pars.side}": pars.place},
        grades=(grade,),
        notes=(_NOTE,) if pars.broken else (),
    )
    yield WIDTH.found(pars.level, pars.thickness_mm, sd, side=pars.side, seen=seen)


MEASURE = Measure(where="level", quantities=(WIDTH,), take=_take)
