"""Orders of illness, read: `NAME[=PLACE][:DOSE]`.

    stenosis=L4/5                                        the usual dose
    stenosis=L4/5:severe,left                            a grade, and a choice
    herniation=L5/S1:left,extrusion,volume=900           a number by its name
    slip=L5/S1:7mm,lysis                                 the illness's first number, bare
    scoliosis=L1-L4:30deg,right      fracture=L1:biconcave      obesity:severe      sixth-lumbar

The dose's words and numbers stand in any order, at most one of a group; what is left open is as
`doses.toml` has it.
"""

import re
from collections.abc import Mapping, Sequence

from attrs import frozen

from keyhole.errors import KeyholeError, RequestError
from keyhole.levels import places
from keyhole.simulate.illness.table import Dosing, dosings
from keyhole.space import SIDES, Side

_SHAPE = re.compile(r"^\s*([a-z-]+)\s*(?:=([^:]*))?(?::(.*))?$")
_ITEM = re.compile(r"^(?:([a-z]+)\s*=\s*)?([+-]?\d+(?:\.\d+)?)\s*([a-zA-Z%/0-9]*)$")


@frozen
class Order:
    """An illness at its place, with every number and choice settled."""

    name: str
    levels: tuple[str, ...]
    """The one level, a segment's two, or all of a range; none where it needs no place."""
    segment: str | None
    numbers: Mapping[str, float]
    """In the units of `doses.toml`."""
    choices: Mapping[str, str]

    @property
    def sides(self) -> frozenset[Side]:
        """The sides that the choice `side` names; both where there is no choice."""
        asked = self.choices.get("side", "both")
        return frozenset(side for side in SIDES if asked in ("both", side))


def illness_name(text: str) -> str:
    """The illness that an order names. Raises RequestError `order-unknown`, `order-unreadable`."""
    found = _SHAPE.match(text)
    if not found:
        raise _unreadable(text, "It does not have the shape NAME=PLACE:DOSE.")
    if found[1] not in dosings():
        raise RequestError(
            "order-unknown",
            asked=f"The illness {found[1]!r} was ordered.",
            found="There is no illness of that name.",
            next=f"Order one of {', '.join(dosings())}.",
        )
    return found[1]


def read_order(text: str, present: Sequence[str]) -> Order:
    """An order as a patient with the levels `present` can have it.

    Raises:
        RequestError: `order-unknown`, `order-unreadable` (its shape, the kind of place, a word
            of the dose), `level-not-there`, or `out-of-range` for a number of the dose.

    """
    name = illness_name(text)
    found = _SHAPE.match(text)
    place, dose = (found[2], found[3]) if found else (None, None)
    levels, segment = _place(text, (place or "").strip(), present)
    words, numbers = _dose(text, dose)
    return Order(name, levels, segment, _numbers(text, words, numbers), _choices(text, words))


def _place(text: str, place: str, present: Sequence[str]) -> tuple[tuple[str, ...], str | None]:
    """The levels of an order's place, and the segment it is."""
    about = dosings()[illness_name(text)]
    if about.at is None:
        if place:
            raise _unreadable(text, "It needs no place.")
        return (), None
    try:
        levels, segments = places([place], present)
    except KeyholeError as error:
        raise RequestError(
            "level-not-there" if error.refusal.at else "order-unreadable",
            asked=f"{text!r} was ordered.",
            found=f"{place!r} is no {about.at} of {', '.join(present)}.",
            next=f"Name a {about.at}, as in {_example(about)}.",
            at=error.refusal.at,
        ) from error
    kind = {(1, 0): "level", (2, 1): "segment"}.get((len(levels), len(segments)), "range")
    if kind != about.at or set(levels) & set(about.not_at):
        raise _unreadable(text, f"It needs a {about.at}, as in {_example(about)}.")
    return tuple(levels), segments[0] if kind == "segment" else None


def _example(about: Dosing) -> str:
    return {"segment": "L4/5", "level": "L4", "range": "L1-L4"}[about.at or "level"]


def _dose(text: str, dose: str | None) -> tuple[list[str], dict[str, float]]:
    """A dose's words, and its numbers by name."""
    about = dosings()[illness_name(text)]
    words, numbers = [], dict[str, float]()
    for item in (part.strip() for part in dose.split(",")) if dose is not None else ():
        found = _ITEM.match(item)
        if found is None:
            if item not in about.words:
                raise _unreadable(text, f"It knows no {item!r} but {_known(about)}.")
            words.append(item)
            continue
        name, unit = found[1] or next(iter(about.numbers), ""), found[3]
        if name not in about.numbers or name in numbers:
            raise _unreadable(text, f"{item!r} is none of {_known(about)}, or one of them twice.")
        if unit and unit.lower() != about.numbers[name].unit.lower():
            raise _unreadable(text, f"{name} is in {about.numbers[name].unit}.")
        numbers[name] = float(found[2])
    return words, numbers


def _numbers(text: str, words: Sequence[str], given: Mapping[str, float]) -> dict[str, float]:
    """Every number of the dose: given, by the grade, or usual."""
    about = dosings()[illness_name(text)]
    named = [word for word in words if word in about.grades]
    if len(named) > 1:
        raise _unreadable(text, f"{' and '.join(named)} cannot both be.")
    grade = named[0] if named else about.grade
    graded = about.grades[grade] if grade else {}
    usual = {name: n.usual for name, n in about.numbers.items() if n.usual is not None}
    values = {**usual, **graded, **given}
    for name, value in values.items():
        low, high = about.numbers[name].low, about.numbers[name].high
        if not low <= value <= high:
            raise RequestError(
                "out-of-range",
                asked=f"{text!r} was ordered.",
                found=f"{name} may lie between {low:g} and {high:g} {about.numbers[name].unit}.",
                next="Order a number in that range.",
            )
    return values


def _choices(text: str, words: Sequence[str]) -> dict[str, str]:
    """The word that holds of each group."""
    chosen = {}
    for group, known in dosings()[illness_name(text)].choices.items():
        named = [word for word in words if word in known]
        if len(named) > 1:
            raise _unreadable(text, f"{' and '.join(named)} cannot both be.")
        chosen[group] = named[0] if named else known[0]
    return chosen


def _known(about: Dosing) -> str:
    return ", ".join([*about.words, *(f"{name}=" for name in about.numbers)]) or "(no dose)"


def _unreadable(text: str, why: str) -> RequestError:
    return RequestError(
        "order-unreadable",
        asked=f"{text!r} was ordered.",
        found=why,
        next="Write NAME=PLACE:DOSE, as docs/look-up/phantom.md lists them.",
    )
