"""Keyhole's numbers held against metafor's, name by name."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

from attrs import define, field
from our_numbers import Named, numbers
from random_sets import all_sets

HERE = Path(__file__).parent
GOLDEN = HERE / "golden.json"
TOLERANCE = 1e-6
Golden = Mapping[int, Mapping[str, float]]


@define
class Family:
    """All numbers of one kind: how many were compared, the worst, and those that are off."""

    compared: int = 0
    worst: float = 0.0
    off: list[str] = field(factory=list)


def golden(path: Path = GOLDEN) -> tuple[Golden, dict[str, str]]:
    """Metafor's numbers by set, and where they come from."""
    read = json.loads(path.read_text(encoding="utf-8"))
    rows = [dict(zip(read["names"], row, strict=True)) for row in read["sets"]]
    known = [{key: value for key, value in row.items() if value is not None} for row in rows]
    return dict(enumerate(known)), read["source"]


def compared(theirs: Golden, wanted: Iterable[int]) -> dict[str, Family]:
    """The families over the wanted sets."""
    sets, families = all_sets(), defaultdict(Family)
    for number in wanted:
        ours = numbers(*sets[number])
        for key, value in theirs[number].items():
            family = families[family_of(key)]
            family.compared += 1
            apart = distance(key, ours, value)
            family.worst = max(family.worst, apart)
            if apart > TOLERANCE:
                family.off.append(f"set {number} {key}: {ours.get(key)} for {value}")
    return dict(families)


def family_of(key: str) -> str:
    """`REML.knha.lo` is of the family `knha`; `REML.lo` of `REML`."""
    parts = key.split(".")
    known = [part for part in parts if part in {"t", "knha", "pi_z", "pi_t"}]
    return known[-1] if known and parts[0] != "regress" else parts[0]


def distance(key: str, ours: Named, theirs: float) -> float:
    """How far apart, relative to the number.

    Shares (I2) and variances between studies are nothing or something by rounding: metafor creeps
    towards zero by halves, Keyhole steps on it. They are measured against one percent, and against
    the spread of the effects that their set has.
    """
    if key not in ours:
        return float("inf")
    least = 1e-12
    if key.endswith(".i2"):
        least = 1.0
    if key.endswith("tau2") or key.startswith("tau2_ci"):
        least = ours["k"] / ours["effects.w"]  # the harmonic mean of the variances
    return abs(ours[key] - theirs) / max(abs(theirs), least)
