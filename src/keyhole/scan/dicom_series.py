"""Which files of a folder belong together: series told apart, also where their ids are blank."""

import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pydicom
from attrs import field, frozen
from pydicom.dataset import FileDataset
from pydicom.errors import InvalidDicomError
from pydicom.misc import is_dicom
from pydicom.uid import (
    CTImageStorage,
    EnhancedCTImageStorage,
    EnhancedMRImageStorage,
    MRImageStorage,
)

from keyhole.errors import ScanError
from keyhole.progress import Progress
from keyhole.scan.dicom_geometry import Plane
from keyhole.space import unit

_TOLERANCE = 1e-3
_TOLD_APART = (
    "SeriesInstanceUID", "SeriesNumber", "SeriesDescription", "Modality", "ConvolutionKernel",
    "EchoTime", "Rows", "Columns",
)  # fmt: skip
_IMAGES = (CTImageStorage, MRImageStorage, EnhancedCTImageStorage, EnhancedMRImageStorage)
_GEOMETRY = ("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing", "Rows", "Columns")


@frozen
class Slice:
    """One file: where it is, what its header says and where the slice lies."""

    path: Path = field(repr=False)
    header: FileDataset = field(repr=False)
    plane: Plane


@frozen
class Series:
    """Slices of one acquisition, in no order; `name` is what a user may call it."""

    name: str
    slices: tuple[Slice, ...]


def find_series(folder: Path, progress: Progress) -> tuple[Series, ...]:
    """All CT and MR series in a folder and below it, named, from the largest to the smallest.

    Files that are no DICOM images (notes, reports, segmentations) are passed over.

    Raises:
        ScanError: `file-unreadable`, `slice-truncated`, `affine-broken` or `series-broken`.

    """
    files = sorted(path for path in folder.rglob("*") if path.is_file() and is_dicom(path))
    slices: list[Slice] = []
    for n, path in enumerate(files):
        progress("reading headers", n / len(files))
        header = read_dataset(path, stop_before_pixels=True)
        if _is_slice(header):
            slices.append(Slice(path, header, _plane(header)))
    if not slices:
        raise _refused(
            "file-unreadable", "The folder holds no CT or MR slice.", "Give the series' folder."
        )
    return _named(_apart(slices))


def read_dataset(path: Path, *, stop_before_pixels: bool = False) -> FileDataset:
    """A file's data set, its oddities tolerated. Raises ScanError `file-unreadable`."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # warnings of pydicom would quote the header
            return pydicom.dcmread(path, stop_before_pixels=stop_before_pixels)
    except (InvalidDicomError, EOFError, OSError, ValueError, RuntimeError):
        raise _damaged() from None


def choose(series: Sequence[Series], wish: str | None) -> Series:
    """The series asked for, or the only one. Raises ScanError `series-mixed`, `series-unknown`."""
    if wish is None:
        if len(series) == 1:
            return series[0]
        found = f"The folder holds {len(series)} series: {_listed(series)}."
        raise _refused("series-mixed", found, "Name one with --series.")
    for one in series:
        if one.name.casefold() == wish.strip().casefold():
            return one
    found = f"The folder holds {_listed(series)}."
    raise _refused("series-unknown", found, "Name one of these with --series.")


def _listed(series: Sequence[Series]) -> str:
    return ", ".join(
        f"{one.name!r} ({len(one.slices)} slice{'s'[: len(one.slices) != 1]})" for one in series
    )


def _is_slice(header: FileDataset) -> bool:
    """Whether it is a CT or MR image. Raises ScanError where it should be one but is cut short."""
    if header.get("Modality") in ("CT", "MR") and "Rows" in header:
        return True
    kind = header.file_meta.get("MediaStorageSOPClassUID")
    if kind is None and "Modality" not in header:
        raise _damaged()
    if kind not in _IMAGES:
        return False
    number = header.get("InstanceNumber")
    which = "A slice without number" if number is None else f"Slice {number}"
    found = f"{which} is cut short within its header."
    raise _refused("slice-truncated", found, "Export or copy the series again.")


def _plane(header: FileDataset) -> Plane:
    number = header.get("InstanceNumber")
    if int(header.get("NumberOfFrames") or 1) > 1:
        found = "A file of the folder holds several slices at once (multi-frame DICOM)."
        raise _refused("series-broken", found, "Export the series with one slice a file.")
    if any(header.get(name) in (None, "") for name in _GEOMETRY):
        found = f"Slice {number or 'without number'} does not say where it lies in the patient."
        raise _refused("affine-broken", found, "Export the series with its geometry.")
    turn = np.array(header.ImageOrientationPatient, dtype=float)
    position = np.array(header.ImagePositionPatient, dtype=float)
    rows, columns = (float(edge) for edge in header.PixelSpacing)
    if len(turn) != 6 or len(position) != 3 or abs(turn[:3] @ turn[3:]) > _TOLERANCE * 10:
        found = f"Slice {number or 'without number'} lies in an impossible plane."
        raise _refused("affine-broken", found, "Export the series with its geometry.")
    return Plane(
        number=None if number is None else int(number),
        corner=position,
        along=unit(turn[:3]),
        down=unit(turn[3:]),
        spacing=[columns, rows],
        tilt_deg=float(header.get("GantryDetectorTilt") or 0),
    )


def _apart(slices: Sequence[Slice]) -> list[list[Slice]]:
    """Slices that share ids, description, size and plane."""
    groups: list[list[Slice]] = []
    for one in slices:
        for group in groups:
            if _belong_together(one, group[0]):
                group.append(one)
                break
        else:
            groups.append([one])
    return sorted(groups, key=len, reverse=True)


def _belong_together(a: Slice, b: Slice) -> bool:
    if any(str(a.header.get(tag, "")) != str(b.header.get(tag, "")) for tag in _TOLD_APART):
        return False
    pairs = [(a.plane.along, b.plane.along), (a.plane.down, b.plane.down)]
    pairs.append((a.plane.spacing, b.plane.spacing))
    return all(np.allclose(x, y, rtol=0, atol=_TOLERANCE) for x, y in pairs)


def _named(groups: Sequence[Sequence[Slice]]) -> tuple[Series, ...]:
    """Each series by its description; equal and empty ones are numbered."""
    names: list[str] = []
    for group in groups:
        plain = str(group[0].header.get("SeriesDescription") or "").strip() or "unnamed"
        taken = sum(name == plain or name.startswith(f"{plain} #") for name in names)
        names.append(f"{plain} #{taken + 1}" if taken else plain)
    return tuple(Series(name, tuple(group)) for name, group in zip(names, groups, strict=True))


def _damaged() -> ScanError:
    found = "A DICOM file of the folder is damaged or cut short."
    return _refused("file-unreadable", found, "Export the series again.")


def _refused(code: str, found: str, next: str) -> ScanError:
    asked = "A DICOM series was to be read from the folder given as SCAN."
    return ScanError(code, asked=asked, found=found, next=next)
