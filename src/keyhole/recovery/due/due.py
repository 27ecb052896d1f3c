"""What is due for one patient today."""

from datetime import date, timedelta
from typing import Literal

from attrs import frozen

from keyhole.recovery.course.model import Course
from keyhole.recovery.due.schedule import Slot, slots

State = Literal["came", "due", "missed", "to come"]


@frozen(kw_only=True)
class Due:
    """One slot of one patient: its dates and whether what it asks for came within them."""

    slot: Slot
    first: date
    last: date
    state: State


def due(course: Course, today: date) -> tuple[Due, ...]:
    """Every slot round the last operation on or before today, or else the next one.

    A course without an operation has no slots.
    """
    episode = course.episode_at(today) or next(iter(course.episodes), None)
    if episode is None:
        return ()
    came: dict[str, list[date]] = {}
    for measure in course.measures:
        came.setdefault(measure.name, []).append(measure.on)
    for answered in course.answered:
        came.setdefault(answered.instrument, []).append(answered.on)
    return tuple(_due(slot, episode.on, came.get(slot.what, []), today) for slot in slots())


def _due(slot: Slot, operation: date, came: list[date], today: date) -> Due:
    first, last = (operation + timedelta(days=day) for day in (slot.first, slot.last))
    state: State = "came"
    if not any(first <= day <= min(last, today) for day in came):
        state = "to come" if today < first else "due" if today <= last else "missed"
    return Due(slot=slot, first=first, last=last, state=state)
