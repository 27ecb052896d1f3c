"""Area and fat of the muscles at the disc's height, a side.

Definition: area, the muscle's label cut by the plane through the disc's centre across the
segment's `up`; fat fraction, of the label's voxels within 5 mm of that plane and 1.5 mm or more
inside its border the share that reads as fat among those that read as fat or muscle. Landmarks:
the disc's centre and `up`. Source: windows of HU as in `tissue.toml`; area by trilinear label.
What it cannot see: `autochthon` is one muscle, multifidus and erectors together; fat between the
label and the fascia; fat that a labelling tool leaves out of a muscle.
"""

import itertools
from collections.abc import Iterable

import numpy as np
from attrs import frozen
from scipy import ndimage

from keyhole.anatomy.disc_space import DiscSpace
from keyhole.findings.model import Finding
from keyhole.findings.quantity import Measure, Quantity, Seen
from keyhole.findings.subject import Subject
from keyhole.findings.take import of_spaces
from keyhole.findings.tissue import rule
from keyhole.scan.volume import Volume
from keyhole.space import SIDES, Frame, Side

MUSCLES = (
    "multifidus",
    "longissimus",
    "iliocostalis",
    "erector spinae",
    "autochthon",
    "quadratus lumborum",
    "psoas",
    "iliopsoas",
)
_STEP_MM = 1.0
_FIELD_MM = 4.0
_WIDE_MM = 200.0
"""How far from the spine a muscle is looked for."""
_SLAB = np.array(list(itertools.product((-1.0, 1.0), repeat=3)))
"""The corners of a box, as signs."""


def _quantity(kind: str, muscle: str) -> Quantity:
    name = f"{kind}_{muscle.replace(' ', '_')}"
    one = " (multifidus and erectors as one)" if muscle == "autochthon" else ""
    if kind == "muscle_area":
        definition = f"Area of the {muscle}{one} in the plane through the disc's centre."
        return Quantity(name=name, unit="mm2", definition=definition, source="unsourced")
    return Quantity(
        name=name,
        unit="%",
        definition=f"Share of the {muscle}{one} that reads as fat within 5 mm of the disc's plane.",
        source="windows: segmentation windows, pubcompare protocol, mid-L4 CT",
    )


AREA = {muscle: _quantity("muscle_area", muscle) for muscle in MUSCLES}
FAT = {muscle: _quantity("muscle_fat", muscle) for muscle in MUSCLES}
ANY = Quantity(
    name="muscle_area",
    unit="mm2",
    definition="Stands for the muscles' areas and fat where the map holds no muscle.",
    source="unsourced",
)


@frozen
class Section:
    """A muscle's cut: its area, mm2, and its perimeter, mm."""

    area: float
    perimeter: float


def section(mask: Volume, frame: Frame) -> Section:
    """The cut of a label with a frame's transverse plane, trilinear between voxels."""
    local = frame.to_local(mask.to_patient(_ends(mask)))
    ticks = [np.arange(np.floor(a), np.ceil(b), _STEP_MM) for a, b in _span(local)]
    grid = np.stack(np.meshgrid(*ticks, [0.0], indexing="ij"), axis=-1)
    held = mask.at(frame.to_patient(grid.reshape(-1, 3)), order=1).reshape(grid.shape[:2])
    slope = np.hypot(*np.gradient(held, _STEP_MM))
    return Section(float(held.sum()) * _STEP_MM**2, float(slope.sum()) * _STEP_MM**2)


def _ends(mask: Volume) -> np.ndarray:
    return np.indices((2, 2, 2)).reshape(3, 8).T * (np.array(mask.shape) - 1)


def _span(local: np.ndarray) -> list[tuple[float, float]]:
    return [(float(local[:, i].min()), float(local[:, i].max())) for i in (0, 1)]


def _measured(subject: Subject, space: DiscSpace) -> Iterable[Finding]:
    found = [
        finding
        for muscle in MUSCLES
        for side in SIDES
        if f"{muscle} {side}" in subject.spine.labels
        for finding in _one(subject, space, muscle, side)
    ]
    if not found:
        return [ANY.unseen(space.name, "The map holds no muscle here.", "Give a map with muscles.")]
    return found


def _one(subject: Subject, space: DiscSpace, muscle: str, side: Side) -> list[Finding]:
    """Area and fat of one muscle; nothing where it does not reach the disc's plane."""
    near = _near(subject, f"{muscle} {side}", space.frame)
    if near is None:
        return []
    cut = section(near, space.frame)
    if cut.area < 4 * subject.voxel_mm**2:
        return []
    if _on_border(subject, f"{muscle} {side}", space.frame):
        why = "The scan's border cuts the muscle there."
        return [AREA[muscle].unseen(space.name, why, "Give a wider scan.", side=side)]
    se = _area_error(subject, cut)
    area = AREA[muscle].found(space.name, cut.area, se, side=side)
    fat = _fat(subject, space, muscle, side, near)
    return [area, fat] if fat else [area]


def _area_error(subject: Subject, cut: Section) -> float:
    """A label that is too large all round, and voxels that err each for itself."""
    voxels = subject.voxel_mm
    scatter = 0.3 * voxels * np.sqrt(cut.perimeter * voxels)
    return float(np.hypot(cut.perimeter * subject.label_sd_mm, scatter))


def _near(subject: Subject, name: str, frame: Frame) -> Volume | None:
    """A structure's voxels near a frame's plane; None where it is not there."""
    labels = subject.spine.labels
    half = rule("muscle", "slab_mm") / 2 + _FIELD_MM
    pad = np.ceil(_FIELD_MM / labels.volume.spacing).astype(int)
    own = labels.boxes[name]
    low, high = labels.volume.box(frame.to_patient(_SLAB * [_WIDE_MM, _WIDE_MM, half]), 0.0)
    low = np.maximum(low, [s.start for s in own]) - pad
    high = np.minimum(high, [s.stop for s in own]) + pad
    if (high - low <= 2 * pad).any():
        return None
    part = labels.volume.crop(low, high)
    mask = part.values == labels.code(name)
    if not mask.any():
        return None
    return Volume(mask, part.affine)


def _on_border(subject: Subject, name: str, frame: Frame) -> bool:
    """Whether the muscle lies on the map's outermost voxels near the plane."""
    labels = subject.spine.labels
    last = [n - 1 for n in labels.volume.shape]
    box = labels.boxes[name]
    if all(s.start > 0 and s.stop <= end for s, end in zip(box, last, strict=True)):
        return False
    points = labels.points(name)
    voxels = np.rint(labels.volume.to_voxels(points))
    outer = ((voxels <= 0) | (voxels >= last)).any(axis=1)
    off = frame.to_local(points[outer])[:, 2]
    return bool((np.abs(off) < subject.voxel_mm).any())


def _fat(
    subject: Subject, space: DiscSpace, muscle: str, side: Side, near: Volume
) -> Finding | None:
    """The fat's share; None where there is no CT to read it from."""
    if subject.image is None or subject.modality != "CT":
        return FAT[muscle].unseen(space.name, "There is no CT.", "Give the CT.", side=side)
    deep = ndimage.distance_transform_edt(near.values, sampling=near.spacing)
    inner = np.argwhere(deep > rule("muscle", "edge_mm") + subject.voxel_mm / 2)
    points = near.to_patient(inner)
    height = np.abs(space.frame.to_local(points)[:, 2]) <= rule("muscle", "slab_mm") / 2
    values = subject.image.at(points[height]) if height.any() else np.empty(0)
    low, high, top = (
        rule("muscle", key) for key in ("fat_low_hu", "fat_high_hu", "muscle_high_hu")
    )
    counted = values[(values >= low) & (values <= top)]
    if len(counted) < 20:
        return FAT[muscle].unseen(space.name, "Too few voxels.", "Give a finer scan.", side=side)
    share = float((counted <= high).mean())
    se = float(np.sqrt(max(share * (1 - share), 0.01) / (len(counted) / 8)))
    notes = ["fat between the fascia and the label is not counted"]
    seen = Seen(landmarks={muscle: points[height].mean(axis=0)}, notes=notes)
    return FAT[muscle].found(space.name, 100 * share, 100 * se, side=side, seen=seen)


MEASURE: Measure = of_spaces((ANY, *AREA.values(), *FAT.values()), _measured)
