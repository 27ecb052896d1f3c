"""Gas in the disc: the vacuum phenomenon.

Definition: the volume of gas within the disc space, from HU: every voxel under the cut and its
neighbours counts by the share of it that is gas, between the HU of a disc and that of gas.
Landmarks: both endplates. Source: unsourced; no published HU cut was found. What it cannot see:
gas outside the endplates' ellipse, gas within the rim of half a voxel along bone.
"""

from collections.abc import Iterable

import numpy as np
from scipy.spatial import cKDTree

from keyhole.anatomy.disc_cells import DiscCells
from keyhole.errors import AnatomyError
from keyhole.findings.error import point_error
from keyhole.findings.model import Finding
from keyhole.findings.quantity import Measure, Quantity, Seen
from keyhole.findings.subject import Subject
from keyhole.findings.tissue import rule
from keyhole.space import Floats

VACUUM_VOLUME = Quantity(
    name="vacuum_volume",
    unit="mm3",
    definition="Volume of gas in the disc space, each voxel by the share of it that reads as gas.",
    source="unsourced",
)


def gas_shares(cells: DiscCells) -> Floats:
    """(n,) the share of each voxel that is gas: none but beside a voxel under the cut."""
    under = cells.values < rule("vacuum", "cut_hu")
    shares = np.zeros(len(cells.values))
    if not under.any():
        return shares
    edge = cells.cell_mm3 ** (1 / 3)
    distance, _ = cKDTree(cells.points[under]).query(cells.points)
    near = distance < 1.8 * edge
    tissue, gas = rule("vacuum", "disc_hu"), rule("vacuum", "gas_hu")
    shares[near] = np.clip((tissue - cells.values[near]) / (tissue - gas), 0, 1)
    return shares


def _take(subject: Subject, at: str) -> Iterable[Finding]:
    if subject.modality != "CT":
        found = "The image is no CT." if subject.image else "There is no image."
        return [VACUUM_VOLUME.unseen(at, found, "Give the CT with --labels.")]
    cells = subject.disc_cells[at]
    if isinstance(cells, AnatomyError):
        return [VACUUM_VOLUME.unseen(at, cells.refusal.found, cells.refusal.next)]
    shares = np.where(cells.reach < rule("vacuum", "within_share"), gas_shares(cells), 0.0)
    volume = float(shares.sum()) * cells.cell_mm3
    notes = [f"gas is what reads under {rule('vacuum', 'cut_hu'):.0f} HU (unsourced)"]
    if volume == 0:
        notes.append("no gas is seen; gas thinner than a third of a voxel would not be")
    landmarks = {"gas": shares @ cells.points / shares.sum()} if volume else {}
    seen = Seen(landmarks=landmarks, notes=notes)
    return [VACUUM_VOLUME.found(at, volume, _error(subject, cells, shares), seen=seen)]


def _error(subject: Subject, cells: DiscCells, shares: Floats) -> float:
    """What noise leaves open of the mixed voxels, and half of what lies along bone within u."""
    mixed = (shares > 0) & (shares < 1)
    noise = 0.1 * np.sqrt(mixed.sum())
    along = 0.5 * float(shares[cells.bone_mm < point_error(subject)].sum())
    least = 0.3 if not shares.any() else 0.0
    return cells.cell_mm3 * float(np.hypot(noise, along) + least) + 0.1 * float(
        shares.sum() * cells.cell_mm3
    )


MEASURE = Measure(where="segment", quantities=(VACUUM_VOLUME,), take=_take)
