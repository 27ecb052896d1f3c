"""Tables for people, from the same data that `--json` prints."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

_DIRECTIONS = ("medial", "lateral", "cranial", "caudal")


def add(table: Table, *cells: str) -> None:
    """A row whose words are shown as they are, brackets and all."""
    table.add_row(*(Text(cell) for cell in cells))


def number(value: float | None, digits: int = 1) -> str:
    """A number as people read it; a dash where it is unknown, no sign before nothing."""
    return "-" if value is None else f"{round(value, digits) + 0.0:.{digits}f}"


def least(values: Mapping[str, Any]) -> str:
    """The least of the four directions round a screw, with its name."""
    known = {name: values[name] for name in _DIRECTIONS if values[name] is not None}
    if not known:
        return "-"
    name = min(known, key=lambda key: known[key])
    return f"{number(known[name])} {name}"


def screw_table(screws: Iterable[Mapping[str, Any]]) -> Table:
    """One line a screw: size, fill, grade, room, angles, skin, bone."""
    table = Table("level", "side", "mm", "fill", "grade", "clearance", "margin", "inward", "up")
    for name in ("from midline", "HU"):
        table.add_column(name)
    for screw in screws:
        add(table, *_screw_cells(screw))
    return table


def _screw_cells(screw: Mapping[str, Any]) -> list[str]:
    fill = screw["fill"]
    return [
        screw["level"],
        screw["side"],
        f"{screw['diameter_mm']:g} x {screw['length_mm']:g}",
        "n/a" if fill is None else f"{100 * fill:.0f} %",
        grade(screw["gertzbein_robbins"]),
        least(screw["clearance_mm"]),
        least(screw["margin_mm"]),
        number(screw["convergence_deg"], 0),
        number(screw["tilt_deg"], 0),
        _skin(screw["skin_entry"]),
        number(screw["hu"], 0),
    ]


def grade(graded: Mapping[str, Any]) -> str:
    """`A (A-B)`: the letter and those that it may be."""
    may_be: Sequence[str] = sorted(graded["may_be"])
    if len(may_be) < 2:
        return str(graded["grade"])
    return f"{graded['grade']} ({may_be[0]}-{may_be[-1]})"


def _skin(entry: Mapping[str, Any] | None) -> str:
    if entry is None:
        return "-"
    low, high = entry["from_midline_range_mm"]
    return f"{entry['from_midline_mm']:.0f} ({low:.0f} to {high:.0f}) mm"
