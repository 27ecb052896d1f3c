"""The numbers by which cohorts are simulated (`cohort.toml`)."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any


@cache
def numbers() -> Mapping[str, Any]:
    """The tables of `cohort.toml`."""
    text = resources.files("keyhole.simulate.cohort").joinpath("cohort.toml").read_text("utf-8")
    return tomllib.loads(text)
