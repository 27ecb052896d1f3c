"""Questionnaires as data: items, scales, missing-item rules, licence, each with its source.

An item's wording is shown only where its owner allows it; of the others Keyhole holds numbers.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any, Literal

import cattrs
from attrs import field, frozen

from keyhole.errors import RecoveryError

Better = Literal["lower", "higher"]
Combine = Literal["sum", "mean", "percent"]
Missing = Literal["left out", "counted as 0", "prorated"]


@frozen(kw_only=True)
class Band:
    """What a publication calls scores from `low` on, up to the next band."""

    low: float
    name: str


@frozen(kw_only=True)
class Scale:
    """One score that an instrument gives.

    `items` are numbers from 1. `recode` names a table of the instrument by which answers are
    turned into points first. Up to `missing_at_most` answers may be missing; `when_missing`
    says what then happens. `percent` is 100 times the sum over the greatest sum of those
    answered. Scores run from `low` to `high`.
    """

    name: str
    items: tuple[int, ...]
    combine: Combine
    unit: str
    low: float
    high: float
    better: Better
    missing_at_most: int
    when_missing: Missing = "left out"
    missing_source: str
    recode: dict[str, str] = field(factory=dict)
    bands: tuple[Band, ...] = ()
    bands_source: str = ""


@frozen(kw_only=True)
class Instrument:
    """A questionnaire. `rule` is `scales`, or the name of a rule of its own.

    `lows` and `highs` are the least and greatest answer to each item, or one for all; `whole`
    says that answers are whole numbers. `choices` lists an item's answers where not all are.
    """

    name: str
    title: str
    rule: Literal["scales", "eq5d", "promis-global", "comi"]
    items: int
    lows: tuple[int, ...]
    highs: tuple[int, ...]
    whole: bool = True
    choices: dict[str, tuple[int, ...]] = field(factory=dict)
    scales: tuple[Scale, ...] = ()
    recodes: dict[str, dict[str, float]] = field(factory=dict)
    wording: Literal["may be shown", "not shown"]
    licence: str
    source: str
    loinc: str = ""
    notes: tuple[str, ...] = ()

    def bounds(self, item: int) -> tuple[int, int]:
        """The least and the greatest answer to an item, counted from 1."""
        low = self.lows[item - 1] if len(self.lows) > 1 else self.lows[0]
        high = self.highs[item - 1] if len(self.highs) > 1 else self.highs[0]
        return low, high


@frozen(kw_only=True)
class Score:
    """One score: its value on the scale from `low` to `high`, from how many answers of how many."""

    name: str
    value: float
    unit: str
    answered: int
    of: int
    low: float
    high: float
    better: Better
    source: str
    band: str | None = None
    notes: tuple[str, ...] = ()


@cache
def instruments() -> Mapping[str, Instrument]:
    """Every instrument of the package, by its name."""
    folder = resources.files("keyhole.recovery.scores").joinpath("instruments")
    files = sorted(
        (file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda f: f.name
    )
    read = [_structured(tomllib.loads(file.read_text("utf-8"))) for file in files]
    return {one.name: one for one in read}


def instrument(name: str) -> Instrument:
    """The instrument of that name, any case, with or without hyphens.

    Raises:
        RecoveryError: `instrument-unknown`.

    """
    wanted = _plain(name)
    for known, one in instruments().items():
        if _plain(known) == wanted:
            return one
    raise RecoveryError(
        "instrument-unknown",
        asked=f"A score of {name[:40]!r} was asked for.",
        found=f"Keyhole scores {', '.join(instruments())}.",
        next="Name one of these.",
    )


def _plain(name: str) -> str:
    return name.lower().replace("-", "").replace("_", "").replace(" ", "")


def _structured(data: dict[str, Any]) -> Instrument:
    return cattrs.Converter(forbid_extra_keys=True).structure(data, Instrument)
