"""A table of studies, column by column, read as numbers or refused.

A table is any mapping of a column's name to its cells, as long as `study`: a dict of lists, or a
data frame. Cells are numbers or their text; an empty cell, None and NaN are a number not known.
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from keyhole.errors import EvidenceError
from keyhole.space import Floats, fixed

Table = Mapping[str, Sequence[object]]
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


def study_names(table: Table) -> tuple[str, ...]:
    """The studies, in the table's order.

    Raises:
        EvidenceError: `columns-missing` without a column `study`; `table-unreadable` where columns
            differ in length.

    """
    demand(table, ["study"])
    names = tuple(str(name).strip() for name in table["study"])
    ragged = [column for column in table if len(table[column]) != len(names)]
    if ragged:
        raise EvidenceError(
            "table-unreadable",
            asked="The studies were to be read from a table.",
            found=f"The column {ragged[0]} is not as long as the column study.",
            next="Give every study a cell in every column, empty where nothing is known.",
        )
    return names


def demand(table: Table, columns: Iterable[str]) -> None:
    """Refuse a table that lacks one of the columns, or holds nothing in it.

    Raises:
        EvidenceError: `columns-missing`.

    """
    lacking = [c for c in columns if c not in table or all(is_empty(x) for x in table[c])]
    if lacking:
        raise EvidenceError(
            "columns-missing",
            asked=f"The columns {', '.join(columns)} were to be read.",
            found=f"The table has nothing in {', '.join(lacking)}.",
            next="Add the columns, or ask for what the table has.",
        )


def filled(table: Table, column: str) -> bool:
    """Whether the table has the column and something in it."""
    return column in table and not all(is_empty(cell) for cell in table[column])


def numbers(table: Table, column: str) -> Floats:
    """(k,) the column as numbers; NaN where the cell is empty.

    Raises:
        EvidenceError: `text-in-numbers`.

    """
    names = table["study"]
    return fixed([_number(c, column, str(n)) for c, n in zip(table[column], names, strict=True)])


def demand_one(table: Table, column: str, code: str) -> None:
    """Refuse a table whose column, where there is one, says more than one thing.

    Raises:
        EvidenceError: `code`.

    """
    said = {
        str(c).strip().casefold(): str(c).strip() for c in table.get(column, ()) if not is_empty(c)
    }
    if len(said) > 1:
        some = ", ".join(list(said.values())[:3])
        raise EvidenceError(
            code,
            asked="The studies were to be pooled.",
            found=f"The column {column} says {len(said)} different things ({some}).",
            next=f"Pool the rows of one {column} at a time; scales that differ need --measure SMD.",
        )


def demand_single(table: Table) -> None:
    """Refuse a study that was given twice: it would count double.

    Raises:
        EvidenceError: `study-doubled`.

    """
    seen: set[tuple[str, ...]] = set()
    for row in zip(*(table[column] for column in sorted(table)), strict=True):
        key = tuple("" if is_empty(cell) else str(cell).strip() for cell in row)
        if key in seen:
            raise EvidenceError(
                "study-doubled",
                asked="The studies were to be pooled.",
                found="Two rows are the same in every column.",
                next="Give each study once; name two arms of one study differently.",
                at=[key[sorted(table).index("study")]],
            )
        seen.add(key)


def is_empty(cell: object) -> bool:
    """Whether a cell says nothing."""
    if isinstance(cell, float | np.floating):
        return math.isnan(cell)
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _number(cell: object, column: str, study: str) -> float:
    if is_empty(cell):
        return math.nan
    if not _NUMBER.fullmatch(str(cell).strip()) or not math.isfinite(float(str(cell))):
        raise EvidenceError(
            "text-in-numbers",
            asked=f"The column {column} was to be read as numbers.",
            found=f"One cell says {str(cell)[:40]!r}.",
            next="Write one plain number with a decimal point, or leave the cell empty.",
            at=[study],
        )
    return float(str(cell))
