"""Scores of questionnaires by their published rules, missing-item rules included."""

from keyhole.recovery.scores.answers import Answers, read_answers
from keyhole.recovery.scores.instrument import Instrument, Score, instrument, instruments
from keyhole.recovery.scores.score import score

__all__ = [
    "Answers",
    "Instrument",
    "Score",
    "instrument",
    "instruments",
    "read_answers",
    "score",
]
