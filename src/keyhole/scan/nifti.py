"""NIfTI files: an image or a label map comes in, its place in the patient known, or is refused.

No message repeats a file's name: it may hold a patient's. `given_as` says in words where the
user gave the file ("the file given as SCAN").
"""

import warnings
import zlib
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
from nibabel.filebasedimages import ImageFileError
from nibabel.spatialimages import HeaderDataError
from numpy.typing import NDArray

from keyhole.errors import LabelError, ScanError
from keyhole.scan.grey import compact
from keyhole.scan.volume import Volume

_EXPORT = "Export it again as NIfTI (.nii or .nii.gz)."
_UNREADABLE = (ImageFileError, HeaderDataError, OSError, EOFError, zlib.error, ValueError)
_LABEL_IDS = 200
"""More distinct values than this are grey values; TotalSegmentator's largest table has 117."""
_LABEL_EVEN = 0.7
"""The least share of equal neighbours within a label map; grey values seldom repeat."""


def read_nifti(path: Path, *, given_as: str) -> Volume:
    """An image: whole numbers stay int16 or smaller where they fit, others become float32.

    `scl_slope` and `scl_inter` are applied. A trailing axis of length 1 is dropped.

    Raises:
        ScanError: `file-missing`, `file-unreadable`, `not-3d`, `empty`, `not-finite`,
            `affine-broken`, `sheared`.

    """
    volume = _read(path, given_as)
    if (volume.values == volume.values.flat[0]).all():
        raise _refused("empty", given_as, "All its voxels hold the same value.", _EXPORT)
    return volume


def read_ids(path: Path, *, given_as: str) -> Volume:
    """A label map: ids as uint8 or uint16. A float map is taken where its values are whole.

    Raises:
        ScanError: as `read_nifti`.
        LabelError: `ids-not-whole`, `empty`.

    """
    return as_ids(_read(path, given_as), given_as=given_as)


def as_ids(volume: Volume, *, given_as: str) -> Volume:
    """The ids of a volume that was read already, as `read_ids` gives them.

    Raises:
        LabelError: `ids-not-whole`, `empty`.

    """
    values = volume.values
    low, high = int(np.floor(values.min())), int(np.ceil(values.max()))
    if low < 0 or high >= 2**16 or not _whole(values):
        raise _not_ids(given_as, low, high)
    if high == 0:
        raise LabelError(
            "empty",
            asked=f"A label map was to be read from {given_as}.",
            found="It holds nothing but 0.",
            next="Give the map in which the structures are labelled.",
        )
    kind = np.uint8 if high < 2**8 else np.uint16
    return Volume(values.astype(kind, copy=False), volume.affine)


def looks_like_labels(volume: Volume) -> bool:
    """Whether the values are ids: whole, none negative, few, and in patches of equal value.

    Whole numbers that `read_nifti` had to leave as floats are too large to be ids.
    """
    values = volume.values
    if values.dtype.kind not in "iu" or values.min() < 0 or _distinct(values) > _LABEL_IDS:
        return False
    inner, beside = values[:-1], values[1:]
    held = inner > 0
    return bool(held.any() and (inner == beside)[held].mean() > _LABEL_EVEN)


def _distinct(values: NDArray[Any]) -> int:
    """How many different values there are, none negative; slice by slice, to spare memory."""
    seen = np.zeros(int(values.max()) + 1, dtype=bool)
    for plane in values:
        seen[plane.ravel()] = True
    return int(seen.sum())


def _whole(values: NDArray[Any]) -> bool:
    return values.dtype.kind in "iub" or bool((values == np.rint(values)).all())


def _read(path: Path, given_as: str) -> Volume:
    if not path.is_file():
        raise _refused("file-missing", given_as, "There is no such file.", "Check its name.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # nibabel's warnings would name the file
            image: Any = nib.load(path)
            _demand_nifti(image, given_as)
            values = _scaled(image, given_as)
    except _UNREADABLE:
        found = "It is no NIfTI image, or it is cut short."
        raise _refused("file-unreadable", given_as, found, _EXPORT) from None
    values = _squeezed(values, given_as)
    return Volume.placed(np.ascontiguousarray(values), _affine(image, given_as), world="RAS")


def _demand_nifti(image: Any, given_as: str) -> None:
    if not isinstance(image, nib.Nifti1Image):
        raise _refused("file-unreadable", given_as, "It is not in the NIfTI format.", _EXPORT)


def _scaled(image: Any, given_as: str) -> NDArray[Any]:
    """The values after slope and intercept, without a float64 volume."""
    slope, shift = image.dataobj.slope, image.dataobj.inter
    raw: NDArray[Any] = np.array(image.dataobj.get_unscaled())
    if raw.dtype.kind not in "iuf":
        found = "Its voxels are colours or complex numbers, not one number each."
        raise _refused("file-unreadable", given_as, found, "Give a scan in grey values.")
    if (slope, shift) == (1, 0):
        return compact(raw)
    scaled = raw.astype(np.float32)
    scaled *= np.float32(slope)
    scaled += np.float32(shift)
    return compact(scaled)


def _squeezed(values: NDArray[Any], given_as: str) -> NDArray[Any]:
    """Without trailing axes of length 1 beyond the third; a single slice is refused."""
    while values.ndim > 3 and values.shape[-1] == 1:
        values = values[..., 0]
    if values.ndim != 3 or (values.size and min(values.shape) < 2):
        shape = " x ".join(str(n) for n in values.shape)
        raise _refused(
            "not-3d",
            given_as,
            f"Its voxels are {shape}, not a block with several along each of 3 axes.",
            "Give one three-dimensional scan; split a series over time first.",
        )
    return values


def _affine(image: Any, given_as: str) -> NDArray[np.float64]:
    """The voxels' place in mm by sform or qform; one must be there, and both must agree on left."""
    sform, s_code = image.get_sform(coded=True)
    qform, q_code = image.get_qform(coded=True)
    if not s_code and not q_code:
        found = "It does not say how its voxels lie in the patient (qform and sform codes are 0)."
        raise _refused("affine-broken", given_as, found, _EXPORT)
    unit = image.header.get_xyzt_units()[0]
    if unit not in ("mm", "unknown"):
        found = f"Its voxels are measured in {unit}, not in mm."
        raise _refused("affine-broken", given_as, found, _EXPORT)
    if s_code and q_code and np.linalg.det(sform[:3, :3]) * np.linalg.det(qform[:3, :3]) < 0:
        found = "Its qform and its sform disagree on which side is left."
        raise _refused("affine-broken", given_as, found, _EXPORT)
    return np.asarray(image.affine, dtype=np.float64)


def _refused(code: str, given_as: str, found: str, next: str) -> ScanError:
    asked = f"An image or label map was to be read from {given_as}."
    return ScanError(code, asked=asked, found=found, next=next)


def _not_ids(given_as: str, low: int, high: int) -> LabelError:
    return LabelError(
        "ids-not-whole",
        asked=f"A label map was to be read from {given_as}.",
        found=f"Its values run from {low} to {high} and are not all ids from 0 to 65535.",
        next="Give the label map itself, not an image, and resample it by nearest neighbour.",
    )
