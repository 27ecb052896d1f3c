"""`keyhole follow alarms`: red flags of a course."""

from typing import Any

from rich.table import Table

from keyhole.cli.answer import Answer, answering
from keyhole.cli.follow_options import CourseFile, Today, day
from keyhole.cli.tables import add as add_row

_NEVER = "No flag here means that no sign was entered. It never means that all is well."


@answering
def alarms(course: CourseFile, *, today: Today = None) -> Answer:
    """Tell every red flag that is raised, the most urgent first, with the time to act in."""
    from keyhole.recovery.course import read_course
    from keyhole.recovery.flags import raised

    found = raised(read_course(course), day(today))
    data = [
        {
            "flag": one.flag.name,
            "since": one.since.isoformat(),
            "signs": list(one.signs),
            "action": one.flag.action,
            "within": one.flag.within,
            "within_h": one.flag.within_h,
            "source": one.flag.source,
            "confidence": one.flag.confidence,
        }
        for one in found
    ]
    return Answer(data={"red_flags": data, "note": _NEVER}, pages=[_table(data), _NEVER])


def _table(rows: list[dict[str, Any]]) -> Table:
    table = Table("within", "flag", "since", "signs", "what to do", "source")
    for row in rows:
        add_row(
            table,
            row["within"],
            row["flag"],
            row["since"],
            ", ".join(row["signs"]),
            row["action"],
            row["source"],
        )
    return table
