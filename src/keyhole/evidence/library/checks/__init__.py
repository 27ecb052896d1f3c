"""The checker: what can be worked out of a printed row is worked out before it is believed."""

from keyhole.evidence.library.checks.check import all_doubts, doubts
from keyhole.evidence.library.checks.doubt import DOUBTS, Doubt, Strength

__all__ = ["DOUBTS", "Doubt", "Strength", "all_doubts", "doubts"]
