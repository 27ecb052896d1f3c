"""`keyhole follow show` and `keyhole follow due`: one patient at a glance, and what is due."""

from typing import TYPE_CHECKING, Any

from rich.table import Table

from keyhole.cli.answer import Answer, answering
from keyhole.cli.follow_options import CourseFile, Today, day
from keyhole.cli.options import Force, Out
from keyhole.cli.output import ready_folder
from keyhole.cli.tables import add as add_row

if TYPE_CHECKING:
    from keyhole.recovery.due import Due
    from keyhole.recovery.overview import Overview

_PAGE = "course.html"
_NEVER = "No flag here never means that all is well."


@answering
def show(
    course: CourseFile, *, today: Today = None, out: Out = None, force: Force = False
) -> Answer:
    """Show scores with sparklines, flags and alarms; write the page with its roads with --out."""
    from keyhole.files import write_whole
    from keyhole.recovery.course import read_course
    from keyhole.recovery.overview import gather, overview_page
    from keyhole.recovery.overview.page import sparks

    patient = read_course(course)
    overview = gather(patient, day(today))
    pages: list[Any] = [_scores(overview, sparks(overview)), *_told(overview), _NEVER]
    if out:
        folder = ready_folder(out, force=force)
        write_whole(folder / _PAGE, overview_page(patient, overview))
        pages.append(f"The page is {_PAGE}.")
    return Answer(data=_data(overview), pages=pages)


@answering
def due(course: CourseFile, *, today: Today = None) -> Answer:
    """Tell which questionnaires and measures came, are due, were missed or are to come."""
    from keyhole.recovery.course import read_course
    from keyhole.recovery.due import due as slots_of

    found = slots_of(read_course(course), day(today))
    table = Table("what", "day", "from", "to", "state")
    rows = [_slot(one) for one in found]
    for row in rows:
        add_row(table, row["what"], str(row["day"]), row["from"], row["to"], row["state"])
    return Answer(data={"due": rows}, pages=[table])


def _slot(one: "Due") -> dict[str, Any]:
    return {
        "what": one.slot.what,
        "kind": one.slot.kind,
        "day": one.slot.day,
        "from": one.first.isoformat(),
        "to": one.last.isoformat(),
        "state": one.state,
    }


def _scores(overview: "Overview", sparks: list[str]) -> Table:
    table = Table("score", "last", "unit", "on", "better", "course")
    for one, spark in zip(overview.scores, sparks, strict=True):
        add_row(
            table,
            one.name,
            f"{one.values[-1]:g}",
            one.unit,
            one.days[-1].isoformat(),
            one.better,
            spark,
        )
    return table


def _told(overview: "Overview") -> list[str]:
    """A line for each red flag, alarm and departure, the most urgent first."""
    lines = [
        f"RED FLAG {one.flag.name} ({one.flag.within}): {one.flag.action}"
        for one in overview.red_flags
    ]
    lines += [f"ALARM {a.watch.name} on {a.on}: {a.watch.action}" for a in overview.alarms]
    lines += [
        f"OFF THE ROAD {d.name}: {d.value:g} on {d.on}, expected {d.low:.1f} to {d.high:.1f}"
        for d in overview.departures
    ]
    lines += [f"No score: {words}" for words in overview.unscored]
    if overview.opioids and overview.opioids.days:
        lines.append(f"Opioids: {overview.opioids.total_mme:.0f} MME, {overview.opioids.taper}.")
    return lines


def _data(overview: "Overview") -> dict[str, Any]:
    return {
        "today": overview.today.isoformat(),
        "operation": overview.episode.on.isoformat() if overview.episode else None,
        "red_flags": [one.flag.name for one in overview.red_flags],
        "alarms": [{"name": a.watch.name, "on": a.on.isoformat()} for a in overview.alarms],
        "departures": [
            {"name": d.name, "on": d.on.isoformat(), "value": d.value, "low": d.low, "high": d.high}
            for d in overview.departures
        ],
        "scores": [
            {
                "name": one.name,
                "unit": one.unit,
                "values": [
                    [on.isoformat(), value] for on, value in zip(one.days, one.values, strict=True)
                ],
            }
            for one in overview.scores
        ],
        "unscored": list(overview.unscored),
        "due": [_slot(one) for one in overview.due if one.state in ("due", "missed")],
        "note": _NEVER,
    }
