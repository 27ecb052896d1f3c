"""Tables that a room ships beside its code, as TOML or CSV."""

import csv
import tomllib
from importlib import resources
from typing import Any


def shipped(package: str, *path: str) -> dict[str, Any]:
    """The tables of a TOML file in a package's folder. Raises OSError: a fault of the package."""
    return tomllib.loads(_text(package, path))


def shipped_rows(package: str, *path: str) -> tuple[dict[str, str], ...]:
    """The rows of a CSV file with a header. Raises OSError: a fault of the package."""
    return tuple(csv.DictReader(_text(package, path).splitlines()))


def _text(package: str, path: tuple[str, ...]) -> str:
    return resources.files(package).joinpath(*path).read_text("utf-8")
