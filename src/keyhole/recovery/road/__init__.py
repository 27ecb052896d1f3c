"""The expected road: published courses as bands, narrowed by the patient's own points."""

from keyhole.recovery.road.curves import Curve, curve_for, curves, curves_for
from keyhole.recovery.road.expected import Band, expected, reference
from keyhole.recovery.road.left import Departure, departures, points_of

__all__ = [
    "Band",
    "Curve",
    "Departure",
    "curve_for",
    "curves",
    "curves_for",
    "departures",
    "expected",
    "points_of",
    "reference",
]
