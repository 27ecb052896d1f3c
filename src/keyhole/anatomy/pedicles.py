"""The pedicle's isthmus: the least cut through the bridge between canal and lateral surface.

DEFINITIONS 4. Direction and place are sought in the field smoothed by 1 mm (at most a voxel),
which takes the voxels' noise out of them; the bottom over the directions is that of a
paraboloid through its surroundings. Sizes are read on that one cut of the field as it is.
"""

from collections.abc import Callable

import numpy as np
from attrs import evolve, frozen
from scipy import ndimage

from keyhole.anatomy.caliper import area_of, calipers, inscribed_diameter, outline_of, span_along
from keyhole.anatomy.grid import LocalGrid
from keyhole.anatomy.spine import Pedicle
from keyhole.errors import AnatomyError
from keyhole.kernels.cut import cut_areas, piece, section
from keyhole.scan.volume import Volume
from keyhole.space import Floats, Frame, Side, across, angle_between, turned, unit

STEP_MM = 0.4
_MOST_DEG = 35.0
_SPREAD_DEG, _MOST_FIT_DEG = 6.0, 4.0
_LEAST_MM2 = 12.0
"""A smaller cut is a crumb, not a pedicle: a circle of 4 mm has 12.6 mm2."""


@frozen
class _Cutter:
    """Cuts one vertebra's bone; a direction is (inward, cranial) degrees from `front`."""

    bone: Volume
    frame: Frame
    side: Side
    to_voxels: Floats

    def normal(self, inward: float, cranial: float) -> Floats:
        """The unit normal turned inward about `up`, then cranially."""
        spin = inward if self.side == "right" else -inward
        flat = turned(self.frame.front, self.frame.up, spin)
        return turned(flat, np.cross(flat, self.frame.up), cranial)

    def spanned(self, normal: Floats) -> tuple[Floats, Floats]:
        """Two unit directions across a normal: about right, about up."""
        u = across(self.frame.right, normal)
        return u, np.cross(u, normal)

    def areas(self, centres: Floats, normals: Floats) -> Floats:
        """(n, 3): area mm2 and the centroid's place along the plane's two directions."""
        right = self.frame.right
        us = right - (normals @ right)[:, None] * normals
        us /= np.linalg.norm(us, axis=1, keepdims=True)
        vs = np.cross(us, normals)
        return cut_areas(self.bone.values, self.to_voxels, centres, us, vs, STEP_MM)

    def cut(self, centre: Floats, normal: Floats) -> tuple[float, Floats]:
        """Area of one cut, mm2, and its centroid, mm RAS."""
        u, v = self.spanned(normal)
        area, along, across_it = self.areas(centre[None], normal[None])[0]
        return float(area), centre + along * u + across_it * v


def find_pedicle(bone: Volume, grid: LocalGrid, canal: Floats, side: Side, level: str) -> Pedicle:
    """The pedicle of one side, from the vertebra's bone and a frame.

    Args:
        bone: signed distance, mm, negative inside.
        grid: the same round the vertebra's frame.
        canal: (3,) mm RAS, within the canal at the height of the closed ring.
        side: the patient's side.
        level: for the refusal's words.

    Raises:
        AnatomyError: `pedicle-unseen` where no bridge stands beside the canal.

    """
    cutter = _Cutter(bone, grid.frame, side, np.linalg.inv(bone.affine)[:3].astype(np.float64))
    start = pedicle_seed(grid, canal, side)
    if start is None:
        raise _unseen(level, side)
    centre, angles = _coarse(cutter, start, level)
    steady = evolve(cutter, bone=_steadied(bone))
    centre, angles = _refine(steady, centre, angles)
    normal = cutter.normal(*angles)
    return _measured(cutter, _least_cut(steady, centre, normal), normal, grid.frame)


def _steadied(bone: Volume) -> Volume:
    """The field smoothed by 1 mm, but no more than a voxel: direction needs no sharp edges."""
    return Volume(
        ndimage.gaussian_filter(bone.values, np.minimum(1 / bone.spacing, 1)), bone.affine
    )


def _unseen(level: str, side: Side) -> AnatomyError:
    return AnatomyError(
        "pedicle-unseen",
        asked=f"The {side} pedicle of {level} was asked for.",
        found="No bridge of bone stands between body and arch on that side.",
        next="Check the label: the pedicle may be missing, cut or destroyed.",
        at=[f"{level} {side}"],
    )


def pedicle_seed(grid: LocalGrid, canal: Floats, side: Side) -> Floats | None:
    """(3,) mm RAS: the middle of the least piece beside the front half of the canal, or None.

    In coronal planes between the posterior body wall and the canal's middle nothing but the two
    pedicles is bone: laminae and processes lie further back.
    """
    middle = grid.frame.to_local(canal)
    sign = 1 if side == "right" else -1
    beside = (grid.right - middle[0]) * sign
    window = ((beside > 3) & (beside < 35))[:, None] & (np.abs(grid.up - middle[2]) < 20)[None, :]
    step = float(grid.up[1] - grid.up[0])
    best, found = np.inf, None
    for j in np.flatnonzero((grid.front >= middle[1] - 1) & (grid.front <= middle[1] + 8)):
        pieces, count = ndimage.label(grid.inside[:, j, :] & window)
        if count == 0:
            continue
        rows = np.argwhere(pieces == np.bincount(pieces.ravel())[1:].argmax() + 1)
        area = len(rows) * step**2
        if _LEAST_MM2 <= area < best:
            place = grid.right[rows[:, 0]].mean(), grid.front[j], grid.up[rows[:, 1]].mean()
            best, found = area, np.array(place)
    return None if found is None else grid.frame.to_patient(found)


def _coarse(cutter: _Cutter, start: Floats, level: str) -> tuple[Floats, tuple[float, float]]:
    """The least cut over directions every 5 degrees and places every millimetre."""
    angles = [(a, c) for a in range(-15, 36, 5) for c in range(-20, 21, 5)]
    shifts = np.arange(-7.0, 7.1, 1.0)
    normals = np.repeat([cutter.normal(*pair) for pair in angles], len(shifts), axis=0)
    along = np.tile(shifts, len(angles))
    cuts = cutter.areas(start + along[:, None] * cutter.frame.front, normals)
    off = np.hypot(cuts[:, 1], cuts[:, 2])
    areas = np.where(off < 9, cuts[:, 0], np.inf)
    areas[areas < _LEAST_MM2] = np.inf
    best = int(areas.argmin())
    if not np.isfinite(areas[best]):
        raise _unseen(level, cutter.side)
    u, v = cutter.spanned(normals[best])
    centre = start + along[best] * cutter.frame.front + cuts[best, 1] * u + cuts[best, 2] * v
    return centre, angles[best // len(shifts)]


def _refine(
    cutter: _Cutter, centre: Floats, angles: tuple[float, float]
) -> tuple[Floats, tuple[float, float]]:
    """Downhill to the least cut, then to the bottom of a paraboloid through its surroundings.

    The fit averages what is left of the voxels' noise; it may turn the axis by 4 degrees at most.
    """
    centre, angles = _descend(cutter, centre, angles)
    turns = np.linspace(-_SPREAD_DEG, _SPREAD_DEG, 5)
    pairs = np.array([(a, c) for a in turns for c in turns])
    away = _bottom(pairs, _least_areas(cutter, centre, pairs + angles))
    away = np.clip(away, -_MOST_FIT_DEG, _MOST_FIT_DEG)
    return centre, _held(cutter, angles[0] + away[0], angles[1] + away[1])


def _least_areas(cutter: _Cutter, centre: Floats, pairs: Floats) -> Floats:
    """(n,) mm2: the least cut within 1 mm along each of (n, 2) directions."""
    along = np.arange(-1.0, 1.1, 0.25)
    normals = np.repeat([cutter.normal(*pair) for pair in pairs], len(along), axis=0)
    shifts = np.tile(along, len(pairs))[:, None]
    areas = cutter.areas(centre + shifts * normals, normals)[:, 0]
    return areas.reshape(len(pairs), len(along)).min(axis=1)


def _least_cut(cutter: _Cutter, centre: Floats, normal: Floats) -> Floats:
    """The centroid, mm RAS, of the least cut within 3 mm along the axis (means over 1 mm)."""
    shifts = np.arange(-3.5, 3.6, 0.25)
    normals = np.repeat(normal[None], len(shifts), axis=0)
    cuts = cutter.areas(centre + shifts[:, None] * normal, normals)
    means = np.convolve(cuts[:, 0], np.full(5, 0.2), mode="valid")
    best = int(means.argmin()) + 2
    u, v = cutter.spanned(normal)
    return centre + shifts[best] * normal + cuts[best, 1] * u + cuts[best, 2] * v


def _bottom(turns: Floats, areas: Floats) -> Floats:
    """(2,) degrees: where a paraboloid through (n, 2) turns and (n,) areas is least.

    Nothing, where it does not open upwards or too few cuts stayed within the pedicle.
    """
    fits = np.isfinite(areas)
    if fits.sum() < 15:
        return np.zeros(2)
    fits &= areas <= np.quantile(areas[fits], 0.8)
    x, y = turns[fits].T
    design = np.column_stack([np.ones_like(x), x, y, x * x, x * y, y * y])
    _, bx, by, xx, xy, yy = np.linalg.lstsq(design, areas[fits], rcond=None)[0]
    matrix = np.array([[2 * xx, xy], [xy, 2 * yy]])
    if np.linalg.eigvalsh(matrix).min() <= 0:
        return np.zeros(2)
    return np.asarray(np.linalg.solve(matrix, [-bx, -by]), dtype=np.float64)


def _descend(
    cutter: _Cutter, centre: Floats, angles: tuple[float, float]
) -> tuple[Floats, tuple[float, float]]:
    """Pattern search over direction and place along it, down to 0.75 degree, 0.25 mm."""
    best, centre = cutter.cut(centre, cutter.normal(*angles))
    for turn, shift in ((3.0, 1.0), (1.5, 0.5), (0.75, 0.25)):
        for _ in range(12):
            moves = np.vstack([np.diag([turn, turn, shift]), -np.diag([turn, turn, shift])])
            tried = [_moved(cutter, centre, angles, move) for move in moves.tolist()]
            area, there, turned_to = min(tried, key=_area)
            if area >= best - 1e-6:
                break
            best, centre, angles = area, there, turned_to
    return centre, angles


_area: Callable[[tuple[float, Floats, tuple[float, float]]], float] = lambda found: found[0]  # noqa: E731


def _moved(
    cutter: _Cutter, centre: Floats, angles: tuple[float, float], move: list[float]
) -> tuple[float, Floats, tuple[float, float]]:
    """The area after a turn and a shift; inf beyond 35 degrees from `front`."""
    after = (angles[0] + move[0], angles[1] + move[1])
    normal = cutter.normal(*after)
    if normal @ cutter.frame.front < np.cos(np.radians(_MOST_DEG)):
        return np.inf, centre, angles
    area, there = cutter.cut(centre + move[2] * normal, normal)
    return area, there, after


def _held(cutter: _Cutter, inward: float, cranial: float) -> tuple[float, float]:
    """The direction, turned back towards `front` where it is more than 35 degrees off."""
    off = angle_between(cutter.normal(inward, cranial), cutter.frame.front)
    share = min(_MOST_DEG / max(off, 1e-9), 1.0)
    return inward * share, cranial * share


def _measured(cutter: _Cutter, centre: Floats, normal: Floats, frame: Frame) -> Pedicle:
    """The pedicle's sizes on its cut."""
    u, v = cutter.spanned(normal)
    picture = section(cutter.bone.values, cutter.to_voxels, centre, u, v, STEP_MM)
    flat = outline_of(picture, piece(picture)[0], STEP_MM)
    width, height, direction = calipers(flat)
    inward = -frame.lateral(cutter.side)
    medial = across(inward, normal)
    cranial = across(frame.up - (frame.up @ medial) * medial, normal)
    level_line = across(frame.right - (frame.right @ frame.up) * frame.up, normal)
    return Pedicle(
        side=cutter.side,
        centre=centre,
        axis=normal,
        medial=medial,
        cranial=unit(cranial),
        minor=direction[0] * u + direction[1] * v,
        outline=centre + flat @ np.stack([u, v]),
        width_mm=width,
        height_mm=height,
        inscribed_mm=inscribed_diameter(flat),
        area_mm2=area_of(flat),
        transverse_width_mm=span_along(flat, np.array([level_line @ u, level_line @ v])),
    )
