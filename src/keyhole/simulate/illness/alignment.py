"""Illness of the spine's line: slip and scoliosis."""

from collections.abc import Callable, Iterator

from attrs import evolve

from keyhole.simulate.design.model import Design, Segment
from keyhole.simulate.design.stack import ANCHOR
from keyhole.simulate.illness.edits import change_level, change_segment
from keyhole.simulate.illness.narrowing import narrow
from keyhole.simulate.illness.orders import Order
from keyhole.space import SIDES


def slip(design: Design, order: Order) -> Design:
    """The upper vertebra too far forward; with lysis its arch stays behind."""
    slipped = narrow(design, order)
    if order.choices["pars"] == "whole":
        return slipped
    both = frozenset(SIDES)
    return change_level(slipped, order.levels[0], lambda x: evolve(x, pars_defect=both))


def curve(design: Design, order: Order) -> Design:
    """A scoliosis: tilt between the end vertebrae, turned back above and below them.

    The Cobb angle is spread evenly over the segments of the range; the others turn it back, so
    that T10 and the sacrum stand as L3 does. The bodies turn to the convex side, the apex most.
    """
    inner = [part for part in design.segments if {part.upper, part.lower} <= set(order.levels)]
    cobb = order.numbers["cobb"] * (1 if order.choices["convexity"] == "left" else -1)
    tilts = {part.name: cobb / len(inner) for part in inner}
    for half in _halves(design):
        rest = [part.name for part in half if part not in inner]
        back = sum(tilts.get(part.name, 0.0) for part in half)
        tilts |= {name: -back / len(rest) for name in rest}
    turns = _turns(len(inner), cobb * order.numbers["rotation"] / 100)
    steps = dict(zip([part.name for part in inner], turns, strict=True))
    for name, tilt in tilts.items():
        design = change_segment(design, name, _bent(tilt, steps.get(name, 0.0)))
    return design


def _halves(design: Design) -> Iterator[list[Segment]]:
    """The segments above L3, and those below."""
    start = design.names.index(ANCHOR)
    yield list(design.segments[:start])
    yield list(design.segments[start:])


def _turns(count: int, apex: float) -> list[float]:
    """Of each segment: how far its upper vertebra is turned more than its lower one.

    From the upper end vertebra down to the apex the turn grows, from there it falls.
    """
    half = count / 2
    return [apex / half * _part_below(k, half) for k in range(count)]


def _part_below(k: int, half: float) -> float:
    """-1 for a segment above the apex, 1 below it, 0 where the apex is the segment's disc."""
    return max(-1.0, min(1.0, 2 * (k + 0.5 - half)))


def _bent(tilt: float, turn: float) -> Callable[[Segment], Segment]:
    def change(part: Segment) -> Segment:
        return evolve(part, tilt_deg=part.tilt_deg + tilt, rotation_deg=part.rotation_deg + turn)

    return change
