"""What the classes of a plan share: plain types, and the rule that an unknown has a reason."""

from typing import Literal

from keyhole.findings.target import Reasoned, Sides

__all__ = [
    "Accuracy",
    "Letter",
    "NotBuilt",
    "Point",
    "Reasoned",
    "Setting",
    "Side",
    "Sides",
    "Trajectory",
]

Side = Literal["left", "right"]
Letter = Literal["A", "B", "C", "D", "E"]
Trajectory = Literal["traditional", "cortical", "in-out-in"]
Accuracy = Literal["fine", "usable", "indicative"]
Point = tuple[float, float, float]
Setting = float | int | bool | str | tuple[str, ...] | tuple[float, ...]
"""The value of one setting."""
NotBuilt = tuple[()]
"""A part of the plan that this Keyhole cannot make yet: always empty."""
