"""`keyhole read`: what is in a scan, and what is wrong with it."""

from typing import TYPE_CHECKING, Any

from attrs import evolve
from rich.console import RenderableType
from rich.table import Table

from keyhole.cli.answer import Answer, answering
from keyhole.cli.bar import progress_bar
from keyhole.cli.opening import Files, Opened, Trust, open_patient, scan_alone
from keyhole.cli.options import (
    Accept,
    Call,
    Config,
    LabelFiles,
    Scan,
    Series,
)
from keyhole.cli.tables import add

if TYPE_CHECKING:
    from keyhole.scan.checks import Check
    from keyhole.scan.read import Scan as ReadScan


@answering
def read(
    scan: Scan,
    *,
    labels: LabelFiles = None,
    series: Series = None,
    call: Call = None,
    accept: Accept = None,
    config: Config = None,
) -> Answer:
    """Show what a scan and its label maps hold, and every check with its evidence."""
    from keyhole.plan.request import parse_accept, parse_call
    from keyhole.plan.settings import Settings

    settings = Settings.read(config)
    trust = Trust(accept=parse_accept(accept or ()), call=parse_call(call or ()))
    files = Files(scan=scan, labels=labels or (), series=series)
    with progress_bar() as progress:
        if not labels:
            alone = scan_alone(files, progress)
            if alone and alone.modality != "none":
                return _image_answer(alone)
            files = evolve(files, read=alone)
        opened = open_patient(files, trust, settings, progress)
    return _answer(opened)


def _image_answer(scan: "ReadScan") -> Answer:
    data = {"scan": scan_data(scan), "labels": None, "labels_reason": "no label map was given"}
    note = "No label map was given: nothing can be checked or planned. Add --labels FILE."
    warnings = list(scan.warnings)
    told = {"warnings": [w.as_data() for w in warnings]}
    return Answer(data=data | told, pages=[_scan_line(scan), note], told=warnings)


def _answer(opened: Opened) -> Answer:
    checks = opened.checks
    warnings = [w for w in (*opened.warnings, *checks.warnings) if w.severity == "warning"]
    data: dict[str, Any] = {
        "scan": scan_data(opened.scan),
        "labels": labels_data(opened),
        "checks": [_check_data(check) for check in checks.checks],
        "refusals": [r.as_data() for r in checks.refusals],
        "accepted": [r.as_data() for r in checks.accepted],
        "warnings": [w.as_data() for w in warnings],
    }
    told = [*checks.accepted, *checks.refusals, *warnings]
    pages: list[RenderableType] = [
        _scan_line(opened.scan),
        _labels_line(data["labels"]),
        _checks_table(data["checks"]),
    ]
    return Answer(data=data, pages=pages, told=told, accepted=checks.accepted)


def scan_data(scan: "ReadScan") -> dict[str, Any]:
    """What is known of the scan itself."""
    return {
        "id": scan.volume.id,
        "modality": scan.modality,
        "shape": list(scan.volume.shape),
        "spacing_mm": [round(float(edge), 4) for edge in scan.volume.spacing],
        "posture": scan.posture,
        "kvp": scan.kvp,
        "contrast": scan.contrast,
    }


def labels_data(opened: Opened) -> dict[str, Any]:
    """What the label maps hold."""
    labels = opened.labels
    return {
        "schemes": list(labels.schemes),
        "overwritten": labels.overwritten,
        "levels": list(labels.levels),
        "structures": [
            {"name": name, "volume_ml": round(labels.volume_ml(name), 2)}
            for name in sorted(labels.boxes)
        ],
    }


def _check_data(check: "Check") -> dict[str, Any]:
    return {
        "code": check.code,
        "holds": check.refusal is None,
        "evidence": check.evidence,
        "refusal": check.refusal.as_data() if check.refusal else None,
    }


def _scan_line(scan: "ReadScan") -> str:
    edges = " x ".join(f"{edge:.2f}" for edge in scan.volume.spacing)
    voxels = " x ".join(map(str, scan.volume.shape))
    return f"Scan: {scan.modality}, {voxels} voxels of {edges} mm, posture {scan.posture or '-'}."


def _labels_line(data: dict[str, Any]) -> str:
    taken = f"; {data['overwritten']} voxels claimed twice" if data["overwritten"] else ""
    return (
        f"Labels: {', '.join(data['schemes'])}; {len(data['structures'])} structures{taken}. "
        f"Levels: {', '.join(data['levels']) or 'none'}."
    )


def _checks_table(checks: list[dict[str, Any]]) -> Table:
    table = Table("check", "holds", "at", "evidence")
    for check in checks:
        at = ", ".join(check["refusal"]["at"]) if check["refusal"] else ""
        add(table, check["code"], "yes" if check["holds"] else "NO", at, check["evidence"])
    return table
