"""How large a phantom is: sizes by level from `defaults.toml`, varied by a seed."""

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
from attrs import evolve, fields_dict, frozen

from keyhole.errors import RequestError

MODELLED: tuple[str, ...] = ("T12", "L1", "L2", "L3", "L4", "L5", "S1")
"""The levels a phantom can have, from head to sacrum."""


@cache
def defaults() -> Mapping[str, Any]:
    """The packaged table."""
    text = resources.files("keyhole.simulate").joinpath("defaults.toml").read_text("utf-8")
    return tomllib.loads(text)


@frozen
class LevelSize:
    """One vertebra's sizes, mm and degrees; names as in `defaults.toml`.

    `disc_*`, `joint_offset` and `facet_angle` belong to the segment above. `pedicle_width` and
    `pedicle_height` are the minor and the major diameter of the elliptic waist, `pedicle_roll`
    the angle of the major one to upright (its upper end towards the midline).
    """

    body_width: float
    body_depth: float
    waist_ratio: float
    height_anterior: float
    height_posterior: float
    pedicle_width: tuple[float, float]
    """Left, right."""
    pedicle_height: float
    pedicle_convergence: float
    pedicle_tilt: float
    pedicle_roll: float
    canal_ap: float
    canal_width: float
    transverse_span: float
    transverse_thickness: float
    spinous_reach: float
    spinous_height: float
    lamina_height: float
    lamina_thickness: float
    lamina_angle: float
    interpars_width: float
    facet_width: float
    facet_height: float
    facet_angle: float
    joint_offset: float
    disc_anterior: float
    disc_posterior: float

    @property
    def height(self) -> float:
        """The body's height in its middle."""
        return (self.height_anterior + self.height_posterior) / 2

    @property
    def slope(self) -> float:
        """Rise of the upper rim's plane to the front; the lower one falls as much."""
        return (self.height_anterior - self.height_posterior) / (2 * self.body_depth)

    @property
    def back(self) -> float:
        """The posterior wall's place in the midline."""
        return -self.body_depth / 2


def draw_sizes(
    seed: int, pedicle_width_mm: Mapping[str, float] | None = None
) -> dict[str, LevelSize]:
    """Every level's sizes for one patient.

    One general size and one residual a quantity are drawn for the patient, so that neighbours
    fit together (README of the reference tables: independent rows make impossible spines).

    Args:
        seed: of the patient.
        pedicle_width_mm: minor diameters to force, by `L4` or `L4 left`.

    Raises:
        RequestError: `level-not-there` for a level no phantom has.

    """
    table = defaults()["sizes"]
    drawn = _factors(np.random.default_rng(seed), table)
    sizes = {level: _size(level, table, drawn) for level in MODELLED}
    for place, width in (pedicle_width_mm or {}).items():
        level, _, side = place.partition(" ")
        demand_levels([level])
        old = sizes[level].pedicle_width
        pair = (old[0] if side == "right" else width, old[1] if side == "left" else width)
        sizes[level] = evolve(sizes[level], pedicle_width=pair)
    return sizes


def demand_levels(levels: Sequence[str], present: Sequence[str] = MODELLED) -> None:
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


def _factors(rng: np.random.Generator, table: Mapping[str, Any]) -> dict[str, float]:
    """For each quantity the factor on its mean."""
    varied = defaults()["variation"]
    most = varied["most_sd"]
    general = 1 + varied["size_sd"] * float(np.clip(rng.normal(), -most, most))
    factors = {}
    for name, row in table.items():
        means = [row[level] for level in MODELLED if level in row]
        residual = float(np.clip(rng.normal(), -most, most)) * varied["residual_share"]
        own = residual * row["sd"] / max(float(np.mean(np.abs(means))), 1.0)
        factors[name] = (general if row["grows"] else 1.0) * (1 + own)
    return {name: factors[table[name].get("varies_with", name)] for name in factors}


def _size(level: str, table: Mapping[str, Any], factors: Mapping[str, float]) -> LevelSize:
    values: dict[str, Any] = {}
    for name in fields_dict(LevelSize):
        row = table[name]
        nearest = min((x for x in MODELLED if x in row), key=lambda x: _apart(x, level))
        values[name] = row[nearest] * factors[name]
    values["pedicle_width"] = (values["pedicle_width"],) * 2
    return LevelSize(**values)


def _apart(a: str, b: str) -> int:
    return abs(MODELLED.index(a) - MODELLED.index(b))
