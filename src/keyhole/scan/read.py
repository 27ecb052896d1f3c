"""Scans and label maps come in: files and folders become a Scan and Labels.

Messages say "the file given as SCAN" or "as --labels", never its name.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from attrs import frozen

from keyhole.errors import LabelError, Refusal, ScanError
from keyhole.progress import Progress, silent
from keyhole.scan.auto import decide
from keyhole.scan.dicom import read_dicom
from keyhole.scan.grey import as_hounsfield
from keyhole.scan.labels import Labels
from keyhole.scan.merge import NamedMap, ids_in, merge
from keyhole.scan.nifti import as_ids, looks_like_labels, read_ids, read_nifti
from keyhole.scan.schemes import Scheme, load_scheme, shipped_schemes
from keyhole.scan.volume import Volume

Modality = Literal["CT", "MR", "none"]
MapSpec = tuple[Path | Volume, str]
"""A label map, or its file, and the name of its scheme."""

_AIR_HU = -500
"""Only Hounsfield units go so low: MR signal is not negative."""
_SAMPLE = 500_000
_SCAN = "the file given as SCAN"
_LABELS = "the file given as --labels"


@frozen
class Scan:
    """An image with what is known of how it was made; None where the file does not say.

    With modality `none` a label map stands as the scan: its values are ids, never HU.
    """

    volume: Volume
    modality: Modality
    posture: str | None = None
    kvp: float | None = None
    contrast: bool | None = None
    warnings: tuple[Refusal, ...] = ()


def read_scan(path: Path, *, series: str | None = None, progress: Progress = silent) -> Scan:
    """Read a NIfTI file (.nii, .nii.gz) or a folder of DICOM slices.

    A NIfTI file does not tell its modality: `none`, with the warning `no-image`, where its
    values are ids in patches; CT where they go down to air (-500 or less); otherwise MR. CT
    becomes int16 HU, rounded and clipped to 16 bits.

    Args:
        path: the file or folder.
        series: which series of a DICOM folder, by the name that `series-mixed` offers.
        progress: told how far it is.

    Raises:
        ScanError: each code of `read_nifti` and `read_dicom`.

    """
    if path.is_dir():
        return _dicom_scan(path, series, progress)
    if series is not None:
        raise ScanError(
            "series-unknown",
            asked=f"The series {series!r} was asked for.",
            found=f"There are no series in {_SCAN}; only a DICOM folder has them.",
            next="Leave --series away, or give the folder.",
        )
    progress("reading the scan", 0)
    volume = read_nifti(path, given_as=_SCAN)
    if looks_like_labels(volume):
        return Scan(volume, "none", warnings=(_no_image(),))
    if volume.values.min() > _AIR_HU:
        return Scan(volume, "MR")
    return Scan(Volume(as_hounsfield(volume.values), volume.affine), "CT")


def _dicom_scan(path: Path, series: str | None, progress: Progress) -> Scan:
    got = read_dicom(path, series=series, progress=progress)
    return Scan(
        volume=got.volume,
        modality="CT" if got.modality == "CT" else "MR",
        posture=got.posture,
        kvp=got.kvp,
        contrast=got.contrast,
        warnings=got.warnings,
    )


def scan_of_labels(labels: Labels) -> Scan:
    """The scan of a patient of whom there is a label map alone; every output says so."""
    return Scan(labels.volume, "none", warnings=(_no_image(),))


def _no_image() -> Refusal:
    return Refusal(
        "no-image",
        asked="An image was asked for.",
        found="A label map stands as the scan.",
        next="Give the scan itself, and the map with --labels, to have Hounsfield units.",
    )


def read_labels(
    specs: Sequence[MapSpec],
    *,
    image: Volume | None,
    user_schemes: Mapping[str, Path] | None = None,
    call: Mapping[str, str] | None = None,
) -> tuple[Labels, tuple[Refusal, ...]]:
    """Read label maps, name their ids and merge them.

    A map keeps its own grid: a 0.6 mm map on a 3 mm CT stays at 0.6 mm, and Hounsfield units are
    looked up by place. Several maps on different grids meet on the finest; where two claim a
    voxel the later wins, and `Labels.overwritten` counts. Sub-region maps become `Labels.parts`
    (`keyhole.scan.merge` has the rules in full).

    Args:
        specs: each map's file, or the volume read from it before, and its scheme's name, TOML file
            or `auto`.
        image: the scan, or None where the maps stand alone.
        user_schemes: more schemes, name to TOML file.
        call: levels to be renamed, old name to new.

    Returns:
        The labels, and warnings (`frame-differs`).

    Raises:
        ScanError: as `read_nifti`.
        LabelError: `ids-not-whole`, `empty`, `scheme-unknown`, `scheme-broken`,
            `scheme-undecided`, `ids-unknown`, `no-overlap`.
        RequestError: `call-unreadable`, `level-not-there`.

    """
    if not specs:
        raise LabelError(
            "no-vertebrae",
            asked="Label maps were to be read.",
            found="None was given.",
            next="Give one with --labels.",
        )
    own = {name: load_scheme(path) for name, path in (user_schemes or {}).items()}
    maps = list(_named_maps(specs, own))
    if image is not None:
        _demand_overlap(maps, image)
    return merge(maps, image=image, call=call or {})


def _named_maps(specs: Sequence[MapSpec], own: Mapping[str, Scheme]) -> Iterator[NamedMap]:
    known = shipped_schemes() | dict(own)
    for source, wish in specs:
        ids = _ids(source)
        if wish == "auto":
            scheme = decide(ids, known)
        else:
            scheme = known[wish] if wish in known else load_scheme(wish)
        held = ids_in(ids)
        _demand_known(held, scheme, known)
        yield NamedMap(ids, scheme, held)


def _ids(source: Path | Volume) -> Volume:
    if isinstance(source, Volume):
        return as_ids(source, given_as=_LABELS)
    return read_ids(source, given_as=_LABELS)


def _demand_known(held: frozenset[int], scheme: Scheme, known: Mapping[str, Scheme]) -> None:
    strange = sorted(held - scheme.meaning.keys())
    if not strange:
        return
    fitting = [s.name for s in known.values() if held <= s.meaning.keys()]
    shown = ", ".join(str(n) for n in strange[:8]) + (" ..." if len(strange) > 8 else "")
    others = f"Schemes that know them all: {', '.join(fitting)}." if fitting else ""
    raise LabelError(
        "ids-unknown",
        asked=f"A label map was to be read by the scheme {scheme.name}.",
        found=f"That scheme does not know the ids {shown}.",
        next=others or "Give a scheme file of your own that names them.",
    )


def _demand_overlap(maps: Sequence[NamedMap], image: Volume) -> None:
    """Refuse a map none of whose labelled voxels (a sample of them) lies within the image."""
    for one in maps:
        held = np.flatnonzero(one.ids.values)
        some = held[:: 1 + held.size // _SAMPLE]
        labelled = np.column_stack(np.unravel_index(some, one.ids.shape))
        voxels = image.to_voxels(one.ids.to_patient(labelled))
        inside = ((voxels > -0.5) & (voxels < np.array(image.shape) - 0.5)).all(axis=1)
        if not inside.any():
            raise LabelError(
                "no-overlap",
                asked="A label map was to be laid over the scan.",
                found="No labelled voxel lies within the scan.",
                next="Give the map that was made on this scan.",
            )
