"""Illnesses that are numbers of a segment: they are written as `doses.toml` says."""

from typing import Any

from attrs import evolve

from keyhole.simulate.design.model import Design
from keyhole.simulate.illness.edits import change_segment, worse
from keyhole.simulate.illness.orders import Order
from keyhole.simulate.illness.table import dosings


def written(order: Order) -> dict[str, float]:
    """The fields that an order's numbers are written to."""
    known = dosings()[order.name].numbers
    return {
        known[name].field or name: value / 100 if known[name].share else value
        for name, value in order.numbers.items()
        if known[name].field
    }


def narrow(design: Design, order: Order) -> Design:
    """Stenoses, worn discs and joints: each field as bad as ordered, or as it was."""
    fields = written(order)

    def change(part: Any) -> Any:
        return evolve(
            part,
            **{name: worse(getattr(part, name), new, order.sides) for name, new in fields.items()},
        )

    return change_segment(design, order.segment, change)
