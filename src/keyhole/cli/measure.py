"""`keyhole measure`: what is wrong with this spine, in numbers."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from keyhole.cli.answer import Answer, answering, refused
from keyhole.cli.bar import progress_bar
from keyhole.cli.findings_tables import findings_pages
from keyhole.cli.opening import Files, Opened, Trust, modelled, open_patient
from keyhole.cli.options import Accept, Call, Config, Force, LabelFiles, Out, Scan, Series
from keyhole.cli.output import FINDINGS, SR, ready_folder
from keyhole.errors import Refusal
from keyhole.files import write_whole
from keyhole.progress import Progress, part_of, silent

if TYPE_CHECKING:
    from keyhole.findings import Finding
    from keyhole.plan.assemble import Patient
    from keyhole.plan.settings import Settings
    from keyhole.plan.sheet import MeasureRequest, Sheet

At = Annotated[
    list[str] | None,
    typer.Option("--at", metavar="WHERE", help="A level L3, a segment L4/5 or a range; else all."),
]


@answering
def measure(  # noqa: PLR0913 - a command's options are its parameters
    scan: Scan,
    *,
    labels: LabelFiles = None,
    at: At = None,
    series: Series = None,
    call: Call = None,
    accept: Accept = None,
    config: Config = None,
    out: Out = None,
    force: Force = False,
) -> Answer:
    """Measure what a spine radiologist would report, each finding graded and with its error."""
    from keyhole.plan.request import parse_accept, parse_call, parse_places
    from keyhole.plan.settings import Settings
    from keyhole.plan.sheet import MeasureRequest

    settings = Settings.read(config)
    request = MeasureRequest(
        at=parse_places(at) if at else (),
        accept=parse_accept(accept or ()),
        call=parse_call(call or ()),
        settings=settings.as_data(),
    )
    folder = ready_folder(out, force=force) if out else None
    files = Files(scan=scan, labels=labels or (), series=series)
    with progress_bar() as progress:
        return measured(files, request, settings, folder=folder, progress=progress)


def measured(
    files: Files,
    request: "MeasureRequest",
    settings: "Settings",
    *,
    folder: Path | None,
    progress: Progress,
) -> Answer:
    """The findings that a request asks for; report and findings are written into `folder`."""
    from keyhole.plan.sheet import sheet_data

    trust = Trust(accept=request.accept, call=request.call)
    opened = open_patient(files, trust, settings, part_of(progress, 0, 0.2))
    if opened.checks.fatal:
        return refused([opened.checks.fatal, *opened.checks.refusals])
    levels, places = _asked(request, opened.labels.levels)
    told = _told(opened, levels)
    if levels and not opened.sound(levels):
        return refused(told)
    patient = modelled(opened, levels, part_of(progress, 0.2, 0.5))
    told += patient.spine.refusals
    found = _findings(patient, settings, places, part_of(progress, 0.5, 0.7))
    if not found:
        return refused(told)
    sheet = _sheet(patient, request, settings, found)
    data = sheet_data(sheet)
    if folder is not None:
        told += _write(folder, data, patient, files, part_of(progress, 0.7, 1))
    return _answer(data, told, opened.checks.accepted, folder)


def _asked(request: "MeasureRequest", present: Sequence[str]) -> tuple[list[str], list[str] | None]:
    """The levels that a request touches, and the places to measure; None where it is all.

    Raises:
        RequestError: `level-not-there`.

    """
    from keyhole.levels import places

    if not request.at:
        return list(present), None
    levels, segments = places(request.at, present)
    return levels, [*levels, *segments]


def _findings(
    patient: "Patient", settings: "Settings", places: Sequence[str] | None, progress: Progress
) -> "tuple[Finding, ...]":
    from keyhole.findings import measure as measure_all
    from keyhole.plan.sheet import subject_of

    return measure_all(subject_of(patient, settings.error), places, progress=progress)


def _sheet(
    patient: "Patient",
    request: "MeasureRequest",
    settings: "Settings",
    found: "Sequence[Finding]",
) -> "Sheet":
    from keyhole import __version__
    from keyhole.plan.assemble import scan_info
    from keyhole.plan.sheet import Sheet

    return Sheet(
        keyhole=__version__,
        request=request,
        scan=scan_info(patient, settings.error),
        findings=tuple(found),
    )


def _told(opened: Opened, levels: Sequence[str]) -> list[Refusal]:
    """What the checks say of these levels and of the scan as a whole."""
    checks = opened.checks
    told = [*checks.accepted, *checks.refusals, *opened.warnings, *checks.warnings]
    return [r for r in dict.fromkeys(told) if not r.at or set(r.at) & set(levels)]


def _write(
    folder: Path, data: dict[str, Any], patient: "Patient", files: Files, progress: Progress
) -> list[Refusal]:
    """Report first, findings last: a folder with a findings.json is complete.

    Returns what could not be written for want of an extra.
    """
    from keyhole.plan.plan_file import write_json
    from keyhole.report import write_findings_report

    write_findings_report(folder, data, patient.spine, patient.image, progress=progress)
    refusals = _write_sr(folder, data, files) if files.scan.is_dir() else []
    write_json(folder / FINDINGS, data, "findings were")
    return refusals


def _write_sr(folder: Path, data: dict[str, Any], files: Files) -> list[Refusal]:
    """The findings as a DICOM structured report, beside the slices that they were measured on."""
    from keyhole.errors import OutputError
    from keyhole.report.findings_sr import findings_sr
    from keyhole.scan.dicom_series import choose, find_series

    slices = choose(find_series(files.scan, silent), files.series).slices
    try:
        report = findings_sr(data, [one.header for one in slices])
    except OutputError as error:
        return [error.refusal]
    stream = io.BytesIO()
    report.save_as(stream)
    write_whole(folder / SR, stream.getvalue())
    return []


def _answer(
    data: dict[str, Any],
    told: Sequence[Refusal],
    accepted: Sequence[Refusal],
    folder: Path | None,
) -> Answer:
    pages = findings_pages(data)
    if folder is not None:
        pages.append(f"The report is report.html, beside {FINDINGS}.")
    return Answer(data=data, pages=pages, told=told, accepted=accepted)
