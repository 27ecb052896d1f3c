"""Sizes of a plane outline: calipers, the largest circle within, the outline itself."""

import numpy as np
from matplotlib.path import Path as Outline
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial import ConvexHull

from keyhole.space import Floats


def outline_of(distances: NDArray[np.float32], taken: NDArray[np.bool_], step: float) -> Floats:
    """(n, 2) mm: the zero line of a distance picture round one piece, in order, from its middle."""
    from contourpy import contour_generator

    picture = np.where(ndimage.binary_dilation(taken, iterations=2), distances, 1.0)
    lines = contour_generator(z=picture.T).lines(0.0)
    half = (distances.shape[0] - 1) / 2
    closed = [np.asarray(line, dtype=np.float64) for line in lines if len(line) > 3]
    longest = max(closed, key=lambda line: float(np.ptp(line, axis=0).sum()))
    return (longest - half) * step


def calipers(outline: Floats) -> tuple[float, float, Floats]:
    """Smallest caliper, the caliper across it, and the smallest one's direction (2,)."""
    hull = outline[ConvexHull(outline).vertices]
    edges = np.roll(hull, -1, axis=0) - hull
    normals = np.column_stack([-edges[:, 1], edges[:, 0]])
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    spans = np.ptp(hull @ normals.T, axis=0)
    least = int(spans.argmin())
    along = np.array([-normals[least, 1], normals[least, 0]])
    return float(spans[least]), float(np.ptp(hull @ along)), normals[least]


def span_along(outline: Floats, direction: Floats) -> float:
    """The caliper of (n, 2) points along a direction (2,)."""
    return float(np.ptp(outline @ direction))


def inscribed_diameter(outline: Floats, step: float = 0.1) -> float:
    """Diameter of the largest circle within the outline, to `step` mm."""
    low, high = outline.min(axis=0) - step, outline.max(axis=0) + step
    x, y = (np.arange(low[i], high[i] + step, step) for i in (0, 1))
    points = np.stack(np.meshgrid(x, y, indexing="ij"), axis=-1)
    inside = Outline(outline).contains_points(points.reshape(-1, 2)).reshape(points.shape[:2])
    return 2 * float(ndimage.distance_transform_edt(inside).max()) * step - step


def area_of(outline: Floats) -> float:
    """Area within an outline, mm2 (shoelace)."""
    x, y = outline.T
    return abs(float(x @ np.roll(y, -1) - y @ np.roll(x, -1))) / 2
