"""What the classes of a plan share: plain types, and the rule that an unknown has a reason."""

from typing import Literal

import attrs
from attrs import AttrsInstance

Side = Literal["left", "right"]
Sides = Literal["left", "right", "both"]
Letter = Literal["A", "B", "C", "D", "E"]
Trajectory = Literal["traditional", "cortical", "in-out-in"]
Accuracy = Literal["fine", "usable", "indicative"]
Point = tuple[float, float, float]
Setting = float | int | bool | str | tuple[str, ...] | tuple[float, ...]
"""The value of one setting."""
NotBuilt = tuple[()]
"""A part of the plan that this Keyhole cannot make yet: always empty."""


class Reasoned(AttrsInstance):
    """A class that refuses an unknown without its reason."""

    __slots__ = ()

    def __attrs_post_init__(self) -> None:
        """For every pair `x`, `x_reason`: one of them speaks."""
        names = {a.name for a in attrs.fields(type(self))}
        for name in names:
            known = getattr(self, name, None) is not None
            if f"{name}_reason" in names and not known and not getattr(self, f"{name}_reason"):
                raise ValueError(f"{type(self).__name__}: {name} is unknown without {name}_reason.")
