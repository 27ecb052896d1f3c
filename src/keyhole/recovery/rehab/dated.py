"""A protocol dated for one patient, and how much of it was done.

Done is what somebody entered: an event `done` whose grade is the item's id, once for each time.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Literal

from attrs import frozen

from keyhole.errors import RecoveryError
from keyhole.recovery.course.model import Course, Episode
from keyhole.recovery.rehab.protocol import Item, Protocol, protocol_for

State = Literal["to come", "now", "reached", "past"]
DONE = "done"


@frozen(kw_only=True)
class Dated:
    """One item with its days, its state today, and for exercises how often it was done of how
    often it was due by today.
    """

    item: Item
    start: date
    end: date
    state: State
    done: int
    due: int


@frozen(kw_only=True)
class Plan:
    """A patient's rehabilitation after one operation. `adherence` is done over due exercises."""

    episode: Episode
    protocol: Protocol
    items: tuple[Dated, ...]
    adherence: float | None


def rehab_plan(course: Course, today: date, *, protocol: Protocol | None = None) -> Plan:
    """The plan after the last operation on or before today.

    Args:
        course: the patient's.
        today: the day on which it is looked at.
        protocol: a clinic's own; the shipped one for the operation where None.

    Raises:
        RecoveryError: `operation-missing`; `protocol-missing`.

    """
    episode = course.episode_at(today)
    if episode is None:
        raise RecoveryError(
            "operation-missing",
            asked="A rehabilitation plan was asked for.",
            found=f"The course holds no operation on or before {today}.",
            next="Enter the operation first.",
        )
    chosen = protocol or protocol_for(episode)
    items = tuple(_dated(item, course, episode, today) for item in chosen.items)
    exercises = [one for one in items if one.item.kind == "exercise" and one.due]
    due = sum(one.due for one in exercises)
    done = sum(min(one.done, one.due) for one in exercises)
    in_order = tuple(sorted(items, key=lambda one: (one.start, one.end)))
    return Plan(
        episode=episode,
        protocol=chosen,
        items=in_order,
        adherence=done / due if due else None,
    )


def _dated(item: Item, course: Course, episode: Episode, today: date) -> Dated:
    start = episode.on + timedelta(days=item.from_day)
    end = episode.on + timedelta(days=item.to_day)
    done = _done(item, course, episode.on, min(today, end) if item.kind == "exercise" else today)
    days = (min(today, end) - start).days + 1
    return Dated(
        item=item,
        start=start,
        end=end,
        state=_state(item, start, end, today, done),
        done=done,
        due=max(days, 0) * item.times_a_day if item.kind == "exercise" else 0,
    )


def _done(item: Item, course: Course, since: date, until: date) -> int:
    events: Sequence[object] = [
        event
        for event in course.events
        if event.code == DONE and event.grade == item.id and since <= event.on <= until
    ]
    return len(events)


def _state(item: Item, start: date, end: date, today: date, done: int) -> State:
    if item.kind in ("milestone", "visit") and done:
        return "reached"
    if today < start:
        return "to come"
    return "now" if today <= end else "past"
