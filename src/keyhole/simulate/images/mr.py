"""An MR scanner: spin-echo signal of the tissues, blurred, shaded by its coil, with Rician noise.

    signal = spins * (1 - exp(-TR / T1)) * exp(-TE / T2)

Fat stands at a fixed grey value. Flow, chemical shift and pulsation are not modelled.
"""

from typing import Any, Literal

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from keyhole.simulate.engine.tissue import Tissue, tissue
from keyhole.simulate.images.ct import scanner_table
from keyhole.simulate.images.exposure import Exposure, Triple
from keyhole.simulate.images.fields import SHARP, Blur, Image, noise, smooth
from keyhole.space import Floats

Weighting = Literal["t1", "t2"]
Storage = Literal["int16", "uint16", "float32"]


@frozen
class Coil:
    """A surface coil: signal halves every `halving_mm` along `away` (3,) from `place`, mm RAS."""

    place: tuple[float, float, float]
    away: tuple[float, float, float]
    halving_mm: float

    def sensitivity(self, affine: Floats, shape: Triple) -> Image:
        """(i, j, k) what a signal is multiplied by; 1 at `place`."""
        steps = np.asarray(self.away) @ affine[:3, :3]
        start = np.asarray(self.away) @ (affine[:3, 3] - np.asarray(self.place))
        ticks = [np.arange(n) * step for n, step in zip(shape, steps, strict=True)]
        i, j, k = (np.exp2(-ahead / self.halving_mm).astype(np.float32) for ahead in ticks)
        first = np.float32(np.exp2(-start / self.halving_mm))
        return np.asarray(first * i[:, None, None] * j[:, None] * k)


@frozen
class Mr:
    """An MR scanner with one sequence.

    Attributes:
        tr_ms, te_ms: repetition and echo time.
        blur: the point-spread.
        noise_share: standard deviation of each channel's noise, as a share of fat's signal.
        coil: shading; None for an even field.
        storage: kind of number.

    """

    tr_ms: float
    te_ms: float
    blur: Blur = SHARP
    noise_share: float = 0.0
    coil: Coil | None = None
    storage: Storage = "int16"

    @classmethod
    def named(cls, weighting: Weighting, *, coil: Coil | None = None) -> "Mr":
        """A sequence of `scanners.toml`. Raises KeyError."""
        row = scanner_table()["mr"][weighting]
        blur = Blur(row["within_mm"], row["through_mm"])
        return cls(row["tr_ms"], row["te_ms"], blur, row["noise_share"], coil)

    def signal(self, tissue: Tissue) -> float:
        """The spin-echo equation, in units of a full magnetisation's spins."""
        recovered = 1 - np.exp(-self.tr_ms / tissue.t1)
        return float(tissue.pd * recovered * np.exp(-self.te_ms / tissue.t2))

    def look(self, seen: Tissue) -> tuple[float, float]:
        """Grey value and grain of a tissue."""
        table = scanner_table()["signal"]
        value = self.signal(seen) / self.signal(tissue("fat")) * table["fat"]
        return value, table["grain_share"] * value

    def developed(
        self, seen: Exposure, affine: Floats, seed: int, threads: int | None
    ) -> NDArray[Any]:
        """The image of what was seen; the exposure is used up."""
        image, texture, shape = seen.value, seen.grain, seen.codes.shape
        kernels = self.blur.kernels(np.linalg.norm(affine[:3, :3], axis=0))
        flat = [np.ones(1)] * 3
        smooth(image, kernels, threads, mode="nearest")
        texture *= noise(shape, kernels, seed, threads)
        image += texture
        if self.coil is not None:
            image *= self.coil.sensitivity(affine, shape)
        sd = np.float32(self.noise_share * scanner_table()["signal"]["fat"])
        if sd:
            image += sd * noise(shape, flat, seed + 1, threads)
        other = sd * noise(shape, flat, seed + 2, threads) if sd else np.float32(0)
        np.hypot(image, other, out=image)
        return (
            image if self.storage == "float32" else np.rint(image, out=image).astype(self.storage)
        )
