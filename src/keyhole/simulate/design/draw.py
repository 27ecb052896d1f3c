"""A design drawn from the table of sizes by a recipe's seed."""

import itertools
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
from attrs import evolve, fields_dict

from keyhole.errors import RequestError
from keyhole.levels import order
from keyhole.simulate.design.model import Body, Design, Level, LevelSize, Segment, SegmentSize
from keyhole.simulate.recipe import Recipe

LEVELS: tuple[str, ...] = ("T10", "T11", "T12", "L1", "L2", "L3", "L4", "L5", "S1")
"""The levels a phantom has, from head to sacrum; an order may add L6."""


@cache
def defaults() -> Mapping[str, Any]:
    """The packaged table."""
    text = resources.files("keyhole.simulate.design").joinpath("defaults.toml").read_text("utf-8")
    return tomllib.loads(text)


def demand_levels(levels: Sequence[str], present: Sequence[str] = LEVELS) -> None:
    """Raise RequestError `level-not-there` for no level, or one that is not present."""
    unknown = [level for level in levels if level not in present]
    if unknown or not levels:
        raise RequestError(
            "level-not-there",
            asked=f"A phantom's {', '.join(unknown) or 'no level at all'} was asked for.",
            found=f"It can have {', '.join(present)}.",
            next="Ask for one or more of these.",
            at=unknown,
        )


def draw_design(recipe: Recipe) -> Design:
    """The whole spine, T10 to S1, of one person; illness is not yet in it.

    Raises:
        RequestError: `level-not-there` for a level no phantom has.

    """
    body = Body(
        sex=recipe.sex or "male",
        age=62.0 if recipe.age is None else recipe.age,
        stature_cm=175.0 if recipe.stature_cm is None else recipe.stature_cm,
        bmi=26.0 if recipe.bmi is None else recipe.bmi,
        posture=recipe.posture,
    )
    table = defaults()["sizes"]
    factors = _factors(np.random.default_rng(recipe.seed), table)
    levels = tuple(
        Level(name, LevelSize(**_values(LevelSize, name, table, factors)), _trabecular(body.age))
        for name in LEVELS
    )
    segments = tuple(
        Segment(a, b, SegmentSize(**_values(SegmentSize, b, table, factors)))
        for a, b in itertools.pairwise(LEVELS)
    )
    return _forced(Design(recipe.seed, body, levels, segments), recipe.pedicle_width_mm)


def _factors(rng: np.random.Generator, table: Mapping[str, Any]) -> dict[str, float]:
    """For each quantity the factor on its mean."""
    general = 1 + defaults()["variation"]["size_sd"] * float(np.clip(rng.normal(), -1.5, 1.5))
    factors = {}
    for name, row in table.items():
        means = np.abs(list(row["mean"].values()))
        spread = float(np.mean(list(row["sd"].values()))) / max(float(means.mean()), 1.0)
        own = 0.5 * float(np.clip(rng.normal(), -1.5, 1.5)) * spread
        factors[name] = (general if row["grows"] else 1.0) * (1 + own)
    factors["height_posterior"] = factors["height_anterior"]
    factors["disc_posterior"] = factors["disc_middle"] = factors["disc_anterior"]
    return factors


def _values(
    kind: type, level: str, table: Mapping[str, Any], factors: Mapping[str, float]
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name in fields_dict(kind):
        means = table[name]["mean"]
        nearest = min(means, key=lambda x: abs(order(x) - order(level)))
        values[name] = means[nearest] * factors[name]
    if kind is LevelSize:
        minor, major = _waist(
            values["pedicle_width"], values["pedicle_height"], values["pedicle_roll"]
        )
        values |= {"pedicle_width": (minor, minor), "pedicle_height": major}
    else:
        values |= {name: (values[name],) * 2 for name in ("facet_angle", "flavum")}
    return values


def _waist(width: float, height: float, roll: float) -> tuple[float, float]:
    """Minor and major diameter of the ellipse with this span across and upright, so rolled."""
    both = (width**2 + height**2) / 4
    apart = (height**2 - width**2) / (4 * np.cos(np.radians(2 * roll)))
    return tuple(2 * np.sqrt(np.clip([(both - apart) / 2, (both + apart) / 2], 4.0, None)))


def _trabecular(age: float) -> float:
    """HU of the bodies' spongy bone at an age."""
    row = defaults()["trabecular"]
    fallen = row["young_hu"] + row["per_year"] * max(age - row["young_age"], 0)
    return float(max(fallen, row["least_hu"]))


def _forced(design: Design, widths: Mapping[str, float]) -> Design:
    """Pedicles of the widths asked for, by `L4` or `L4 left`."""
    sizes = {level.name: level.size for level in design.levels}
    for place, width in widths.items():
        level, _, side = place.partition(" ")
        demand_levels([level])
        old = sizes[level].pedicle_width
        pair = (old[0] if side == "right" else width, old[1] if side == "left" else width)
        sizes[level] = evolve(sizes[level], pedicle_width=pair)
    levels = tuple(evolve(level, size=sizes[level.name]) for level in design.levels)
    return evolve(design, levels=levels)
