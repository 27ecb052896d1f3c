"""A body's heights, wedge, endplates' depths and hollows, and Genant's height loss.

Plane: the vertebra's midsagittal plane. Landmarks: the six points of its outline (the corners of
both rim planes and the endplates' surface midway between). Genant's shape is by the height that is
lost most: in front wedge, in the middle biconcave, behind crush. The reference is the body's own
posterior height; where that is the lost one, the neighbours' posterior heights. Cannot see: the
fracture's age (oedema needs MR), nor a fracture without loss of height.
"""

import math
from collections.abc import Iterable

import numpy as np

from keyhole.anatomy.corners import ENDS, Corners
from keyhole.anatomy.disc_space import sagittal_deg
from keyhole.anatomy.spaces import Ends, end_of
from keyhole.errors import AnatomyError
from keyhole.findings.corner_error import depth_sd, gap_sd, hollow_sd, place_sd, sagittal_sd
from keyhole.findings.disc_heights import PLACES, WORDS
from keyhole.findings.model import Finding
from keyhole.findings.quantity import Quantity, Seen
from keyhole.findings.subject import Subject
from keyhole.findings.take import of_corners, unseen
from keyhole.space import unit

SHAPES = {"anterior": "wedge", "middle": "biconcave", "posterior": "crush"}
_FEW_PERCENT = 20.0
"""Genant's first grade; below it no shape is named."""

HEIGHTS = tuple(
    Quantity(
        name=f"body_height_{name}",
        unit="mm",
        definition=f"Distance between the two endplates' {words} in the midsagittal plane.",
        source="Cook WH, Baker JF 2021 Int J Spine Surg 15(6):1072-1081",
    )
    for name, words in WORDS.items()
)
WEDGE = Quantity(
    name="body_wedge",
    unit="deg",
    definition="Angle between a body's own endplates; positive where the front is higher.",
    source="Clouthier AL et al 2023 J Biomech 146:111421",
)
DEPTHS = {
    end: Quantity(
        name=f"endplate_depth_{end_name}",
        unit="mm",
        definition=f"From front to hind corner of the {end} endplate in the midsagittal plane.",
        source="Cook WH, Baker JF 2021 Int J Spine Surg 15(6):1072-1081",
    )
    for end, end_name in (("upper", "superior"), ("lower", "inferior"))
}
HOLLOWS = {
    end: Quantity(
        name=f"endplate_concavity_{end_name}",
        unit="mm",
        definition=f"How far the {end} endplate's middle lies within its rim's plane.",
        source="unsourced",
    )
    for end, end_name in (("upper", "superior"), ("lower", "inferior"))
}
GENANT = Quantity(
    name="genant_height_ratio",
    unit="%",
    definition="Height lost: the lowest of anterior, middle and posterior height below its reference.",
    source="Genant HK et al 1993 J Bone Miner Res 8:1137-1148",
)


def heights(ends: Ends) -> dict[str, float]:
    """Anterior, middle and posterior height, mm."""
    return {
        name: float(np.linalg.norm(getattr(ends["upper"], p) - getattr(ends["lower"], p)))
        for name, p in PLACES.items()
    }


def height_sds(subject: Subject, ends: Ends) -> dict[str, float]:
    """Their standard errors, mm."""
    sds = {}
    for name, place in PLACES.items():
        along = unit(getattr(ends["upper"], place) - getattr(ends["lower"], place))
        upper, lower = (place_sd(subject, plate, place, along) for plate in ends.values())
        sds[name] = gap_sd(subject, upper, lower)
    return sds


def _measured(subject: Subject, level: str, ends: Ends) -> Iterable[Finding]:
    yield from _plates(subject, level, ends)
    if len(ends) < 2:
        yield from _not_whole(subject, level)
        return
    found, sds = heights(ends), height_sds(subject, ends)
    for quantity, name in zip(HEIGHTS, PLACES, strict=True):
        marks = {f"{end} {PLACES[name]}": getattr(c, PLACES[name]) for end, c in ends.items()}
        yield quantity.found(level, found[name], sds[name], seen=Seen(landmarks=marks))
    yield WEDGE.found(level, _wedge(subject, level, ends), sagittal_sd(subject, *ends.values()))
    yield _genant(subject, level, found, sds)


def _not_whole(subject: Subject, level: str) -> Iterable[Finding]:
    """What a vertebra cut by the scan's border lacks; S1 has no body of its own to measure."""
    for end in ENDS if level != "S1" else ():
        try:
            end_of(subject.corners, level, end)
        except AnatomyError as refusal:
            missing = (*HEIGHTS, WEDGE, DEPTHS[end], HOLLOWS[end], GENANT)
            yield from unseen(missing, level, refusal)


def _plates(subject: Subject, level: str, ends: Ends) -> Iterable[Finding]:
    for end, plate in ends.items():
        yield DEPTHS[end].found(
            level, plate.depth_mm, depth_sd(subject, plate), seen=Seen(landmarks=_marks(plate))
        )
        yield HOLLOWS[end].found(
            level,
            plate.hollow_mm,
            hollow_sd(subject, plate),
            seen=Seen(landmarks={"middle": plate.middle}),
        )


def _marks(plate: Corners) -> dict[str, np.ndarray]:
    return {"front": plate.front, "back": plate.back}


def _wedge(subject: Subject, level: str, ends: Ends) -> float:
    """Between a body's endplates in its midsagittal plane, degrees."""
    frame = subject.spine[level].frame
    return sagittal_deg(frame, ends["upper"].normal) - sagittal_deg(frame, ends["lower"].normal)


def _genant(
    subject: Subject, level: str, found: dict[str, float], sds: dict[str, float]
) -> Finding:
    """The greatest loss of height, its shape and what it was read against."""
    beside = _neighbours(subject, level)
    references = {"anterior": found["posterior"], "middle": found["posterior"]}
    if beside is not None:
        references["posterior"] = beside
    losses = {name: 100 * (1 - found[name] / ref) for name, ref in references.items()}
    worst = max(losses, key=lambda name: losses[name])
    against = "neighbours' posterior heights" if worst == "posterior" else "own posterior height"
    notes = [f"Read at the {worst} height against the {against}."]
    if losses[worst] >= _FEW_PERCENT:
        notes.append(f"Shape: {SHAPES[worst]}.")
    ref = references[worst]
    share = found[worst] / ref
    error = 100 / ref * math.hypot(sds[worst], share * sds["posterior"])
    return GENANT.found(level, losses[worst], error, seen=Seen(notes=notes))


def _neighbours(subject: Subject, level: str) -> float | None:
    """The mean posterior height of the bodies above and below, mm; None without any."""
    levels = list(subject.corners)
    place = levels.index(level)
    seen = []
    for other in levels[max(place - 1, 0) : place + 2]:
        ends = subject.corners[other]
        if other != level and not isinstance(ends, AnatomyError) and len(ends) == 2:
            seen.append(heights(ends)["posterior"])
    return float(np.mean(seen)) if seen else None


MEASURE = of_corners((*HEIGHTS, WEDGE, *DEPTHS.values(), *HOLLOWS.values(), GENANT), _measured)
