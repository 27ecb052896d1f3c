"""Rays and planes through a field: the compiled half of every picture.

Sphere tracing (Hart 1996) through a signed distance field for bone, and against exact distances
for implants, each a chain of round cones (a sphere swept along a segment, its radius changing
evenly). Parallel rays only: a millimetre is a millimetre at every depth, so a scale bar holds.
"""

import numpy as np
from numba import njit, prange

from keyhole.kernels.field import trilinear

MISS = np.float32(np.inf)
_REACHED = 0.02
"""mm from a surface at which a ray has arrived."""
_NEAR = 2.5
"""Voxels from the surface within which the field is read between voxels, not at the nearest."""


@njit(cache=True, parallel=True)
def sample_plane(values, start, right, down, shape, outside):  # type: ignore[no-untyped-def]
    """Trilinear samples on a plane.

    Args:
        values: (i, j, k) the field.
        start: (3,) voxel coordinates of the first sample.
        right: (3,) voxels from one column to the next.
        down: (3,) voxels from one row to the next.
        shape: rows, columns.
        outside: what is read more than half a voxel beyond the outermost voxel centres.

    Returns:
        (rows, columns) float32.

    """
    rows, columns = shape
    out = np.empty((rows, columns), dtype=np.float32)
    a, b, c = values.shape
    for row in prange(rows):
        for column in range(columns):
            i = start[0] + row * down[0] + column * right[0]
            j = start[1] + row * down[1] + column * right[1]
            k = start[2] + row * down[2] + column * right[2]
            if min(i, j, k) < -0.5 or i > a - 0.5 or j > b - 0.5 or k > c - 0.5:
                out[row, column] = outside
            else:
                out[row, column] = trilinear(values, i, j, k)
    return out


@njit(cache=True)
def _through(origin, ahead, shape):  # type: ignore[no-untyped-def]
    """Where a ray (voxel coordinates) enters and leaves the field's box; enters > leaves: never."""
    enters, leaves = 0.0, 1e9
    for axis in range(3):
        last = shape[axis] - 1.0
        if abs(ahead[axis]) < 1e-9:
            if origin[axis] < 0 or origin[axis] > last:
                return 1.0, 0.0
            continue
        one = -origin[axis] / ahead[axis]
        other = (last - origin[axis]) / ahead[axis]
        enters = max(enters, min(one, other))
        leaves = min(leaves, max(one, other))
    return enters, leaves


@njit(cache=True)
def _march(field, step, origin, ahead):  # type: ignore[no-untyped-def]
    """Voxels along one ray to the field's surface, or inf."""
    t, leaves = _through(origin, ahead, field.shape)
    while t <= leaves:
        i = origin[0] + t * ahead[0]
        j = origin[1] + t * ahead[1]
        k = origin[2] + t * ahead[2]
        far = field[int(i + 0.5), int(j + 0.5), int(k + 0.5)] / step
        if far > _NEAR:
            t += far - 0.9  # half a voxel's diagonal, rounded up
            continue
        near = trilinear(field, i, j, k)
        if near < _REACHED:
            return t
        t += max(0.8 * near / step, 0.05)
    return np.inf


@njit(cache=True)
def _slope(field, i, j, k, reach):  # type: ignore[no-untyped-def]
    """The unit normal out of the surface, read over `reach` voxels so that steps do not show."""
    x = trilinear(field, i + reach, j, k) - trilinear(field, i - reach, j, k)
    y = trilinear(field, i, j + reach, k) - trilinear(field, i, j - reach, k)
    z = trilinear(field, i, j, k + reach) - trilinear(field, i, j, k - reach)
    long = max(np.sqrt(x * x + y * y + z * z), 1e-9)
    return x / long, y / long, z / long


@njit(cache=True)
def _openness(field, step, place, normal):  # type: ignore[no-untyped-def]
    """1 where the surface lies open, towards 0 in clefts: the field read outwards along it."""
    shut = 0.0
    for reach in (2.0, 5.0, 10.0):
        free = trilinear(
            field,
            place[0] + normal[0] * reach / step,
            place[1] + normal[1] * reach / step,
            place[2] + normal[2] * reach / step,
        )
        shut += max(reach - free, 0.0) / reach
    return max(1.0 - shut / 3.0, 0.0)


@njit(cache=True, parallel=True)
def cast_bone(field, step, start, right, down, ahead, shape):  # type: ignore[no-untyped-def]
    """What parallel rays meet of a signed distance field.

    Args:
        field: (i, j, k) float32 mm, negative inside, on cubic voxels along R, A, S.
        step: edge of a voxel, mm.
        start: (3,) voxel coordinates from which the first ray starts.
        right: (3,) voxels from one column to the next.
        down: (3,) voxels from one row to the next.
        ahead: (3,) unit, the rays' direction.
        shape: rows, columns.

    Returns:
        (rows, columns, 3) float32: depth in mm (inf where nothing is met), cosine between the
        surface and the viewer, openness 0 to 1.

    """
    rows, columns = shape
    out = np.zeros((rows, columns, 3), dtype=np.float32)
    for row in prange(rows):
        origin = np.empty(3)
        place = np.empty(3)
        normal = np.empty(3)
        for column in range(columns):
            for axis in range(3):
                origin[axis] = start[axis] + row * down[axis] + column * right[axis]
            t = _march(field, step, origin, ahead)
            out[row, column, 0] = t * step
            if t == np.inf:
                continue
            for axis in range(3):
                place[axis] = origin[axis] + t * ahead[axis]
            normal[0], normal[1], normal[2] = _slope(
                field, place[0], place[1], place[2], 1.2 / step
            )
            facing = -(normal[0] * ahead[0] + normal[1] * ahead[1] + normal[2] * ahead[2])
            out[row, column, 1] = max(facing, 0.0)
            out[row, column, 2] = _openness(field, step, place, normal)
    return out


@njit(cache=True)
def _cone_distance(cone, x, y, z):  # type: ignore[no-untyped-def]
    """Distance to a round cone, mm, and how far along its axis (mm) the nearest part lies."""
    px, py, pz = x - cone[0], y - cone[1], z - cone[2]
    bx, by, bz = cone[4] - cone[0], cone[5] - cone[1], cone[6] - cone[2]
    long = np.sqrt(bx * bx + by * by + bz * bz)
    square = px * px + py * py + pz * pz
    narrows = cone[3] - cone[7]
    if long <= abs(narrows) + 1e-9:  # one end's sphere holds the other's
        if narrows >= 0:
            return np.sqrt(square) - cone[3], 0.0
        px, py, pz = px - bx, py - by, pz - bz
        return np.sqrt(px * px + py * py + pz * pz) - cone[7], long
    along = (px * bx + py * by + pz * bz) / long
    off = np.sqrt(max(square - along * along, 0.0))
    lean = narrows / long  # sine of the half angle
    foot = along - off * lean / np.sqrt(1 - lean * lean)
    if foot <= 0:
        return np.sqrt(square) - cone[3], 0.0
    if foot >= long:
        return np.sqrt(off * off + (along - long) ** 2) - cone[7], long
    radius = cone[3] - lean * foot
    return np.sqrt(off * off + (along - foot) ** 2) - radius, foot


@njit(cache=True)
def _meet_cone(cone, origin, ahead):  # type: ignore[no-untyped-def]
    """How far along a ray (mm) a round cone is met, or inf: sphere tracing in its bounding ball."""
    cx = (cone[0] + cone[4]) / 2 - origin[0]
    cy = (cone[1] + cone[5]) / 2 - origin[1]
    cz = (cone[2] + cone[6]) / 2 - origin[2]
    bx, by, bz = cone[4] - cone[0], cone[5] - cone[1], cone[6] - cone[2]
    thick = max(cone[3], cone[7])
    nx = by * ahead[2] - bz * ahead[1]
    ny = bz * ahead[0] - bx * ahead[2]
    nz = bx * ahead[1] - by * ahead[0]
    gap = cx * nx + cy * ny + cz * nz  # the two lines' distance, times n's length
    if gap * gap > thick * thick * (nx * nx + ny * ny + nz * nz) + 1e-9:
        return np.inf
    size = np.sqrt(bx * bx + by * by + bz * bz) / 2 + thick + 0.1
    along = cx * ahead[0] + cy * ahead[1] + cz * ahead[2]
    off = cx * cx + cy * cy + cz * cz - along * along
    if off > size * size:
        return np.inf
    reach = np.sqrt(size * size - off)
    t = along - reach
    while t <= along + reach:
        d, _ = _cone_distance(
            cone, origin[0] + t * ahead[0], origin[1] + t * ahead[1], origin[2] + t * ahead[2]
        )
        if d < _REACHED:
            return t
        t += d
    return np.inf


@njit(cache=True)
def _span(cone, start, way):  # type: ignore[no-untyped-def]
    """The first and last pixel along `way` (mm a pixel) that a cone may cover."""
    long = np.sqrt(way[0] ** 2 + way[1] ** 2 + way[2] ** 2)
    low, high = np.inf, -np.inf
    for end in (0, 4):
        place = 0.0
        for axis in range(3):
            place += (cone[end + axis] - start[axis]) * way[axis] / long
        low = min(low, place - cone[end + 3])
        high = max(high, place + cone[end + 3])
    return low / long - 1, high / long + 1


@njit(cache=True, parallel=True)
def cast_cones(cones, start, right, down, ahead, shape):  # type: ignore[no-untyped-def]
    """What parallel rays meet of implants.

    Args:
        cones: (n, 8) mm RAS: one end (3) and its radius, the other end (3) and its radius.
        start: (3,) mm RAS from which the first ray starts.
        right: (3,) mm from one column to the next.
        down: (3,) mm from one row to the next, perpendicular to `right`.
        ahead: (3,) unit, the rays' direction, perpendicular to both.
        shape: rows, columns.

    Returns:
        (rows, columns, 4) float32: depth in mm (inf where nothing is met), cosine between
        surface and viewer, which cone (-1 for none), mm along its axis.

    """
    rows, columns = shape
    out = np.zeros((rows, columns, 4), dtype=np.float32)
    out[:, :, 0] = MISS
    out[:, :, 2] = -1
    spans = np.empty((len(cones), 4))
    for n in range(len(cones)):
        spans[n, 0], spans[n, 1] = _span(cones[n], start, down)
        spans[n, 2], spans[n, 3] = _span(cones[n], start, right)
    for row in prange(rows):
        origin = np.empty(3)
        for n in range(len(cones)):
            if row < spans[n, 0] or row > spans[n, 1]:
                continue
            first = max(int(spans[n, 2]), 0)
            for column in range(first, min(int(spans[n, 3]) + 1, columns)):
                for axis in range(3):
                    origin[axis] = start[axis] + row * down[axis] + column * right[axis]
                t = _meet_cone(cones[n], origin, ahead)
                if t < out[row, column, 0]:
                    out[row, column, 0] = t
                    out[row, column, 2] = n
        for column in range(columns):
            for axis in range(3):
                origin[axis] = start[axis] + row * down[axis] + column * right[axis]
            _shade(cones, out[row, column], origin, ahead)
    return out


@njit(cache=True)
def _shade(cones, pixel, origin, ahead):  # type: ignore[no-untyped-def]
    """Fill in the cosine and the place along the axis of the cone that a ray has met."""
    n = int(pixel[2])
    if n < 0:
        return
    x = origin[0] + pixel[0] * ahead[0]
    y = origin[1] + pixel[0] * ahead[1]
    z = origin[2] + pixel[0] * ahead[2]
    d, foot = _cone_distance(cones[n], x, y, z)
    pixel[3] = foot
    tiny = 1e-3
    slope = 0.0
    slope += (_cone_distance(cones[n], x + tiny, y, z)[0] - d) / tiny * ahead[0]
    slope += (_cone_distance(cones[n], x, y + tiny, z)[0] - d) / tiny * ahead[1]
    slope += (_cone_distance(cones[n], x, y, z + tiny)[0] - d) / tiny * ahead[2]
    pixel[1] = min(max(-slope, 0.0), 1.0)
