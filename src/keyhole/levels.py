"""Names of vertebrae and segments, and what a user may write for them (DEFINITIONS 1)."""

import itertools
import re
from collections.abc import Iterable, Sequence

from keyhole.errors import RequestError

LEVELS: tuple[str, ...] = (
    *(f"C{n}" for n in range(1, 8)),
    *(f"T{n}" for n in range(1, 14)),
    *(f"L{n}" for n in range(1, 7)),
    "S1",
)
"""Every vertebra that may carry a name, from head to sacrum (T13 and L6 where present)."""

_ONE = re.compile(r"^[CTLS]\d{1,2}$")
_PAIR = re.compile(r"^([CTLS]\d{1,2})\s*([/-])\s*([CTLS]?)(\d{1,2})$")
_NEXT = "Write a level (L3), a segment (L4/5) or a range (L1-S1)."


def order(level: str) -> int:
    """The level's rank from head to sacrum. Raises ValueError for a name that is no level."""
    return LEVELS.index(level)


def place_rank(place: str) -> tuple[int, int, str]:
    """Where a level, segment or range stands in a list: the whole spine (`L1-S1`) first, then from
    head to sacrum, a level before the segment below it.
    """
    if "-" in place:
        return -1, 0, place
    upper, mark, _ = place.partition("/")
    return order(upper), len(mark), place


def segment(upper: str, lower: str) -> str:
    """The name of the segment between two vertebrae: `L4/5`, `L5/S1`, `T12/L1`."""
    return f"{upper}/{lower[1:]}" if upper[0] == lower[0] else f"{upper}/{lower}"


def segment_levels(name: str) -> tuple[str, str]:
    """The two vertebrae of a segment's name. Raises RequestError for anything else."""
    upper, mark, lower = _pair(name)
    if mark != "/":
        raise _unreadable(name)
    return upper, lower


def _pair(text: str) -> tuple[str, str, str]:
    """Upper level, mark and lower level of a pair such as `L4/5` or `L1-S1`."""
    found = _PAIR.match(text)
    if not found:
        raise _unreadable(text)
    upper, mark, letter, number = found.groups()
    lower = (letter or upper[0]) + number
    if upper not in LEVELS or lower not in LEVELS or order(upper) >= order(lower):
        raise _unreadable(text)
    return upper, mark, lower


def _unreadable(text: str) -> RequestError:
    return RequestError(
        "at-unreadable",
        asked=f"A plan at {text!r} was asked for.",
        found="That is no level, segment or range from head to sacrum.",
        next=_NEXT,
    )


def places(wishes: Iterable[str], present: Sequence[str]) -> tuple[list[str], list[str]]:
    """What the words of `--at` mean in a patient with the levels `present`.

    Args:
        wishes: words such as `L3`, `L4/5`, `L1-S1`, comma-separated or apart, any case.
        present: the patient's levels, from head to sacrum.

    Returns:
        The levels asked for singly or by range or segment, and the segments meant, each from
        head to sacrum and once. A single level adds no segment.

    Raises:
        RequestError: `at-unreadable`, or `level-not-there` for a level the patient lacks.

    """
    levels: set[str] = set()
    segments: set[str] = set()
    for wish in (part.strip().upper() for text in wishes for part in text.split(",")):
        if _ONE.match(wish) and wish in LEVELS:
            _demand([wish], present)
            levels.add(wish)
            continue
        upper, mark, lower = _pair(wish)
        _demand([upper, lower], present)
        between = [x for x in present if order(upper) <= order(x) <= order(lower)]
        if mark == "/" and len(between) != 2:
            raise _unreadable(wish)
        levels.update(between)
        segments.update(segment(a, b) for a, b in itertools.pairwise(between))
    if not levels:
        raise _unreadable(",".join(wishes))
    ranked = sorted(levels, key=order)
    return ranked, sorted(segments, key=lambda name: order(name.split("/", maxsplit=1)[0]))


def _demand(levels: Iterable[str], present: Sequence[str]) -> None:
    missing = [level for level in levels if level not in present]
    if missing:
        seen = ", ".join(present) or "none"
        raise RequestError(
            "level-not-there",
            asked=f"{', '.join(missing)} was asked for.",
            found=f"The scan holds {seen}.",
            next="Ask for one of these, or name the levels with --call.",
            at=missing,
        )
