"""`keyhole follow rehab`: a patient's rehabilitation, dated; a calendar and a page."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from keyhole.cli.answer import Answer, answering
from keyhole.cli.follow_options import CourseFile, Today, day
from keyhole.cli.options import Force, Out
from keyhole.cli.output import ready_folder
from keyhole.cli.tables import add as add_row

if TYPE_CHECKING:
    from keyhole.recovery.rehab import Plan

_CALENDAR, _PAGE = "rehab.ics", "rehab.html"


@answering
def rehab(
    course: CourseFile,
    *,
    protocol: Annotated[
        Path | None,
        typer.Option("--protocol", metavar="FILE.toml", help="The clinic's own protocol."),
    ] = None,
    today: Today = None,
    out: Out = None,
    force: Force = False,
) -> Answer:
    """Date the rehabilitation after the last operation; write calendar and page with --out."""
    from keyhole.files import write_whole
    from keyhole.recovery.course import read_course
    from keyhole.recovery.rehab import calendar, patient_page, read_protocol, rehab_plan

    on = day(today)
    chosen = read_protocol(protocol) if protocol else None
    plan = rehab_plan(read_course(course), on, protocol=chosen)
    pages: list[Any] = [_table(plan), *plan.protocol.disagree]
    if out:
        folder = ready_folder(out, force=force)
        write_whole(folder / _CALENDAR, calendar(plan, on))
        write_whole(folder / _PAGE, patient_page(plan, on))
        pages.append(f"Calendar: {_CALENDAR}. Page for the patient: {_PAGE}.")
    return Answer(data=_data(plan, on), pages=pages)


def _data(plan: "Plan", on: date) -> dict[str, Any]:
    return {
        "today": on.isoformat(),
        "operation": plan.episode.on.isoformat(),
        "protocol": plan.protocol.name,
        "adherence": plan.adherence,
        "adherence_reason": None if plan.adherence is not None else "no exercise was due yet",
        "disagree": list(plan.protocol.disagree),
        "items": [
            {
                "id": one.item.id,
                "kind": one.item.kind,
                "from": one.start.isoformat(),
                "to": one.end.isoformat(),
                "state": one.state,
                "done": one.done,
                "due": one.due,
                "text": one.item.text,
                "source": one.item.source,
            }
            for one in plan.items
        ],
    }


def _table(plan: "Plan") -> Table:
    table = Table("from", "to", "kind", "what", "today", "done", "source")
    table.title = plan.protocol.title
    for one in plan.items:
        add_row(
            table,
            one.start.isoformat(),
            one.end.isoformat(),
            one.item.kind,
            one.item.text,
            one.state,
            f"{one.done} of {one.due}" if one.item.kind == "exercise" else str(one.done or "-"),
            one.item.source,
        )
    return table
