"""`report.html`: one file that holds its pictures, its style and its script."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from keyhole.anatomy.spine import Spine
from keyhole.errors import OutputError
from keyhole.files import write_whole
from keyhole.findings.model import NO_INDICATION
from keyhole.progress import Progress, part_of, silent
from keyhole.report.album import Album, fill_album, set_stage, usual_wobble
from keyhole.report.findings_part import FindingsPart, findings_page, findings_part
from keyhole.report.page import option_part, page
from keyhole.scan.volume import Volume
from keyhole.view import Stage

NAME = "report.html"


def write_report(
    folder: Path,
    plan: Mapping[str, Any],
    spine: Spine,
    image: Volume | None,
    *,
    progress: Progress = silent,
) -> Path:
    """Write `report.html` into a folder and return where it lies.

    Args:
        folder: made if it is not there; a report already in it is replaced in one step.
        plan: the object of `plan.json` (CONTRACT.md).
        spine: the model that the plan was made on.
        image: the scan; None where labels stand alone.
        progress: told what is being drawn.

    Raises:
        AnatomyError: `level-not-there` or `pedicle-unseen`: the plan is not this spine's.
        OutputError: `output-unwritable`.

    """
    _write(folder, render(plan, spine, image, progress=progress))
    return folder / NAME


def write_findings_report(
    folder: Path,
    sheet: Mapping[str, Any],
    spine: Spine,
    image: Volume | None,
    *,
    progress: Progress = silent,
) -> Path:
    """Write `report.html` with the pages of findings into a folder and return where it lies.

    Args:
        folder: made if it is not there; a report already in it is replaced in one step.
        sheet: the object of `findings.json`.
        spine: the model that was measured on.
        image: the scan; None where labels stand alone.
        progress: told what is being drawn.

    Raises:
        OutputError: `output-unwritable`.

    """
    _write(folder, render_findings(sheet, spine, image, progress=progress))
    return folder / NAME


def _write(folder: Path, text: str) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / NAME, text)
    except OSError as error:
        raise OutputError(
            "output-unwritable",
            asked="A report was to be written.",
            found=f"The output folder cannot be written: {error.strerror}.",
            next="Give another folder with --out.",
        ) from error


def render(
    plan: Mapping[str, Any],
    spine: Spine,
    image: Volume | None,
    *,
    progress: Progress = silent,
) -> str:
    """The page's HTML."""
    stage, wobble = set_stage(plan, spine, image), usual_wobble(plan)
    parts = []
    for n, option in enumerate(plan["options"]):
        share = part_of(progress, n / len(plan["options"]), (n + 1) / len(plan["options"]))
        album: Album | None = None
        if option["screws"]:
            album = fill_album(stage, option, wobble, share)
        parts.append(option_part(option, album))
    words = page(plan, parts, wobble, stage) | {"findings": _findings(plan, stage)}
    progress("report", 1)
    return _shelf().get_template("report.html").render(words)


def _findings(plan: Mapping[str, Any], stage: Stage) -> FindingsPart | None:
    return findings_part(plan["findings"], stage, NO_INDICATION) if plan["findings"] else None


def render_findings(
    sheet: Mapping[str, Any],
    spine: Spine,
    image: Volume | None,
    *,
    progress: Progress = silent,
) -> str:
    """The HTML of a sheet of findings."""
    stage = set_stage(sheet, spine, image)
    part = findings_part(sheet["findings"], stage, sheet["indication"], progress)
    progress("report", 1)
    return _shelf().get_template("findings_report.html").render(findings_page(sheet, part))


def _shelf() -> Environment:
    return Environment(
        loader=PackageLoader("keyhole.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
