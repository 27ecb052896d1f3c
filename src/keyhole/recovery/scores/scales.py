"""Scores that are sums, means or percentages of a questionnaire's items."""

from keyhole.errors import RecoveryError
from keyhole.recovery.scores.answers import Answers
from keyhole.recovery.scores.instrument import Instrument, Scale, Score


def scored(one: Instrument, answers: Answers) -> tuple[Score, ...]:
    """The scores of an instrument's scales that have enough answers, in the instrument's order.

    Raises:
        RecoveryError: `answers-missing` where the first scale has too few answers, or, for an
            instrument of several scales, every one.

    """
    found = [_scale(one, scale, answers) for scale in one.scales]
    there = tuple(value for value in found if value is not None)
    if not there:
        raise too_few(one, one.scales[0], answers)
    return there


def too_few(one: Instrument, scale: Scale, answers: Answers) -> RecoveryError:
    """The refusal where too many answers of a scale are missing."""
    gaps = [item for item in scale.items if answers[item - 1] is None]
    return RecoveryError(
        "answers-missing",
        asked=f"The score {scale.name!r} of {one.title} was asked for.",
        found=f"Answers are missing: item {', '.join(map(str, gaps))}.",
        next=f"At most {scale.missing_at_most} of its {len(scale.items)} may be"
        f" ({scale.missing_source}).",
    )


def band_of(scale: Scale, value: float) -> str | None:
    """What the publication calls the value; None where it has no names."""
    names = [band.name for band in scale.bands if value >= band.low]
    return names[-1] if names else None


def _scale(one: Instrument, scale: Scale, answers: Answers) -> Score | None:
    """One scale's score; None where too many of its answers are missing, or all."""
    points = [_points(one, scale, item, answers[item - 1]) for item in scale.items]
    there = [value for value in points if value is not None]
    gaps = len(points) - len(there)
    if gaps > scale.missing_at_most or not there:
        return None
    value = _combined(one, scale, there)
    return Score(
        name=scale.name,
        value=value,
        unit=scale.unit,
        answered=len(there),
        of=len(points),
        low=scale.low,
        high=scale.high,
        better=scale.better,
        source=one.source,
        band=band_of(scale, value),
        notes=(*one.notes, *_told(scale, gaps)),
    )


def _points(one: Instrument, scale: Scale, item: int, answer: float | None) -> float | None:
    """An answer in the scale's points."""
    table = scale.recode.get(str(item)) or scale.recode.get("all")
    if answer is None or table is None:
        return answer
    return one.recodes[table][str(int(answer))]


def _combined(one: Instrument, scale: Scale, there: list[float]) -> float:
    total, items = sum(there), len(scale.items)
    if scale.combine == "mean":
        return total / len(there)
    if scale.combine == "percent":
        most = one.bounds(scale.items[0])[1]
        return 100 * total / (most * len(there))
    if scale.when_missing == "prorated":
        return total * items / len(there)
    return total


def _told(scale: Scale, gaps: int) -> tuple[str, ...]:
    """What was done about missing answers."""
    if not gaps:
        return ()
    return (f"{gaps} missing, {scale.when_missing} ({scale.missing_source})",)
