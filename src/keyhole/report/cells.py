"""Numbers as a reader sees them: with unit and sign; or `not known`, or `does not apply`, and why."""

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen

NO_REASON = "the plan gives no reason"
DIRECTIONS = ("medial", "lateral", "cranial", "caudal", "anterior")


@frozen
class Cell:
    """One entry of a table. Where it is not known or does not apply, `note` is the reason."""

    text: str
    note: str = ""
    known: bool = True


@frozen
class Table:
    """A table: heads with their units, rows of cells; a row's first cell is its head."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def unknown(reason: str | None) -> Cell:
    """Not known, and why."""
    return Cell("not known", reason or NO_REASON, known=False)


def inapplicable(reason: str | None) -> Cell:
    """Nothing is missing: the quantity does not exist here, and why."""
    return Cell("does not apply", reason or NO_REASON)


def decimal(value: float, digits: int = 1) -> str:
    """A number with a true minus sign; a rounded zero has no sign."""
    text = f"{value:.{digits}f}"
    if float(text) == 0:
        text = text.lstrip("-")
    return text.replace("-", "\u2212")


def quantity(
    holder: Mapping[str, Any],
    key: str,
    unit: str,
    *,
    digits: int = 1,
    times: float = 1,
    applies: bool = True,
) -> Cell:
    """The number under `key` with its unit; where there is none, the reason under `key_reason`.

    Args:
        holder: an object of plan.json.
        key: where the number stands.
        unit: printed after it; empty for none.
        digits: decimals.
        times: 100 for a share printed in per cent.
        applies: whether the quantity exists here; where not, having none is no lack of knowledge.

    """
    value = holder.get(key)
    if value is None:
        reason = holder.get(f"{key}_reason") or holder.get("reason")
        return unknown(reason) if applies else inapplicable(reason)
    space = "" if unit in {"", "°"} else "\u00a0"
    return Cell(f"{decimal(value * times, digits)}{space}{unit}")


def share(value: float) -> str:
    """A probability in per cent; below one per cent with a decimal."""
    percent = 100 * value
    return f"{percent:.{1 if 0 < percent < 1 else 0}f}\u00a0%"


def chance(hits: int, draws: int, low: float, high: float) -> Cell:
    """How often something came of the draws: none is `below` its bound, all is `above` it."""
    drawn = f"{hits} of {draws} draws"
    if hits == 0:
        return Cell(f"below {share(high)}", f"{drawn}, under these assumptions")
    if hits == draws:
        return Cell(f"above {decimal(100 * low)}\u00a0%", f"{drawn}, under these assumptions")
    return Cell(share(hits / draws), f"{share(low)} to {share(high)}, {drawn}")


def grade_text(grade: str, may_be: Sequence[str]) -> str:
    """`A`, or `A (A-B)` where the voxels leave more than one letter open."""
    letters = sorted({grade, *may_be})
    return grade if len(letters) == 1 else f"{grade} ({letters[0]}\u2013{letters[-1]})"
