"""A patient scanned: into any grid, however crooked, by CT, MR or as labels alone."""

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from keyhole.scan.labels import Labels, Parts
from keyhole.scan.volume import Volume
from keyhole.simulate.engine.tissue import Tissue
from keyhole.simulate.images.canvas import Coat
from keyhole.simulate.images.ct import Ct
from keyhole.simulate.images.exposure import Exposure, expose
from keyhole.simulate.images.grids import Grid
from keyhole.simulate.patient import Phantom
from keyhole.space import Floats


class Scanner(Protocol):
    """What turns tissues into an image: `Ct`, `Mr`."""

    def look(self, tissue: Tissue, /) -> tuple[float, float]:
        """Value and grain (standard deviation) of a tissue."""

    def developed(
        self, seen: Exposure, affine: Floats, seed: int, threads: int | None
    ) -> NDArray[Any]:
        """The image of an exposure, which may be overwritten."""


def scan_patient(
    patient: Phantom,
    affine: Floats,
    shape: tuple[int, int, int],
    *,
    image: bool = True,
    noise_hu: float = 0.0,
    seed: int = 0,
) -> tuple[Volume | None, Labels]:
    """The CT image (int16 HU) and the label map of a patient on a grid, without blur or grain.

    Args:
        patient: who is scanned.
        affine: (4, 4) voxel centre -> mm RAS.
        shape: voxels along i, j, k.
        image: False gives None in its place, in a third of the time.
        noise_hu: standard deviation of white noise in the image.
        seed: of the noise.

    """
    scanner = Ct(noise_hu=noise_hu, grain=False) if image else None
    return acquire(patient, (np.asarray(affine, np.float64), shape), scanner, seed=seed)


def acquire(
    patient: Phantom,
    grid: Grid,
    scanner: Scanner | None,
    *,
    seed: int = 0,
    threads: int | None = None,
) -> tuple[Volume | None, Labels]:
    """What a scanner makes of a patient, and the label map with its parts.

    A voxel belongs to the last solid its centre lies in, and to the nearest of its parts. The
    image mixes tissues by how much of a voxel they fill, so that walls thinner than a voxel
    fade as they do on a scanner. The same seed gives the same arrays with any number of threads.

    Args:
        patient: who is scanned.
        grid: affine (4, 4) voxel centre -> mm RAS, and the voxels along i, j, k.
        scanner: `Ct` or `Mr`; None for labels alone.
        seed: of noise and grain.
        threads: how many paint; one a core where None.

    """
    affine = np.asarray(grid[0], np.float64)
    names, parts, coats = _coats(patient)
    seen = expose(coats, (affine, grid[1]), scanner.look if scanner else None, threads)
    volume = None
    if scanner is not None:
        volume = Volume(scanner.developed(seen, affine, seed, threads), affine)
    refined = Parts(Volume(seen.parts, affine), parts) if parts else None
    labels = Labels(Volume(seen.codes, affine), names, schemes=("phantom",), parts=refined)
    return volume, labels


def _coats(patient: Phantom) -> tuple[list[str], list[str], list[Coat]]:
    """The names of structures and of parts, each in order, and the solids with their codes."""
    names = list(dict.fromkeys(solid.name for solid in patient.solids if solid.name))
    parts = list(dict.fromkeys(p.name for solid in patient.solids for p in solid.parts))
    coats = [
        Coat(
            solid,
            names.index(solid.name) + 1 if solid.name else 0,
            tuple(parts.index(part.name) + 1 for part in solid.parts),
        )
        for solid in patient.solids
    ]
    return names, parts, coats
