"""Plane cuts through a signed distance field: area and centroid of the piece round a seed."""

import numpy as np
from numba import njit, prange

from keyhole.kernels.field import trilinear

PIXELS = 81
"""Samples along each side of the square looked at."""


@njit(cache=True, parallel=True)
def resample(field, matrix, start, shape, outside):  # type: ignore[no-untyped-def]
    """`field` at matrix @ (a, b, c) + start voxels, float32; `outside` beyond the field."""
    ni, nj, nk = field.shape
    out = np.empty(shape, dtype=np.float32)
    for a in prange(shape[0]):
        for b in range(shape[1]):
            for c in range(shape[2]):
                x = matrix[0, 0] * a + matrix[0, 1] * b + matrix[0, 2] * c + start[0]
                y = matrix[1, 0] * a + matrix[1, 1] * b + matrix[1, 2] * c + start[1]
                z = matrix[2, 0] * a + matrix[2, 1] * b + matrix[2, 2] * c + start[2]
                beyond = min(min(x, y), z) < -0.5 or (x > ni - 0.5 or y > nj - 0.5 or z > nk - 0.5)
                out[a, b, c] = outside if beyond else trilinear(field, x, y, z)
    return out


@njit(cache=True)
def section(field, to_voxels, centre, u, v, step):  # type: ignore[no-untyped-def]
    """Distances (PIXELS, PIXELS) on the plane through `centre` spanned by the unit u and v."""
    half = (PIXELS - 1) // 2
    out = np.empty((PIXELS, PIXELS), dtype=np.float32)
    for p in range(PIXELS):
        for q in range(PIXELS):
            a, b = (p - half) * step, (q - half) * step
            x = centre[0] + a * u[0] + b * v[0]
            y = centre[1] + a * u[1] + b * v[1]
            z = centre[2] + a * u[2] + b * v[2]
            out[p, q] = trilinear(
                field,
                to_voxels[0, 0] * x + to_voxels[0, 1] * y + to_voxels[0, 2] * z + to_voxels[0, 3],
                to_voxels[1, 0] * x + to_voxels[1, 1] * y + to_voxels[1, 2] * z + to_voxels[1, 3],
                to_voxels[2, 0] * x + to_voxels[2, 1] * y + to_voxels[2, 2] * z + to_voxels[2, 3],
            )
    return out


@njit(cache=True)
def piece(distances):  # type: ignore[no-untyped-def]
    """The connected inside piece nearest the middle, and whether it runs off the square."""
    n = distances.shape[0]
    half = (n - 1) // 2
    taken = np.zeros((n, n), dtype=np.bool_)
    best, p0, q0 = 1e9, -1, -1
    for p in range(n):
        for q in range(n):
            away = (p - half) ** 2 + (q - half) ** 2
            if distances[p, q] < 0 and away < best:
                best, p0, q0 = away, p, q
    if p0 < 0:
        return taken, True
    stack = np.empty((n * n, 2), dtype=np.int32)
    stack[0, 0], stack[0, 1] = p0, q0
    taken[p0, q0] = True
    count, off = 1, False
    while count > 0:
        count -= 1
        p, q = stack[count, 0], stack[count, 1]
        if p == 0 or q == 0 or p == n - 1 or q == n - 1:
            off = True
            continue
        for way in range(4):
            a = p + (1 if way == 0 else -1 if way == 1 else 0)
            b = q + (1 if way == 2 else -1 if way == 3 else 0)
            if distances[a, b] < 0 and not taken[a, b]:
                taken[a, b] = True
                stack[count, 0], stack[count, 1] = a, b
                count += 1
    return taken, off


@njit(cache=True)
def area_of_piece(distances, taken, step):  # type: ignore[no-untyped-def]
    """Area, mm2, and centroid (mm along u and v) with edge pixels weighed by their distance."""
    n = distances.shape[0]
    half = (n - 1) // 2
    area, su, sv = 0.0, 0.0, 0.0
    for p in range(1, n - 1):
        for q in range(1, n - 1):
            near = (
                taken[p, q]
                or taken[p - 1, q]
                or taken[p + 1, q]
                or taken[p, q - 1]
                or taken[p, q + 1]
            )
            if not near:
                continue
            weight = min(max(0.5 - distances[p, q] / step, 0.0), 1.0)
            area += weight
            su += weight * (p - half)
            sv += weight * (q - half)
    if area == 0.0:
        return np.inf, 0.0, 0.0
    return area * step * step, su / area * step, sv / area * step


@njit(cache=True, parallel=True)
def cut_areas(field, to_voxels, centres, us, vs, step):  # type: ignore[no-untyped-def]
    """(n, 3): area mm2 (inf where the piece runs off the square) and its centroid along u, v."""
    out = np.empty((len(centres), 3), dtype=np.float64)
    for row in prange(len(centres)):
        distances = section(field, to_voxels, centres[row], us[row], vs[row], step)
        taken, off = piece(distances)
        area, su, sv = area_of_piece(distances, taken, step)
        out[row, 0] = np.inf if off else area
        out[row, 1], out[row, 2] = su, sv
    return out
