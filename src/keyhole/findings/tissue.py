"""The numbers of `tissue.toml`, each with its source."""

from functools import cache
from typing import Any

from keyhole.shipped import shipped


def rule(table: str, key: str) -> float:
    """A number of `tissue.toml`. Raises KeyError for a name that is not there."""
    return float(rules()[table][key]["value"])


@cache
def rules() -> dict[str, dict[str, Any]]:
    """All of `tissue.toml`."""
    return shipped("keyhole.findings", "tissue.toml")
