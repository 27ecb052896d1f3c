"""Findings as a DICOM structured report: TID 1500, one measurement group a finding.

Places and units have SNOMED and UCUM codes where there are any; quantities, scales and grades
are coded in the private scheme 99KEYHOLE by their own names. Landmarks are 3D points of the
scan's frame of reference. The report is unverified and never final: a person has to sign it.
"""

import hashlib
import itertools
import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from pydicom.dataset import Dataset
from pydicom.uid import UID

from keyhole.errors import OutputError

if TYPE_CHECKING:
    from highdicom.sr import CodedConcept, FindingSite, MeasurementsAndQualitativeEvaluations

SCHEME = "99KEYHOLE"
"""The private coding scheme of what no public scheme codes."""
SERIES_NUMBER = 9500
_UNITS = {
    "mm": "mm", "mm2": "mm2", "mm3": "mm3", "deg": "deg", "HU": "[hnsf'U]", "%": "%", "1": "1",
}  # fmt: skip
_TO_LPS = np.array([-1.0, -1.0, 1.0])
_MEANING = 64
"""Letters that a code's meaning may have (LO)."""
_Z95 = 1.96


def findings_sr(sheet: Mapping[str, Any], sources: Sequence[Dataset]) -> Dataset:
    """The structured report of `findings.json` for the slices that it was measured on.

    The same findings of the same scan give the same UIDs.

    Args:
        sheet: the object of `findings.json`.
        sources: the slices' headers, of one series.

    Raises:
        OutputError: `extra-missing` without highdicom.

    """
    sr = _highdicom()
    from pydicom.sr.codedict import codes

    modality = codes.LN.MRIUnspecifiedBodyRegion
    if sources[0].Modality == "CT":
        modality = codes.LN.CTUnspecifiedBodyRegion
    content = sr.MeasurementReport(
        observation_context=_observer(sheet),
        procedure_reported=modality,
        imaging_measurements=list(_groups(sheet, sources)),
        title=codes.DCM.ImagingMeasurementReport,
        referenced_images=list(sources),
    )
    report = sr.Comprehensive3DSR(
        evidence=list(sources),
        content=content[0],
        series_number=SERIES_NUMBER,
        series_instance_uid=_uid(sheet, "series"),
        sop_instance_uid=_uid(sheet, "report"),
        instance_number=1,
        manufacturer="Keyhole",
        is_complete=False,
        is_final=False,
        is_verified=False,
    )
    report.SeriesDescription = "Keyhole findings, research only, unverified"
    return report


def _highdicom() -> Any:
    try:
        from highdicom import sr
    except ImportError as error:
        raise OutputError(
            "extra-missing",
            asked="The findings were to be written as a DICOM structured report.",
            found="highdicom is not installed.",
            next='Run: pip install "keyhole-spine[dicom]".',
        ) from error
    return sr


def _uid(sheet: Mapping[str, Any], what: str) -> UID:
    """A UID that only these findings have."""
    text = repr((what, sheet["scan"]["id"], sheet["keyhole"], sheet["findings"]))
    digest = hashlib.sha256(text.encode()).digest()[:16]
    return UID(f"2.25.{uuid.UUID(bytes=digest).int}")


def _observer(sheet: Mapping[str, Any]) -> Any:
    """Keyhole as the device that observed."""
    from highdicom import sr
    from pydicom.sr.codedict import codes

    version = f"Keyhole {sheet['keyhole']}"
    digest = uuid.uuid5(uuid.NAMESPACE_URL, version)
    device = sr.DeviceObserverIdentifyingAttributes(uid=f"2.25.{digest.int}", name=version)
    return sr.ObservationContext(
        observer_device_context=sr.ObserverContext(codes.DCM.Device, device)
    )


def _groups(
    sheet: Mapping[str, Any], sources: Sequence[Dataset]
) -> "Iterator[MeasurementsAndQualitativeEvaluations]":
    """A group for each finding, seen or not."""
    from highdicom import sr

    frame = sources[0].get("FrameOfReferenceUID")
    algorithm = sr.AlgorithmIdentification("Keyhole", sheet["keyhole"])
    for n, one in enumerate(sheet["findings"]):
        name = " ".join(part for part in (one["name"], one["at"], one["side"]) if part)
        tracking = sr.TrackingIdentifier(uid=_uid(sheet, f"finding {n}"), identifier=name)
        seen = one["value"] is not None
        yield sr.MeasurementsAndQualitativeEvaluations(
            tracking_identifier=tracking,
            finding_type=_own(one["name"], one["name"].replace("_", " ")),
            algorithm_id=algorithm,
            finding_sites=[_site(one)],
            measurements=[_measurement(one, frame)] if seen else None,
            qualitative_evaluations=list(_evaluations(one)) or None,
        )


def _measurement(one: Mapping[str, Any], frame: str | None) -> Any:
    """The number with its unit, its uncertainty and, where the scan has a frame, its landmarks."""
    from highdicom import sr

    properties = None
    if one["se"] is not None:
        half = _Z95 * one["se"]
        properties = sr.MeasurementProperties(
            upper_measurement_uncertainty=half, lower_measurement_uncertainty=half
        )
    unit = sr.CodedConcept(
        _UNITS[one["unit"]], "UCUM", one["unit"] if one["unit"] != "1" else "no units"
    )
    return sr.Measurement(
        name=_own(one["name"], one["name"].replace("_", " ")),
        value=one["value"],
        unit=unit,
        properties=properties,
        referenced_coordinates=_landmarks(one, frame) or None,
    )


def _landmarks(one: Mapping[str, Any], frame: str | None) -> list[Any]:
    from highdicom import sr

    if not frame:
        return []
    return [
        sr.CoordinatesForMeasurement3D("POINT", np.array([place]) * _TO_LPS, frame)
        for place in one["landmarks"].values()
    ]


def _evaluations(one: Mapping[str, Any]) -> Iterator[Any]:
    """Every scale's grade; of what was not seen, that it was not."""
    from highdicom import sr

    if one["value"] is None:
        yield sr.QualitativeEvaluation(_own("seen", "seen"), _own("not-seen", "not seen"))
    for grade in one["grades"]:
        scale = _own(_code(grade["scale"]), grade["scale"])
        yield sr.QualitativeEvaluation(scale, _own(_code(grade["grade"]), grade["grade"]))


def _site(one: Mapping[str, Any]) -> "FindingSite":
    """The vertebra, disc or spine, with its side."""
    from highdicom import sr
    from pydicom.sr.codedict import codes

    side = {"left": codes.SCT.Left, "right": codes.SCT.Right, None: None}[one["side"]]
    return sr.FindingSite(_place(one["at"]), laterality=side)


def _place(at: str) -> Any:
    """SNOMED's code of a place; the private scheme's where SNOMED's dictionary has none."""
    from pydicom.sr.codedict import codes

    if "-" in at:
        return codes.SCT.LumbarSpine
    upper, mark, lower = at.partition("/")
    lower = lower if not lower.isdigit() else upper[0] + lower
    name = f"{upper}{lower}Disc" if mark else f"{upper}Vertebra"
    if name in codes.SCT.dir(name):
        return getattr(codes.SCT, name)
    return _own(at, at)


def _own(value: str, meaning: str) -> "CodedConcept":
    from highdicom import sr

    return sr.CodedConcept(value, SCHEME, meaning[:_MEANING])


def _code(text: str) -> str:
    """A code of a scale or a grade: its letters and digits, joined by hyphens."""
    runs = itertools.groupby(text.lower(), key=str.isalnum)
    return "-".join("".join(letters) for word, letters in runs if word) or text
