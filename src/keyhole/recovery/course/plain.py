"""A course as plain data and back, strict in every type; a message never repeats what it read."""

import re
from datetime import date
from typing import Any, Literal, get_args, get_origin

import cattrs
from attrs import AttrsInstance
from cattrs import transform_error
from cattrs.errors import ClassValidationError, ForbiddenExtraKeysError

from keyhole.errors import RecoveryError
from keyhole.recovery.course.model import Course
from keyhole.recovery.scores.answers import Answers

SCHEMA = "keyhole.course/0"
_DAY = re.compile(r"^\d{4}-\d{2}-\d{2}$", re.ASCII)
_YEARS = range(1900, 2201)


class UnfitError(ValueError):
    """A field of another type or out of range, in words that repeat nothing of it."""


def day_of(text: Any, _: Any = date) -> date:
    """A day written `2026-11-25`. Raises UnfitError for anything else."""
    if not isinstance(text, str) or not _DAY.match(text):
        raise UnfitError("a day is written 2026-11-25")
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise UnfitError("there is no such day") from None
    if day.year not in _YEARS:
        raise UnfitError(f"the year is not within {_YEARS[0]} to {_YEARS[-1]}")
    return day


def course_of(data: Any) -> Course:
    """A course from what its file holds.

    Raises:
        RecoveryError: `course-unreadable`, naming every place (`measures 3, on`) and reason.

    """
    if not isinstance(data, dict):
        raise refused(["the file: an object of keys and values is needed"])
    if data.get("schema") != SCHEMA:
        raise refused([f"schema: {SCHEMA} is needed"])
    try:
        return _CONVERTER.structure({k: v for k, v in data.items() if k != "schema"}, Course)
    except ClassValidationError as error:
        raise refused(_reasons(error)) from error


def plain_course(course: Course) -> dict[str, Any]:
    """What the file of a course holds."""
    return {"schema": SCHEMA, **_CONVERTER.unstructure(course)}


def plain_record(record: AttrsInstance) -> dict[str, Any]:
    """One record's fields, as JSON holds them."""
    plain: dict[str, Any] = _CONVERTER.unstructure(record)
    return plain


def record_of(data: dict[str, Any], kind: type[AttrsInstance]) -> Any:
    """One record from its fields.

    Raises:
        UnfitError: naming the field and the reason.

    """
    try:
        return _CONVERTER.structure(data, kind)
    except ClassValidationError as error:
        raise UnfitError("; ".join(_reasons(error))) from error


def refused(reasons: list[str]) -> RecoveryError:
    """The refusal of a course's file: where and why, never what stands there."""
    more = f" and {len(reasons) - 3} more" if len(reasons) > 3 else ""
    return RecoveryError(
        "course-unreadable",
        asked="A patient's course was to be read.",
        found=f"{'; '.join(reasons[:3])}{more}.",
        next="Mend the file there; nothing of it was taken over.",
    )


def _reasons(error: ClassValidationError) -> list[str]:
    """`measures 3, on: there is no such day`, for each thing that is wrong."""
    return [_placed(line) for line in transform_error(error, format_exception=_words)]


def _placed(line: str) -> str:
    """A line of cattrs' (`words @ $.measures[2].on`) with its place in front, counted from 1."""
    words, _, path = line.rpartition(" @ $")
    steps = re.findall(r"\.(\w+)|\[(\d+)\]", path)
    place = "".join(f", {name}" if name else f" {int(index) + 1}" for name, index in steps)
    return f"{place.removeprefix(', ') or 'the record'}: {words}"


def _words(error: BaseException, kind: type | None) -> str:
    """What is wrong, without the value: only our own words are repeated."""
    if isinstance(error, UnfitError):
        return str(error)
    if isinstance(error, KeyError):
        return "it is missing"
    if isinstance(error, ForbiddenExtraKeysError):
        return f"{len(error.extra_fields)} unknown keys"
    for one in (kind, *get_args(kind)):
        if get_origin(one) is Literal:
            return f"it is none of {', '.join(sorted(map(str, get_args(one))))}"
    return str(error) if type(error) is ValueError else "it is of another kind"


def _strict(kind: type, words: str) -> Any:
    """A hook that takes values of exactly this type."""

    def hook(value: Any, _: Any) -> Any:
        if type(value) is not kind:
            raise UnfitError(words)
        return value

    return hook


def _number(value: Any, _: Any) -> float:
    if type(value) not in (int, float):
        raise UnfitError("a number is needed")
    return float(value)


def _answers(value: Any, _: Any) -> Answers:
    if not isinstance(value, list | tuple):
        raise UnfitError("a list of answers is needed")
    if not all(answer is None or type(answer) in (int, float) for answer in value):
        raise UnfitError("an answer is a number, or null where it is missing")
    return tuple(value)


def _converter() -> cattrs.Converter:
    converter = cattrs.Converter(forbid_extra_keys=True)
    converter.register_structure_hook(date, day_of)
    converter.register_unstructure_hook(date, date.isoformat)
    converter.register_structure_hook(str, _strict(str, "text is needed"))
    converter.register_structure_hook(int, _strict(int, "a whole number is needed"))
    converter.register_structure_hook(bool, _strict(bool, "true or false is needed"))
    converter.register_structure_hook(float, _number)
    converter.register_structure_hook_func(lambda kind: kind == Answers, _answers)
    return converter


_CONVERTER = _converter()
