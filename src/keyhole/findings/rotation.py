"""Axial rotation of a vertebra on the next: its `right` about the lower one's `up`.

Landmarks: the line from the left to the right isthmus of each vertebra. Positive where the upper
one's front is turned to the left. Source: DEFINITIONS 16. Cannot see: rotation at the sacrum, whose
own isthmuses have no lateral limit, so that its `right` is taken from the vertebra above; nor
rotation where a pedicle is missing.
"""

import math
from collections.abc import Iterable

import numpy as np

from keyhole.anatomy.disc_space import DiscSpace
from keyhole.anatomy.spine import Vertebra
from keyhole.findings.error import point_error
from keyhole.findings.model import Finding
from keyhole.findings.quantity import Quantity, Seen
from keyhole.findings.subject import Subject
from keyhole.findings.take import of_spaces
from keyhole.space import SIDES

ROTATION = Quantity(
    name="vertebral_rotation",
    unit="deg",
    definition="Turn of the upper vertebra's isthmus line about the lower one's axis; left positive.",
    source="unsourced (DEFINITIONS 16)",
)
_SHARE = 0.5
"""How far off an isthmus' centre lies against one place of the surface (measured on phantoms)."""


def _measured(subject: Subject, space: DiscSpace) -> Iterable[Finding]:
    upper, lower = subject.spine[space.upper], subject.spine[space.lower]
    if space.lower == "S1":
        yield ROTATION.unseen(
            space.name,
            "The sacrum's own right is not known: it is taken from the vertebra above.",
            "Compare the sacral alae in the axial pictures.",
        )
        return
    short = [v.level for v in (upper, lower) if len(v.pedicles) < 2]
    if short:
        yield ROTATION.unseen(
            space.name, f"A pedicle of {short[0]} could not be found.", "Check its label."
        )
        return
    turn = lower.frame.axes.T @ upper.frame.right
    angle = math.degrees(math.atan2(turn[1], turn[0]))
    error = math.hypot(*(_sd(subject, vertebra) for vertebra in (upper, lower)))
    marks = {
        f"{v.level} isthmus {side}": p.centre
        for v in (upper, lower)
        for side, p in v.pedicles.items()
    }
    yield ROTATION.found(space.name, angle, error, seen=Seen(landmarks=marks))


def _sd(subject: Subject, vertebra: Vertebra) -> float:
    """Of one isthmus line's direction, degrees."""
    left, right = (vertebra.pedicles[side].centre for side in SIDES)
    span = float(np.linalg.norm(right - left))
    return math.degrees(math.sqrt(2) * _SHARE * point_error(subject) / span)


MEASURE = of_spaces((ROTATION,), _measured)
