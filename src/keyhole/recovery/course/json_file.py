"""A course in a JSON file."""

import json
from pathlib import Path
from typing import Any

from keyhole.errors import OutputError
from keyhole.files import write_whole
from keyhole.recovery.course.model import Course
from keyhole.recovery.course.plain import course_of, plain_course, refused
from keyhole.recovery.reading import read_utf8


def read_course(path: Path) -> Course:
    """The course of a file.

    Raises:
        RecoveryError: `course-unreadable`, saying where; neither the path nor any content is
            repeated.

    """
    return course_of(_parsed(read_utf8(path, lambda why: refused([why]))))


def write_course(path: Path, course: Course) -> None:
    """Write a course whole. Raises OutputError `output-unwritable`."""
    text = json.dumps(plain_course(course), indent=1, allow_nan=False)
    try:
        write_whole(path, text + "\n")
    except OSError as error:
        raise OutputError(
            "output-unwritable",
            asked="A course was to be written.",
            found=f"The place refuses it: {error.strerror}.",
            next="Name a place that can be written to.",
        ) from error


def _parsed(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise refused([f"line {error.lineno}: the JSON is broken"]) from error
    except RecursionError as error:
        raise refused(["the JSON is nested too deep"]) from error
    except ValueError as error:
        raise refused([str(error)]) from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose keys are all different; of two alike none is believed."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("an object holds a key twice")
    return found


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no number")
