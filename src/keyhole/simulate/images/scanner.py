"""A patient scanned: into any grid, however crooked."""

import numpy as np
from numpy.typing import NDArray

from keyhole.scan.labels import Labels
from keyhole.scan.volume import Volume
from keyhole.simulate.engine.solid import Block, Solid, sample
from keyhole.simulate.engine.tissue import tissue
from keyhole.simulate.patient import Phantom
from keyhole.space import Floats


def scan_patient(
    patient: Phantom,
    affine: Floats,
    shape: tuple[int, int, int],
    *,
    image: bool = True,
    noise_hu: float = 0.0,
    seed: int = 0,
) -> tuple[Volume | None, Labels]:
    """The image (int16 HU) and the label map of a patient on a grid.

    A voxel belongs to the last solid its centre lies in. The image mixes tissues by how much of
    a voxel they fill, so that walls thinner than a voxel fade as they do on a scanner.

    Args:
        patient: who is scanned.
        affine: (4, 4) voxel centre -> mm RAS.
        shape: voxels along i, j, k.
        image: False gives None in its place, in a third of the time.
        noise_hu: standard deviation of white noise in the image.
        seed: of the noise.

    """
    affine = np.asarray(affine, dtype=np.float64)
    voxel = float(np.cbrt(abs(np.linalg.det(affine[:3, :3]))))
    names = [solid.name for solid in patient.solids if solid.name]
    codes = np.zeros(shape, dtype=np.uint8)
    hu = np.full(shape, tissue("air").hu, dtype=np.float32) if image else None
    for solid in patient.solids:
        block = sample(solid.shape, affine, shape, band_mm=voxel + solid.cortex_mm)
        if block is None:
            continue
        if solid.name:
            codes[block.box][block.distances < 0] = names.index(solid.name) + 1
        if hu is not None:
            _paint(hu[block.box], solid, block, voxel)
    labels = Labels(Volume(codes, affine), names, schemes=("phantom",))
    return (None if hu is None else _developed(hu, affine, noise_hu, seed)), labels


def _paint(hu: NDArray[np.float32], solid: Solid, block: Block, voxel: float) -> None:
    """Mix a solid into its part of the image."""
    share = np.clip(0.5 - block.distances / voxel, 0, 1)
    own: NDArray[np.float32] | float = solid.tissue.hu
    if solid.cortex is not None:
        shell = np.clip(0.5 + (block.distances + solid.cortex_mm) / voxel, 0, 1)
        own = solid.tissue.hu + shell * (solid.cortex.hu - solid.tissue.hu)
    hu += share * (own - hu)


def _developed(hu: NDArray[np.float32], affine: Floats, noise_hu: float, seed: int) -> Volume:
    if noise_hu > 0:
        hu += np.random.default_rng(seed).normal(0, noise_hu, hu.shape).astype(np.float32)
    return Volume(np.clip(np.rint(hu), -1024, 3071).astype(np.int16), affine)
