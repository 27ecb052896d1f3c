"""A signed distance field laid out along a frame: right, front, up."""

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from keyhole.kernels.cut import resample
from keyhole.scan.volume import Volume
from keyhole.space import Floats, Frame


@frozen
class LocalGrid:
    """Distances (a, b, c) along right, front, up of `frame`; ticks (a,), (b,), (c,) mm.

    `inside` is where there is bone.
    """

    frame: Frame
    distances: NDArray[np.float32] = field(repr=False)
    inside: NDArray[np.bool_] = field(repr=False)
    right: Floats = field(repr=False)
    front: Floats = field(repr=False)
    up: Floats = field(repr=False)


def local_grid(
    bone: Volume, frame: Frame, reach: tuple[float, float, float], step: float
) -> LocalGrid:
    """Sample `bone` (mm, negative inside) round a frame, +-reach mm, every `step` mm.

    What lies beyond the field reads as far outside.
    """
    ticks = [np.arange(-r, r + step / 2, step) for r in reach]
    to_voxels = np.linalg.inv(bone.affine)
    matrix = to_voxels[:3, :3] @ frame.axes
    start = to_voxels[:3, :3] @ (frame.to_patient([t[0] for t in ticks])) + to_voxels[:3, 3]
    shape = (len(ticks[0]), len(ticks[1]), len(ticks[2]))
    distances = resample(bone.values, matrix * step, start, shape, np.float32(100))
    return LocalGrid(frame, distances, distances < 0, *ticks)
