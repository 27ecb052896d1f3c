"""`report.html`: one file that holds its pictures, its style and its script."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from keyhole.anatomy.spine import Spine
from keyhole.errors import OutputError
from keyhole.files import write_whole
from keyhole.progress import Progress, part_of, silent
from keyhole.report.album import Album, fill_album, set_stage, usual_wobble
from keyhole.report.page import option_part, page
from keyhole.scan.volume import Volume

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
    text = render(plan, spine, image, progress=progress)
    target = folder / NAME
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(target, text)
    except OSError as error:
        raise OutputError(
            "output-unwritable",
            asked="A report was to be written.",
            found=f"The output folder cannot be written: {error.strerror}.",
            next="Give another folder with --out.",
        ) from error
    return target


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
    shelf = Environment(
        loader=PackageLoader("keyhole.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    progress("report", 1)
    words = page(plan, parts, wobble, stage)
    return shelf.get_template("report.html").render(words)
