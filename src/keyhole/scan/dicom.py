"""A folder of DICOM slices becomes one volume, or is refused with its reason."""

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray
from pydicom.dataset import FileDataset
from pydicom.pixels.decoders.base import get_decoder
from pydicom.uid import UID, ImplicitVRLittleEndian

from keyhole.errors import Refusal, ScanError
from keyhole.progress import Progress, part_of, silent
from keyhole.scan.dicom_geometry import Stack, stack_planes, straighten
from keyhole.scan.dicom_series import Slice, choose, find_series, read_dataset
from keyhole.scan.grey import as_hounsfield, compact
from keyhole.scan.volume import Volume

_ASKED = "A DICOM series was to be read from the folder given as SCAN."
_AIR_HU = -1000.0
_POSTURES = {"S": "supine", "P": "prone", "DR": "right decubitus", "DL": "left decubitus"}


@frozen
class DicomScan:
    """A series' volume and what its header says; None where the header is silent."""

    volume: Volume
    modality: str
    posture: str | None
    kvp: float | None
    contrast: bool | None
    warnings: tuple[Refusal, ...]


def read_dicom(
    folder: Path, *, series: str | None = None, progress: Progress = silent
) -> DicomScan:
    """The one CT or MR series of a folder, or the one named.

    Slices are sorted by place, rescaled one by one and, after a tilted gantry, straightened.

    Raises:
        ScanError: `file-unreadable`, `series-mixed`, `series-unknown`, `series-broken`,
            `affine-broken`, `not-3d`, `slice-missing`, `slice-doubled`, `slices-uneven`,
            `slice-truncated`, `extra-missing`.

    """
    chosen = choose(find_series(folder, part_of(progress, 0, 0.3)), series)
    stack = stack_planes([one.plane for one in chosen.slices])
    ordered = [chosen.slices[n] for n in stack.order]
    header = ordered[0].header
    is_ct = header.Modality == "CT"
    values = _block(ordered, part_of(progress, 0.3, 0.9))
    values = as_hounsfield(values) if is_ct else compact(values)
    affine = stack.affine
    told: tuple[Refusal, ...] = ()
    if not stack.straight:
        values, affine = straighten(values, stack, _AIR_HU if is_ct else 0.0)
        told = (_tilted(stack),)
    return DicomScan(
        volume=Volume.placed(values, affine, world="LPS"),
        modality=str(header.Modality),
        posture=posture_of(str(header.get("PatientPosition") or "")),
        kvp=float(header.KVP) if header.get("KVP") else None,
        contrast=True if header.get("ContrastBolusAgent") else None,
        warnings=told,
    )


def posture_of(position: str) -> str | None:
    """How the patient lay, from DICOM's PatientPosition (HFS, FFP, HFDR, ...)."""
    return _POSTURES.get(position.strip().upper()[2:])


def _block(slices: Sequence[Slice], progress: Progress) -> NDArray[Any]:
    """(columns, rows, slices): rescaled, int16 where all slices are whole numbers that fit."""
    planes: list[NDArray[Any]] = []
    for n, one in enumerate(slices):
        progress("reading slices", n / len(slices))
        planes.append(_pixels(one))
    kind = np.result_type(*planes)
    block = np.empty((*planes[0].shape[::-1], len(planes)), dtype=kind)
    for k, plane in enumerate(planes):
        block[:, :, k] = plane.T
    return block


def _pixels(one: Slice) -> NDArray[Any]:
    """(rows, columns) in HU or the modality's own unit."""
    _demand_decoder(one.header)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # warnings of pydicom would quote the header
            data = read_dataset(one.path)
            _demand_whole(data)
            raw = np.asarray(data.pixel_array)
    except (ScanError, ValueError, AttributeError, RuntimeError, EOFError, OSError):
        raise _truncated(one) from None
    if raw.shape != (one.header.Rows, one.header.Columns):
        raise ScanError(
            "series-broken",
            asked=_ASKED,
            found=f"Slice {one.plane.number} holds colours or several pictures.",
            next="Give the original grey slices.",
        )
    return _rescaled(raw, data)


def _demand_whole(data: FileDataset) -> None:
    """Refuse cut pixels: pydicom decodes some cut streams without a word."""
    if UID(data.file_meta.get("TransferSyntaxUID", ImplicitVRLittleEndian)).is_compressed:
        return
    bits = int(data.BitsAllocated) * int(data.Rows) * int(data.Columns)
    if len(data.PixelData) < bits * int(data.get("SamplesPerPixel", 1)) // 8:
        raise EOFError


def _rescaled(raw: NDArray[Any], data: FileDataset) -> NDArray[Any]:
    slope = float(data.get("RescaleSlope", 1) or 1)
    shift = float(data.get("RescaleIntercept", 0) or 0)
    if slope.is_integer() and shift.is_integer():
        return compact(raw.astype(np.int32) * int(slope) + int(shift))
    return raw.astype(np.float32) * np.float32(slope) + np.float32(shift)


def _demand_decoder(header: FileDataset) -> None:
    """Refuse slices that nothing here can decode. Raises ScanError `extra-missing`."""
    syntax = UID(header.file_meta.get("TransferSyntaxUID", ImplicitVRLittleEndian))
    try:
        able = not syntax.is_compressed or get_decoder(syntax).is_available
    except (RuntimeError, ValueError):  # pydicom knows no decoder, or not even the syntax
        able = False
    if not able:
        raise ScanError(
            "extra-missing",
            asked=_ASKED,
            found=f"Its slices are compressed as {syntax.name}, which needs another decoder.",
            next='pip install "keyhole-spine[dicom]", or export the series uncompressed.',
        )


def _truncated(one: Slice) -> ScanError:
    number = one.plane.number
    which = "A slice without number" if number is None else f"Slice {number} of the series"
    return ScanError(
        "slice-truncated",
        asked=_ASKED,
        found=f"{which} is cut short or its pixels cannot be decoded.",
        next="Export or copy the series again.",
    )


def _tilted(stack: Stack) -> Refusal:
    return Refusal(
        "gantry-tilt",
        asked=_ASKED,
        found=f"The slices lean by {stack.tilt_deg:.1f} degrees against the table's way.",
        next="They were resampled into a straight volume; nothing is to be done.",
    )
