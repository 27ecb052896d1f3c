"""The truth of a pedicle's isthmus on the analytic surface (DEFINITIONS 4).

Of all planes through the bridge, normal within 35 degrees of `front`, the one whose cut has the
least area. A cut's outline is found along rays from its middle, so an area is exact to the
rays' density; the least plane is found on a grid of planes, then at the vertex of fitted
paraboloids of shrinking size. None of this is shared with `keyhole.anatomy`, which it judges.
"""

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from keyhole.simulate.engine.shapes import Distance
from keyhole.space import Floats, Side, across, fixed, same, shaped, turned, unit

_FAR_MM = 20.0
_MOST_DEG = 35.0
_ROUNDS = ((6.0, 1.0), (3.0, 0.6), (2.0, 0.5), (2.0, 0.5))
"""Half sizes of the fitted paraboloids: degrees, mm."""


@frozen
class PedicleTruth:
    """One pedicle at its isthmus: as `keyhole.anatomy` defines it, from the surface itself."""

    side: Side
    centre: Floats = field(converter=fixed, validator=shaped(3), eq=same)
    axis: Floats = field(converter=fixed, validator=shaped(3), eq=same)
    width_mm: float
    height_mm: float
    inscribed_mm: float
    area_mm2: float


@frozen
class _Cutter:
    """Cuts a shape by planes; a plane is (inward, upward) degrees from `axis` and a shift mm."""

    shape: Distance
    centre: Floats
    axis: Floats
    right: Floats

    def normals(self, planes: Floats) -> Floats:
        """(m, 3) unit normals of (m, 3) planes."""
        up = np.cross(self.right, self.axis)
        return np.array(
            [turned(turned(self.axis, self.right, c), up, a) for a, c in planes[:, :2].tolist()]
        )

    def areas(self, planes: Floats, rays: int, close_mm: float) -> Floats:
        """(m,) mm2: the cuts' areas."""
        normals = self.normals(planes)
        middles = self.centre + planes[:, 2:] * self.axis
        radii, _ = outlines(self.shape, middles, normals, rays, close_mm=close_mm)
        return (radii**2).sum(axis=1) * (np.pi / rays)


def outlines(
    shape: Distance, middles: Floats, normals: Floats, rays: int, *, close_mm: float = 1e-5
) -> tuple[Floats, Floats]:
    """(m, rays) mm along each ray to the surface, and (m, rays, 3) its directions.

    A middle outside the bone, or a ray that finds no end, reads 20 mm: no isthmus.
    """
    right = np.array([across([1.0, 0.1, 0.1], normal) for normal in normals])
    angles = 2 * np.pi * np.arange(rays) / rays
    directions = np.cos(angles)[:, None] * right[:, None] + np.sin(angles)[:, None] * np.cross(
        normals, right
    )[:, None].reshape(len(normals), 1, 3)
    radii = np.zeros((len(middles), rays))
    going = np.ones(radii.shape, dtype=bool)
    for _ in range(60):
        rows = np.nonzero(going)
        points = middles[rows[0]] + radii[rows][:, None] * directions[rows]
        step = -shape(points)
        radii[rows] += np.clip(step, -1, 3)
        going[rows] = (np.abs(step) > close_mm) & (radii[rows] < _FAR_MM) & (radii[rows] > -1)
        if not going.any():
            break
    radii[(radii <= 0).any(axis=1)] = _FAR_MM
    return np.minimum(radii, _FAR_MM), directions


def find_isthmus(
    shape: Distance, start: Floats, axis: Floats, front: Floats, side: Side
) -> PedicleTruth:
    """The least cut near a start, measured.

    Args:
        shape: the whole bone.
        start: (3,) mm, a point in the pedicle.
        axis: (3,) unit, about along the pedicle, forward.
        front: (3,) unit, the vertebra's.
        side: of the patient, handed on.

    Raises:
        ValueError: the start lies in no bridge: a fault of the phantom, not of its user.

    """
    cutter = _Cutter(shape, start, axis, across([1.0, 0, 0], axis))
    best = _coarse(cutter, front)
    for turn, shift in _ROUNDS:
        best = _vertex(cutter, best, np.array([turn, turn, shift]), front)
    return _measured(cutter, best, side)


def _coarse(cutter: _Cutter, front: Floats) -> Floats:
    """The least of planes every 8 degrees and 1.5 mm."""
    turns, shifts = np.arange(-24, 25, 8.0), np.arange(-4.5, 4.6, 1.5)
    planes = np.stack(np.meshgrid(turns, turns, shifts, indexing="ij"), axis=-1).reshape(-1, 3)
    planes = planes[_allowed(cutter, planes, front)]
    areas = cutter.areas(planes, 16, 0.02)
    best = int(areas.argmin())
    if areas[best] > 0.5 * np.pi * _FAR_MM**2:
        raise ValueError("There is no pedicle at the place its own phantom put it.")
    return planes[best]


def _allowed(cutter: _Cutter, planes: Floats, front: Floats) -> NDArray[np.bool_]:
    return cutter.normals(planes) @ front >= np.cos(np.radians(_MOST_DEG))


def _vertex(cutter: _Cutter, best: Floats, half: Floats, front: Floats) -> Floats:
    """The lowest point of the paraboloid fitted round the best plane, no further than its size."""
    cube = np.stack(np.meshgrid(*[[-1.0, 0, 1]] * 3, indexing="ij"), axis=-1).reshape(-1, 3)
    areas = cutter.areas(best + cube * half, 90, 1e-4)
    x, y, z = cube.T
    design = np.column_stack([np.ones(27), cube, cube**2, x * y, x * z, y * z])
    fit = np.linalg.lstsq(design, areas, rcond=None)[0]
    curve = np.diag(2 * fit[4:7])
    for (i, j), value in zip(((0, 1), (0, 2), (1, 2)), fit[7:], strict=True):
        curve[i, j] = curve[j, i] = value
    values, vectors = np.linalg.eigh(curve)
    downhill = vectors.T @ -fit[1:4]
    steps = np.where(values > 1e-6 * areas.min(), downhill / np.maximum(values, 1e-12), 0)
    moved = best + np.clip(vectors @ steps, -1, 1) * half
    return moved if _allowed(cutter, moved[None], front)[0] else best


def _measured(cutter: _Cutter, plane: Floats, side: Side) -> PedicleTruth:
    """Centroid, calipers and inscribed circle of the cut."""
    normal = cutter.normals(plane[None])[0]
    middle = cutter.centre + plane[2] * cutter.axis
    u = across([1.0, 0, 0], normal)
    v = np.cross(normal, u)
    for _ in range(4):
        middle = middle + _polygon(_outline(cutter.shape, middle, u, v))[1] @ np.stack([u, v])
    flat = _outline(cutter.shape, middle, u, v)
    area, _ = _polygon(flat)
    width, height = _calipers(flat)
    return PedicleTruth(side, middle, unit(normal), width, height, _inscribed(flat), area)


def _outline(shape: Distance, middle: Floats, u: Floats, v: Floats) -> Floats:
    """(720, 2) mm along u and v: a cut's outline round a middle."""
    radii, directions = outlines(shape, middle[None], np.cross(u, v)[None], 720)
    spokes = radii[0][:, None] * directions[0]
    return np.column_stack([spokes @ u, spokes @ v])


def _polygon(flat: Floats) -> tuple[float, Floats]:
    """Area and centroid of a polygon (n, 2)."""
    after = np.roll(flat, -1, axis=0)
    cross = flat[:, 0] * after[:, 1] - flat[:, 1] * after[:, 0]
    area = cross.sum() / 2
    return abs(float(area)), ((flat + after) * cross[:, None]).sum(axis=0) / (6 * area)


def _calipers(flat: Floats) -> tuple[float, float]:
    """The least caliper and the one across it."""
    angles = np.radians(np.arange(0, 180, 0.25))
    spans = np.ptp(flat @ np.stack([np.cos(angles), np.sin(angles)]), axis=0)
    least = int(spans.argmin())
    return float(spans[least]), float(spans[(least + len(spans) // 2) % len(spans)])


def _inscribed(flat: Floats) -> float:
    """The diameter of the largest circle within an outline (n, 2) round its centroid."""
    best, reach = np.zeros(2), 3.0
    depth = 0.0
    for _ in range(5):
        ticks = np.linspace(-reach, reach, 13)
        tried = best + np.stack(np.meshgrid(ticks, ticks), axis=-1).reshape(-1, 2)
        depths = cdist(tried, flat).min(axis=1)
        best, depth, reach = tried[depths.argmax()], float(depths.max()), reach / 4
    return 2 * depth
