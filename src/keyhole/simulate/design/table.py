"""The packaged table of sizes: means, spreads and limits, by quantity, level and sex."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import numpy as np
from attrs import fields_dict, frozen

from keyhole.levels import order
from keyhole.shipped import shipped
from keyhole.simulate.design.model import LevelSize, SegmentSize, Sex
from keyhole.space import Floats

LEVELS: tuple[str, ...] = ("T10", "T11", "T12", "L1", "L2", "L3", "L4", "L5", "S1")
"""The levels a phantom has, from head to sacrum; an order may add L6."""


@cache
def defaults() -> Mapping[str, Any]:
    """The packaged table."""
    return shipped("keyhole.simulate.design", "defaults.toml")


_LEAST = 0.3
"""The least residual, as a share of the whole spread."""


@cache
def keys() -> tuple[tuple[str, str], ...]:
    """Every quantity of every level; a segment's stand under its lower vertebra."""
    return tuple(
        (name, level)
        for kind, levels in ((LevelSize, LEVELS), (SegmentSize, LEVELS[1:]))
        for name in fields_dict(kind)
        for level in levels
    )


@frozen(eq=False)
class Spread:
    """How every quantity of `keys()` is spread in one sex; arrays (n,) in that order.

    `sd` is the whole spread, `residual` what remains of it beside the general size and the
    body-mass index; `low` and `high` limit the residual. `grows` is how far the quantity follows
    the general size: 1, or 0, or less than 1 where its whole spread is smaller than that.
    """

    mean: Floats
    sd: Floats
    residual: Floats
    low: Floats
    high: Floats
    grows: Floats
    per_bmi: Floats


@cache
def spread(sex: Sex) -> Spread:
    """The table for one sex."""
    table, rule = defaults()["sizes"], defaults()["variation"]
    rows = [(table[name], level) for name, level in keys()]
    mean = np.array(
        [_nearest(row["mean"], level) * _factor(row, level, sex) for row, level in rows]
    )
    sd = np.array([float(_nearest(row["sd"], level)) for row, level in rows])
    grows = np.array([float(row["grows"]) for row, _ in rows])
    per_bmi = np.array([row.get("per_bmi", 0.0) for row, _ in rows])
    least = [
        -9.0 if row.get("signed") else row.get("least_share", rule["least_share"])
        for row, _ in rows
    ]
    general, left = rule["size_sd"] * mean * grows, np.sqrt(1 - _LEAST**2) * sd
    grows = grows * np.minimum(1, left / np.maximum(general, 1e-9))
    by_size = rule["size_sd"] * mean * grows
    by_bmi = defaults()["person"]["bmi"]["sd"] * per_bmi
    residual = np.sqrt(np.maximum(sd**2 - by_size**2 - by_bmi**2, (_LEAST * sd) ** 2))
    low = np.maximum(-rule["lowest_sd"] * residual, (np.array(least) - 1) * np.abs(mean))
    return Spread(mean, sd, residual, low, rule["highest_sd"] * residual, grows, per_bmi)


def mean_of(name: str, level: str) -> float:
    """A quantity's mean of both sexes at a level."""
    return float(_nearest(defaults()["sizes"][name]["mean"], level))


def _nearest(values: Mapping[str, float], level: str) -> float:
    return values[min(values, key=lambda known: abs(order(known) - order(level)))]


def _factor(row: Mapping[str, Any], level: str, sex: Sex) -> float:
    return float(row.get(level, row)[sex])


def families() -> Iterator[str]:
    """The families whose members share a part of their spread."""
    return (name for name in defaults()["variation"]["families"] if name != "source")
