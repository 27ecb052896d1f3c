"""Variants that one is born with: levels, roots, vessels, colon, crests."""

from typing import Any, TypeVar, cast

import numpy as np
from attrs import evolve, fields_dict

from keyhole.errors import RequestError
from keyhole.simulate.design.model import (
    Design,
    Level,
    LevelSize,
    RootVariant,
    Segment,
    SegmentSize,
)
from keyhole.simulate.design.table import defaults
from keyhole.simulate.illness.edits import change_level
from keyhole.simulate.illness.narrowing import written
from keyhole.simulate.illness.orders import Order

S = TypeVar("S", LevelSize, SegmentSize)


def add_sixth(design: Design, _: Order) -> Design:
    """L6 takes the form and place of L5, L5 stands half-way between L4 and L6 in form."""
    if "L6" in design.names:
        return design
    l4, l5 = design.level("L4"), design.level("L5")
    between = evolve(l5, size=_half_way(l4.size, l5.size))
    levels = [between if level is l5 else level for level in design.levels]
    levels.insert(levels.index(between) + 1, evolve(l5, name="L6"))
    *above, last = design.segments
    new = Segment("L5", "L6", _half_way(above[-1].size, last.size))
    return evolve(design, levels=tuple(levels), segments=(*above, new, evolve(last, upper="L6")))


def _half_way(one: S, other: S) -> S:
    """Every size the mean of two."""
    middle: dict[str, Any] = {}
    for name in fields_dict(type(one)):
        mean = np.mean([getattr(one, name), getattr(other, name)], axis=0)
        middle[name] = tuple(map(float, mean)) if mean.ndim else float(mean)
    return type(one)(**middle)


def sacralise(design: Design, order: Order) -> Design:
    """The lowest lumbar vertebra joined to the sacrum by its transverse processes."""
    (level,) = order.levels
    if level != design.names[-2]:
        raise RequestError(
            "order-unreadable",
            asked=f"A sacralised {level} was ordered.",
            found=f"The lowest lumbar vertebra is {design.names[-2]}.",
            next=f"Write sacralised={design.names[-2]}.",
            at=[level],
        )

    def change(old: Level) -> Level:
        return evolve(old, sacralised=old.sacralised | order.sides)

    return change_level(design, level, change)


def reroute(design: Design, order: Order) -> Design:
    """Unusual roots."""
    variant = cast("RootVariant", order.choices["variant"])
    own = {f"{order.levels[0]} {side}": variant for side in order.sides}
    return evolve(design, body=evolve(design.body, roots={**design.body.roots, **own}))


def set_body(design: Design, order: Order) -> Design:
    """A number of the body: crests, bifurcation."""
    fields: dict[str, Any] = written(order)
    return evolve(design, body=evolve(design.body, **fields))


def cross_cava(design: Design, _: Order) -> Design:
    """The vena cava on the left."""
    return evolve(design, body=evolve(design.body, left_cava=True))


def set_colon_back(design: Design, order: Order) -> Design:
    """The colon behind the kidney."""
    behind = design.body.retrorenal_colon | order.sides
    return evolve(design, body=evolve(design.body, retrorenal_colon=behind))


def fatten(design: Design, order: Order) -> Design:
    """Obesity: the body-mass index, and with it how far the skin lies from the spine."""
    bmi = max(design.body.bmi, order.numbers["bmi"])
    more = defaults()["sizes"]["skin_to_epidural"]["per_bmi"] * (bmi - design.body.bmi)
    segments = (
        evolve(part, size=evolve(part.size, skin_to_epidural=part.size.skin_to_epidural + more))
        for part in design.segments
    )
    return evolve(design, body=evolve(design.body, bmi=bmi), segments=tuple(segments))
