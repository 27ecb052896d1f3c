"""The numbers by which cohorts are simulated (`cohort.toml`)."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from keyhole.shipped import shipped


@cache
def numbers() -> Mapping[str, Any]:
    """The tables of `cohort.toml`."""
    return shipped("keyhole.simulate.cohort", "cohort.toml")
