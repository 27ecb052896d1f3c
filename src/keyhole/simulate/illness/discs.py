"""Illness of a disc and the bone beside it: herniation, sclerosis."""

from typing import cast

from attrs import evolve

from keyhole.simulate.design.model import Design, Herniation, Kind, Level, Zone
from keyhole.simulate.illness.edits import change_level, change_segment
from keyhole.simulate.illness.orders import Order
from keyhole.space import Side


def herniate(design: Design, order: Order) -> Design:
    """Disc material beyond the disc; it takes the place of an earlier herniation."""
    herniation = Herniation(
        zone=cast("Zone", order.choices["zone"]),
        side=cast("Side", order.choices["side"]),
        kind=cast("Kind", order.choices["kind"]),
        volume_mm3=order.numbers["volume"],
        migration_mm=order.numbers["migration"],
    )
    return change_segment(design, order.segment, lambda part: evolve(part, herniation=herniation))


def sclerose(design: Design, order: Order) -> Design:
    """Dense bone under the two endplates that face the disc."""
    upper, lower = order.levels
    depth = order.numbers["depth"]

    def above(level: Level) -> Level:
        top, bottom = level.sclerosis_mm
        return evolve(level, sclerosis_mm=(top, max(bottom, depth)))

    def below(level: Level) -> Level:
        top, bottom = level.sclerosis_mm
        return evolve(level, sclerosis_mm=(max(top, depth), bottom))

    return change_level(change_level(design, upper, above), lower, below)
