"""The published factors by drug and route, with their provenance (`factors.toml`)."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from attrs import frozen

from keyhole.shipped import shipped


@frozen(kw_only=True)
class Factor:
    """MME for one `unit` of a drug's daily amount by a route."""

    drug: str
    route: str
    unit: str
    mme: float
    note: str = ""


@frozen(kw_only=True)
class Unconverted:
    """An opioid that has no factor, by every route where `route` is empty, and why."""

    drug: str
    route: str = ""
    why: str


@frozen(kw_only=True)
class Threshold:
    """MME a day from which a publication warns."""

    mme: float
    words: str
    source: str


@frozen(kw_only=True)
class Factors:
    """One published set; every sum of MME names it."""

    source: str
    factor: tuple[Factor, ...]
    unconverted: tuple[Unconverted, ...]
    threshold: tuple[Threshold, ...]


@cache
def factors() -> Factors:
    """The set that Keyhole ships."""
    data: Mapping[str, Any] = shipped("keyhole.recovery.medicines", "factors.toml")
    return Factors(
        source=data["source"],
        factor=tuple(Factor(**row) for row in data["factor"]),
        unconverted=tuple(Unconverted(**row) for row in data["unconverted"]),
        threshold=tuple(Threshold(**row) for row in data["threshold"]),
    )
