"""How thick the fat under the skin of the back is.

Definition: from the skin straight forward, 30 mm beside the midline at the disc's height, to the
first labelled back muscle; without one, on CT, to where 3 mm in a row read above the fat window.
Landmarks: both ends. Source: the fat window as in `tissue.toml`. What it cannot see: the fascia
itself; skin counts with the fat (2 mm or so).
"""

from collections.abc import Iterable

import numpy as np

from keyhole.anatomy.disc_space import DiscSpace
from keyhole.findings.model import Finding
from keyhole.findings.quantity import Quantity, Seen
from keyhole.findings.skin_depth import (
    GIVE_SKIN,
    NO_SKIN,
    depth_error,
    forward,
    way_out,
)
from keyhole.findings.subject import Subject
from keyhole.findings.take import of_spaces
from keyhole.findings.tissue import rule
from keyhole.scan.volume import Volume
from keyhole.space import SIDES, Floats, Side

SUBCUTANEOUS_DEPTH = Quantity(
    name="subcutaneous_depth",
    unit="mm",
    definition="From the skin straight forward to the back muscle, 30 mm beside the midline at the disc's height.",
    source="unsourced",
)
_MUSCLES = ("autochthon", "erector spinae", "multifidus", "longissimus", "iliocostalis")
_STEP_MM, _SKIN_MM = 0.5, 3.0


def _measured(subject: Subject, space: DiscSpace) -> Iterable[Finding]:
    return [_one(subject, space, side) for side in SIDES]


def _one(subject: Subject, space: DiscSpace, side: Side) -> Finding:
    skin, ahead = subject.spine.skin, forward(subject.spine)
    if skin is None:
        return SUBCUTANEOUS_DEPTH.unseen(space.name, NO_SKIN, GIVE_SKIN, side=side)
    aside = rule("depth", "muscle_mm") * (1 if side == "right" else -1)
    start = space.frame.to_patient([aside, -15.0, 0.0])
    out = way_out(skin, start, ahead)
    if out is None:
        found = "The line from the back meets no skin within the scan."
        return SUBCUTANEOUS_DEPTH.unseen(space.name, found, "Give a wider scan.", side=side)
    surface = start - out * ahead
    depth, how = _depth(subject, surface, ahead, out)
    if depth is None:
        return SUBCUTANEOUS_DEPTH.unseen(space.name, how, "Give the CT, or muscles.", side=side)
    seen = Seen(landmarks={"skin": surface, "muscle": surface + depth * ahead}, notes=[how])
    se = float(np.hypot(depth_error(subject, skin), 0.5))
    return SUBCUTANEOUS_DEPTH.found(space.name, depth, se, side=side, seen=seen)


def _depth(
    subject: Subject, surface: Floats, ahead: Floats, reach: float
) -> tuple[float | None, str]:
    """The fat's thickness and how it was read; None and why not."""
    ticks = np.arange(0.0, reach, _STEP_MM)
    points = surface + ticks[:, None] * ahead
    labels = subject.spine.labels
    codes = [labels.code(n) for n in _sided() if n in labels]
    muscle = np.isin(labels.volume.at(points), codes)
    if muscle.any():
        return float(ticks[muscle.argmax()]), "to the labelled muscle"
    if subject.image is None or subject.modality != "CT":
        return None, "No back muscle is in the map at this height, and there is no CT."
    return _to_no_fat(subject.image, points, ticks)


def _to_no_fat(image: Volume, points: Floats, ticks: Floats) -> tuple[float | None, str]:
    other = image.at(points, order=1, outside=-1000.0) > rule("depth", "fat_hu")
    run = round(rule("depth", "under_fat_mm") / _STEP_MM)
    held = np.convolve(other, np.ones(run), mode="valid") == run
    held[: int(_SKIN_MM / _STEP_MM)] = False
    if not held.any():
        return None, "Nothing but fat is met on the way to the spine."
    return float(ticks[held.argmax()]), "to the end of the fat on CT"


def _sided() -> list[str]:
    return [f"{muscle} {side}" for muscle in _MUSCLES for side in SIDES]


MEASURE = of_spaces((SUBCUTANEOUS_DEPTH,), _measured)
