"""A cohort grown from a recipe and a seed.

Patients differ in age and severity; surgeons differ; the severer a patient, the likelier an open
operation (`confounding`), so that a raw comparison of the two ways is wrong by a known amount. The
technique's true effect is `effect`, in SDs of a patient's lasting level of pain. Pain follows
published means and SDs as beta values on its scale; diaries add noise, gaps, and what is planted.
"""

from collections.abc import Mapping
from typing import Literal

import numpy as np
from attrs import field, frozen
from attrs.validators import ge, le
from numpy.typing import NDArray
from scipy.special import ndtr
from scipy.stats import beta

from keyhole.simulate.cohort.noise import remembering
from keyhole.simulate.cohort.numbers import numbers
from keyhole.space import Floats

Ints = NDArray[np.int64]
Planted = Literal["none", "infection", "recurrence"]
_share = [ge(0.0), le(1.0)]


@frozen(kw_only=True)
class CohortRecipe:
    """What to grow. `planted` is put into every patient, at `size` times its usual size."""

    patients: int = field(validator=ge(1))
    days: int = field(default=365, validator=ge(1))
    seed: int = 0
    open_share: float = field(default=0.5, validator=_share)
    confounding: float = 0.8
    effect: float = 0.3
    surgeons: int = field(default=12, validator=ge(1))
    missing: float = field(default=0.3, validator=_share)
    planted: Planted = "none"
    size: float = 1.0


@frozen(kw_only=True, eq=False)
class Cohort:
    """Patients as columns and diaries as (patients, days), NaN where an entry is missing.

    `level` (patients,) is what stays with each patient, in SDs of pain (the truth); `onset`
    (patients,) the day on which what was planted began, -1 for none, `grown` the day on which it
    had reached its size.
    """

    recipe: CohortRecipe
    age: Ints
    severity: Floats
    surgeon: Ints
    opened: NDArray[np.bool_]
    nights: Floats
    level: Floats
    diaries: Mapping[str, Floats] = field(repr=False)
    visits: Mapping[str, Floats] = field(repr=False)
    visit_days: tuple[int, ...]
    onset: Ints
    grown: Ints


def grow_cohort(recipe: CohortRecipe) -> Cohort:
    """Grow the cohort; the same recipe gives the same arrays."""
    rng = np.random.default_rng(recipe.seed)
    table, count = numbers()["patients"], recipe.patients
    age = np.clip(rng.normal(table["age_mean"], table["age_sd"], count), 18, 95).astype(int)
    severity = rng.normal(0, table["severity_sd"], count)
    surgeon = rng.integers(0, recipe.surgeons, count)
    opened = _opened(rng, recipe, severity)
    level = _levels(rng, recipe, severity, surgeon, opened)
    onset, grown = _onsets(rng, recipe)
    stay = numbers()["stay"]
    days = tuple(numbers()["pain"]["back_pain"]["days"])
    return Cohort(
        recipe=recipe,
        age=age,
        severity=severity,
        surgeon=surgeon,
        opened=opened,
        nights=rng.poisson(np.where(opened, stay["open"], stay["miss"])).astype(float),
        level=level,
        diaries=_diaries(rng, recipe, level, onset, grown),
        visits={name: _visits(rng, level, name) for name in numbers()["pain"]},
        visit_days=days,
        onset=onset,
        grown=grown,
    )


def _opened(rng: np.random.Generator, recipe: CohortRecipe, severity: Floats) -> NDArray[np.bool_]:
    """Who is operated on openly: by chance and, as far as confounding goes, by severity."""
    chance = recipe.confounding * severity + rng.logistic(size=recipe.patients)
    return np.asarray(chance > np.quantile(chance, 1 - recipe.open_share))


def _levels(
    rng: np.random.Generator,
    recipe: CohortRecipe,
    severity: Floats,
    surgeon: Ints,
    opened: NDArray[np.bool_],
) -> NDArray[np.float64]:
    """(patients,) what stays with each, of variance 1 before the technique's effect is added."""
    table = numbers()["patients"]
    skills = rng.normal(0, table["surgeon_sd"], recipe.surgeons)
    skill = (skills - skills.mean())[surgeon]
    own = rng.normal(size=recipe.patients)
    half = np.sqrt(0.5 - table["surgeon_sd"] ** 2 / 2)
    return np.asarray(half * severity + skill + half * own - recipe.effect * ~opened)


def _onsets(rng: np.random.Generator, recipe: CohortRecipe) -> tuple[Ints, Ints]:
    """(patients,) when what is planted begins, and when it has grown to its size."""
    planted, count = numbers()["planted"], recipe.patients
    if recipe.planted == "infection":
        onset = rng.integers(planted["infection_from"], planted["infection_to"] + 1, count)
        return onset, onset + planted["infection_over_days"]
    if recipe.planted == "recurrence":
        onset = rng.integers(14, max(recipe.days - 28, 15), count)
        return onset, onset + rng.integers(1, planted["recurrence_within_days"] + 1, count)
    return np.full(count, -1), np.full(count, -1)


def _pain(level: Floats, name: str, days: Floats) -> NDArray[np.float64]:
    """(patients, days) pain by what a patient's standing (normal, (patients, days)) is that day."""
    table = numbers()["pain"][name]
    at, ticks = np.log1p(days), np.log1p(table["days"])
    mean = np.interp(at, ticks, table["mean"]) / 10
    sd = np.interp(at, ticks, table["sd"]) / 10
    both = mean * (1 - mean) / sd**2 - 1
    return np.asarray(10 * beta.ppf(ndtr(level), mean * both, (1 - mean) * both))


def _visits(rng: np.random.Generator, level: Floats, name: str) -> NDArray[np.float64]:
    """(patients, visits) pain at the visits, before the operation first."""
    days = np.asarray(numbers()["pain"][name]["days"], dtype=float)
    kept = numbers()["noise"]["kept"]
    fresh = rng.normal(size=(len(level), len(days)))
    return _pain(np.sqrt(kept) * level[:, None] + np.sqrt(1 - kept) * fresh, name, days)


def _diaries(
    rng: np.random.Generator, recipe: CohortRecipe, level: Floats, onset: Ints, grown: Ints
) -> dict[str, Floats]:
    """Daily pain, whole numbers from 0 to 10, and steps, with what was planted and what is missing."""
    day = np.arange(recipe.days)
    since = (day - onset[:, None]) / np.maximum(grown - onset, 1)[:, None]
    share = np.where(onset[:, None] >= 0, np.clip(since, 0, 1), 0.0) * recipe.size
    planted = numbers()["planted"]
    extra = {
        "back_pain": planted["infection_back"] * (recipe.planted == "infection"),
        "leg_pain": planted["recurrence_leg"] * (recipe.planted == "recurrence"),
    }
    found = {
        name: np.clip(np.round(_daily(rng, recipe, level, name) + extra[name] * share), 0, 10)
        for name in extra
    }
    fall = planted["infection_steps"] * (recipe.planted == "infection")
    found["steps"] = np.round(_steps(rng, recipe) * (1 + fall * share))
    for values in found.values():
        values[rng.random(values.shape) < recipe.missing] = np.nan
    return found


def _daily(
    rng: np.random.Generator, recipe: CohortRecipe, level: Floats, name: str
) -> NDArray[np.float64]:
    """(patients, days) the pain of each day before it is rounded."""
    noise, shape = numbers()["noise"], (recipe.patients, recipe.days)
    ticks = np.unique(np.geomspace(1, recipe.days, 40).astype(int)) - 1
    coarse = _pain(np.sqrt(noise["kept"]) * level[:, None] * np.ones(len(ticks)), name, ticks)
    path = np.array([np.interp(np.arange(recipe.days), ticks, row) for row in coarse])
    wander = remembering(rng, shape, np.exp(-1 / noise["wander_days"]), noise["wander_sd"])
    return path + wander + remembering(rng, shape, noise["day_memory"], noise["day_sd"])


def _steps(rng: np.random.Generator, recipe: CohortRecipe) -> NDArray[np.float64]:
    """(patients, days) the steps of each day."""
    table, noise = numbers()["steps"], numbers()["noise"]
    usual = table["usual"] * np.exp(rng.normal(0, table["between_sd"], recipe.patients))
    road = np.interp(np.log1p(np.arange(recipe.days)), np.log1p(table["days"]), table["share"])
    shape = (recipe.patients, recipe.days)
    return np.asarray(
        usual[:, None]
        * road
        * np.exp(remembering(rng, shape, noise["day_memory"], noise["steps_sd"]))
    )
