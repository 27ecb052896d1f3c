"""`cut-by-edge`: does the scan's border cut a vertebra?"""

import numpy as np
from numpy.typing import NDArray

from keyhole.errors import Refusal
from keyhole.scan.checks.case import Case
from keyhole.scan.checks.report import Check
from keyhole.scan.checks.survey import Bone
from keyhole.scan.volume import Volume
from keyhole.space import Floats

_EMPTY_MM = (15.0, 30.0, 45.0, 60.0)
"""Emptiness is looked for at these distances too, and beyond the image it is taken for granted."""


def inside(volume: Volume, points: Floats) -> NDArray[np.bool_]:
    """(n,) whether (n, 3) mm RAS lie in the volume."""
    voxels = volume.to_voxels(points)
    fits = (voxels >= -0.5) & (voxels <= np.array(volume.shape) - 0.5)
    return np.asarray(fits.all(axis=1))


def cut_by_edge(case: Case) -> tuple[Check, frozenset[str]]:
    """The levels that the border of the label map or of the image cuts."""
    areas = {b.level: _cut_mm2(case, b) + _padded_mm2(case, b) for b in case.bones}
    beyond = {bone.level: _beyond(case, bone) for bone in case.bones}
    cut = [level for level in areas if areas[level] > 0 or beyond[level] > case.limits.cut_share]
    evidence = ", ".join(_told(level, areas[level], beyond[level]) for level in areas) + "."
    if not cut:
        return Check("cut-by-edge", None, evidence), frozenset()
    told = ", ".join(_told(level, areas[level], beyond[level]) for level in cut)
    refusal = Refusal(
        "cut-by-edge",
        asked="Each level was to lie wholly in the scan.",
        found=f"The border cuts {told}.",
        next="Ask for other levels, or give a scan that reaches further.",
        at=tuple(cut),
    )
    return Check("cut-by-edge", refusal, evidence), frozenset(cut)


def _told(level: str, area_mm2: float, beyond: float) -> str:
    parts = [f"{area_mm2:.0f} mm2 of it on the border"] if area_mm2 else []
    parts += [f"{beyond:.0%} of it outside the image"] if beyond > 0.005 else []
    return f"{level} ({'; '.join(parts) or 'whole'})"


def _upper_part(case: Case, bone: Bone, points: Floats) -> NDArray[np.bool_]:
    """Which of the points matter: for the sacrum, those no lower than S1 reaches."""
    if bone.name != "sacrum" or not len(points):
        return np.ones(len(points), dtype=bool)
    top = case.posture.heights_of(bone.points).max()
    return np.asarray(case.posture.heights_of(points) > top - case.limits.s1_height_mm)


def _cut_mm2(case: Case, bone: Bone) -> float:
    """The area of the level on the border, mm2; 0 where only a few voxels touch it."""
    matters = _upper_part(case, bone, bone.border)
    area = float(bone.border_mm2[matters].sum())
    few = int(matters.sum()) <= case.limits.cut_voxels or area <= case.limits.cut_mm2
    return 0.0 if few else area


def _beyond(case: Case, bone: Bone) -> float:
    """The share of the level that lies outside the image."""
    if case.image is None or case.labels.volume.same_grid(case.image):
        return 0.0
    points = bone.points[_upper_part(case, bone, bone.points)]
    return 1.0 - float(inside(case.image, points).mean())


def _padded_mm2(case: Case, bone: Bone) -> float:
    """The area of the level that faces emptiness in the image, mm2; 0 where it is small.

    Resampling hides a border behind padding. No bone faces 60 mm of air in the body: gas in a
    disc or in the bowel is thinner, lung is not so empty.
    """
    image = case.hounsfield
    if image is None:
        return 0.0
    points = bone.points[_upper_part(case, bone, bone.points)]
    axes = case.labels.volume.affine[:3, :3] / case.labels.volume.spacing
    near = 2 * float(image.spacing.max())
    faces = sum(
        int(_is_empty(image, points, way, near, case.limits.padding_hu).sum())
        for way in np.concatenate([axes.T, -axes.T])
    )
    area = faces * bone.volume_ml * 1000 / len(bone.points) / near
    return area if area > case.limits.padding_mm2 else 0.0


def _is_empty(
    image: Volume, points: Floats, way: Floats, near: float, padding_hu: float
) -> NDArray[np.bool_]:
    """(n,) whether the image is empty all along `way` from the points, `near` to 60 mm off."""
    empty = np.ones(len(points), dtype=bool)
    for mm in (near, near + 5, *_EMPTY_MM):
        ahead = points[empty] + mm * way
        empty[empty] = image.at(ahead, outside=-1000) < padding_hu
    return empty & inside(image, points + near * way)
