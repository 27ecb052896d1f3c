"""A screw under position error: its breach by direction in each of many seeded draws.

Errors turn about the dock (DEFINITIONS 6). Each draw's isthmus crossing, directions and
posterior wall are found anew, so a turned screw is judged as if it had been planned so.
"""

import numpy as np
from numba import njit, prange

from keyhole.kernels.field import ring
from keyhole.kernels.screw_search import FARTHEST, STEP, head_end


@njit(cache=True)
def _across(vector, axis, out):  # type: ignore[no-untyped-def]
    """The unit part of `vector` perpendicular to the unit `axis`."""
    along = vector[0] * axis[0] + vector[1] * axis[1] + vector[2] * axis[2]
    size = 0.0
    for n in range(3):
        out[n] = vector[n] - along * axis[n]
        size += out[n] * out[n]
    size = np.sqrt(size)
    for n in range(3):
        out[n] /= size


@njit(cache=True)
def _to_plane(point, ahead, place, normal):  # type: ignore[no-untyped-def]
    """The way along `ahead`, mm, from a point to a plane."""
    way, pace = 0.0, 0.0
    for n in range(3):
        way += (place[n] - point[n]) * normal[n]
        pace += ahead[n] * normal[n]
    return way / pace


@njit(cache=True, parallel=True)
def drawn_breaches(field, to_voxels, docks, aheads, radius, planes):  # type: ignore[no-untyped-def]
    """Breach of each drawn screw by direction.

    Args:
        field: (i, j, k) float32 signed distance, mm, negative inside.
        to_voxels: (3, 4) mm RAS -> voxel coordinates.
        docks: (n, 3) mm RAS, where each drawn screw meets the bone.
        aheads: (n, 3) unit, each drawn screw's direction.
        radius: mm.
        planes: (6, 3): isthmus centre and axis, a point of the posterior body wall and the
            vertebra's `front`, then its directions inward and up.

    Returns:
        (n, 4) mm outside: medial, cranial, lateral, caudal; negative is inside.

    """
    out = np.empty((len(docks), 4))
    for n in prange(len(docks)):
        ahead = aheads[n]
        to_isthmus = _to_plane(docks[n], ahead, planes[0], planes[1])
        wall = _to_plane(docks[n], ahead, planes[2], planes[3]) - to_isthmus
        world = np.empty((4, 3))
        for axis in range(3):
            world[0, axis] = docks[n, axis] + to_isthmus * ahead[axis]
            world[1, axis] = ahead[axis]
        _across(planes[4], ahead, world[2])
        up = planes[5] - (planes[5] * world[2]).sum() * world[2]
        _across(up, ahead, world[3])
        line = np.empty((4, 3))
        for row in range(4):
            for i in range(3):
                line[row, i] = to_voxels[i, 3] if row == 0 else 0.0
                for axis in range(3):
                    line[row, i] += to_voxels[i, axis] * world[row, axis]
        begin, start = head_end(field, line, -float(FARTHEST), radius)
        worst, least = np.full(4, np.inf), np.empty(4)
        s = begin
        while s <= max(wall, STEP):
            least[:] = np.inf
            ring(field, line, s, radius, least)
            for k in range(4):
                if s >= start or least[k] < 0:
                    worst[k] = min(worst[k], least[k])
            s += STEP
        for k in range(4):
            out[n, k] = -worst[k]
    return out
