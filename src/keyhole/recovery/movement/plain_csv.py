"""Steps from a plain table: a header `date,steps` and a row a day."""

import csv
import io
import re
from pathlib import Path

from keyhole.recovery.course.model import Measure
from keyhole.recovery.course.plain import UnfitError, day_of
from keyhole.recovery.course.vocabulary import vocabulary
from keyhole.recovery.movement.daily import unreadable
from keyhole.recovery.reading import read_utf8

_WHOLE = re.compile(r"^\d{1,7}$", re.ASCII)


def read_steps_csv(path: Path, by: str = "patient") -> tuple[Measure, ...]:
    """Steps by day. A day that stands twice is refused: neither row is believed.

    Raises:
        RecoveryError: `export-unreadable`, with the row (the header is 1) and the reason.

    """
    reader = csv.reader(io.StringIO(read_utf8(path, unreadable), newline=""), strict=True)
    try:
        if next(reader, None) != ["date", "steps"]:
            raise unreadable("row 1: the columns must be date, steps")
        found: dict[object, Measure] = {}
        for row, cells in enumerate(reader, start=2):
            one = _measure(row, cells, by)
            if found.setdefault(one.on, one) is not one:
                raise unreadable(f"row {row}: the day stands twice")
    except csv.Error as error:
        raise unreadable(f"row {reader.line_num}: the CSV is broken") from error
    return tuple(found.values())


def _measure(row: int, cells: list[str], by: str) -> Measure:
    if len(cells) != 2:
        raise unreadable(f"row {row}: two cells are needed")
    try:
        day = day_of(cells[0])
    except UnfitError as error:
        raise unreadable(f"row {row}: {error}") from error
    if not _WHOLE.match(cells[1]) or int(cells[1]) > vocabulary()["steps"].high:
        raise unreadable(f"row {row}: the steps are no whole number that can be")
    return Measure(on=day, name="steps", value=float(cells[1]), unit="1", source="csv", by=by)
