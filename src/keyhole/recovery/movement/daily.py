"""Step counts of many sources added up to days, nothing counted twice.

A telephone in the pocket and a watch on the wrist count the same steps. Of each day the source
with most is taken, as neither can count a step that was not made by whoever carries it.
"""

from collections import defaultdict
from datetime import date

from keyhole.errors import RecoveryError
from keyhole.recovery.course.model import Measure
from keyhole.recovery.course.vocabulary import vocabulary


def unreadable(why: str) -> RecoveryError:
    """The refusal of an export: why, never what stands in it."""
    return RecoveryError(
        "export-unreadable",
        asked="Steps were to be read from an export.",
        found=f"{why[0].upper()}{why[1:]}.",
        next="Export it again; nothing of it was taken over.",
    )


class DailySteps:
    """Sums by day and source, in memory that grows with days only."""

    def __init__(self) -> None:
        self._sums: dict[tuple[date, str], float] = defaultdict(float)

    def add(self, day: date, source: str, steps: float) -> None:
        """Count more steps of a day from one source."""
        self._sums[day, source] += steps

    def measures(self, kind: str, by: str) -> tuple[Measure, ...]:
        """A measure a day, from the source of that day that counted most.

        Args:
            kind: what the measures name as their source, such as `apple-health`.
            by: who entered them.

        Raises:
            RecoveryError: `export-unreadable` where a day has more steps than can be.

        """
        most: dict[date, float] = {}
        for (day, _), steps in self._sums.items():
            most[day] = max(most.get(day, 0.0), steps)
        limit = vocabulary()["steps"].high
        for day, steps in most.items():
            if steps > limit:
                raise unreadable(f"{day} has more than {limit:,.0f} steps")
        return tuple(
            Measure(on=day, name="steps", value=steps, unit="1", source=kind, by=by)
            for day, steps in sorted(most.items())
        )
