"""`findings.json`: what was measured, on which scan, at whose word."""

from typing import Any, Literal

from attrs import field, frozen

from keyhole.findings.model import NO_INDICATION, Finding
from keyhole.findings.subject import Subject
from keyhole.plan.assemble import Patient
from keyhole.plan.model import DISCLAIMER, ScanInfo
from keyhole.plan.model_base import Setting
from keyhole.plan.plan_file import plain
from keyhole.plan.settings import ErrorSettings

SCHEMA: Literal["keyhole.findings/0"] = "keyhole.findings/0"


@frozen(kw_only=True)
class MeasureRequest:
    """What was asked: `at` as written, empty where everything was. Settings: the effective ones."""

    at: tuple[str, ...] = ()
    accept: tuple[str, ...] = ()
    call: dict[str, str] = field(factory=dict)
    settings: dict[str, dict[str, Setting]] = field(factory=dict)


@frozen(kw_only=True)
class Sheet:
    """All of `findings.json`. `indication` is the sentence that ends every list of findings."""

    schema: Literal["keyhole.findings/0"] = SCHEMA
    keyhole: str
    request: MeasureRequest
    scan: ScanInfo
    findings: tuple[Finding, ...]
    indication: str = NO_INDICATION
    disclaimer: str = DISCLAIMER


def subject_of(patient: Patient, rules: ErrorSettings) -> Subject:
    """The patient as findings see it, with the errors that the settings give."""
    return Subject(
        spine=patient.spine,
        image=patient.image,
        modality=patient.scan.modality,
        label_sd_mm=rules.label_sd_mm,
        voxel_sd_least_mm=rules.voxel_sd_least_mm,
        voxel_sd_share=rules.voxel_sd_share,
        kvp=patient.scan.kvp,
    )


def sheet_data(sheet: Sheet) -> dict[str, Any]:
    """The sheet as a JSON object, keys in the classes' order.

    Raises ValueError for a number that is not finite: a fault of the measure that gave it.
    """
    data: dict[str, Any] = plain(sheet, "findings")
    return data
