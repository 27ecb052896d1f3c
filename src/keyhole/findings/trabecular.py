"""Density of the spongy bone of a vertebral body (formulas.csv, trabecular_HU).

Definition: the mean HU in the middle 40 % of the body's height, in its front and middle, 4 mm or
more below the surface: clear of cortex, endplates and the basivertebral vein. Landmarks: both
endplates' planes, the posterior wall. Source: Jang S et al 2019 Radiology 291:360-367 for the
region's kind; the shares are Keyhole's own (`tissue.toml`). What it cannot see: bone mass under
another tube voltage or kernel, and the scanner's own calibration; `se` holds only noise and place.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from keyhole.anatomy.body_cells import BodyCells
from keyhole.errors import AnatomyError
from keyhole.findings.error import point_error
from keyhole.findings.model import Finding
from keyhole.findings.quantity import Measure, Quantity, Seen
from keyhole.findings.subject import Subject
from keyhole.findings.tissue import rule
from keyhole.space import Floats

TRABECULAR_HU = Quantity(
    name="trabecular_hu",
    unit="HU",
    definition="Mean HU of the body's spongy bone, middle 40 % of its height, its front and middle, 4 mm or more below the surface.",
    source="Jang S et al 2019 Radiology 291:360-367; the region's shares unsourced",
)
_CT = "Give the CT with --labels; other images hold no Hounsfield units."
_NOTES = (
    f"automatic regions read about {rule('trabecular', 'automatic_bias_hu'):.0f} HU higher than manual ones (Jang 2019)",
    "the thresholds are for L1; one Australian series could not reproduce them",
    "of healthy people the mean falls from 226 HU below 30 years to 89 at 90 (L1, Jang 2019)",
)


def hounsfield_cells(subject: Subject, at: str) -> BodyCells | str:
    """The voxels of a body on a CT, or in words why there are none."""
    cells = subject.body_cells.get(at)
    if cells is None:
        return "The image is no CT." if subject.image else "There is no image."
    return cells.refusal.found if isinstance(cells, AnatomyError) else cells


def spongy(cells: BodyCells) -> NDArray[np.bool_]:
    """(n,) which voxels the mean is taken of."""
    return (
        (cells.depth >= rule("trabecular", "cortex_mm"))
        & (np.abs(cells.share - 0.5) <= rule("trabecular", "middle_share") / 2)
        & (np.abs(cells.aside) <= rule("trabecular", "width_share"))
        & (cells.ahead >= 1 - rule("trabecular", "front_share"))
    )


def mean_error(points: Floats, values: Floats, cell_mm3: float, place_mm: float) -> float:
    """The standard error of a region's mean: its noise, and a region laid `place_mm` off.

    Noise counts once for every cube of the grain's size; the region's own slope (HU/mm) tells
    what its place is worth.
    """
    grain = max(cell_mm3, rule("trabecular", "grain_mm") ** 3)
    design = np.column_stack([np.ones(len(points)), points - points.mean(axis=0)])
    weights, *_ = np.linalg.lstsq(design, values, rcond=None)
    noise = float(np.std(values - design @ weights))
    counted = max(len(values) * cell_mm3 / grain, 1.0)
    return float(np.hypot(noise / np.sqrt(counted), np.linalg.norm(weights[1:]) * place_mm))


def _take(subject: Subject, at: str) -> Iterable[Finding]:
    cells = hounsfield_cells(subject, at)
    if isinstance(cells, str):
        return [TRABECULAR_HU.unseen(at, cells, _CT)]
    taken = spongy(cells)
    if taken.sum() * cells.cell_mm3 < rule("trabecular", "least_mm3"):
        return [
            TRABECULAR_HU.unseen(at, "The body has no room for the region.", "Read it by hand.")
        ]
    points, values = cells.points[taken], cells.values[taken]
    se = mean_error(points, values, cells.cell_mm3, point_error(subject))
    seen = Seen(
        landmarks={"region": points.mean(axis=0)},
        outlines={"region": _outline(subject, at, points)},
        notes=(*_NOTES, _voltage(subject)),
    )
    return [TRABECULAR_HU.found(at, float(values.mean()), se, seen=seen)]


def _voltage(subject: Subject) -> str:
    """What the tube voltage does to the thresholds."""
    usual = rule("trabecular", "tube_kv")
    if subject.kvp is None:
        return f"the thresholds are for {usual:.0f} kV; the scan does not say its tube voltage"
    if abs(subject.kvp - usual) < 1:
        return f"scanned at {usual:.0f} kV, as the thresholds were"
    return f"scanned at {subject.kvp:.0f} kV: the thresholds, made at {usual:.0f} kV, do not hold"


def _outline(subject: Subject, at: str, points: Floats) -> Floats:
    """(5, 3) mm RAS: the region's rectangle in the body's midsagittal plane."""
    frame = subject.spine[at].frame
    local = frame.to_local(points)
    (_, back, low), (_, front, high) = local.min(axis=0), local.max(axis=0)
    corners = [(front, high), (back, high), (back, low), (front, low), (front, high)]
    return frame.to_patient([(0.0, ahead, up) for ahead, up in corners])


MEASURE = Measure(where="level", quantities=(TRABECULAR_HU,), take=_take)
