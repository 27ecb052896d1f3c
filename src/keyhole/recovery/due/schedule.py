"""The schedule as slots: one thing asked for, in a window of days round its time point."""

from functools import cache
from typing import Literal

from attrs import frozen

from keyhole.shipped import shipped

Kind = Literal["measure", "questionnaire"]


@frozen(kw_only=True)
class Slot:
    """`what` is asked for at `day` after the operation; from `first` to `last` it counts."""

    what: str
    kind: Kind
    day: int
    first: int
    last: int


@cache
def slots() -> tuple[Slot, ...]:
    """Every slot of `schedule.toml`, by day."""
    data = shipped("keyhole.recovery.due", "schedule.toml")
    windows = {row["day"]: row for row in data["window"]}
    found = [
        Slot(
            what=ask["what"],
            kind=ask["kind"],
            day=day,
            first=day - windows[day]["early"],
            last=day + windows[day]["late"],
        )
        for ask in data["ask"]
        for day in ask["days"]
    ]
    return tuple(sorted(found, key=lambda slot: (slot.day, slot.what)))
