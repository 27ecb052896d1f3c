"""The overview as one page of HTML, without outside parts and without an identity."""

from keyhole.recovery.course.model import Course
from keyhole.recovery.overview.gather import Overview
from keyhole.recovery.pages import filled
from keyhole.recovery.road import Curve, curves_for, points_of
from keyhole.recovery.road.drawing import road_svg, sparkline

_LONGEST = 60
"""Values in a sparkline, the newest ones."""


def overview_page(course: Course, overview: Overview) -> str:
    """The page of one course on the overview's day."""
    drawn = _roads(course, overview)
    return filled(
        "overview",
        o=overview,
        sparks=sparks(overview),
        roads=[svg for _, svg in drawn],
        sources=list(dict.fromkeys(curve.source for curve, _ in drawn)),
    )


def sparks(overview: Overview) -> list[str]:
    """A sparkline for each score; of steps from 0 to the patient's own most."""
    found = []
    for one in overview.scores:
        values = one.values[-_LONGEST:]
        high = max(values) or 1.0 if one.name == "steps" else one.high
        found.append(sparkline(values, one.low, high))
    return found


def _roads(course: Course, overview: Overview) -> list[tuple[Curve, str]]:
    """The roads of every score that has a published one and at least one point."""
    if overview.episode is None:
        return []
    found = []
    for curve in curves_for(overview.episode.technique):
        points = points_of(course, curve.name, overview.episode, overview.today)
        if points:
            found.append((curve, road_svg(curve, points)))
    return found
