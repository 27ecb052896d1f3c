"""The numbers of `tissue.toml`, each with its source."""

import tomllib
from functools import cache
from importlib import resources
from typing import Any


def rule(table: str, key: str) -> float:
    """A number of `tissue.toml`. Raises KeyError for a name that is not there."""
    return float(rules()[table][key]["value"])


@cache
def rules() -> dict[str, dict[str, Any]]:
    """All of `tissue.toml`."""
    text = resources.files("keyhole.findings").joinpath("tissue.toml").read_text("utf-8")
    return tomllib.loads(text)
