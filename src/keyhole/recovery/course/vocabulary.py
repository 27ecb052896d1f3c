"""The measures that Keyhole understands: unit, range and direction of each (`vocabulary.toml`)."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Literal

from attrs import frozen

from keyhole.errors import RecoveryError
from keyhole.recovery.course.model import Measure
from keyhole.shipped import shipped


@frozen(kw_only=True)
class Meaning:
    """What a measure's name means: its unit, what can be true of anybody, which way is better."""

    name: str
    unit: str
    low: float
    high: float
    better: Literal["lower", "higher"]
    text: str


@cache
def vocabulary() -> Mapping[str, Meaning]:
    """Every measure by its name."""
    return {
        row["name"]: Meaning(**row)
        for row in shipped("keyhole.recovery.course", "vocabulary.toml")["measure"]
    }


def believed(measures: Iterable[Measure]) -> tuple[Measure, ...]:
    """The measures, once each is found to have its name's unit and a value that can be.

    Names that the vocabulary does not hold pass as they are: nothing reckons with them.

    Raises:
        RecoveryError: `measure-impossible`, naming measure and day.

    """
    kept = tuple(measures)
    for one in kept:
        known = vocabulary().get(one.name)
        if known and (one.unit != known.unit or not known.low <= one.value <= known.high):
            raise RecoveryError(
                "measure-impossible",
                asked=f"{one.name} of {one.on} was to be read.",
                found=f"It is {one.value:g} {one.unit}.",
                next=f"It is measured in {known.unit}, from {known.low:g} to {known.high:g}.",
            )
    return kept
