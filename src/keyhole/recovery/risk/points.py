"""Scores that add points for what is known of a patient: Caprini, mFI-5, infection.

What is not known gives no points, so a sum is a lower limit, and the score says what was not
told. Race is no item of any score here.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from attrs import field, frozen

from keyhole.errors import RecoveryError
from keyhole.recovery.course.model import Sex
from keyhole.recovery.risk.comorbidity import indices
from keyhole.shipped import shipped

NUMBERS = ("age", "bmi", "charlson", "operating_h", "procedures")


def _flags(names: Iterable[str]) -> frozenset[str]:
    return frozenset(names)


@frozen(kw_only=True)
class Facts:
    """What is known before an operation. `flags` are words of `known_flags`."""

    age: int | None = None
    sex: Sex | None = None
    bmi: float | None = None
    operating_h: float | None = None
    procedures: int | None = None
    icd10: tuple[str, ...] | None = None
    flags: frozenset[str] = field(default=frozenset(), converter=_flags)

    def number(self, name: str) -> float | None:
        """One of `NUMBERS`; None where it was not told. `charlson` is the index of 1987."""
        if name == "charlson":
            return None if self.icd10 is None else indices(self.icd10)[0].value
        known: float | None = getattr(self, name)
        return known


@frozen(kw_only=True)
class PointScore:
    """A sum of points, its items, what was not told, and what is known of the score itself."""

    name: str
    title: str
    points: float
    band: str | None
    items: Mapping[str, float]
    not_told: tuple[str, ...]
    source: str
    population: str
    calibration: str
    notes: tuple[str, ...]


def score_points(facts: Facts) -> tuple[PointScore, ...]:
    """Every score that is on, of these facts.

    Raises:
        RecoveryError: `fact-unknown` for a flag that no score asks for; `icd10-unreadable`.

    """
    for flag in sorted(facts.flags - known_flags()):
        raise RecoveryError(
            "fact-unknown",
            asked=f"The fact {flag[:40]!r} was given.",
            found=f"The scores ask for {', '.join(sorted(known_flags()))}.",
            next="Name one of these.",
        )
    return tuple(_scored(table, facts) for table in _tables()["score"])


def switched_off() -> Mapping[str, str]:
    """Published scores that are not used, and why."""
    return {row["name"]: row["why"] for row in _tables()["off"]}


def known_flags() -> frozenset[str]:
    """Every fact that is either so or not."""
    items = (item for table in _tables()["score"] for item in table["item"])
    return frozenset(item["when"] for item in items if "when" in item)


def _scored(table: Mapping[str, Any], facts: Facts) -> PointScore:
    given = {item["text"]: _points(item, facts) for item in table["item"]}
    known = {text: points for text, points in given.items() if points is not None}
    counted = _one_a_group(table["item"], {t: p for t, p in known.items() if p > 0})
    total = sum(counted.values())
    bands = [name for low, name in table["bands"] if total >= low]
    return PointScore(
        name=table["name"],
        title=table["title"],
        points=total,
        band=bands[-1] if bands else None,
        items=counted,
        not_told=_not_told(table["item"], facts),
        source=table["source"],
        population=table["population"],
        calibration=table["calibration"],
        notes=tuple(table.get("notes", ())),
    )


def _points(item: Mapping[str, Any], facts: Facts) -> float | None:
    """An item's points; None where its number was not told."""
    if item.get("sex") and facts.sex != item["sex"]:
        return 0.0
    if "sex_is" in item:
        return None if facts.sex is None else float(item["points"]) * (facts.sex == item["sex_is"])
    if "when" in item:
        return float(item["points"]) * (item["when"] in facts.flags)
    number = facts.number(item["number"])
    if number is None:
        return None
    if "each" in item:
        return float(item["each"] * number)
    return float(item["points"]) * _within(item, number)


def _within(item: Mapping[str, Any], number: float) -> bool:
    """Whether a number lies in an item's range; ages count in whole years."""
    return (
        number >= item.get("from", float("-inf"))
        and number <= item.get("up_to", float("inf"))
        and number > item.get("above", float("-inf"))
    )


def _one_a_group(items: Iterable[Mapping[str, Any]], counted: dict[str, float]) -> dict[str, float]:
    """Of the items of one group only the one with most points."""
    groups: dict[str, list[str]] = {}
    for item in items:
        if "group" in item and item["text"] in counted:
            groups.setdefault(item["group"], []).append(item["text"])
    for texts in groups.values():
        best = max(texts, key=lambda text: counted[text])
        for text in texts:
            if text != best:
                del counted[text]
    return counted


def _not_told(items: Iterable[Mapping[str, Any]], facts: Facts) -> tuple[str, ...]:
    """The numbers that the score asks for and nobody gave."""
    asked = dict.fromkeys(item["number"] for item in items if "number" in item)
    missing = [name for name in asked if facts.number(name) is None]
    if facts.sex is None and any("sex" in item or "sex_is" in item for item in items):
        missing.append("sex")
    return tuple(missing)


@cache
def _tables() -> Mapping[str, Any]:
    return shipped("keyhole.recovery.risk", "scores.toml")
