"""The findings' part of a page: a table a place, a segment's pictures, what was not seen."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from attrs import frozen

from keyhole.levels import place_rank, segment_levels
from keyhole.progress import Progress, silent
from keyhole.report.album import Shown
from keyhole.report.cells import Cell, Table, decimal
from keyhole.report.notices import is_indicative, notices, stamps
from keyhole.report.page import colours, scan_facts, short_id
from keyhole.view import Mark, Segment, Stage, segment_pictures

_Z95 = 1.96
_HEADS = ("Finding", "Side", "Value (95 % interval)", "Grades by name (may be)", "Published mean")


@frozen
class PlacePart:
    """The findings of one place: the whole spine, a level or a segment."""

    id: str
    name: str
    table: Table
    pictures: tuple[Shown, ...]


@frozen
class FindingsPart:
    """All places, what was not seen, and the sentence that ends every list of findings."""

    places: tuple[PlacePart, ...]
    unseen: Table
    indication: str


def findings_part(
    found: Sequence[Mapping[str, Any]],
    stage: Stage,
    indication: str,
    progress: Progress = silent,
) -> FindingsPart:
    """The words, tables and pictures of findings as `plan.json` and `findings.json` hold them."""
    seen = [one for one in found if one["value"] is not None]
    names = sorted({one["at"] for one in seen}, key=place_rank)
    parts = []
    for n, name in enumerate(names):
        progress(f"pictures of {name}", n / len(names))
        own = [one for one in seen if one["at"] == name]
        near = own + [one for one in seen if one["at"] in _levels(name) and one["outlines"]]
        parts.append(
            PlacePart(
                id=f"at-{name.replace('/', '-')}",
                name="Whole spine" if "-" in name else name,
                table=Table(f"Findings at {name}", _HEADS, tuple(_row(one) for one in own)),
                pictures=_pictures(stage, name, near),
            )
        )
    return FindingsPart(tuple(parts), _unseen(found), indication)


def findings_page(sheet: Mapping[str, Any], part: FindingsPart) -> dict[str, Any]:
    """All variables of `findings_report.html`."""
    at = ", ".join(sheet["request"]["at"]) or "all levels"
    return {
        "title": f"Findings at {at}",
        "kind": "findings",
        "maker": "findings",
        "stamps": stamps(sheet),
        "indicative": is_indicative(sheet),
        "disclaimer": sheet["disclaimer"],
        "facts": scan_facts(sheet),
        "scan_warnings": notices(sheet["scan"]["warnings"]),
        "findings": part,
        "colours": colours(),
        "footer": " · ".join((*stamps(sheet), sheet["disclaimer"], short_id(sheet["scan"]["id"]))),
    }


def _levels(name: str) -> tuple[str, ...]:
    return segment_levels(name) if "/" in name else ()


def _pictures(stage: Stage, name: str, near: Iterable[Mapping[str, Any]]) -> tuple[Shown, ...]:
    """A segment's pictures; none for a level, whose landmarks its segments show."""
    levels = _levels(name)
    if not levels or any(level not in stage.spine for level in levels):
        return ()
    upper, lower = (stage.spine[level] for level in levels)
    segment = Segment.of(name, (upper, lower), marks_of(near))
    return tuple(Shown.of(picture) for picture in segment_pictures(stage, segment))


def marks_of(found: Iterable[Mapping[str, Any]]) -> list[Mark]:
    """What findings were measured from; those with the same landmarks are drawn once."""
    marks: dict[str, Mark] = {}
    for one in found:
        if not one["landmarks"] and not one["outlines"]:
            continue
        what = repr([one["landmarks"].values(), one["outlines"].values()])
        side = f" {one['side']}" if one["side"] else ""
        points = {name: np.array(place) for name, place in one["landmarks"].items()}
        curves = {name: np.array(curve) for name, curve in one["outlines"].items()}
        marks.setdefault(what, Mark(words(one["name"]) + side, points, curves))
    return list(marks.values())


def words(name: str) -> str:
    """A quantity's name as it is read: `trabecular_hu` is `trabecular HU`."""
    return " ".join("HU" if part == "hu" else part for part in name.split("_"))


def _row(one: Mapping[str, Any]) -> tuple[Cell, ...]:
    return (
        Cell(words(one["name"])),
        Cell(one["side"] or ""),
        _value(one),
        Cell("; ".join(_graded(grade) for grade in one["grades"]), "; ".join(_sources(one))),
        _normal(one),
    )


def _value(one: Mapping[str, Any]) -> Cell:
    digits = 2 if one["unit"] == "1" else 1
    text = decimal(one["value"], digits)
    if one["se"] is not None:
        text += f" ± {decimal(_Z95 * one['se'], digits)}"
    unit = "" if one["unit"] == "1" else f"\u00a0{one['unit']}"
    return Cell(text + unit, "; ".join(one["notes"]))


def _graded(grade: Mapping[str, Any]) -> str:
    """`Meyerding: I (0, I)`: scale, grade, and all that the interval leaves open."""
    may_be = f" ({', '.join(grade['may_be'])})" if len(grade["may_be"]) > 1 else ""
    return f"{grade['scale']}: {grade['grade']}{may_be}"


def _sources(one: Mapping[str, Any]) -> list[str]:
    return list(dict.fromkeys(grade["source"] for grade in one["grades"]))


def _normal(one: Mapping[str, Any]) -> Cell:
    normal = one["normal"]
    if normal is None:
        return Cell("none read")
    digits = 2 if one["unit"] == "1" else 1
    mean, sd = decimal(normal["mean"], digits), decimal(normal["sd"], digits)
    return Cell(f"{mean} ± {sd}; z {decimal(normal['z'])}", normal["source"])


def _unseen(found: Iterable[Mapping[str, Any]]) -> Table:
    """A line for each quantity and reason, with the places it holds for."""
    lines: dict[tuple[str, str, str], list[str]] = {}
    for one in found:
        if one["value"] is None:
            why = one["not_seen"]
            lines.setdefault((one["name"], why["found"], why["next"]), []).extend(why["at"])
    rows = tuple(
        (Cell(words(name)), Cell(", ".join(dict.fromkeys(at))), Cell(why), Cell(step))
        for (name, why, step), at in lines.items()
    )
    return Table("Not seen", ("Finding", "At", "Why", "What would help"), rows)
