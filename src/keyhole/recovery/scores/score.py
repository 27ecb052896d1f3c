"""The score of a questionnaire, from its answers."""

from collections.abc import Callable, Mapping

from keyhole.errors import RecoveryError
from keyhole.recovery.scores import comi, eq5d, promis
from keyhole.recovery.scores.answers import Answers
from keyhole.recovery.scores.instrument import Instrument, Score, instrument
from keyhole.recovery.scores.scales import scored

_OWN: Mapping[str, Callable[[Instrument, Answers], tuple[Score, ...]]] = {
    "scales": scored,
    "promis-global": promis.scored,
    "comi": comi.scored,
}


def score(name: str, answers: Answers, *, value_set: str | None = None) -> tuple[Score, ...]:
    """Every score the answers give, the instrument's main one first.

    Args:
        name: the instrument's (`odi`, `eq5d5l`, ...).
        answers: one an item; None where it is missing.
        value_set: the country's, for EQ-5D.

    Raises:
        RecoveryError: `instrument-unknown`; `answers-count`, `answer-out-of-range`,
            `answers-missing`; `value-set-unknown`.

    """
    one = instrument(name)
    _check(one, answers)
    if one.rule == "eq5d":
        return eq5d.scored(one, answers, value_set)
    if value_set is not None:
        raise RecoveryError(
            "value-set-unknown",
            asked=f"The value set {value_set[:40]!r} was asked for.",
            found=f"{one.title} has no value sets; EQ-5D has.",
            next="Leave the value set away.",
        )
    return _OWN[one.rule](one, answers)


def _check(one: Instrument, answers: Answers) -> None:
    """As many answers as items, each within its range."""
    if len(answers) != one.items:
        raise RecoveryError(
            "answers-count",
            asked=f"A score of {one.title} was asked for.",
            found=f"There are {len(answers)} answers; it has {one.items} items.",
            next="Give one answer an item, and nothing or a point where one is missing.",
        )
    for item, answer in enumerate(answers, start=1):
        if answer is not None and not _allowed(one, item, answer):
            raise RecoveryError(
                "answer-out-of-range",
                asked=f"A score of {one.title} was asked for.",
                found=f"Answer {item} is {answer:g}.",
                next=f"Item {item} takes {_choices(one, item)}.",
            )


def _allowed(one: Instrument, item: int, answer: float) -> bool:
    low, high = one.bounds(item)
    chosen = one.choices.get(str(item))
    whole = not one.whole or answer == int(answer)
    return low <= answer <= high and whole and (chosen is None or answer in chosen)


def _choices(one: Instrument, item: int) -> str:
    if chosen := one.choices.get(str(item)):
        return " or ".join(map(str, chosen))
    low, high = one.bounds(item)
    return f"{'a whole number' if one.whole else 'a number'} from {low} to {high}"
