"""Answers as people write them: `21231`, or `3,,2,4` with a gap or a `.` for a missing one."""

from collections.abc import Sequence

from keyhole.errors import RecoveryError

Answers = tuple[int | float | None, ...]
"""One answer an item, in the questionnaire's order; None where it is missing."""

_LONGEST = 2000
_SHOWN = 12


def read_answers(text: str) -> Answers:
    """Answers from text: comma-separated, or one character each.

    Raises:
        RecoveryError: `answers-unreadable` for anything but numbers and gaps. The message holds
            the place and no more than the first characters of what stands there.

    """
    if len(text) > _LONGEST:
        raise _unreadable(f"There are {len(text)} characters, more than any questionnaire has.")
    parts: Sequence[str] = text.split(",") if "," in text else list(text.strip())
    return tuple(_answer(part.strip(), place) for place, part in enumerate(parts, start=1))


def _answer(part: str, place: int) -> int | float | None:
    if part in ("", "."):
        return None
    if not part.isascii() or not part.replace(".", "", 1).isdigit():
        raise _unreadable(f"Answer {place} is {part[:_SHOWN]!r}.")
    return float(part) if "." in part else int(part)


def _unreadable(found: str) -> RecoveryError:
    return RecoveryError(
        "answers-unreadable",
        asked="Answers to a questionnaire were given.",
        found=found,
        next="Write 21231, or 3,,2,4 with nothing or a point where an answer is missing.",
    )
