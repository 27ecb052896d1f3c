"""Reading a signed distance field along a tool: the device functions every search shares.

Vocabulary: *line*, (4, 3): the point where the tool's axis crosses the isthmus' plane (voxel
coordinates), then the tool's directions ahead, medial and cranial (voxels per mm). A place on
the tool's surface is (s, angle): `s` mm ahead of the crossing, the angle from medial towards
cranial. Only arithmetic on scalars and arrays, so that a CUDA kernel may call the same.
"""

import numpy as np
from numba import njit

ANGLES = 24
"""Samples round the tool; every 15 degrees."""
SECTORS = 4
"""Medial, cranial, lateral, caudal."""
_COS = np.cos(np.arange(ANGLES) * (2 * np.pi / ANGLES))
_SIN = np.sin(np.arange(ANGLES) * (2 * np.pi / ANGLES))
_EDGE = ANGLES // (2 * SECTORS)
"""Samples from a sector's middle to its border at 45 degrees."""
_SECTOR = ((np.arange(ANGLES) + _EDGE) // (2 * _EDGE)) % SECTORS
_ALSO = np.where(
    (np.arange(ANGLES) + _EDGE) % (2 * _EDGE) == 0, (_SECTOR + SECTORS - 1) % SECTORS, _SECTOR
)
"""Each sample's sector, and the other one for those at a border (DEFINITIONS 4: within 10
degrees of a border both sectors get the value)."""
_SCATTER = (5 * np.arange(ANGLES)) % ANGLES
"""An order that meets every side early."""
STEEPEST = 1.1
"""Bound for the fall of a sampled distance, mm a mm, where a full test follows anyway."""


@njit(cache=True)
def trilinear(field, i, j, k):  # type: ignore[no-untyped-def]
    """The field between voxels; beyond the outermost centres their value.

    Args:
        field: (ni, nj, nk) float32.
        i: voxel coordinate along the first axis.
        j: along the second.
        k: along the third.

    """
    ni, nj, nk = field.shape
    i = min(max(i, 0.0), ni - 1.0)
    j = min(max(j, 0.0), nj - 1.0)
    k = min(max(k, 0.0), nk - 1.0)
    i0, j0, k0 = np.uint32(i), np.uint32(j), np.uint32(k)
    i1 = np.uint32(min(i0 + 1, ni - 1))
    j1 = np.uint32(min(j0 + 1, nj - 1))
    k1 = np.uint32(min(k0 + 1, nk - 1))
    x, y, z = i - i0, j - j0, k - k0
    a, b = field[i0, j0, k0], field[i0, j0, k1]
    c, d = field[i0, j1, k0], field[i0, j1, k1]
    low, high = a + (b - a) * z, c + (d - c) * z
    near = low + (high - low) * y
    a, b = field[i1, j0, k0], field[i1, j0, k1]
    c, d = field[i1, j1, k0], field[i1, j1, k1]
    low, high = a + (b - a) * z, c + (d - c) * z
    far = low + (high - low) * y
    return near + (far - near) * x


@njit(cache=True)
def on_axis(field, line, s):  # type: ignore[no-untyped-def]
    """The field on the tool's axis."""
    return trilinear(
        field,
        line[0, 0] + s * line[1, 0],
        line[0, 1] + s * line[1, 1],
        line[0, 2] + s * line[1, 2],
    )


@njit(cache=True)
def on_surface(field, line, s, angle, radius):  # type: ignore[no-untyped-def]
    """The field on the tool's surface."""
    a, b = radius * np.cos(angle), radius * np.sin(angle)
    return trilinear(
        field,
        line[0, 0] + s * line[1, 0] + a * line[2, 0] + b * line[3, 0],
        line[0, 1] + s * line[1, 1] + a * line[2, 1] + b * line[3, 1],
        line[0, 2] + s * line[1, 2] + a * line[2, 2] + b * line[3, 2],
    )


@njit(cache=True)
def covered(field, line, s, radius, spare):  # type: ignore[no-untyped-def]
    """Whether the whole ring at `s` lies inside by at least `spare` mm."""
    i = line[0, 0] + s * line[1, 0]
    j = line[0, 1] + s * line[1, 1]
    k = line[0, 2] + s * line[1, 2]
    deep = -trilinear(field, i, j, k)
    if deep >= STEEPEST * radius + spare:
        return True
    for m in range(ANGLES):
        n = _SCATTER[m]
        a, b = radius * _COS[n], radius * _SIN[n]
        value = trilinear(
            field,
            i + a * line[2, 0] + b * line[3, 0],
            j + a * line[2, 1] + b * line[3, 1],
            k + a * line[2, 2] + b * line[3, 2],
        )
        if value > -spare:
            return False
    return True


@njit(cache=True)
def ring(field, line, s, radius, least):  # type: ignore[no-untyped-def]
    """Lower `least` (4,) to the clearance of the ring at `s` in each sector."""
    i = line[0, 0] + s * line[1, 0]
    j = line[0, 1] + s * line[1, 1]
    k = line[0, 2] + s * line[1, 2]
    for n in range(ANGLES):
        a, b = radius * _COS[n], radius * _SIN[n]
        free = -trilinear(
            field,
            i + a * line[2, 0] + b * line[3, 0],
            j + a * line[2, 1] + b * line[3, 1],
            k + a * line[2, 2] + b * line[3, 2],
        )
        one, other = _SECTOR[n], _ALSO[n]
        least[one] = min(least[one], free)
        least[other] = min(least[other], free)


@njit(cache=True)
def position_error(s, dock, shift, turn):  # type: ignore[no-untyped-def]
    """e(s) = T + 2 |s - dock| sin(theta / 2), mm; `turn` in radians (DEFINITIONS 6)."""
    return shift + 2 * abs(s - dock) * np.sin(turn / 2)
