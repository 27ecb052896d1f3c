"""`keyhole check`: an edited plan verified again, against its scan."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from keyhole.cli.answer import REFUSED, Answer, answering, refused
from keyhole.cli.bar import progress_bar
from keyhole.cli.opening import Files, Opened, Trust, modelled, open_patient
from keyhole.cli.options import Config, LabelFiles, Series
from keyhole.cli.tables import add
from keyhole.errors import OutputError, PlanError, Refusal
from keyhole.progress import Progress, part_of

if TYPE_CHECKING:
    from keyhole.plan.model import Plan
    from keyhole.plan.settings import Settings
    from keyhole.plan.verify import Recheck

PlanFile = Annotated[Path, typer.Argument(metavar="PLAN", help="The plan.json to check.")]
ScanAgain = Annotated[
    Path | None, typer.Argument(metavar="[SCAN]", help="The scan it was made on.")
]
Rewrite = Annotated[
    Path | None,
    typer.Option(
        "--rewrite",
        metavar="OUT.json",
        help="Write the plan with the numbers that its screws' places give.",
    ),
]


@answering
def check(
    plan: PlanFile,
    scan: ScanAgain = None,
    *,
    labels: LabelFiles = None,
    series: Series = None,
    config: Config = None,
    rewrite: Rewrite = None,
) -> Answer:
    """Check a plan again: its shape, and with the scan every screw in it."""
    from keyhole.plan.plan_file import read_plan
    from keyhole.plan.settings import Settings

    settings = Settings.read(config)
    read = read_plan(plan)
    if scan is None:
        if labels or series or rewrite:
            raise typer.BadParameter("--labels, --series and --rewrite need a SCAN.")
        return _shape_only()
    if rewrite is not None:
        _demand_new(rewrite)
    files = Files(scan=scan, labels=labels or (), series=series)
    with progress_bar() as progress:
        return _against(read, files, settings, rewrite=rewrite, progress=progress)


def _demand_new(out: Path) -> None:
    if out.exists():
        raise OutputError(
            "output-filled",
            asked="The rewritten plan was to be written to the file given.",
            found="There is such a file already.",
            next="Give another name with --rewrite.",
        )


def _shape_only() -> Answer:
    page = "The file has the shape of a plan. Give the scan to have the screws checked."
    return Answer(data={"holds": None, "checked": "shape"}, pages=[page])


def _against(
    plan: "Plan",
    files: Files,
    settings: "Settings",
    *,
    rewrite: Path | None,
    progress: Progress,
) -> Answer:
    from keyhole.plan.verify import recheck

    trust = Trust(accept=plan.request.accept, call=plan.request.call)
    opened = open_patient(files, trust, settings, part_of(progress, 0, 0.3))
    _demand_same_scan(plan, opened)
    if opened.checks.fatal:
        return refused([opened.checks.fatal, *opened.checks.refusals])
    held = [screw.level for option in plan.options for screw in option.screws]
    spine = modelled(opened, held, part_of(progress, 0.3, 0.6)).spine
    again = recheck(plan, spine, opened.hounsfield, settings)
    return _judged(again, _of_checks(opened, held), _other_labels(plan, opened), rewrite)


def _demand_same_scan(plan: "Plan", opened: Opened) -> None:
    if opened.scan.volume.id != plan.scan.id:
        raise PlanError(
            "scan-differs",
            asked="The plan was to be checked against the scan given.",
            found="It was made on another scan, or on this one resampled or cropped.",
            next="Give the scan and series that the plan was made on.",
        )


def _of_checks(opened: Opened, held: list[str]) -> list[Refusal]:
    """What the scan's checks say against the levels that carry screws."""
    return [r for r in opened.checks.refusals if set(r.at) & set(held)]


def _other_labels(plan: "Plan", opened: Opened) -> list[str]:
    if opened.labels.volume.id == plan.scan.labels_id:
        return []
    return ["The label map is another one than the plan was made on."]


def _judged(
    again: "Recheck", of_checks: list[Refusal], notes: list[str], rewrite: Path | None
) -> Answer:
    """Holds or not; with `--rewrite`, whether it does with the numbers put right."""
    from keyhole.plan.plan_file import write_plan

    found = [*of_checks, *again.found]
    against = [r for r in found if r.severity == "refusal"]
    written = rewrite is not None and not of_checks and again.stale
    if rewrite is not None and written:
        write_plan(rewrite, again.plan)
    holds = not against or written
    data = {
        "holds": holds,
        "checked": "screws",
        "rewritten": written,
        "refusals": [r.as_data() for r in against],
        "warnings": [r.as_data() for r in found if r.severity == "warning"],
        "corrections": [c.as_data() for c in again.corrections],
        "notes": notes,
    }
    pages: list[Any] = [
        *notes,
        *_corrected(again),
        _verdict(holds=holds, written=written, asked=rewrite),
    ]
    return Answer(data=data, pages=pages, told=found, code=0 if holds else REFUSED)


def _corrected(again: "Recheck") -> list[Table]:
    """Every number that differs, beside the one that the geometry gives."""
    if not again.corrections:
        return []
    table = Table("where", "what", "stated", "derived")
    for c in again.corrections:
        add(table, ", ".join(c.at), c.key, c.stated_text, c.derived_text)
    return [table]


def _verdict(*, holds: bool, written: bool, asked: Path | None) -> str:
    if written:
        return "The plan holds with the derived numbers, which were written."
    if holds:
        return "The plan holds." + (" Nothing had to be rewritten." if asked else "")
    advice = " Nothing was rewritten: more than numbers stands against it." if asked else ""
    return f"The plan does not hold.{advice}"
