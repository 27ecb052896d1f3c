"""Exact clearance of a chosen screw: branch and bound over its surface.

A cell of the surface (a stretch of s and of angle) cannot hold a value lower than its middle's
less `LIPSCHITZ` times the way to its corner; a cell that cannot lower the minimum by more than
the tolerance is dropped, every other is halved. A distance changes by at most 1 mm a mm; between
voxel centres the trilinear reading changes by at most sqrt(3), which is what is used.
"""

import numpy as np
from numba import njit, prange

from keyhole.kernels.field import on_surface, position_error, ring, trilinear
from keyhole.kernels.screw_search import STEP, head_end

LIPSCHITZ = 1.7320508
_REACH = np.radians(55.0)
"""Half a sector: 45 degrees and the 10 that it shares with its neighbour."""
_COLUMNS = 8
"""First cells across a sector."""
_DEEPER = 128
"""Room for halved cells: a cell of 1 mm is halved far less often before it is dropped."""


@njit(cache=True)
def _value(field, line, place, radius, dock, error):  # type: ignore[no-untyped-def]
    """Clearance less e(s) at (s, angle)."""
    free = -on_surface(field, line, place[0], place[1], radius)
    return free - position_error(place[0], dock, error[0], error[1])


@njit(cache=True)
def _least(field, line, radius, stretch, middle, dock, error, tolerance):  # type: ignore[no-untyped-def]
    """The least clearance less e(s) over a sector and a stretch of s, to the tolerance."""
    slope = 2 * np.sin(error[1] / 2)
    rows = max(int(np.ceil(stretch[1] - stretch[0])), 1)
    long, wide = (stretch[1] - stretch[0]) / rows / 2, _REACH / _COLUMNS
    stack = np.empty((rows * _COLUMNS + _DEEPER, 5))
    best, count = np.inf, 0
    for n in range(rows):
        for m in range(_COLUMNS):
            s = stretch[0] + (2 * n + 1) * long
            angle = middle - _REACH + (2 * m + 1) * wide
            value = _value(field, line, (s, angle), radius, dock, error)
            best = min(best, value)
            stack[count] = np.array([s, angle, long, wide, value])
            count += 1
    while count > 0:
        count -= 1
        s, angle, long, wide = stack[count, :4]
        across = radius * wide
        fall = LIPSCHITZ * np.sqrt(long * long + across * across) + slope * long
        if stack[count, 4] - fall >= best - tolerance:
            continue
        along = long > across
        for side in (-1, 1):
            here = (s + side * long / 2, angle) if along else (s, angle + side * wide / 2)
            value = _value(field, line, here, radius, dock, error)
            best = min(best, value)
            stack[count, 0], stack[count, 1] = here
            stack[count, 2], stack[count, 3] = (long / 2, wide) if along else (long, wide / 2)
            stack[count, 4] = value
            count += 1
    return best


@njit(cache=True, parallel=True)
def exact(field, lines, spans, radius, error, tolerance):  # type: ignore[no-untyped-def]
    """Clearances and guaranteed margins, exact to the tolerance.

    Args:
        field: (i, j, k) float32 signed distance, mm, negative inside.
        lines: (n, 4, 3), see `keyhole.kernels.field`.
        spans: (n, 2) mm from the crossing: dock, posterior body wall.
        radius: the tool's, mm.
        error: (shift mm, turn radians).
        tolerance: mm by which a reported minimum may lie above the true one.

    Returns:
        (n, 8) mm: clearance medial, cranial, lateral, caudal; margin likewise.

    """
    out = np.empty((len(lines), 8))
    none = (0.0, 0.0)
    for n in prange(len(lines)):
        line, dock, wall = lines[n], spans[n, 0], spans[n, 1]
        begin, start = head_end(field, line, dock, radius)
        for k in range(4):
            middle = k * np.pi / 2
            main = (start, wall)
            clear = _least(field, line, radius, main, middle, dock, none, tolerance)
            margin = _least(field, line, radius, main, middle, dock, error, tolerance)
            if begin < start:
                head = (begin, start)
                behind = _least(field, line, radius, head, middle, dock, none, tolerance)
                if behind < 0:
                    clear = min(clear, behind)
                    worse = _least(field, line, radius, head, middle, dock, error, tolerance)
                    margin = min(margin, worse)
            out[n, k], out[n, 4 + k] = clear, margin
    return out


@njit(cache=True, parallel=True)
def sampled(field, lines, stretch, radius):  # type: ignore[no-untyped-def]
    """Clearances of moved tools over one and the same stretch of each.

    Args:
        field: (i, j, k) float32 signed distance, mm, negative inside.
        lines: (n, 4, 3), see `keyhole.kernels.field`.
        stretch: (from, to) mm from each line's own point.
        radius: the tool's, mm.

    Returns:
        (n, 4) mm: medial, cranial, lateral, caudal, from samples every millimetre.

    """
    out = np.full((len(lines), 4), np.inf)
    for n in prange(len(lines)):
        s = stretch[0]
        while s < stretch[1]:
            ring(field, lines[n], s, radius, out[n])
            s += STEP
        ring(field, lines[n], stretch[1], radius, out[n])
    return out


@njit(cache=True)
def _uprightness(field, to_voxels, up, i, j, k):  # type: ignore[no-untyped-def]
    """|cosine| between `up` and the direction to the nearest surface."""
    gi = trilinear(field, i + 0.5, j, k) - trilinear(field, i - 0.5, j, k)
    gj = trilinear(field, i, j + 0.5, k) - trilinear(field, i, j - 0.5, k)
    gk = trilinear(field, i, j, k + 0.5) - trilinear(field, i, j, k - 0.5)
    size, along = 1e-12, 0.0
    for axis in range(3):
        g = gi * to_voxels[0, axis] + gj * to_voxels[1, axis] + gk * to_voxels[2, axis]
        size += g * g
        along += g * up[axis]
    return abs(along) / np.sqrt(size)


@njit(cache=True)
def _room(field, line, radius, stretch, up, to_voxels):  # type: ignore[no-untyped-def]
    """(walls, endplates) of one screw, mm."""
    walls, plates = np.inf, np.inf
    steps = max(int(np.ceil((stretch[1] - stretch[0]) / 0.25)), 1)
    for n in range(steps + 9):
        s = stretch[0] + (stretch[1] - stretch[0]) * min(n, steps) / steps
        r = radius if n <= steps else radius * (n - steps - 1) / 8
        for m in range(48):
            angle = m * np.pi / 24
            a, b = r * np.cos(angle), r * np.sin(angle)
            i = line[0, 0] + s * line[1, 0] + a * line[2, 0] + b * line[3, 0]
            j = line[0, 1] + s * line[1, 1] + a * line[2, 1] + b * line[3, 1]
            k = line[0, 2] + s * line[1, 2] + a * line[2, 2] + b * line[3, 2]
            free = -trilinear(field, i, j, k)
            if free >= walls and free >= plates:
                continue
            if _uprightness(field, to_voxels, up, i, j, k) > np.sqrt(0.5):
                plates = min(plates, free)
            else:
                walls = min(walls, free)
    return walls, plates


@njit(cache=True, parallel=True)
def body_room(field, lines, radius, stretches, up, to_voxels):  # type: ignore[no-untyped-def]
    """Free distance of the part in the body: to front and side walls, and to the endplates.

    Which of them a point faces is told by the direction to its nearest surface: within 45
    degrees of `up` it is an endplate. Sampled every 0.25 mm along and 7.5 degrees round, the
    tip's face included.

    Args:
        field: (i, j, k) float32 signed distance, mm, negative inside.
        lines: (n, 4, 3), see `keyhole.kernels.field`.
        radius: the tool's, mm.
        stretches: (n, 2) mm from the crossing: posterior wall, tip.
        up: (3,) the body's.
        to_voxels: (3, 3) mm -> voxels.

    Returns:
        (n, 2) mm: walls, endplates; inf where no point faces one.

    """
    out = np.empty((len(lines), 2))
    for n in prange(len(lines)):
        walls, plates = _room(field, lines[n], radius, stretches[n], up, to_voxels)
        out[n, 0], out[n, 1] = walls, plates
    return out
