"""A phantom written as files: `ct.nii.gz`, `labels.nii.gz`, `truth.json`."""

import gzip
import json
import os
import tempfile
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
from numpy.typing import NDArray

from keyhole.errors import OutputError
from keyhole.scan.labels import Labels
from keyhole.scan.schemes import load_scheme
from keyhole.simulate.images.grids import standard_grid
from keyhole.simulate.images.scanner import scan_patient
from keyhole.simulate.patient import Phantom, phantom
from keyhole.simulate.truth.vertebra import EndplateTruth, VertebraTruth
from keyhole.space import Floats

SCHEMA = "keyhole.truth/0"
_DIGITS = 4


def write_phantom(
    folder: Path,
    *,
    seed: int = 0,
    spacing_mm: float = 1.5,
    noise_hu: float = 15.0,
    patient: Phantom | None = None,
) -> Phantom:
    """Write a phantom's scan, label map and truth; each file is complete or not there.

    The map carries the ids of TotalSegmentator's `total`; structures that scheme does not know
    (discs, the skin) stay out of it, as they do in real maps.

    Args:
        folder: made where it is missing.
        seed: of the patient and the noise.
        spacing_mm: the voxels' edge.
        noise_hu: standard deviation of the image's noise.
        patient: whom to scan; the seed's own phantom where None.

    Returns:
        The patient.

    Raises:
        OutputError: `output-unwritable`.

    """
    someone = phantom(seed) if patient is None else patient
    affine, shape = standard_grid(someone, spacing_mm)
    image, labels = scan_patient(someone, affine, shape, noise_hu=noise_hu, seed=seed)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if image is not None:
            _write_nifti(folder / "ct.nii.gz", image.values, affine)
        _write_nifti(folder / "labels.nii.gz", total_ids(labels), affine)
        _write_whole(
            folder / "truth.json", (json.dumps(as_data(someone), indent=1) + "\n").encode()
        )
    except OSError as fault:
        raise OutputError(
            "output-unwritable",
            asked="A phantom was to be written.",
            found=f"The folder cannot be written to ({fault.strerror}).",
            next="Name a folder that you may write to.",
        ) from fault
    return someone


def total_ids(labels: Labels) -> NDArray[np.uint8]:
    """The label map in TotalSegmentator's `total` ids; what that scheme lacks becomes 0."""
    ids = {name: number for number, name in load_scheme("total").meaning.items()}
    table = np.array([0, *(ids.get(name, 0) for name in labels.names)], dtype=np.uint8)
    return table[labels.volume.values]


def as_data(patient: Phantom) -> dict[str, Any]:
    """The truth as JSON-ready data, mm RAS."""
    return {
        "schema": SCHEMA,
        "seed": patient.recipe.seed,
        "levels": [_level_data(truth) for truth in patient.truth.values()],
    }


def _level_data(truth: VertebraTruth) -> dict[str, Any]:
    frame = truth.frame
    return {
        "level": truth.level,
        "frame": {
            name: _listed(getattr(frame, name)) for name in ("origin", "right", "front", "up")
        },
        "upper": _plate_data(truth.upper),
        "lower": None if truth.lower is None else _plate_data(truth.lower),
        "pedicles": {
            side: {
                "centre": _listed(p.centre),
                "axis": _listed(p.axis),
                "width_mm": round(p.width_mm, _DIGITS),
                "height_mm": round(p.height_mm, _DIGITS),
                "inscribed_mm": round(p.inscribed_mm, _DIGITS),
                "area_mm2": round(p.area_mm2, _DIGITS),
            }
            for side, p in truth.pedicles.items()
        },
        "canal_centre": _listed(truth.canal_centre),
        "posterior_wall": _listed(truth.posterior_wall),
    }


def _plate_data(plate: EndplateTruth) -> dict[str, Any]:
    return {"centre": _listed(plate.centre), "normal": _listed(plate.normal)}


def _listed(vector: Floats) -> list[float]:
    return [round(float(x), _DIGITS) for x in vector]


def _write_nifti(path: Path, values: NDArray[Any], affine: Floats) -> None:
    picture: Any = nib.Nifti1Image
    content = picture(values, affine).to_bytes()
    _write_whole(path, gzip.compress(content, compresslevel=1, mtime=0))


def _write_whole(path: Path, content: bytes) -> None:
    """Write beside the place, then rename into it."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
