"""Scores of many thousand questionnaires at once, by columns."""

import numpy as np
from numpy.typing import NDArray

from keyhole.errors import RecoveryError
from keyhole.recovery.scores.instrument import Instrument, Scale, instrument


def score_many(name: str, answers: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """Each scale's score of every row, as `score` gives it for one.

    Args:
        name: an instrument whose scores are sums, means or percentages.
        answers: (n, items), NaN where an answer is missing.

    Returns:
        (n,) by scale; NaN where too many answers are missing, or one cannot be.

    Raises:
        RecoveryError: `instrument-unknown`; `answers-count`, also for an instrument with a rule of
            its own.

    """
    one = instrument(name)
    if answers.ndim != 2 or answers.shape[1] != one.items or one.rule != "scales":
        raise RecoveryError(
            "answers-count",
            asked=f"Many scores of {one.title} were asked for.",
            found=f"The answers have the shape {answers.shape}; its rule is {one.rule!r}.",
            next=f"Give (n, {one.items}) answers to an instrument that adds its items up.",
        )
    possible = _possible(one, answers)
    return {
        scale.name: np.where(possible, _scale(one, scale, answers), np.nan) for scale in one.scales
    }


def _possible(one: Instrument, answers: NDArray[np.float64]) -> NDArray[np.bool_]:
    """(n,) whether every answer of a row is one that its item allows."""
    good = np.isnan(answers)
    for item in range(1, one.items + 1):
        low, high = one.bounds(item)
        column = answers[:, item - 1]
        allowed = (column >= low) & (column <= high)
        if one.whole:
            allowed &= column == np.floor(column)
        if chosen := one.choices.get(str(item)):
            allowed &= np.isin(column, chosen)
        good[:, item - 1] |= allowed
    return np.asarray(good.all(axis=1))


def _scale(one: Instrument, scale: Scale, answers: NDArray[np.float64]) -> NDArray[np.float64]:
    points = np.column_stack([_points(one, scale, item, answers) for item in scale.items])
    there = (~np.isnan(points)).sum(axis=1)
    total = np.nansum(points, axis=1)
    enough = (there > 0) & (len(scale.items) - there <= scale.missing_at_most)
    with np.errstate(divide="ignore", invalid="ignore"):
        if scale.combine == "mean":
            value = total / there
        elif scale.combine == "percent":
            value = 100 * total / (one.bounds(scale.items[0])[1] * there)
        elif scale.when_missing == "prorated":
            value = total * len(scale.items) / there
        else:
            value = total
    return np.where(enough, value, np.nan)


def _points(
    one: Instrument, scale: Scale, item: int, answers: NDArray[np.float64]
) -> NDArray[np.float64]:
    """A column of answers in the scale's points."""
    column = answers[:, item - 1]
    table = scale.recode.get(str(item)) or scale.recode.get("all")
    if table is None:
        return column
    points = np.full(len(column), np.nan)
    for answer, worth in one.recodes[table].items():
        points[column == float(answer)] = worth
    return points
