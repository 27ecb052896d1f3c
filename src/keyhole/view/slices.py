"""Oblique cuts through volumes."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from keyhole.kernels.cast import sample_plane
from keyhole.scan.volume import Volume
from keyhole.space import Floats
from keyhole.view.plane import Plane

Grey = NDArray[np.float32]


def cut(volume: Volume, plane: Plane, *, outside: float = 0) -> Grey:
    """(rows, columns) float32: the volume on the plane, trilinear; `outside` beyond its border."""
    if plane.relief is not None:
        return _draped(volume, plane, outside)
    inverse = np.linalg.inv(volume.affine)
    start = inverse[:3, :3] @ plane.start + inverse[:3, 3]
    right = inverse[:3, :3] @ plane.right * plane.pixel_mm
    down = inverse[:3, :3] @ plane.down * plane.pixel_mm
    values = volume.values
    if values.dtype not in (np.int16, np.uint8, np.float32):
        values = values.astype(np.float32)
    shape = (plane.rows, plane.columns)
    cast: Grey = sample_plane(values, start, right, down, shape, np.float32(outside))
    return cast


def _draped(volume: Volume, plane: Plane, outside: float) -> Grey:
    """As `cut`, on a curved surface."""
    out = np.full((plane.rows, plane.columns), outside, dtype=np.float32)
    flat = plane.to_pixels(corners(volume))
    low = np.clip(np.floor(flat.min(axis=0)).astype(int), 0, None)
    high = np.ceil(flat.max(axis=0)).astype(int) + 1
    part = np.s_[low[1] : high[1], low[0] : high[0]]
    points = plane.points[part]
    out[part] = volume.at(points.reshape(-1, 3), order=1, outside=outside).reshape(points.shape[:2])
    return out


def corners(volume: Volume) -> Floats:
    """(8, 3) mm RAS: the outermost corners of a volume's voxels."""
    ends = [(-0.5, n - 0.5) for n in volume.shape]
    return volume.to_patient(np.array(np.meshgrid(*ends)).reshape(3, -1).T)


def slab(
    volume: Volume,
    plane: Plane,
    thickness_mm: float,
    *,
    step_mm: float = 1.0,
    how: Literal["mean", "max", "min"] = "mean",
    outside: float = 0,
) -> Grey:
    """(rows, columns) float32: mean, largest or least value through a slab round the plane.

    Args:
        volume: what to cut.
        plane: the slab's middle.
        thickness_mm: from its front to its back; 0 is one cut.
        step_mm: at most this far between two cuts.
        how: what becomes of the cuts.
        outside: value beyond the volume's border.

    """
    count = int(np.ceil(thickness_mm / step_mm)) + 1
    places = np.linspace(-thickness_mm / 2, thickness_mm / 2, count) if count > 1 else np.zeros(1)
    total = cut(volume, plane.moved(float(places[0])), outside=outside)
    for place in places[1:]:
        here = cut(volume, plane.moved(float(place)), outside=outside)
        if how == "mean":
            total += here
        else:
            (np.maximum if how == "max" else np.minimum)(total, here, out=total)
    return total / np.float32(count) if how == "mean" else total
