"""All that the room can say of one course on one day."""

from collections.abc import Iterable, Iterator
from datetime import date

from attrs import frozen

from keyhole.errors import RecoveryError
from keyhole.recovery.complications import Complication, complications
from keyhole.recovery.course.model import Answered, Course, Episode
from keyhole.recovery.course.vocabulary import believed, vocabulary
from keyhole.recovery.due import Due, due
from keyhole.recovery.flags import Raised, raised
from keyhole.recovery.medicines import Opioids, opioids
from keyhole.recovery.movement.inactivity import Entry, inactivity
from keyhole.recovery.rehab import Plan, rehab_plan
from keyhole.recovery.road import Departure, departures
from keyhole.recovery.scores import Score, score
from keyhole.recovery.scores.important import Judged, important
from keyhole.recovery.scores.instrument import Better
from keyhole.recovery.watch import Alarm, alarms


@frozen(kw_only=True)
class Scored:
    """Every value of one measure or score up to today, by day."""

    name: str
    unit: str
    low: float
    high: float
    better: Better
    days: tuple[date, ...]
    values: tuple[float, ...]


@frozen(kw_only=True)
class Overview:
    """One course on one day. Without an operation there is neither opioid sum nor plan.

    `important` judges each score since before the operation by every published threshold.
    `unscored` says of every questionnaire that has no score why: `odi of 2026-03-02: ...`.
    """

    today: date
    episode: Episode | None
    red_flags: tuple[Raised, ...]
    alarms: tuple[Alarm, ...]
    departures: tuple[Departure, ...]
    due: tuple[Due, ...]
    scores: tuple[Scored, ...]
    unscored: tuple[str, ...]
    important: tuple[tuple[str, Judged], ...]
    complications: tuple[Complication, ...]
    inactivity: tuple[Entry, ...]
    opioids: Opioids | None
    rehab: Plan | None
    rehab_reason: str | None


def gather(course: Course, today: date) -> Overview:
    """Everything known on that day; what lies after it is not read.

    Raises:
        RecoveryError: `measure-impossible`; `dose-unit`.

    """
    believed(course.measures)
    episode = course.episode_at(today)
    rehab, reason = _rehab(course, today)
    scores, unscored = _questionnaires(course, today)
    measures = _measures(course, today)
    return Overview(
        today=today,
        episode=episode,
        red_flags=raised(course, today),
        alarms=alarms(course, today),
        departures=departures(course, today),
        due=due(course, today),
        scores=(*measures, *scores),
        unscored=tuple(unscored),
        important=tuple(_changes((*measures, *scores), episode)),
        complications=tuple(one for one in complications(course) if one.on <= today),
        inactivity=inactivity(course, today),
        opioids=opioids(course.intakes, episode.on, today) if episode else None,
        rehab=rehab,
        rehab_reason=reason,
    )


def _rehab(course: Course, today: date) -> tuple[Plan | None, str | None]:
    try:
        return rehab_plan(course, today), None
    except RecoveryError as error:
        return None, error.refusal.found


_INSTRUMENTS = {"back_pain": "nrs-back", "leg_pain": "nrs-leg"}
"""Measures whose thresholds stand under a questionnaire's name."""


def _changes(scores: Iterable[Scored], episode: Episode | None) -> Iterator[tuple[str, Judged]]:
    """Each score's change since the last value before the operation, by every threshold."""
    if episode is None:
        return
    for one in scores:
        earlier = [v for day, v in zip(one.days, one.values, strict=True) if day < episode.on]
        if one.days[-1] > episode.on:
            name = _INSTRUMENTS.get(one.name, one.name)
            before = earlier[-1] if earlier else None
            yield from (
                (one.name, judged) for judged in important(name, before, one.values[-1], one.better)
            )


def _measures(course: Course, today: date) -> list[Scored]:
    found = []
    for name, meaning in vocabulary().items():
        rows = [row for row in course.series(name) if row.on <= today]
        if rows:
            found.append(
                Scored(
                    name=name,
                    unit=meaning.unit,
                    low=meaning.low,
                    high=meaning.high,
                    better=meaning.better,
                    days=tuple(row.on for row in rows),
                    values=tuple(row.value for row in rows),
                )
            )
    return found


def _questionnaires(course: Course, today: date) -> tuple[list[Scored], list[str]]:
    """The main score of every questionnaire filled in, and why others have none."""
    found: dict[str, list[tuple[date, Score]]] = {}
    unscored = []
    for row in course.answered:
        if row.on > today:
            continue
        try:
            found.setdefault(row.instrument, []).append((row.on, _main_score(row)))
        except RecoveryError as error:
            unscored.append(f"{row.instrument} of {row.on}: {error.refusal.found}")
    return [_scored(name, rows) for name, rows in found.items() if rows], unscored


def _main_score(row: Answered) -> Score:
    return score(row.instrument, row.answers)[0]


def _scored(name: str, rows: list[tuple[date, Score]]) -> Scored:
    first = rows[0][1]
    return Scored(
        name=name,
        unit=first.unit,
        low=first.low,
        high=first.high,
        better=first.better,
        days=tuple(day for day, _ in rows),
        values=tuple(one.value for _, one in rows),
    )
