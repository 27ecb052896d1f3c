"""Has a recovery left its road? The newest value beside what the earlier ones lead to expect."""

from collections.abc import Sequence
from datetime import date

from attrs import frozen

from keyhole.recovery.course.model import Course, Episode
from keyhole.recovery.road.curves import Curve, curves_for
from keyhole.recovery.road.expected import expected


@frozen(kw_only=True)
class Departure:
    """A newest value outside of its prediction interval, on the worse side."""

    name: str
    on: date
    value: float
    low: float
    high: float
    level: float
    source: str


def points_of(course: Course, name: str, episode: Episode, today: date) -> list[tuple[int, float]]:
    """(day after the operation, value) of a measure from the operation to today, one a day.

    What was entered last before the operation stands at day 0.
    """
    found: dict[int, float] = {}
    for measure in course.series(name):
        if measure.on <= today:
            found[max((measure.on - episode.on).days, 0)] = measure.value
    return sorted(found.items())


def departures(course: Course, today: date, level: float = 0.90) -> tuple[Departure, ...]:
    """Every score whose newest value has left the road that the earlier ones lead to expect."""
    episode = course.episode_at(today)
    if episode is None:
        return ()
    found = []
    for curve in curves_for(episode.technique):
        points = points_of(course, curve.name, episode, today)
        if points and points[-1][0] > 0:
            found.append(_departure(curve, points, episode, level))
    return tuple(one for one in found if one is not None)


def _departure(
    curve: Curve, points: Sequence[tuple[int, float]], episode: Episode, level: float
) -> Departure | None:
    *earlier, (day, value) = points
    band = expected(curve, earlier, [day], level)
    low, high = float(band.low[0]), float(band.high[0])
    worse = value > high if curve.better == "lower" else value < low
    if not worse:
        return None
    return Departure(
        name=curve.name,
        on=date.fromordinal(episode.on.toordinal() + day),
        value=value,
        low=low,
        high=high,
        level=level,
        source=curve.source,
    )
