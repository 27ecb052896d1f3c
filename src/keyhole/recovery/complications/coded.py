"""The complications of a course: coded events, graded by named scales.

A grade is written `clavien:IIIb` or `saves:II`. An event is laid to the last operation before it.
"""

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

from attrs import frozen

from keyhole.errors import RecoveryError
from keyhole.recovery.course.model import Course, Event
from keyhole.shipped import shipped


@frozen(kw_only=True)
class Complication:
    """One complication: what it is, its grade in words, and how long after which operation.

    `within_window` tells for an infection whether it began within the registry's days.
    """

    on: date
    code: str
    text: str
    scale: str | None
    grade: str | None
    grade_text: str | None
    episode: str | None
    days: int | None
    within_window: bool | None
    source: str | None


def complications(course: Course) -> tuple[Complication, ...]:
    """Every complication entered, by its day.

    Raises:
        RecoveryError: `grade-unknown` for a scale or grade that is none.

    """
    codes = _tables()["codes"]
    return tuple(_coded(event, course) for event in course.events if event.code in codes)


def _coded(event: Event, course: Course) -> Complication:
    episode = course.episode_at(event.on)
    scale, grade, words, source = _grade(event)
    days = (event.on - episode.on).days if episode else None
    return Complication(
        on=event.on,
        code=event.code,
        text=_tables()["codes"][event.code],
        scale=scale,
        grade=grade,
        grade_text=words,
        episode=episode.id if episode else None,
        days=days,
        within_window=_within(event.code, days),
        source=source,
    )


def _grade(event: Event) -> tuple[str | None, str | None, str | None, str | None]:
    """Scale, grade, words and source; all None where none was given."""
    if event.grade is None:
        return None, None, None, None
    scales: Mapping[str, Any] = _tables()["scales"]
    name, _, grade = event.grade.partition(":")
    if name not in scales or grade not in scales[name]["grades"]:
        known = "; ".join(f"{n}: {', '.join(s['grades'])}" for n, s in scales.items())
        raise RecoveryError(
            "grade-unknown",
            asked=f"The grade of {event.code} on {event.on} was to be read.",
            found="It names no grade of a scale that Keyhole knows.",
            next=f"Write it as clavien:IIIb or saves:II ({known}).",
        )
    return name, grade, scales[name]["grades"][grade], scales[name]["source"]


def _within(code: str, days: int | None) -> bool | None:
    if not code.startswith("infection_") or days is None:
        return None
    return bool(days <= _tables()["infection"][f"{code.removeprefix('infection_')}_days"])


@cache
def _tables() -> Mapping[str, Any]:
    return shipped("keyhole.recovery.complications", "codes.toml")
