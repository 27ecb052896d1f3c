"""The numbers of `summary.toml`."""

import tomllib
from functools import cache
from importlib import resources
from typing import Any

import cattrs
from attrs import frozen

from keyhole.evidence.pooled.summary_judgement import Certainty


@frozen
class Start:
    """The certainty that a body of studies of one design begins with."""

    randomised: Certainty
    observational: Certainty
    source: str


@frozen
class Inconsistency:
    """Percent of I2 from Q; the p of Q under which it is no chance."""

    serious_i2: float
    very_serious_i2: float
    source: str
    chance_p: float
    chance_p_source: str


@frozen
class Imprecision:
    """Ratios that are appreciable benefit or harm; the least events and patients."""

    appreciable_ratio: tuple[float, float]
    source: str
    least_events: int
    least_patients: int
    least_source: str


@frozen
class PublicationBias:
    """The least studies for a test of asymmetry; the p under which it is suspicious."""

    least_studies: int
    least_source: str
    suspicious_p: float
    suspicious_p_source: str


@frozen
class Rules:
    """All of them."""

    start: Start
    inconsistency: Inconsistency
    imprecision: Imprecision
    publication_bias: PublicationBias


@cache
def rules() -> Rules:
    """The rules that ship with the package."""
    text = resources.files("keyhole.evidence.pooled").joinpath("summary.toml").read_text("utf-8")
    converter = cattrs.Converter(forbid_extra_keys=True)
    data: dict[str, Any] = tomllib.loads(text)
    return converter.structure(data, Rules)
