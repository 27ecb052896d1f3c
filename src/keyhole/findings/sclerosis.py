"""Density of the bone beside the endplates: sclerosis.

Definition: the mean HU of the body's bone 2.5 to 5.5 mm below its surface, beside the upper and
beside the lower endplate, within the middle 70 % of its width. It is laid beside the trabecular
HU of the same body. Landmarks: the endplates' planes. Source: unsourced; no published cut for
sclerosis was read, so there is no grade. What it cannot see: Modic changes, which are MR's.
"""

from collections.abc import Iterable
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from keyhole.anatomy.body_cells import BodyCells
from keyhole.findings.error import point_error
from keyhole.findings.model import Finding
from keyhole.findings.quantity import Measure, Quantity, Seen
from keyhole.findings.subject import Subject
from keyhole.findings.tissue import rule
from keyhole.findings.trabecular import hounsfield_cells, mean_error, spongy

End = Literal["upper", "lower"]

ENDPLATE_HU = {
    end: Quantity(
        name=f"endplate_hu_{end}",
        unit="HU",
        definition=f"Mean HU of the bone 2.5 to 5.5 mm below the body's surface beside its {end} endplate.",
        source="unsourced",
    )
    for end in ("upper", "lower")
}


def beside(cells: BodyCells, end: str) -> NDArray[np.bool_]:
    """(n,) which voxels lie beside an endplate, nearer to it than to the other."""
    share = cells.share if end == "upper" else 1 - cells.share
    wide = rule("endplate", "width_share")
    return (
        (cells.depth >= rule("endplate", "from_mm"))
        & (cells.depth <= rule("endplate", "to_mm"))
        & (share > 2 / 3)
        & (np.abs(cells.aside) <= wide)
        & (np.abs(cells.ahead - 0.5) <= wide / 2)
    )


def _take(subject: Subject, at: str) -> Iterable[Finding]:
    cells = hounsfield_cells(subject, at)
    if isinstance(cells, str):
        next_step = "Give the CT with --labels."
        return [one.unseen(at, cells, next_step) for one in ENDPLATE_HU.values()]
    return [_found(subject, at, cells, end) for end in ENDPLATE_HU]


def _found(subject: Subject, at: str, cells: BodyCells, end: str) -> Finding:
    taken = beside(cells, end)
    if taken.sum() < 8:
        return ENDPLATE_HU[end].unseen(at, "Too few voxels lie there.", "Give a finer scan.")
    points, values = cells.points[taken], cells.values[taken]
    mean = float(values.mean())
    se = mean_error(points, values, cells.cell_mm3, point_error(subject))
    inner = spongy(cells)
    notes = ["no published cut for sclerosis was read"]
    if inner.any():
        notes.append(f"{mean - cells.values[inner].mean():+.0f} HU against the body's spongy bone")
    seen = Seen(landmarks={f"{end} endplate": points.mean(axis=0)}, notes=notes)
    return ENDPLATE_HU[end].found(at, mean, se, seen=seen)


MEASURE = Measure(where="level", quantities=tuple(ENDPLATE_HU.values()), take=_take)
