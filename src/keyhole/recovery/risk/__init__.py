"""Risk before an operation: published points, each with its source; what is incomplete is off."""

from keyhole.recovery.risk.comorbidity import Index, conditions, indices
from keyhole.recovery.risk.points import Facts, PointScore, score_points, switched_off

__all__ = [
    "Facts",
    "Index",
    "PointScore",
    "conditions",
    "indices",
    "score_points",
    "switched_off",
]
