"""`keyhole plan`: a plan for this patient, written where asked."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from keyhole.cli.answer import Answer, answering, refused
from keyhole.cli.bar import progress_bar
from keyhole.cli.opening import Files, Opened, Trust, modelled, open_patient
from keyhole.cli.options import (
    Accept,
    Call,
    Config,
    Force,
    LabelFiles,
    Out,
    Scan,
    Seed,
    Series,
    Sides,
)
from keyhole.cli.output import PLAN, ready_folder
from keyhole.cli.tables import screw_table
from keyhole.errors import Refusal
from keyhole.progress import Progress, part_of

if TYPE_CHECKING:
    from keyhole.anatomy.spine import Spine
    from keyhole.plan.model import Plan, Request
    from keyhole.plan.settings import Settings


@answering
def plan(  # noqa: PLR0913 - a command's options are its parameters
    scan: Scan,
    *,
    goal: Annotated[
        str, typer.Option("--goal", metavar="GOAL", help="stabilize; others are not built yet.")
    ],
    at: Annotated[
        list[str],
        typer.Option("--at", metavar="WHERE", help="A level L3, a segment L4/5 or a range L1-S1."),
    ],
    labels: LabelFiles = None,
    side: Annotated[Sides, typer.Option("--side", help="Where the target is.")] = "both",
    approach: Annotated[Sides, typer.Option("--approach", help="Limit the way in.")] = "both",
    technique: Annotated[
        list[str] | None, typer.Option("--technique", metavar="NAME", help="Only this technique.")
    ] = None,
    series: Series = None,
    call: Call = None,
    accept: Accept = None,
    config: Config = None,
    seed: Seed = 0,
    out: Out = None,
    force: Force = False,
) -> Answer:
    """Plan an operation: screws, their room, and a report."""
    from keyhole.plan.request import Words, make_request
    from keyhole.plan.settings import Settings

    settings = Settings.read(config)
    words = Words(
        goal=goal,
        at=at,
        side=side,
        approach=approach,
        techniques=technique or (),
        accept=accept or (),
        call=call or (),
        seed=seed,
    )
    request = make_request(words, settings.as_data())
    folder = ready_folder(out, force=force) if out else None
    files = Files(scan=scan, labels=labels or (), series=series)
    with progress_bar() as progress:
        return planned(files, request, settings, folder=folder, progress=progress)


def planned(
    files: Files,
    request: "Request",
    settings: "Settings",
    *,
    folder: Path | None,
    progress: Progress,
) -> Answer:
    """The answer of a request to a patient; report and plan are written into `folder`."""
    trust = Trust(accept=request.accept, call=request.call)
    opened = open_patient(files, trust, settings, part_of(progress, 0, 0.2))
    if opened.checks.fatal:
        return refused([opened.checks.fatal, *opened.checks.refusals])
    made, spine = model_and_plan(opened, request, settings, part_of(progress, 0.2, 0.8))
    if not any(option.feasible for option in made.options):
        return refused(_all_refused(made))
    report = _write(folder, made, (spine, opened), part_of(progress, 0.8, 1))
    return _answer(made, opened.checks.accepted, report)


def _all_refused(made: "Plan") -> list[Refusal]:
    """Why nothing is planned, then what is offered instead."""
    refusals = [r for option in made.options for r in option.refusals]
    return [*refusals, *(offer for option in made.options for offer in option.warnings)]


def model_and_plan(
    opened: Opened, request: "Request", settings: "Settings", progress: Progress
) -> "tuple[Plan, Spine]":
    """Model the levels asked for and their neighbours, then plan."""
    from keyhole.plan.assemble import make_plan
    from keyhole.plan.request import demand_places

    levels = demand_places(request, opened.labels.levels)
    patient = modelled(opened, levels, part_of(progress, 0, 0.4))
    return make_plan(patient, request, settings, part_of(progress, 0.4, 1)), patient.spine


def refusals_told(made: "Plan") -> list[Refusal]:
    """Everything the plan refuses and warns of."""
    told = list(made.scan.warnings)
    for option in made.options:
        told += [*option.refusals, *option.warnings]
        told += [warning for screw in option.screws for warning in screw.warnings]
    return list(dict.fromkeys(told))


def _write(
    folder: Path | None, made: "Plan", drawn: "tuple[Spine, Opened]", progress: Progress
) -> Path | None:
    """Report first, plan last: a folder with a plan.json is complete."""
    if folder is None:
        return None
    from keyhole.plan.plan_file import to_data, write_plan
    from keyhole.report import write_report

    spine, opened = drawn
    report = write_report(folder, to_data(made), spine, opened.image, progress=progress)
    write_plan(folder / PLAN, made)
    return report


def _answer(made: "Plan", accepted: Sequence[Refusal], report: Path | None) -> Answer:
    from keyhole.plan.plan_file import to_data

    data = to_data(made)
    pages: list[Any] = []
    for option in data["options"]:
        pages.append(f"{option['id']}: {option['technique']}")
        pages.append(screw_table(option["screws"]))
        pages += [rod_line(rod) for rod in option["rods"]]
    pages.append(f"Accuracy of this scan: {data['scan']['accuracy']}. {data['disclaimer']}")
    if report is not None:
        pages.append(f"The report is {report.name}, beside {PLAN}.")
    return Answer(data=data, pages=pages, told=refusals_told(made), accepted=accepted)


def rod_line(rod: dict[str, Any]) -> str:
    """One rod in words."""
    return (
        f"rod {rod['side']}: {', '.join(rod['levels'])}; "
        f"a head lies {rod['largest_head_distance_mm']:.1f} mm off it at most"
    )
