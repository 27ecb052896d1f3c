"""The packaged doses of illnesses."""

from collections.abc import Mapping
from functools import cache
from typing import Any, Literal

from attrs import field, frozen

from keyhole.shipped import shipped

At = Literal["segment", "level", "range"]


@frozen
class Number:
    """A number of a dose: unit, limits, its value where no grade sets it, where it goes."""

    unit: str
    low: float
    high: float
    usual: float | None = None
    field: str | None = None
    share: bool = False
    about: str = ""


@frozen
class Dosing:
    """What may be ordered under one name; see `doses.toml`."""

    about: str
    source: str
    at: At | None = None
    not_at: tuple[str, ...] = field(default=(), converter=tuple)
    grade: str | None = None
    numbers: Mapping[str, Number] = field(factory=dict)
    grades: Mapping[str, Mapping[str, float]] = field(factory=dict)
    choices: Mapping[str, tuple[str, ...]] = field(factory=dict)

    @property
    def words(self) -> tuple[str, ...]:
        """Every word that a dose may hold."""
        return (*self.grades, *(word for group in self.choices.values() for word in group))


@cache
def dosings() -> Mapping[str, Dosing]:
    """What may be ordered, by name, in the order of application."""
    return {
        name: _dosing(row)
        for name, row in shipped("keyhole.simulate.illness", "doses.toml").items()
    }


def _dosing(row: Mapping[str, Any]) -> Dosing:
    numbers = {name: Number(**about) for name, about in row.get("numbers", {}).items()}
    choices = {group: tuple(words) for group, words in row.get("choices", {}).items()}
    return Dosing(**{**row, "numbers": numbers, "choices": choices})
