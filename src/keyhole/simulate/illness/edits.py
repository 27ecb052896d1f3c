"""Changes of a design: one part of it replaced, all else kept."""

from collections.abc import Callable
from typing import Any

from attrs import evolve

from keyhole.simulate.design.model import Design, Level, Segment
from keyhole.space import SIDES, Side


def change_level(design: Design, name: str, change: Callable[[Level], Level]) -> Design:
    """The design with one vertebra changed."""
    levels = (change(level) if level.name == name else level for level in design.levels)
    return evolve(design, levels=tuple(levels))


def change_segment(
    design: Design, name: str | None, change: Callable[[Segment], Segment]
) -> Design:
    """The design with one segment changed."""
    parts = (change(part) if part.name == name else part for part in design.segments)
    return evolve(design, segments=tuple(parts))


def worse(old: Any, new: float, sides: frozenset[Side]) -> Any:
    """A number, or a pair on these sides, that is now at least as far from 0 as the new one."""
    if not isinstance(old, tuple):
        return max(old, new, key=abs)
    return tuple(
        max(value, new, key=abs) if side in sides else value
        for side, value in zip(SIDES, old, strict=True)
    )
