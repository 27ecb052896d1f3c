"""A phantom's CT image as a DICOM series: one file a slice, patient module to pixels.

Slices lie along the image's third axis, however it runs; DICOM's positions are LPS. The same
image and seed give the same bytes. `SYNTHETIC^PHANTOM` is nobody.
"""

import hashlib
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import UID, CTImageStorage, ExplicitVRLittleEndian
from pydicom.valuerep import DSfloat

from keyhole.errors import OutputError
from keyhole.scan.volume import Volume
from keyhole.simulate.design.model import Body, Posture
from keyhole.simulate.images.ct import HIGHEST_HU, LOWEST_HU
from keyhole.space import Floats

_LPS = np.diag([-1.0, -1.0, 1.0, 1.0])
_POSITIONS: dict[Posture, str] = {
    "supine": "HFS",
    "flexed": "HFS",
    "prone": "HFP",
    "decubitus left": "HFDL",
    "decubitus right": "HFDR",
}
_WINDOW = (50, 400)
"""Centre and width, HU: soft tissue."""
_DATE, _TIME = "20000101", "120000"
"""Of no meaning; fixed, so that the same image gives the same files."""


@frozen
class Series:
    """What a series says besides its voxels: whom it shows and how the scanner was set."""

    seed: int
    body: Body
    kvp: float = 120.0
    description: str = "phantom"


def write_ct_series(folder: Path, image: Volume, series: Series) -> tuple[Path, ...]:
    """Write a CT image as DICOM: `0001.dcm` and so on, the first slice first.

    Args:
        folder: made where it is missing; it should hold no other series.
        image: HU from -1024 to 3071, which is what a phantom's scanner gives.
        series: whom it shows.

    Returns:
        The files.

    Raises:
        OutputError: `output-unwritable`.

    """
    stored = (np.clip(np.rint(image.values), LOWEST_HU, HIGHEST_HU) - LOWEST_HU).astype("<u2")
    place = _LPS @ image.affine
    common = _common(place, image, series)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return tuple(
            _write(folder / f"{k + 1:04d}.dcm", _slice(common, place, k, stored[:, :, k].T))
            for k in range(stored.shape[2])
        )
    except OSError as fault:
        raise OutputError(
            "output-unwritable",
            asked="A DICOM series was to be written.",
            found=f"The folder cannot be written to ({fault.strerror}).",
            next="Name a folder that you may write to.",
        ) from fault


def _common(place: Floats, image: Volume, series: Series) -> Dataset:
    """What all slices share."""
    shared = Dataset()
    for fields in (_patient(series), _study(series, image.id), _acquisition(place, series)):
        for name, value in fields.items():
            setattr(shared, name, value)
    return shared


def _patient(series: Series) -> dict[str, Any]:
    body, metres = series.body, series.body.stature_cm / 100
    return {
        "PatientName": "SYNTHETIC^PHANTOM",
        "PatientID": f"KEYHOLE-PHANTOM-{series.seed}",
        "PatientBirthDate": "",
        "PatientSex": "M" if body.sex == "male" else "F",
        "PatientAge": f"{round(body.age):03d}Y",
        "PatientSize": f"{metres:.2f}",
        "PatientWeight": f"{body.bmi * metres**2:.1f}",
        "QualityControlSubject": "YES",
    }


def _study(series: Series, scan: str) -> dict[str, Any]:
    """Study, series, frame of reference and equipment."""
    return {
        "StudyInstanceUID": _uid("study", series.seed),
        "SeriesInstanceUID": _uid("series", series.seed, scan),
        "FrameOfReferenceUID": _uid("frame", series.seed),
        "PositionReferenceIndicator": "",
        "StudyDate": _DATE,
        "StudyTime": _TIME,
        "StudyID": "1",
        "AccessionNumber": "",
        "ReferringPhysicianName": "",
        "Modality": "CT",
        "SeriesNumber": 1,
        "SeriesDescription": series.description,
        "BodyPartExamined": "LSPINE",
        "PatientPosition": _POSITIONS[series.body.posture],
        "Manufacturer": "Keyhole",
        "ManufacturerModelName": "phantom",
        "InstitutionName": "none: a synthetic patient",
    }


def _acquisition(place: Floats, series: Series) -> dict[str, Any]:
    """Image plane, CT image and the description of its pixels."""
    spacing = np.linalg.norm(place[:3, :3], axis=0)
    directions = place[:3, :2] / spacing[:2]
    return {
        "ImageType": ["DERIVED", "SECONDARY", "AXIAL"],
        "AcquisitionNumber": 1,
        "ContentDate": _DATE,
        "ContentTime": _TIME,
        "KVP": _decimals([series.kvp])[0],
        "ImageOrientationPatient": _decimals(directions.T.ravel()),
        "PixelSpacing": _decimals([spacing[1], spacing[0]]),
        "SliceThickness": _decimals([spacing[2]])[0],
        "SpacingBetweenSlices": _decimals([spacing[2]])[0],
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "BitsAllocated": 16,
        "BitsStored": 12,
        "HighBit": 11,
        "PixelRepresentation": 0,
        "RescaleIntercept": LOWEST_HU,
        "RescaleSlope": 1,
        "RescaleType": "HU",
        "WindowCenter": _WINDOW[0],
        "WindowWidth": _WINDOW[1],
        "BurnedInAnnotation": "NO",
        "LossyImageCompression": "00",
    }


def _slice(common: Dataset, place: Floats, k: int, pixels: NDArray[np.uint16]) -> FileDataset:
    """One slice; `pixels` (rows, columns) as stored."""
    number = _uid("slice", str(common.SeriesInstanceUID), k)
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = CTImageStorage, number
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    one = FileDataset("", common, file_meta=meta, preamble=b"\0" * 128)
    one.SOPClassUID, one.SOPInstanceUID = CTImageStorage, number
    one.InstanceNumber = k + 1
    one.ImagePositionPatient = _decimals(place[:3, 3] + k * place[:3, 2])
    one.Rows, one.Columns = pixels.shape
    one.PixelData = pixels.tobytes()
    return one


def _write(path: Path, data: FileDataset) -> Path:
    data.save_as(path, enforce_file_format=True)
    return path


def _uid(*what: object) -> UID:
    """A UID under 2.25, the same for the same words."""
    digest = hashlib.sha256("\n".join(map(str, what)).encode()).digest()
    return UID(f"2.25.{uuid.UUID(bytes=digest[:16], version=5).int}")


def _decimals(values: Iterable[float]) -> list[DSfloat]:
    """Numbers as DICOM's decimal strings of at most 16 characters."""
    return [DSfloat(float(value), auto_format=True) for value in values]
