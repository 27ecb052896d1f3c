"""A phantom written as files: scans, label maps, `truth.json`; each is whole or not there."""

import gzip
import json
from pathlib import Path
from typing import Any

import nibabel as nib

from keyhole.errors import OutputError
from keyhole.files import write_whole
from keyhole.progress import Progress, part_of, silent
from keyhole.scan.volume import Volume
from keyhole.simulate.files.dicom import Series, write_ct_series
from keyhole.simulate.files.pictures import Wanted, pictures
from keyhole.simulate.patient import Phantom, phantom
from keyhole.simulate.truth.collect import truth_data

USUAL = Wanted()
DICOM = "dicom"
"""The folder of the CT as a DICOM series."""


def write_phantom(
    folder: Path,
    *,
    seed: int = 0,
    patient: Phantom | None = None,
    wanted: Wanted = USUAL,
    progress: Progress = silent,
) -> Phantom:
    """Write a phantom's scans, label maps and truth.

    Args:
        folder: made where it is missing.
        seed: of the patient, where none is given.
        patient: whom to scan; the seed's own phantom where None.
        wanted: which files.
        progress: told how far it is.

    Returns:
        The patient.

    Raises:
        RequestError: `out-of-range`, `order-unknown`, `order-unreadable`, `level-not-there`, of
            what is wanted.
        LabelError: `scheme-unknown`.
        OutputError: `output-unwritable`.

    """
    someone = phantom(seed) if patient is None else patient
    seen = pictures(someone, wanted, part_of(progress, 0, 0.6))
    progress("writing", 0.6)
    files = {name: nifti(volume) for name, volume in seen.files.items()}
    if wanted.dicom:
        series = Series(someone.recipe.seed, someone.design.body)
        write_ct_series(folder / DICOM, seen.ct, series)
    part_of(progress, 0.7, 1)("measuring the truth", 0)
    files["truth.json"] = as_text(truth_data(someone)).encode()
    _put(folder, files)
    return someone


def nifti(volume: Volume) -> bytes:
    """A compressed NIfTI file; the same values make the same bytes."""
    picture: Any = nib.Nifti1Image
    content = picture(volume.values, volume.affine).to_bytes()
    return gzip.compress(content, compresslevel=1, mtime=0)


def as_text(data: dict[str, Any]) -> str:
    """JSON for people to read: one thing a line, short lists on one line."""
    return json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _put(folder: Path, files: dict[str, bytes]) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            write_whole(folder / name, content)
    except OSError as fault:
        raise OutputError(
            "output-unwritable",
            asked="A phantom was to be written.",
            found=f"The folder cannot be written to ({fault.strerror}).",
            next="Name a folder that you may write to.",
        ) from fault
