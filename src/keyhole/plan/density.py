"""Bone density along screws: mean Hounsfield units within the shaft, in the bone."""

import numpy as np

from keyhole.anatomy.spine import Vertebra
from keyhole.plan.settings import Settings
from keyhole.scan.volume import Volume
from keyhole.space import Floats

NO_IMAGE = "no CT was given: Hounsfield units are not known"
OUTSIDE = "the screw lies outside the CT"
_OUTSIDE_HU = -30000.0


def mean_hu(
    image: Volume, vertebra: Vertebra, ends: tuple[Floats, Floats], diameter_mm: float
) -> Floats:
    """(n,) mean HU within n shafts and their vertebra's bone; nan for one outside the image.

    Args:
        image: the CT.
        vertebra: the vertebra that holds the screws.
        ends: entries and tips, (n, 3) mm RAS.
        diameter_mm: of all.

    """
    points = _within(*ends, diameter_mm)
    flat = points.reshape(-1, 3)
    low, high = image.box(flat, 3)
    if (high <= low).any():
        return np.full(len(points), np.nan)
    part = image.crop(low, high)
    values = part.at(flat, order=1, outside=_OUTSIDE_HU).astype(float)
    inside = vertebra.bone.at(flat, order=1, outside=1) < 0
    counts = (inside & (values > _OUTSIDE_HU / 2)).reshape(points.shape[:2])
    sums = np.where(counts, values.reshape(points.shape[:2]), 0).sum(axis=1)
    total = counts.sum(axis=1)
    return np.where(total > 0, sums / np.maximum(total, 1), np.nan)


def _within(entries: Floats, tips: Floats, diameter_mm: float) -> Floats:
    """(n, m, 3) mm RAS: points evenly through each shaft."""
    ahead = tips - entries
    ahead = ahead / np.linalg.norm(ahead, axis=1, keepdims=True)
    least = np.eye(3)[np.abs(ahead).argmin(axis=1)]
    u = np.cross(ahead, least)
    u /= np.linalg.norm(u, axis=1, keepdims=True)
    v = np.cross(ahead, u)
    ring = np.arange(6) * np.pi / 3
    radii = np.concatenate([[0.0], np.full(6, 0.45), np.full(6, 0.85)]) * diameter_mm / 2
    angles = np.concatenate([[0.0], ring, ring + np.pi / 6])
    disc = (radii * np.cos(angles))[None, :, None] * u[:, None]
    disc = disc + (radii * np.sin(angles))[None, :, None] * v[:, None]
    steps = (np.arange(24) + 0.5) / 24
    along = entries[:, None] + steps[None, :, None] * (tips - entries)[:, None]
    return (along[:, :, None] + disc[:, None]).reshape(len(entries), -1, 3)


def hu_meaning(hu: float | None, reason: str, settings: Settings) -> str:
    """What a screw's mean HU says, with its source; or why there is none."""
    if hu is None:
        return reason
    limit, source = settings.screws.soft_bone_hu, settings.sources["screws.soft_bone_hu"]
    side = "below" if hu < limit else "not below"
    return f"{side} the {limit:.0f} HU under which loosening is to be feared ({source})"
