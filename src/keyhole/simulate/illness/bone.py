"""Illness of bone, and what an earlier operation left: fracture, osteoporosis, arch, screws."""

from attrs import evolve

from keyhole.simulate.design.model import Design, Level
from keyhole.simulate.illness.edits import change_level
from keyhole.simulate.illness.orders import Order


def fracture(design: Design, order: Order) -> Design:
    """A body lower in front, or in its middle."""
    share, shape = order.numbers["loss"] / 100, order.choices["shape"]

    def change(level: Level) -> Level:
        old = getattr(level, shape)
        return evolve(level, **{shape: max(old, share)})

    return change_level(design, order.levels[0], change)


def thin(design: Design, order: Order) -> Design:
    """Osteoporosis: all levels' spongy bone thinned in the proportion that L1 asks for."""
    left = min(1.0, order.numbers["hu"] / design.level("L1").trabecular_hu)
    levels = (evolve(level, trabecular_hu=left * level.trabecular_hu) for level in design.levels)
    return evolve(design, levels=tuple(levels))


def open_arch(design: Design, order: Order) -> Design:
    """A previous laminectomy."""
    return change_level(design, order.levels[0], lambda level: evolve(level, laminectomy=True))


def implant(design: Design, order: Order) -> Design:
    """Screws of an earlier operation."""
    return change_level(
        design, order.levels[0], lambda level: evolve(level, screws=level.screws | order.sides)
    )
