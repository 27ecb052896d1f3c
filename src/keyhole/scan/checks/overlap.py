"""`no-overlap`: do the labels lie on this image's bones?"""

import itertools
from collections.abc import Iterator, Sequence

import numpy as np
from attrs import frozen
from scipy import ndimage

from keyhole.errors import Refusal
from keyhole.scan.checks.border import inside
from keyhole.scan.checks.case import Case
from keyhole.scan.checks.report import Check
from keyhole.scan.checks.survey import Bone, strides
from keyhole.scan.checks.thresholds import Thresholds
from keyhole.scan.volume import Volume
from keyhole.space import Floats, unit

_RING_MM = (5.0, 10.0)
"""How far from the bone the tissue beside it is looked at."""
_THIN_MM = 3.0
_NEAR_BY_MM = 12.0
_ENOUGH = 500
"""Points in a bone, and beside it, beyond which a mean of HU gains nothing."""
_BONY = ("vertebra", "sacrum", "rib", "hip", "costal", "femur", "sternum", "skull", "scapula")
_ASKED = "The labels were to lie on the image's bones."
_NEXT = "Give the label map that was made from this scan."


@frozen
class Contrast:
    """HU under the vertebrae and beside them, and the same with the labels moved."""

    under_hu: float
    beside_hu: float
    best_moved_hu: float
    best_move_mm: float

    @property
    def here_hu(self) -> float:
        """How much brighter it is under the labels than beside them."""
        return self.under_hu - self.beside_hu


def no_overlap(case: Case) -> Check:
    """Whether labels and image meet, bone on bone."""
    if case.image is None:
        return Check("no-overlap", None, "no image to compare with.")
    share = float(inside(case.image, np.concatenate([b.points for b in case.bones])).mean())
    if share < case.limits.inside_image:
        return _refuse(f"{share:.0%} of the vertebrae's voxels lie in the image.")
    if case.hounsfield is None:
        told = f"{share:.0%} of the vertebrae lie in the image, which is not in Hounsfield units."
        return Check("no-overlap", None, told)
    return _on_bone(_contrast(case, case.hounsfield), case.limits)


def _on_bone(contrast: Contrast | None, limits: Thresholds) -> Check:
    """Whether the vertebrae lie on what is bright as bone, and nowhere better close by."""
    if contrast is None:
        return Check("no-overlap", None, "too little bone in the image to compare.")
    if contrast.here_hu < limits.bone_contrast_hu:
        return _refuse(f"{_told(contrast)}: no bone lies under the labels.")
    if contrast.best_moved_hu > limits.better_elsewhere * contrast.here_hu:
        return _refuse(
            f"{_told(contrast)}: moved by {contrast.best_move_mm:.0f} mm the labels lie on "
            f"bone better (by {contrast.best_moved_hu:.0f} HU)."
        )
    return Check("no-overlap", None, f"{_told(contrast)}.")


def _refuse(found: str) -> Check:
    return Check("no-overlap", Refusal("no-overlap", asked=_ASKED, found=found, next=_NEXT), found)


def _told(c: Contrast) -> str:
    return f"{c.under_hu:.0f} HU under the vertebrae and {c.beside_hu:.0f} HU beside them"


def _contrast(case: Case, image: Volume) -> Contrast | None:
    """Of the level in the middle by contrast; None where no level lies in the image."""
    samples = [_sampled(case, image, bone) for bone in case.bones]
    samples = [s for s in samples if len(s[0]) and len(s[1])]
    if not samples:
        return None
    under, beside = _means(image, samples, np.zeros(3))
    moved = [(mm, _means(image, samples, mm * way)) for mm, way in _moves(case.limits)]
    best_mm, best = max(
        ((mm, float(np.median(there[0] - there[1]))) for mm, there in moved),
        key=lambda found: found[1],
    )
    middle = np.argsort(under - beside)[len(under) // 2]
    return Contrast(float(under[middle]), float(beside[middle]), best, best_mm)


def _moves(limits: Thresholds) -> Iterator[tuple[float, Floats]]:
    """How far and which way the labels are moved: near by in 26 directions, further in six."""
    for way in itertools.product((-1.0, 0.0, 1.0), repeat=3):
        steps = np.count_nonzero(way)
        for mm in limits.elsewhere_mm:
            if steps == 1 or (steps > 1 and mm <= _NEAR_BY_MM):
                yield mm, unit(way)


def _sampled(case: Case, image: Volume, bone: Bone) -> tuple[Floats, Floats]:
    """(n, 3) and (m, 3) mm RAS in the image: points in the bone, and in what lies beside it."""
    code = case.labels.code(bone.name)
    box = case.labels.boxes[bone.name]
    volume = case.labels.volume
    pad = np.ceil(_RING_MM[1] / volume.spacing).astype(int)
    low, high = [s.start for s in box] - pad, [s.stop for s in box] + pad
    part = volume.crop(low, high)
    step = strides(part.spacing, _THIN_MM)
    thin = part.values[:: step[0], :: step[1], :: step[2]]
    away = ndimage.distance_transform_edt(thin != code, sampling=part.spacing * step)
    bony = [n for n, name in enumerate(case.labels.names, start=1) if name.startswith(_BONY)]
    ring = (away > _RING_MM[0]) & (away <= _RING_MM[1]) & ~np.isin(thin, bony)
    own, around = np.argwhere(thin == code), np.argwhere(ring)
    return _within(image, part.to_patient(own * step)), _within(
        image, part.to_patient(around * step)
    )


def _within(image: Volume, points: Floats) -> Floats:
    """The points that lie in the image, evenly thinned to no more than are needed."""
    held = points[inside(image, points)]
    return held[:: 1 + len(held) // _ENOUGH]


def _means(
    image: Volume, samples: Sequence[tuple[Floats, Floats]], move: Floats
) -> tuple[Floats, Floats]:
    """(levels,) mean HU in each bone and beside it, all moved by `move` mm."""
    under = np.array([image.at(own + move).mean() for own, _ in samples])
    beside = np.array([image.at(ring + move).mean() for _, ring in samples])
    return under, beside
