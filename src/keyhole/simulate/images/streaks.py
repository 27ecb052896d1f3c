"""Streaks on CT: what is left of the beam along rays that pass through much bone or metal.

A simple model with rays of one direction, from the patient's left to his right, where hips,
shoulders and pairs of screws lie behind one another. Along each ray the image's own attenuation
is summed. Where fewer quanta arrive than along the median ray of the body, noise grows with the
root of what is lost, and each ray carries an error of its own along its whole length
(photon starvation). Rays lose their soft part in dense matter, and what lies on them comes out
too dark, by so much a millimetre of it (beam hardening). The numbers are in `scanners.toml`.
"""

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from keyhole.simulate.images.fields import Image
from keyhole.space import Floats

_BODY_HU = -500.0
_METAL_HU = 3000.0


@frozen
class Beam:
    """How rays weaken: attenuation of water, 1/mm; where hardening starts, HU, and its strength.

    `starvation_hu` is the error of a ray whose noise has doubled; `hardening_hu` the darkening
    by a millimetre of what exceeds `dense_hu`, as a share of water's attenuation.
    """

    water_mm: float
    dense_hu: float
    hardening_hu: float
    starvation_hu: float
    most_growth: float


@frozen
class Rays:
    """What the rays of an image do to it: `axis` they run along; arrays with length 1 there.

    `growth`: how many times noise is greater than on the median ray; `shade`: HU to be added.
    """

    axis: int
    growth: NDArray[np.float32]
    shade: NDArray[np.float32]


def rays(image: Image, affine: Floats, beam: Beam, dose: float, seed: int) -> Rays:
    """Streaks of an image in HU; `dose` 0 is none, 1 the beam's own, more is more."""
    axis = int(np.abs(affine[0, :3]).argmax())
    step_mm = float(np.linalg.norm(affine[:3, axis]))
    water = np.maximum(image, -1000) / 1000 + 1
    paths = water.sum(axis=axis, keepdims=True, dtype=np.float64) * step_mm * beam.water_mm
    in_body = (image > _BODY_HU).any(axis=axis, keepdims=True)
    usual = float(np.median(paths[in_body])) if in_body.any() else 0.0
    lost = np.clip((paths - usual) / 2, 0, np.log(beam.most_growth))
    growth = 1 + dose * (np.exp(lost) - 1)
    excess = np.maximum(image - beam.dense_hu, 0).sum(axis=axis, keepdims=True, dtype=np.float64)
    darkening = beam.hardening_hu * excess / 1000 * step_mm
    errors = np.random.default_rng([seed, 1]).standard_normal(paths.shape)
    shade = errors * beam.starvation_hu * (growth - 1) - dose * darkening
    return Rays(axis, growth.astype(np.float32), np.where(in_body, shade, 0).astype(np.float32))
