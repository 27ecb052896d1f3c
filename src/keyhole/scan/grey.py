"""Grey values in the smallest type that holds them: no float64 volume, CT in int16."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

_INT16 = np.iinfo(np.int16)


def compact(values: NDArray[Any]) -> NDArray[Any]:
    """Whole numbers as uint8, int16 or uint16 where they fit, all else as float32."""
    if values.size == 0 or values.dtype.newbyteorder("=") in (np.uint8, np.int16, np.uint16):
        return values.astype(values.dtype.newbyteorder("="), copy=False)
    if values.dtype.kind == "f":
        whole = bool(np.isfinite(values).all()) and bool((values == np.rint(values)).all())
        if not whole:
            return values.astype(np.float32, copy=False)
    low, high = values.min(), values.max()
    for kind in (np.int16, np.uint16):
        if np.iinfo(kind).min <= low and high <= np.iinfo(kind).max:
            return values.astype(kind)
    return values.astype(np.float32, copy=False)


def as_hounsfield(values: NDArray[Any]) -> NDArray[np.int16]:
    """HU as int16, rounded; beyond -32768 to 32767 HU clipped."""
    if values.dtype == np.int16:
        return values
    rounded = np.rint(values) if values.dtype.kind == "f" else values
    return np.clip(rounded, _INT16.min, _INT16.max).astype(np.int16)
