"""Brightness of the nucleus on T2 MR.

Definition: the median signal of the disc space's middle (half of its axes, 1.5 mm or more off
bone) over that of the CSF, and over that of the back muscle, at the same height. Landmarks: both
endplates, the labelled sac, the labelled muscle. Source: unsourced. The Pfirrmann grade is read
by eye from signal, border and height; what signal alone suggests is said to be a suggestion.
What it cannot see: the border of nucleus and annulus; anything on CT, or without a sac's label.
"""

from collections.abc import Iterable, Sequence

import numpy as np

from keyhole.anatomy.disc_cells import DiscCells
from keyhole.errors import AnatomyError
from keyhole.findings.model import Finding, ScaleGrade
from keyhole.findings.quantity import Measure, Quantity, Seen
from keyhole.findings.subject import Subject
from keyhole.findings.tissue import rule
from keyhole.space import Floats

DISC_SIGNAL_RATIO = Quantity(
    name="disc_signal_ratio",
    unit="1",
    definition="Median T2 signal of the nucleus over that of the CSF beside it.",
    source="unsourced",
)
DISC_SIGNAL_TO_MUSCLE = Quantity(
    name="disc_signal_to_muscle",
    unit="1",
    definition="Median T2 signal of the nucleus over that of the back muscle at its height.",
    source="unsourced",
)
_BOTH = (DISC_SIGNAL_RATIO, DISC_SIGNAL_TO_MUSCLE)
_MUSCLES = ("multifidus", "autochthon", "erector spinae", "longissimus")
_NEAR_MM = 12.0
_LEAST = 20


def _take(subject: Subject, at: str) -> Iterable[Finding]:
    if subject.modality != "MR":
        found = "The image is no MR." if subject.image else "There is no image."
        return [one.unseen(at, found, "Give a T2 MR with its labels.") for one in _BOTH]
    cells = subject.disc_cells[at]
    if isinstance(cells, AnatomyError):
        return [one.unseen(at, cells.refusal.found, cells.refusal.next) for one in _BOTH]
    nucleus = _nucleus(cells)
    fluid, muscle = _beside(subject, cells, ["thecal sac"]), _beside(subject, cells, _sided())
    if len(nucleus) < _LEAST or len(fluid) < _LEAST:
        found = "The sac is not in the map, or the disc space holds too few voxels."
        return [one.unseen(at, found, "Give a map with the thecal sac.") for one in _BOTH]
    return _ratios(at, cells, nucleus, fluid, muscle)


def _ratios(
    at: str, cells: DiscCells, nucleus: Floats, fluid: Floats, muscle: Floats
) -> list[Finding]:
    csf = float(np.percentile(fluid, rule("disc_signal", "csf_percentile")))
    if len(muscle) < _LEAST:
        none = "No back muscle is in the map at this height."
        return [one.unseen(at, none, "Give a map with muscles, to tell T2.") for one in _BOTH]
    dark = float(np.median(muscle))
    if csf < rule("disc_signal", "t2_csf_over_muscle") * dark:
        found = "CSF is not bright beside muscle: this is no T2 image."
        return [one.unseen(at, found, "Give the T2 series.") for one in _BOTH]
    signal = float(np.median(nucleus))
    spread = float(np.std(nucleus) / np.sqrt(len(nucleus) / 8))
    seen = Seen(landmarks={"nucleus": cells.frame.origin}, grades=[suggested(signal / csf)])
    noise = float(np.std(muscle) / np.sqrt(len(muscle) / 8))
    to_muscle = np.hypot(spread / dark, signal / dark * noise / dark)
    return [
        DISC_SIGNAL_RATIO.found(at, signal / csf, spread / csf + 0.03, seen=seen),
        DISC_SIGNAL_TO_MUSCLE.found(at, signal / dark, float(to_muscle)),
    ]


def suggested(ratio: float) -> ScaleGrade:
    """What signal alone suggests of the Pfirrmann grade."""
    grade = "IV or V"
    if ratio >= rule("disc_signal", "bright"):
        grade = "I or II"
    elif ratio >= rule("disc_signal", "grey"):
        grade = "III"
    return ScaleGrade(
        scale="Pfirrmann, suggested by signal alone",
        grade=grade,
        source="unsourced (scale recalled: Pfirrmann CW et al 2001 Spine 26:1873-1878)",
    )


def _nucleus(cells: DiscCells) -> Floats:
    inner = cells.reach < rule("disc_signal", "nucleus_share")
    return cells.values[inner & (cells.bone_mm > rule("disc_signal", "bone_mm"))]


def _sided() -> list[str]:
    return [f"{name} {side}" for name in _MUSCLES for side in ("left", "right")]


def _beside(subject: Subject, cells: DiscCells, names: Sequence[str]) -> Floats:
    """The image's values in structures, within 12 mm of the disc's height."""
    labels, image = subject.spine.labels, subject.image
    there = [name for name in names if name in labels]
    if not there or image is None:
        return np.empty(0)
    points = np.concatenate([labels.points(name) for name in there])
    near = points[np.abs(cells.frame.to_local(points)[:, 2]) < _NEAR_MM]
    return np.asarray(image.at(near), dtype=np.float64) if len(near) else np.empty(0)


MEASURE = Measure(where="segment", quantities=_BOTH, take=_take)
