"""Illness by order: each changes fields of the design by a dose, and nothing else."""

from keyhole.simulate.illness.orders import Order, read_order
from keyhole.simulate.illness.registry import ILLNESSES, Illness, design_of, ordered
from keyhole.simulate.illness.table import Dosing, dosings

__all__ = [
    "ILLNESSES",
    "Dosing",
    "Illness",
    "Order",
    "design_of",
    "dosings",
    "ordered",
    "read_order",
]
