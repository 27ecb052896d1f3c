"""Steps from an Apple Health `export.xml`, streamed: memory does not grow with the file."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import IO
from xml.parsers import expat

from keyhole.recovery.course.model import Measure
from keyhole.recovery.course.plain import UnfitError, day_of
from keyhole.recovery.movement.daily import DailySteps, unreadable

_STEPS = "HKQuantityTypeIdentifierStepCount"
_CHUNK = 1 << 16
_WHOLE = re.compile(r"^\d{1,7}(\.\d{1,6})?$", re.ASCII)
_LONGEST = 200


def read_apple_health(path: Path, by: str = "patient") -> tuple[Measure, ...]:
    """Steps by day, each record counted on the day on which it started, in its own time zone.

    Args:
        path: the `export.xml` of an Apple Health export.
        by: who hands it in.

    Raises:
        RecoveryError: `export-unreadable`: no XML, entities of its own, a day or a count that
            cannot be, with the line; nothing of its content is repeated.

    """
    steps = DailySteps()
    try:
        with path.open("rb") as file:
            for day, source, count in _records(file):
                steps.add(day, source, count)
    except OSError as error:
        raise unreadable(f"the file cannot be opened: {error.strerror}") from error
    return steps.measures("apple-health", by)


def _records(file: IO[bytes]) -> Iterator[tuple[date, str, float]]:
    """Day, source and count of every record of steps, chunk by chunk."""
    found: list[tuple[date, str, float]] = []
    parser = expat.ParserCreate()
    parser.buffer_text = False
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)

    def entity(*_: object) -> None:
        raise unreadable(f"line {parser.CurrentLineNumber}: it defines entities of its own")

    def start(name: str, cells: dict[str, str]) -> None:
        if name == "Record" and cells.get("type") == _STEPS:
            found.append(_record(cells, parser.CurrentLineNumber))

    parser.StartElementHandler = start
    parser.EntityDeclHandler = entity
    try:
        while chunk := file.read(_CHUNK):
            parser.Parse(chunk, False)
            yield from found
            found.clear()
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise unreadable(f"line {error.lineno}: the XML is broken") from error
    yield from found


def _record(cells: dict[str, str], line: int) -> tuple[date, str, float]:
    start, count = cells.get("startDate", ""), cells.get("value", "")
    if len(start) > _LONGEST or not _WHOLE.match(count):
        raise unreadable(f"line {line}: a count of steps is no number")
    try:
        day = day_of(start[:10])
    except UnfitError as error:
        raise unreadable(f"line {line}: {error}") from error
    return day, cells.get("sourceName", "")[:_LONGEST], float(count)
