"""The inactivity ledger: what was not moved, and what that has been found to go with."""

from datetime import date, timedelta
from functools import cache

from attrs import frozen

from keyhole.recovery.course.model import Course, Episode
from keyhole.shipped import shipped

_ROUND_DAYS = 7
"""A mean of steps round a day is of so many days up to it. Unsourced."""


@frozen(kw_only=True)
class Consequence:
    """A published association, for values from `low` to below `below`; for steps, on a day."""

    measure: str
    text: str
    source: str
    low: float = float("-inf")
    below: float = float("inf")
    day: int | None = None


@frozen(kw_only=True)
class Entry:
    """One line of the ledger: the value, and the published consequences that speak of it."""

    measure: str
    value: float
    unit: str
    days: int
    consequences: tuple[Consequence, ...]


def inactivity(course: Course, today: date) -> tuple[Entry, ...]:
    """Hours to the first walk, hours lain and sat, and steps at six weeks, as far as entered."""
    episode = course.episode_at(today)
    if episode is None:
        return ()
    found = [_first_walk(course, episode, today)]
    found += [_summed(course, name, episode, today) for name in ("lying", "sitting")]
    found += [_steps_at(course, episode, today, one.day) for one in consequences() if one.day]
    return tuple(entry for entry in found if entry)


def _first_walk(course: Course, episode: Episode, today: date) -> Entry | None:
    hours = [m.value for m in course.series("first_walk") if episode.on <= m.on <= today]
    return _entry("first_walk", hours[0], "h", 1, None) if hours else None


def _summed(course: Course, name: str, episode: Episode, today: date) -> Entry | None:
    minutes = [m.value for m in course.series(name) if episode.on <= m.on <= today]
    return _entry(name, sum(minutes) / 60, "h", len(minutes), None) if minutes else None


def _steps_at(course: Course, episode: Episode, today: date, day: int | None) -> Entry | None:
    if day is None or today < episode.on + timedelta(days=day):
        return None
    end = episode.on + timedelta(days=day)
    counts = [
        m.value for m in course.series("steps") if end - timedelta(days=_ROUND_DAYS) < m.on <= end
    ]
    return _entry("steps", sum(counts) / len(counts), "1", len(counts), day) if counts else None


def _entry(measure: str, value: float, unit: str, days: int, day: int | None) -> Entry:
    speak = tuple(
        one
        for one in consequences()
        if one.measure == measure and one.day == day and one.low <= value < one.below
    )
    return Entry(measure=measure, value=value, unit=unit, days=days, consequences=speak)


@cache
def consequences() -> tuple[Consequence, ...]:
    """Every association of `inactivity.toml`."""
    rows = shipped("keyhole.recovery.movement", "inactivity.toml")["consequence"]
    return tuple(Consequence(**row) for row in rows)
