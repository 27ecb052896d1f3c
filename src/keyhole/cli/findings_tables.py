"""Findings for people, by place, from the same data that `--json` prints."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import RenderableType
from rich.table import Table

from keyhole.cli.tables import add, number
from keyhole.levels import place_rank

_Z95 = 1.96


def findings_pages(data: Mapping[str, Any]) -> list[RenderableType]:
    """A table a place, what was not seen, and the sentence that ends every list of findings."""
    found = data["findings"]
    seen = [one for one in found if one["value"] is not None]
    pages: list[RenderableType] = [
        _table(place, [one for one in seen if one["at"] == place]) for place in places_of(seen)
    ]
    pages += not_seen_lines([one for one in found if one["value"] is None])
    accuracy = f"Accuracy of this scan: {data['scan']['accuracy']}. {data['disclaimer']}"
    return [*pages, accuracy, data["indication"]]


def places_of(found: Iterable[Mapping[str, Any]]) -> list[str]:
    """The places of findings from head to sacrum, a level before the segment below it."""
    return sorted({one["at"] for one in found}, key=place_rank)


def _table(place: str, found: Sequence[Mapping[str, Any]]) -> Table:
    table = Table(
        "finding", "side", "value (95 %)", "unit", "grades", "beside the mean", title=place
    )
    table.title_justify = "left"
    for one in found:
        add(table, *cells(one))
    return table


def cells(one: Mapping[str, Any]) -> list[str]:
    """One finding with a value as words: name, side, value, unit, grades, mean."""
    digits = 2 if one["unit"] == "1" else 1
    value = number(one["value"], digits)
    if one["se"] is not None:
        value += f" ± {number(_Z95 * one['se'], digits)}"
    unit = "" if one["unit"] == "1" else one["unit"]
    grades = "; ".join(graded(grade) for grade in one["grades"]) or "-"
    return [one["name"], one["side"] or "", value, unit, grades, beside_mean(one["normal"], digits)]


def graded(grade: Mapping[str, Any]) -> str:
    """`Meyerding I (0, I)`: the scale, the grade and all that the interval leaves open."""
    open_grades = grade["may_be"]
    may_be = f" ({', '.join(open_grades)})" if len(open_grades) > 1 else ""
    return f"{grade['scale']}: {grade['grade']}{may_be}"


def beside_mean(normal: Mapping[str, Any] | None, digits: int = 1) -> str:
    """`16.7 ± 1.2, z -0.4`; a dash where no mean was read."""
    if normal is None:
        return "-"
    mean, sd = number(normal["mean"], digits), number(normal["sd"], digits)
    return f"{mean} ± {sd}, z {normal['z']:+.1f}"


def not_seen_lines(unseen: Iterable[Mapping[str, Any]]) -> list[str]:
    """One line for each reason: what is not seen, where, and why."""
    reasons: dict[tuple[str, str], list[str]] = {}
    for one in unseen:
        refusal = one["not_seen"]
        places = reasons.setdefault((one["name"], refusal["found"]), [])
        places += [place for place in refusal["at"] if place not in places]
    return [
        f"not seen: {name} ({', '.join(places)}): {found}"
        for (name, found), places in reasons.items()
    ]
