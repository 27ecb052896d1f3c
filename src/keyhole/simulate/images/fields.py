"""Smoothing and noise over whole grids, by several threads, the same for any number of them."""

from concurrent.futures import ThreadPoolExecutor
from typing import Literal

import numpy as np
from attrs import frozen
from numpy.typing import NDArray
from scipy import ndimage

from keyhole.simulate.images.exposure import Triple, workers
from keyhole.space import Floats

Image = NDArray[np.float32]

FWHM_A_SIGMA = float(2 * np.sqrt(2 * np.log(2)))
_SLAB = 16
"""Rows that one stream of random numbers fills; part of what a seed means."""
_REACH = 3.0
"""Standard deviations after which a Gaussian is cut off."""


Mode = Literal["nearest", "wrap"]
"""What lies beyond an image's border: its outermost voxels, or its other end."""


@frozen
class Blur:
    """A point-spread: full widths at half maximum, mm, within a slice (i, j) and through it (k)."""

    within_mm: float = 0.0
    through_mm: float = 0.0

    def kernels(self, spacing: Floats) -> list[Floats]:
        """The Gaussian along i, j and k, as weights that sum to 1."""
        widths = np.array([self.within_mm, self.within_mm, self.through_mm])
        return [_gaussian(sigma) for sigma in (widths / FWHM_A_SIGMA / spacing).tolist()]


SHARP = Blur()


def _gaussian(sigma: float) -> Floats:
    reach = int(np.ceil(_REACH * sigma))
    ticks = np.arange(-reach, reach + 1)
    weights = np.exp(-0.5 * (ticks / max(sigma, 1e-6)) ** 2)
    return np.asarray(weights / weights.sum())


def smooth(image: Image, kernels: list[Floats], threads: int | None, *, mode: Mode) -> None:
    """Convolve an image in place with a kernel along each axis."""
    for axis, kernel in enumerate(kernels):
        if len(kernel) > 1:
            _along(image, axis, kernel, threads, mode)


def _along(image: Image, axis: int, kernel: Floats, threads: int | None, mode: Mode) -> None:
    across = 1 if axis == 0 else 0

    def slab(start: int) -> None:
        part = image[start : start + _SLAB] if across == 0 else image[:, start : start + _SLAB]
        ndimage.correlate1d(part, kernel, axis=axis, output=part, mode=mode)

    with ThreadPoolExecutor(workers(threads)) as pool:
        list(pool.map(slab, range(0, image.shape[across], _SLAB)))


def noise(shape: Triple, kernels: list[Floats], seed: int, threads: int | None) -> Image:
    """Gaussian noise (i, j, k) of standard deviation 1, correlated as an image so blurred is."""
    field = np.empty(shape, np.float32)
    streams = np.random.SeedSequence(seed).spawn(-(-shape[0] // _SLAB))

    def slab(n: int) -> None:
        part = field[n * _SLAB : (n + 1) * _SLAB]
        np.random.default_rng(streams[n]).standard_normal(dtype=np.float32, out=part)

    with ThreadPoolExecutor(workers(threads)) as pool:
        list(pool.map(slab, range(len(streams))))
    fits = [k if len(k) <= n else np.ones(1) for k, n in zip(kernels, shape, strict=True)]
    smooth(field, fits, threads, mode="wrap")
    field /= np.float32(np.prod([np.sqrt((kernel**2).sum()) for kernel in fits]))
    return field
