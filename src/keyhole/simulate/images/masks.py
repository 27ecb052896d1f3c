"""Growing, shrinking and closing parts of a label map by millimetres."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from keyhole.scan.labels import Box, Labels
from keyhole.space import Floats

Mask = NDArray[np.bool_]


def boxed(labels: Labels, names: Iterable[str], margin_mm: float) -> tuple[Box, NDArray[np.uint8]]:
    """The box round structures that are there, widened, and the codes in it (a view)."""
    boxes = [labels.boxes[name] for name in names]
    pad = np.ceil(margin_mm / labels.volume.spacing).astype(int) + 1
    a, b, c = (
        slice(
            max(min(box[axis].start for box in boxes) - int(pad[axis]), 0),
            max(box[axis].stop for box in boxes) + int(pad[axis]),
        )
        for axis in range(3)
    )
    return (a, b, c), labels.volume.values[a, b, c]


def outward(mask: Mask, spacing: Floats) -> NDArray[np.float32]:
    """From every voxel's centre to the nearest one in the mask, mm; inf where there is none."""
    if not mask.any():
        return np.full(mask.shape, np.inf, np.float32)
    return np.asarray(ndimage.distance_transform_edt(~mask, sampling=spacing), np.float32)


def near(mask: Mask, spacing: Floats, mm: float) -> Mask:
    """The mask grown by millimetres."""
    return np.asarray(outward(mask, spacing) <= mm)


def deep(mask: Mask, spacing: Floats, mm: float) -> Mask:
    """The mask shrunk by millimetres."""
    return np.asarray(outward(~mask, spacing) > mm)


def closed(mask: Mask, spacing: Floats, mm: float) -> Mask:
    """The mask with gaps up to twice this filled. The box has to leave room round it."""
    return deep(near(mask, spacing, mm), spacing, mm)
