"""`keyhole check`: an edited plan verified again, against its scan."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from keyhole.cli.answer import REFUSED, Answer, answering, refused
from keyhole.cli.bar import progress_bar
from keyhole.cli.opening import Files, Opened, Trust, open_patient
from keyhole.cli.options import Config, LabelFiles, Series
from keyhole.errors import PlanError, Refusal
from keyhole.progress import Progress, part_of

if TYPE_CHECKING:
    from keyhole.plan.model import Plan
    from keyhole.plan.settings import Settings

PlanFile = Annotated[Path, typer.Argument(metavar="PLAN", help="The plan.json to check.")]
ScanAgain = Annotated[
    Path | None, typer.Argument(metavar="[SCAN]", help="The scan it was made on.")
]


@answering
def check(
    plan: PlanFile,
    scan: ScanAgain = None,
    *,
    labels: LabelFiles = None,
    series: Series = None,
    config: Config = None,
) -> Answer:
    """Check a plan again: its shape, and with the scan every screw in it."""
    from keyhole.plan.plan_file import read_plan
    from keyhole.plan.settings import Settings

    settings = Settings.read(config)
    read = read_plan(plan)
    if scan is None:
        if labels or series:
            raise typer.BadParameter("--labels and --series need a SCAN.")
        return _shape_only()
    files = Files(scan=scan, labels=labels or (), series=series)
    with progress_bar() as progress:
        return _against(read, files, settings, progress)


def _shape_only() -> Answer:
    page = "The file has the shape of a plan. Give the scan to have the screws checked."
    return Answer(data={"holds": None, "checked": "shape"}, pages=[page])


def _against(plan: "Plan", files: Files, settings: "Settings", progress: Progress) -> Answer:
    from keyhole.anatomy import build_spine
    from keyhole.plan.assemble import neighbours
    from keyhole.plan.verify import verify_plan

    trust = Trust(accept=plan.request.accept, call=plan.request.call)
    opened = open_patient(files, trust, settings, part_of(progress, 0, 0.3))
    _demand_same_scan(plan, opened)
    if opened.checks.fatal:
        return refused([opened.checks.fatal, *opened.checks.refusals])
    held = [screw.level for option in plan.options for screw in option.screws]
    wanted = neighbours(held, opened.labels.levels)
    spine = build_spine(
        opened.labels,
        opened.image,
        levels=opened.sound(wanted),
        progress=part_of(progress, 0.3, 0.6),
    )
    found = verify_plan(plan, spine, opened.hounsfield, settings)
    return _judged([*_of_checks(opened, held), *found], _other_labels(plan, opened))


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


def _judged(found: list[Refusal], notes: list[str]) -> Answer:
    against = [r for r in found if r.severity == "refusal"]
    holds = not against
    page = "The plan holds." if holds else "The plan does not hold."
    data = {
        "holds": holds,
        "checked": "screws",
        "refusals": [r.as_data() for r in against],
        "warnings": [r.as_data() for r in found if r.severity == "warning"],
        "notes": notes,
    }
    return Answer(data=data, pages=[*notes, page], told=found, code=0 if holds else REFUSED)
