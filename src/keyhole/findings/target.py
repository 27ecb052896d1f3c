"""What an operation must reach: a target, made from a finding by a rule or asked for."""

from typing import Literal

import attrs
from attrs import AttrsInstance, frozen

Sides = Literal["left", "right", "both"]
ASKED = "asked for, not seen"
"""The rule of a target that no finding gave."""


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


@frozen(kw_only=True)
class Quantity:
    """A number whose unit varies."""

    value: float
    unit: str


@frozen(kw_only=True)
class Target(Reasoned):
    """What the operation must reach.

    `goal` is the number that is enough, or how much there is to remove; `what` says what is to be
    removed or bridged. `rule` and its `source` made it a target; `notes` say what speaks against.
    """

    id: str
    kind: str
    at: str
    side: Sides
    goal: Quantity | None = None
    goal_reason: str | None = None
    finding: str | None = None
    finding_reason: str | None = None
    what: str = "as asked for"
    rule: str = ASKED
    source: str = "the request"
    notes: tuple[str, ...] = ()
