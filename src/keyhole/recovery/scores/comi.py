"""COMI back: the mean of five domains, pain the worse of back and leg."""

from keyhole.errors import RecoveryError
from keyhole.recovery.scores.answers import Answers
from keyhole.recovery.scores.instrument import Instrument, Score

_DOMAINS = ((1, 2), (3,), (4,), (5,), (6, 7))
"""Items of pain (back, leg), function, symptom-specific well-being, quality of life, disability."""


def scored(one: Instrument, answers: Answers) -> tuple[Score, ...]:
    """The mean of the five domains, 0 to 10, worse high.

    Pain is the greater of its two items, disability the mean of its two; items 3 to 7 run from
    1 to 5 and count 0 to 10. Every item is needed: the manual's own rule has not been read.

    Raises:
        RecoveryError: `answers-missing`.

    """
    gaps = [item for item, answer in enumerate(answers, start=1) if answer is None]
    if gaps:
        raise RecoveryError(
            "answers-missing",
            asked=f"A score of {one.title} was asked for.",
            found=f"Answers are missing: item {', '.join(map(str, gaps))}.",
            next="Every item is needed: the manual's rule for missing ones has not been read.",
        )
    points = [a if item <= 2 else (a - 1) * 2.5 for item, a in enumerate(_there(answers), start=1)]
    domains = [[points[item - 1] for item in items] for items in _DOMAINS]
    pain, others = max(domains[0]), [sum(values) / len(values) for values in domains[1:]]
    return (
        Score(
            name="COMI",
            value=(pain + sum(others)) / 5,
            unit="points",
            answered=7,
            of=7,
            low=0,
            high=10,
            better="lower",
            source=one.source,
            notes=one.notes,
        ),
    )


def _there(answers: Answers) -> list[float]:
    return [float(answer) for answer in answers if answer is not None]
