"""The columns of a table by which its studies are told apart: names of groups, and numbers."""

import math
from collections.abc import Sequence

from keyhole.errors import EvidenceError
from keyhole.evidence.pooled.studies import Table, demand, is_empty, numbers


def groups_of(table: Table, column: str, rows: Sequence[int]) -> tuple[str, ...]:
    """The group of each study that stands in `rows`, as the column names it.

    Raises:
        EvidenceError: `columns-missing`; `moderators-unfit` where a study has none.

    """
    demand(table, [column])
    cells = [table[column][row] for row in rows]
    _demand_all([is_empty(cell) for cell in cells], table, column, rows)
    return tuple(str(cell).strip() for cell in cells)


def moderators_of(
    table: Table, columns: Sequence[str], rows: Sequence[int]
) -> dict[str, tuple[float, ...]]:
    """The columns as numbers, of the studies that stand in `rows`.

    Raises:
        EvidenceError: `columns-missing`, `text-in-numbers`; `moderators-unfit` where a study has no
            number.

    """
    demand(table, columns)
    read = {column: numbers(table, column)[list(rows)] for column in columns}
    for column, values in read.items():
        _demand_all([math.isnan(value) for value in values], table, column, rows)
    return {column: tuple(map(float, values)) for column, values in read.items()}


def _demand_all(lacking: list[bool], table: Table, column: str, rows: Sequence[int]) -> None:
    names = [str(table["study"][row]) for row, none in zip(rows, lacking, strict=True) if none]
    if names:
        raise EvidenceError(
            "moderators-unfit",
            asked=f"The studies were to be told apart by the column {column}.",
            found=f"It is empty for {len(names)} of them.",
            next="Fill the cells in, or leave those studies out of the table.",
            at=names,
        )
