"""Courses in a folder of CSV files, one for each kind of record, many patients in each.

`courses.csv` holds the patients, the others a column `course` with the patient's pseudonym. Lists
are written with `;` between, answers as `3,,2`, unknown as nothing, yes and no as `true`, `false`.
"""

import csv
import io
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

import attrs
from attrs import AttrsInstance

from keyhole.files import write_whole
from keyhole.recovery.course.model import Answered, Course, Episode, Event, Intake, Measure
from keyhole.recovery.course.plain import UnfitError, plain_record, record_of, refused
from keyhole.recovery.reading import read_utf8
from keyhole.recovery.scores.answers import Answers

KINDS: Mapping[str, type[AttrsInstance]] = {
    "episodes": Episode,
    "measures": Measure,
    "answered": Answered,
    "intakes": Intake,
    "events": Event,
}
"""The files beside `courses.csv`, and what a row of each holds."""

_PATIENT = ("id", "born", "sex")
_NUMBER = re.compile(r"^-?\d{1,18}(\.\d{1,40})?([eE][+-]?\d{1,3})?$", re.ASCII)
_WHOLE = re.compile(r"^-?\d{1,18}$", re.ASCII)
_TRUTH = {"true": True, "false": False}
_LONGEST_CELL = 4000


def read_courses(folder: Path) -> tuple[Course, ...]:
    """Every course of a folder, in the order of `courses.csv`.

    Raises:
        RecoveryError: `course-unreadable`, naming file, row and column.

    """
    patients = list(_rows(folder, "courses", _PATIENT))
    known = {cells["id"] for _, cells in patients}
    if len(known) < len(patients):
        raise refused(["courses.csv: two rows carry one id"])
    lists = {name: _records(folder, name, known) for name in KINDS}
    return tuple(_course(row, cells, lists) for row, cells in patients)


def write_courses(folder: Path, courses: Sequence[Course]) -> None:
    """Write the files, each whole. Raises OSError where the folder refuses them."""
    folder.mkdir(parents=True, exist_ok=True)
    patients = ([course.id, _text(course.born), course.sex or ""] for course in courses)
    write_whole(folder / "courses.csv", _table(_PATIENT, patients))
    for name, kind in KINDS.items():
        columns = _columns(kind)
        rows = (
            [course.id, *(_text(plain_record(record)[column]) for column in columns)]
            for course in courses
            for record in getattr(course, name)
        )
        write_whole(folder / f"{name}.csv", _table(("course", *columns), rows))


def _course(
    row: int, cells: Mapping[str, str], lists: Mapping[str, Mapping[str, list[Any]]]
) -> Course:
    try:
        data = {"id": cells["id"], "sex": cells["sex"] or None}
        data["born"] = _cell(int | None, cells["born"])
        patient = record_of(data, Course)
    except UnfitError as error:
        raise refused([f"courses.csv, row {row}: {error}"]) from error
    return attrs.evolve(
        patient, **{name: tuple(found.get(cells["id"], ())) for name, found in lists.items()}
    )


def _records(folder: Path, name: str, known: set[str]) -> dict[str, list[Any]]:
    """The records of one file, by patient."""
    kind, found = KINDS[name], defaultdict(list)
    types = {field.name: field.type for field in attrs.fields(kind)}
    for row, cells in _rows(folder, name, ("course", *types)):
        place = f"{name}.csv, row {row}"
        if cells["course"] not in known:
            raise refused([f"{place}: its course is not in courses.csv"])
        try:
            data = {column: _named(column, types[column], cells[column]) for column in types}
            found[cells["course"]].append(record_of(data, kind))
        except UnfitError as error:
            raise refused([f"{place}: {error}"]) from error
    return found


def _rows(folder: Path, name: str, columns: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Each row's number (the header is 1) and its cells by column; none where no file is."""
    path = folder / f"{name}.csv"
    if name != "courses" and not path.exists():
        return
    text = read_utf8(path, lambda why: refused([why]), f"{name}.csv")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next(reader, [])
        if header != list(columns):
            raise refused([f"{name}.csv, row 1: the columns must be {', '.join(columns)}"])
        for row, cells in enumerate(reader, start=2):
            if len(cells) != len(columns):
                raise refused([f"{name}.csv, row {row}: {len(columns)} cells are needed"])
            if any(len(cell) > _LONGEST_CELL for cell in cells):
                raise refused([f"{name}.csv, row {row}: a cell is far too long"])
            yield row, dict(zip(columns, cells, strict=True))
    except csv.Error as error:
        raise refused([f"{name}.csv, row {reader.line_num}: the CSV is broken"]) from error


def _columns(kind: type[AttrsInstance]) -> tuple[str, ...]:
    return tuple(field.name for field in attrs.fields(kind))


def _named(column: str, kind: Any, text: str) -> Any:
    try:
        return _cell(kind, text)
    except UnfitError as error:
        raise UnfitError(f"{column}: {error}") from error


def _cell(kind: Any, text: str) -> Any:
    """A cell as plain data, by the type of its column."""
    options = get_args(kind)
    if type(None) in options and not text:
        return None
    if kind == Answers:
        return [_number(part) if part else None for part in text.split(",")]
    if kind == tuple[str, ...]:
        return tuple(text.split(";")) if text else ()
    wanted = next((one for one in options if one is not type(None)), kind)
    return _READERS.get(wanted, str)(text)


def _number(text: str) -> float:
    if _WHOLE.match(text):
        return int(text)
    if not _NUMBER.match(text):
        raise UnfitError("a number is needed")
    return float(text)


def _whole(text: str) -> int:
    if not _WHOLE.match(text):
        raise UnfitError("a whole number is needed")
    return int(text)


def _truth(text: str) -> bool:
    if text not in _TRUTH:
        raise UnfitError("true or false is needed")
    return _TRUTH[text]


_READERS: Mapping[Any, Callable[[str], Any]] = {float: _number, int: _whole, bool: _truth}


def _text(value: Any) -> str:
    """A plain value as a cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        mark = "," if any(not isinstance(item, str) for item in value) else ";"
        return mark.join(_text(item) for item in value)
    return repr(value) if isinstance(value, float) else str(value)


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return out.getvalue()
