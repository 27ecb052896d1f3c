"""A design drawn from the table of sizes by a recipe's seed."""

import itertools
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
from attrs import evolve, fields_dict

from keyhole.errors import RequestError
from keyhole.levels import order
from keyhole.simulate.design.chance import Scores, bounded, draw_scores
from keyhole.simulate.design.model import Design, Level, LevelSize, Pair, Segment, SegmentSize
from keyhole.simulate.design.person import bone_hu, demand_person, draw_body, general_size
from keyhole.simulate.design.possible import faults
from keyhole.simulate.design.table import LEVELS, defaults, keys, mean_of, spread
from keyhole.simulate.design.waist import ellipse
from keyhole.simulate.recipe import Recipe

__all__ = ["LEVELS", "chosen_levels", "defaults", "demand_levels", "draw_design"]

_MOST_DRAWS = 200
Sizes = Mapping[tuple[str, str], float]
"""Every quantity by its name and level."""


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


def chosen_levels(recipe: Recipe, design: Design) -> tuple[str, ...]:
    """The levels that a phantom shows, from head to sacrum; L6 comes with L5 and the sacrum.

    Raises:
        RequestError: `level-not-there` for a level that the design has not.

    """
    demand_levels(recipe.levels, design.names)
    wished = set(recipe.levels)
    if {"L5", "S1"} <= wished:
        wished |= {"L6"} & set(design.names)
    return tuple(sorted(wished, key=order))


def draw_design(recipe: Recipe) -> Design:
    """The whole spine, T10 to S1, of one person; illness is not yet in it.

    Spines that cannot be (`possible.faults`) are drawn again; the design counts them.

    Raises:
        RequestError: `level-not-there` for a level no phantom has, `out-of-range` for a person
            whom no phantom can be.

    """
    demand_person(recipe)
    rng = np.random.default_rng(recipe.seed)
    for rejected in range(_MOST_DRAWS):
        design = _one(recipe, draw_scores(rng))
        if not faults(design):
            return _forced(evolve(design, rejected=rejected), recipe.pedicle_width_mm)
    raise RequestError(
        "out-of-range",
        asked="A phantom of unusual sizes was asked for.",
        found=f"None of {_MOST_DRAWS} spines drawn for that person could be.",
        next="Ask for a more usual stature, or another seed.",
    )


def _one(recipe: Recipe, scores: Scores) -> Design:
    """A spine, possible or not."""
    body = draw_body(recipe, scores)
    rule = spread(body.sex)
    size = general_size(body, scores.size)
    values = (
        rule.mean * (1 + rule.grows * (size - 1))
        + rule.per_bmi * (body.bmi - defaults()["person"]["bmi"]["mean"])
        + bounded(scores.sizes, rule.residual, rule.low, rule.high)
    )
    sizes = dict(zip(keys(), map(float, values), strict=True))
    hu = bone_hu(body.age, scores.bone)
    apart = _apart(scores)
    levels = (Level(name, _level(name, sizes, apart[name]), hu) for name in LEVELS)
    segments = (Segment(a, b, _segment(b, sizes, apart[b])) for a, b in itertools.pairwise(LEVELS))
    return Design(recipe.seed, body, tuple(levels), tuple(segments))


def _apart(scores: Scores) -> dict[str, dict[str, float]]:
    """By level: by what share left is more than the middle of the two, right less."""
    names = [name for name in defaults()["asymmetry"] if name != "source"]
    sds = [defaults()["asymmetry"][name] for name in names]
    return {
        level: {
            name: sd * float(np.clip(score, -2.5, 2.5))
            for name, sd, score in zip(names, sds, column, strict=True)
        }
        for level, column in zip(LEVELS, scores.sides.T, strict=True)
    }


def _level(level: str, sizes: Sizes, apart: Mapping[str, float]) -> LevelSize:
    values: dict[str, Any] = {name: sizes[name, level] for name in fields_dict(LevelSize)}
    minor, major, roll = _waist(level, sizes)
    pair = _pair(minor, apart["pedicle_width"])
    return LevelSize(
        **values | {"pedicle_width": pair, "pedicle_height": major, "pedicle_roll": roll}
    )


def _segment(lower: str, sizes: Sizes, apart: Mapping[str, float]) -> SegmentSize:
    values: dict[str, Any] = {name: sizes[name, lower] for name in fields_dict(SegmentSize)}
    pairs = {name: _pair(sizes[name, lower], apart[name]) for name in ("facet_angle", "flavum")}
    return SegmentSize(**values | pairs)


def _waist(level: str, sizes: Sizes) -> tuple[float, float, float]:
    """Minor and major diameter and roll of a pedicle, from the spans that the table lists."""
    width, height = sizes["pedicle_width", level], sizes["pedicle_height", level]
    return ellipse(width, height, sizes["pedicle_roll", level], _flatness(level))


@cache
def _flatness(level: str) -> tuple[float, float]:
    """Within what minor / major diameter of a pedicle may lie: about the mean shape's."""
    width, height, roll = (
        mean_of(name, level) for name in ("pedicle_width", "pedicle_height", "pedicle_roll")
    )
    minor, major, _ = ellipse(width, height, roll, (0.0, 1.0))
    off = defaults()["pedicle"]["flatness_range"]
    return minor / major - off, minor / major + off


def _pair(middle: float, apart: float) -> Pair:
    return middle * (1 + apart), middle * (1 - apart)


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
