"""A CT scanner: tissues in HU, blurred, grainy, streaked by order, stored as whole numbers."""

from functools import cache
from typing import Any, Literal

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from keyhole.shipped import shipped
from keyhole.simulate.engine.tissue import Tissue
from keyhole.simulate.images.exposure import Exposure
from keyhole.simulate.images.fields import SHARP, Blur, Image, noise, smooth
from keyhole.simulate.images.streaks import Beam, rays
from keyhole.space import Floats

Storage = Literal["int16", "int32", "float32"]
LOWEST_HU, HIGHEST_HU = -1024, 3071
"""The ends of the usual twelve bits; what lies beyond is stored as the end itself."""


@cache
def scanner_table() -> dict[str, Any]:
    """The packaged `scanners.toml`."""
    return shipped(__package__, "scanners.toml")


def _beam() -> Beam:
    return Beam(**{k: v for k, v in scanner_table()["beam"].items() if k != "source"})


@frozen
class Ct:
    """A CT scanner.

    Attributes:
        blur: the point-spread; noise and grain are correlated by it too.
        noise_hu: standard deviation of the quantum noise on the median ray.
        grain: whether tissues show their own texture.
        streaks: dose of starvation and hardening between dense parts; 0 is none.
        storage: kind of number; whole numbers are rounded. All are clipped to the usual scale.

    """

    blur: Blur = SHARP
    noise_hu: float = 0.0
    grain: bool = True
    streaks: float = 0.0
    storage: Storage = "int16"
    beam: Beam = field(factory=_beam, repr=False)

    @classmethod
    def named(cls, name: str, *, streaks: float = 0.0) -> "Ct":
        """A scanner of `scanners.toml`. Raises KeyError."""
        row = scanner_table()["ct"][name]
        blur = Blur(row["within_mm"], row["through_mm"])
        return cls(blur, row["noise_hu"], grain=row["noise_hu"] > 0, streaks=streaks)

    def look(self, tissue: Tissue) -> tuple[float, float]:
        """HU and grain of a tissue."""
        return tissue.hu, tissue.hu_sd if self.grain else 0.0

    def developed(
        self, seen: Exposure, affine: Floats, seed: int, threads: int | None
    ) -> NDArray[Any]:
        """The image, HU, of what was seen; the exposure is used up."""
        image = seen.value
        kernels = self.blur.kernels(np.linalg.norm(affine[:3, :3], axis=0))
        smooth(image, kernels, threads, mode="nearest")
        spread: Image | float = self.noise_hu
        if self.streaks:
            found = rays(image, affine, self.beam, self.streaks, seed)
            spread = self.noise_hu * found.growth
            image += found.shade
        if self.noise_hu or self.grain:
            texture = np.hypot(seen.grain, np.float32(spread), out=seen.grain)
            texture *= noise(seen.codes.shape, kernels, seed, threads)
            image += texture
        np.clip(image, LOWEST_HU, HIGHEST_HU, out=image)
        return (
            image if self.storage == "float32" else np.rint(image, out=image).astype(self.storage)
        )
