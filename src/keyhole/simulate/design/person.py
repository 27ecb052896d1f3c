"""The person of a recipe: what was asked for, the rest drawn."""

import math
from collections.abc import Mapping

import numpy as np

from keyhole.errors import RequestError
from keyhole.simulate.design.chance import Scores, bounded
from keyhole.simulate.design.model import Body, Sex
from keyhole.simulate.design.table import defaults
from keyhole.simulate.recipe import Recipe


def demand_person(recipe: Recipe) -> None:
    """Raise RequestError `out-of-range` for a person or a pedicle that no phantom can have."""
    asked: dict[str, list[float | None]] = {
        "age": [recipe.age],
        "stature_cm": [recipe.stature_cm],
        "bmi": [recipe.bmi],
        "pedicle_width_mm": [*recipe.pedicle_width_mm.values()],
    }
    for name, values in asked.items():
        low, high = defaults()["person"]["limits"][name]
        for value in values:
            if value is not None and not low <= value <= high:
                raise RequestError(
                    "out-of-range",
                    asked=f"A phantom's {name} of {value:g} was asked for.",
                    found=f"It may lie between {low:g} and {high:g}.",
                    next="Ask for a number in that range.",
                )


def draw_body(recipe: Recipe, scores: Scores) -> Body:
    """The person; what the recipe leaves open follows the scores."""
    rule = defaults()["person"]
    share = 0.5 * math.erfc(-scores.sex / math.sqrt(2))
    drawn: Sex = "male" if share < rule["male_share"] else "female"
    sex = recipe.sex or drawn
    return Body(
        sex=sex,
        age=_given(recipe.age, rule["age"], scores.age),
        stature_cm=_given(recipe.stature_cm, rule[f"{sex}_stature"], scores.stature),
        bmi=_given(recipe.bmi, rule["bmi"], scores.bmi),
        posture=recipe.posture,
    )


def general_size(body: Body, score: float) -> float:
    """The factor on all sizes that grow: its mean follows stature relative to the sex's mean."""
    rule = defaults()["person"]
    stature, kept = rule[f"{body.sex}_stature"], rule["stature_correlation"]
    follows = kept * (body.stature_cm - stature["mean"]) / stature["sd"]
    own = math.sqrt(1 - kept**2) * _deviation(score, 1.0)
    return float(1 + defaults()["variation"]["size_sd"] * (follows + own))


def bone_hu(age: float, score: float) -> float:
    """HU of the bodies' spongy bone at an age."""
    row = defaults()["trabecular"]
    fallen = row["young_hu"] + row["per_year"] * max(age - row["young_age"], 0)
    mean = max(fallen, row["least_hu"])
    spread = np.array([row["sd"]])
    away = bounded(score, spread, np.array([row["floor_hu"] - mean]), 4 * spread)
    return float(mean + away[0])


def _given(asked: float | None, row: Mapping[str, float], score: float) -> float:
    return float(row["mean"] + _deviation(score, row["sd"])) if asked is None else asked


def _deviation(score: float, sd: float) -> float:
    widest = np.array([defaults()["person"]["widest_sd"] * sd])
    return float(bounded(score, np.array([sd]), -widest, widest)[0])
