"""PROMIS Global-10: physical and mental health as T scores, by the published tables."""

from collections.abc import Mapping
from functools import cache

from keyhole.recovery.scores.answers import Answers
from keyhole.recovery.scores.instrument import Instrument, Score
from keyhole.recovery.scores.scales import scored as by_scales
from keyhole.shipped import shipped_rows


def scored(one: Instrument, answers: Answers) -> tuple[Score, ...]:
    """The T scores of the raw sums. All four items of a scale are needed: the table has no gaps.

    Raises:
        RecoveryError: `answers-missing` where neither scale is complete.

    """
    return tuple(_t_score(raw) for raw in by_scales(one, answers))


def _t_score(raw: Score) -> Score:
    table = _tables()[raw.name]
    return Score(
        name=raw.name,
        value=table[round(raw.value)],
        unit="T",
        answered=raw.answered,
        of=raw.of,
        low=min(table.values()),
        high=max(table.values()),
        better=raw.better,
        source=raw.source,
        notes=(*raw.notes, f"raw sum {raw.value:g}"),
    )


@cache
def _tables() -> Mapping[str, Mapping[int, float]]:
    """T scores by scale and raw sum."""
    found: dict[str, dict[int, float]] = {}
    for row in shipped_rows("keyhole.recovery.scores", "tables", "promis_global.csv"):
        found.setdefault(row["scale"], {})[int(row["raw_sum"])] = float(row["t_score"])
    return found
