"""Tables of studies read from CSV files."""

import csv
from collections.abc import Sequence
from pathlib import Path

from keyhole.errors import EvidenceError


def read_studies(files: Sequence[Path]) -> dict[str, list[object]]:
    """The rows of all files under one another, by column; empty where a file lacks the column.

    Raises:
        EvidenceError: `file-missing`; `table-unreadable` for a file that is no text, has no header,
            names a column twice, or has a row longer or shorter than its header.

    """
    tables = [_read(path) for path in files]
    columns = dict.fromkeys(column for header, _ in tables for column in header)
    rows = [dict(zip(header, row, strict=True)) for header, body in tables for row in body]
    return {column: [row.get(column, "") for row in rows] for column in columns}


def _read(path: Path) -> tuple[list[str], list[list[str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = [row for row in csv.reader(file) if any(cell.strip() for cell in row)]
    except FileNotFoundError as error:
        raise EvidenceError(
            "file-missing",
            asked="A table of studies was to be read.",
            found="There is no file of that name.",
            next="Give the CSV file of the studies.",
        ) from error
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise _unreadable("It is not UTF-8 text with commas.") from error
    if len(rows) < 2:
        raise _unreadable("It has no header, or no study under it.")
    header = [cell.strip() for cell in rows[0]]
    if len(set(header)) < len(header):
        raise _unreadable("It names a column twice, or one not at all.")
    uneven = [number for number, row in enumerate(rows, 1) if len(row) != len(header)]
    if uneven:
        raise _unreadable(f"Its row {uneven[0]} does not have the header's {len(header)} cells.")
    return header, rows[1:]


def _unreadable(found: str) -> EvidenceError:
    return EvidenceError(
        "table-unreadable",
        asked="A table of studies was to be read.",
        found=found,
        next="Give a CSV file whose first row names the columns; see docs/look-up/commands.md.",
    )
