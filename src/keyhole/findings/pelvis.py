"""Sacral slope, pelvic incidence and tilt, and how lordosis fits them.

Plane: the sacrum's midsagittal plane. Landmarks: S1's upper endplate and the midpoint of both hip
joints' centres (spheres fitted to the femoral heads or, without femurs, to the sockets, which fixes
the centre less well). Slope and tilt are against the scan's long axis, so supine values: only the
incidence carries over to standing. Source: PMC9827318 table 1; mismatch Schwab 2012. Cannot see: the
standing pelvis; hips that the scan does not hold.
"""

import math
from collections.abc import Iterable

import numpy as np
from attrs import frozen

from keyhole.anatomy.corners import Corners
from keyhole.anatomy.hips import Head, find_head
from keyhole.anatomy.spaces import end_of
from keyhole.errors import AnatomyError
from keyhole.findings.corner_error import depth_sd, sagittal_sd
from keyhole.findings.lordosis import lordosis
from keyhole.findings.model import Finding
from keyhole.findings.quantity import Measure, Quantity, Seen
from keyhole.findings.subject import Subject
from keyhole.findings.take import unseen
from keyhole.space import SIDES, Floats, across

_SOURCE = "PMC9827318 table 1"
_SUPINE = "Supine: against the scan's long axis; published thresholds are of standing patients."
_SOCKET_MM = 2.5
"""How far a socket's fitted centre may lie off the head's (measured on torso_ct, 3 mm)."""
_IDEAL_SLOPE, _IDEAL_BASE = 0.62, 27.61

SLOPE = Quantity(
    name="sacral_slope",
    unit="deg",
    definition="Angle of the S1 endplate to the horizontal; positive where its front is lower.",
    source=_SOURCE,
)
INCIDENCE = Quantity(
    name="pelvic_incidence",
    unit="deg",
    definition="Angle of the S1 endplate's normal to the line to the hip joints' midpoint.",
    source=_SOURCE,
)
TILT = Quantity(
    name="pelvic_tilt",
    unit="deg",
    definition="Angle of the vertical to the line from the hips' midpoint to the S1 endplate's.",
    source=_SOURCE,
)
MISMATCH = Quantity(
    name="pi_ll_mismatch",
    unit="deg",
    definition="Pelvic incidence less the lordosis L1 to S1.",
    source="Schwab F et al 2012 Spine 37:1077-1082",
)
HYUN = Quantity(
    name="ideal_lordosis_2_mismatch",
    unit="deg",
    definition="The lordosis 0.62 PI + 27.61 less the lordosis L1 to S1.",
    source="Hyun SJ et al 2019 Eur Spine J doi 10.1007/s00586-019-05955-w",
)
HASEGAWA = Quantity(
    name="ideal_lordosis_1_mismatch",
    unit="deg",
    definition="The lordosis 32.9 + 0.60 PI - 0.23 age less the lordosis L1 to S1.",
    source="Hasegawa K et al 2016 doi 10.1007/s00586-016-4702-2",
)
_HIPS = (INCIDENCE, TILT, MISMATCH, HYUN, HASEGAWA)


@frozen(kw_only=True)
class Pelvis:
    """The S1 endplate and the hips' midpoint in the sacrum's midsagittal plane; angles, degrees."""

    plate: Corners
    right: Floats
    middle: Floats
    heads: tuple[Head, ...]

    @property
    def slope(self) -> float:
        """Of the S1 endplate to the horizontal."""
        return _slope(self.plate, self.right)

    @property
    def incidence(self) -> float:
        """Of the S1 endplate's normal, downward, to the way to the hips."""
        normal = across(self.plate.normal, self.right)
        way = self.middle - self.plate.centre
        return math.degrees(math.atan2(way @ np.cross(normal, self.right), -(way @ normal)))

    @property
    def tilt(self) -> float:
        """Of the way from the hips to the S1 endplate to the vertical; backward positive."""
        up = across([0, 0, 1.0], self.right)
        way = self.plate.centre - self.middle
        return math.degrees(math.atan2(-(way @ np.cross(up, self.right)), way @ up))


def pelvis(subject: Subject) -> Pelvis:
    """The pelvis as seen. Raises AnatomyError without S1's corners or without both hips."""
    plate = _sacral_plate(subject)
    heads = tuple(find_head(subject.spine, side) for side in SIDES)
    middle = np.mean([head.centre for head in heads], axis=0)
    right = subject.spine["S1"].frame.right
    return Pelvis(plate=plate, right=right, middle=middle, heads=heads)


def _sacral_plate(subject: Subject) -> Corners:
    """S1's upper endplate. Raises AnatomyError where it is not modelled."""
    return end_of(subject.corners, subject.spine["S1"].level, "upper")


def _slope(plate: Corners, right: Floats) -> float:
    up = across([0, 0, 1.0], right)
    return math.degrees(math.atan2(plate.normal @ np.cross(up, right), plate.normal @ up))


def _take(subject: Subject, at: str) -> Iterable[Finding]:
    try:
        plate = _sacral_plate(subject)
    except AnatomyError as refusal:
        yield from unseen((SLOPE, *_HIPS), at, refusal)
        return
    marks = {"S1 front": plate.front, "S1 back": plate.back}
    seen = Seen(landmarks=marks, notes=(_SUPINE,))
    slope = _slope(plate, subject.spine["S1"].frame.right)
    yield SLOPE.found(at, slope, sagittal_sd(subject, plate), seen=seen)
    try:
        found = pelvis(subject)
    except AnatomyError as refusal:
        yield from unseen(_HIPS, at, refusal)
        return
    yield from _of_hips(subject, at, found)


def _of_hips(subject: Subject, at: str, found: Pelvis) -> Iterable[Finding]:
    marks = {"S1 middle": found.plate.centre} | {f"hip {h.side}": h.centre for h in found.heads}
    bones = sorted({head.of for head in found.heads})
    how = f"Hip joints fitted to: {', '.join(bones)}."
    if bones != ["femur"]:
        how += f" A socket's centre may lie {_SOCKET_MM} mm off the head's."
    line = _line_sd(subject, found)
    plate = sagittal_sd(subject, found.plate)
    seen = Seen(landmarks=marks, notes=(how,))
    yield INCIDENCE.found(at, found.incidence, math.hypot(plate, line), seen=seen)
    yield TILT.found(at, found.tilt, line, seen=Seen(landmarks=marks, notes=(how, _SUPINE)))
    yield from _fits(subject, at, found.incidence, math.hypot(plate, line))


def _fits(subject: Subject, at: str, incidence: float, error: float) -> Iterable[Finding]:
    """How the lordosis fits the incidence, by each formula's name."""
    try:
        angle, above, below = lordosis(subject, "L1")
    except AnatomyError as refusal:
        yield from unseen((MISMATCH, HYUN, HASEGAWA), at, refusal)
        return
    sd = math.hypot(error, sagittal_sd(subject, above, below))
    seen = Seen(notes=("The lordosis is supine.",))
    yield MISMATCH.found(at, incidence - angle, sd, seen=seen)
    yield HYUN.found(at, _IDEAL_SLOPE * incidence + _IDEAL_BASE - angle, sd, seen=seen)
    yield HASEGAWA.unseen(
        at, "The patient's age is not known here.", "Reckon with the age by hand."
    )


def _line_sd(subject: Subject, found: Pelvis) -> float:
    """SD of the way from the hips to the endplate, degrees."""
    own = [
        math.hypot(head.sd_mm, subject.label_sd_mm, 0 if head.of == "femur" else _SOCKET_MM)
        for head in found.heads
    ]
    plate = depth_sd(subject, found.plate) / 2
    way = float(np.linalg.norm(found.plate.centre - found.middle))
    return math.degrees(math.hypot(plate, math.hypot(*own) / 2) / way)


MEASURE = Measure(where="spine", quantities=(SLOPE, *_HIPS), take=_take)
