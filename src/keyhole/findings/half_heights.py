"""The six heights of a body: anterior, middle and posterior of its left and its right half.

Plane: parallel to the midsagittal plane, a quarter of the upper endplate's width to the side.
Landmarks: in front and behind, the rim planes at the midline corners' depth; in the middle, the
endplates' surface itself (median of a patch), so that a half that has sunk in shows. Source: unsourced.
Cannot see: a corner broken off alone, which the rim's plane runs past.
"""

from collections.abc import Iterable, Mapping

import numpy as np

from keyhole.anatomy.corners import Corners
from keyhole.anatomy.spaces import Ends, end_of
from keyhole.anatomy.spine import Vertebra
from keyhole.anatomy.surface_fit import last_crossing
from keyhole.errors import AnatomyError
from keyhole.findings.corner_error import gap_sd, place_sd
from keyhole.findings.disc_heights import PLACES
from keyhole.findings.model import Finding
from keyhole.findings.quantity import Quantity, Seen
from keyhole.findings.subject import Subject
from keyhole.findings.take import of_corners
from keyhole.space import SIDES, Floats, Frame, Side, across, unit

_PATCH_MM = np.arange(-2.0, 2.1, 1.0)
_UP_MM = np.arange(-9.0, 4.1, 0.25)

HEIGHTS: Mapping[str, Quantity] = {
    name: Quantity(
        name=f"half_body_height_{name}",
        unit="mm",
        definition=f"The {name} height of one half of a body, a quarter of its width to the side.",
        source="unsourced",
    )
    for name in PLACES
}


def half_places(vertebra: Vertebra, plate: Corners, side: Side, sign: int) -> dict[str, Floats]:
    """The front, middle and back of one half of an endplate, (3,) mm RAS.

    Args:
        vertebra: the whole.
        plate: the endplate's corners.
        side: of the half.
        sign: +1 for the upper endplate, -1 for the lower one.

    Raises:
        AnatomyError: `body-unseen` where the surface of that half is not seen.

    """
    out = across(vertebra.frame.lateral(side), plate.normal) * vertebra.upper.width_mm / 4
    view = Frame.from_up(plate.centre + out, sign * plate.normal, sign * vertebra.frame.right)
    x, y, up = np.meshgrid(_PATCH_MM, _PATCH_MM, _UP_MM, indexing="ij")
    found = last_crossing(vertebra.bone, view, np.stack([x, y, up], axis=-1))
    seen = found[np.isfinite(found)]
    if len(seen) == 0:
        raise AnatomyError(
            "body-unseen",
            asked=f"The {side} half of {vertebra.level} was asked for.",
            found="Its endplate's surface is not seen there.",
            next="Check the label of the body.",
            at=[vertebra.level],
        )
    sunk = _UP_MM[0] + float(np.median(seen)) * (_UP_MM[1] - _UP_MM[0])
    return {
        "front": plate.front + out,
        "middle": view.to_patient([0, 0, sunk]),
        "back": plate.back + out,
    }


def _measured(subject: Subject, level: str, ends: Ends) -> Iterable[Finding]:
    if level == "S1":
        return
    for side in SIDES:
        try:
            high = half_places(
                subject.spine[level], end_of(subject.corners, level, "upper"), side, 1
            )
            low = half_places(
                subject.spine[level], end_of(subject.corners, level, "lower"), side, -1
            )
        except AnatomyError as why:
            for quantity in HEIGHTS.values():
                yield quantity.unseen(level, why.refusal.found, why.refusal.next, side=side)
            continue
        for name, place in PLACES.items():
            way = high[place] - low[place]
            one, other = (place_sd(subject, p, place, unit(way)) for p in ends.values())
            error = gap_sd(subject, one, other)
            marks = {f"upper {place}": high[place], f"lower {place}": low[place]}
            length = float(np.linalg.norm(way))
            yield HEIGHTS[name].found(level, length, error, side=side, seen=Seen(landmarks=marks))


MEASURE = of_corners(tuple(HEIGHTS.values()), _measured)
