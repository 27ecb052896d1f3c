"""Red flags of a course: every sign that was entered acts, in the run in which it is read.

A flag stays raised until somebody enters that it was answered (an event `flag_answered` whose
grade is the flag's name with `_` for spaces) after the sign. No flag means that no sign was
entered; it never means that all is well.
"""

from collections.abc import Iterable
from datetime import date
from functools import cache

import cattrs
from attrs import frozen

from keyhole.recovery.course.model import Answered, Course, Event
from keyhole.shipped import shipped

ANSWERED = "flag_answered"
_SELF_HARM = "self_harm_thoughts"


@frozen(kw_only=True)
class RedFlag:
    """One condition, the signs that raise it, what to do and by when."""

    name: str
    window: str
    any_of: tuple[str, ...] = ()
    all_of: tuple[tuple[str, ...], ...] = ()
    after: tuple[str, ...] = ()
    action: str
    within: str
    within_h: float
    source: str
    confidence: str

    @property
    def token(self) -> str:
        """The name as an event's grade holds it."""
        return "".join(c if c.isalnum() else "_" for c in self.name)

    def concerns(self, technique: str) -> bool:
        """Whether the flag speaks of that operation."""
        words = technique.lower()
        return not self.after or any(word in words for word in self.after)

    def met(self, signs: Iterable[str]) -> tuple[str, ...]:
        """The signs of these that raise the flag; none where it is not raised."""
        there = set(signs)
        one = [sign for sign in self.any_of if sign in there]
        every = [sign for group in self.all_of if there.issuperset(group) for sign in group]
        return tuple(dict.fromkeys((*one, *every)))


@frozen(kw_only=True)
class Raised:
    """A flag raised: since when, by which signs, what to do and within which time."""

    flag: RedFlag
    since: date
    signs: tuple[str, ...]


@cache
def red_flags() -> tuple[RedFlag, ...]:
    """Every flag of `red_flags.toml`."""
    converter = cattrs.Converter(forbid_extra_keys=True)
    return tuple(
        converter.structure(row, RedFlag)
        for row in shipped("keyhole.recovery.flags", "red_flags.toml")["flag"]
    )


@cache
def known_signs() -> frozenset[str]:
    """Every sign that raises a flag, alone or with others."""
    flags = red_flags()
    alone = {sign for flag in flags for sign in flag.any_of}
    return frozenset(alone | {s for flag in flags for group in flag.all_of for s in group})


def raised(course: Course, today: date) -> tuple[Raised, ...]:
    """The flags raised by what was entered up to today, the most urgent first."""
    signs = [event for event in _signs(course) if event.on <= today]
    found = (_raised(flag, course, signs) for flag in red_flags())
    return tuple(sorted((one for one in found if one), key=lambda one: one.flag.within_h))


def _raised(flag: RedFlag, course: Course, signs: list[Event]) -> Raised | None:
    """The flag by the signs entered since it was last answered."""
    answered = max((event.on for event in course.events if _answers(event, flag)), default=None)
    open_signs = [
        event
        for event in signs
        if (answered is None or event.on > answered) and _after(flag, course, event.on)
    ]
    by = flag.met(event.code for event in open_signs)
    if not by:
        return None
    since = min(event.on for event in open_signs if event.code in by)
    return Raised(flag=flag, since=since, signs=by)


def _answers(event: Event, flag: RedFlag) -> bool:
    return event.code == ANSWERED and event.grade == flag.token


def _after(flag: RedFlag, course: Course, day: date) -> bool:
    """Whether the flag speaks of an operation the patient had by that day.

    Any operation before counts, not only the last: what a sign may mean is not cut short.
    """
    had = [episode.technique for episode in course.episodes if episode.on <= day]
    return not flag.after or any(flag.concerns(technique) for technique in had)


def _signs(course: Course) -> list[Event]:
    """Signs entered as such, and the one that a questionnaire holds."""
    entered = [event for event in course.events if event.code in known_signs()]
    return [*entered, *(_harm(one) for one in course.answered if _asks_for_safety(one))]


def _asks_for_safety(one: Answered) -> bool:
    """Whether item 9 of the PHQ-9 was answered with more than never."""
    return one.instrument == "phq9" and len(one.answers) == 9 and (one.answers[8] or 0) > 0


def _harm(one: Answered) -> Event:
    return Event(on=one.on, code=_SELF_HARM, source=one.source, by=one.by)
