"""What a plan states beside what its geometry gives, number by number."""

from collections.abc import Iterator, Sequence
from typing import Any

import attrs
from attrs import frozen

from keyhole.errors import Refusal
from keyhole.plan.model import Option

SAME = 0.1
"""mm, degrees or Hounsfield units by which a number may differ from its derivation."""
SAME_SHARE = 0.02
"""Likewise for shares and chances."""
SAME_HITS = 5
"""Draws of 1,000 that may fall otherwise: a file holds entry and tip to 0.001 mm."""
_SHARES = ("fill", "p", "low", "high", "p_high", "p_medial_or_caudal")
_NOT_DERIVED = {"warnings", "trajectory", "level", "side"}
_SHOWN = 5


@frozen
class Correction:
    """A number that is not what the geometry gives. `key` is its place in screw, rod or option."""

    at: tuple[str, ...]
    key: str
    stated: Any
    derived: Any

    @property
    def stated_text(self) -> str:
        """What the plan says, for people."""
        return _short(self.stated)

    @property
    def derived_text(self) -> str:
        """What the geometry gives, for people."""
        return _short(self.derived)

    def __str__(self) -> str:
        """Such as `fill is 0.50, derived 0.78`."""
        return f"{self.key} is {self.stated_text}, derived {self.derived_text}"

    def as_data(self) -> dict[str, Any]:
        """The correction as a JSON object: plain values as they are, whole objects in words."""
        plain = {
            name: value if isinstance(value, str | int | float | None) else _short(value)
            for name, value in (("stated", self.stated), ("derived", self.derived))
        }
        return {"at": list(self.at), "key": self.key, **plain}


def corrections(stated: Option, derived: Option) -> list[Correction]:
    """Every number of an option that differs from its derivation, screw by screw first."""
    found: list[Correction] = []
    anew = {(s.level, s.side): s for s in derived.screws}
    for screw in stated.screws:
        found += _unlike((f"{screw.level} {screw.side}",), "", screw, anew[screw.level, screw.side])
    before, after = ({rod.side: rod for rod in some.rods} for some in (stated, derived))
    for side in dict.fromkeys([*before, *after]):
        held = (after.get(side) or before[side]).levels
        at = tuple(f"{level} {side}" for level in held)
        found += _unlike(at, f"rod {side}", before.get(side), after.get(side))
    for name in ("incisions", "clearances", "stress"):
        found += _unlike((stated.id,), name, getattr(stated, name), getattr(derived, name))
    return found


def _unlike(at: tuple[str, ...], name: str, stated: Any, derived: Any) -> list[Correction]:
    return [
        Correction(at, key, a, b)
        for key, a, b in _pairs(name, stated, derived)
        if not _same(key, a, b)
    ]


def differs(found: Sequence[Correction]) -> list[Refusal]:
    """The corrections as refusals, one for each screw, rod or option."""
    return [
        _differs(at, [c for c in found if c.at == at]) for at in dict.fromkeys(c.at for c in found)
    ]


def _differs(at: tuple[str, ...], odd: Sequence[Correction]) -> Refusal:
    more = f", and {len(odd) - _SHOWN} more" if len(odd) > _SHOWN else ""
    return Refusal(
        "numbers-differ",
        asked=f"The numbers of {', '.join(at)} were to be checked.",
        found="; ".join(map(str, odd[:_SHOWN])) + f"{more}.",
        next="Have the derived numbers written with --rewrite, or plan again.",
        at=at,
    )


def _pairs(name: str, stated: Any, derived: Any) -> Iterator[tuple[str, Any, Any]]:
    """All leaves of two things, side by side."""
    if attrs.has(type(stated)) and type(stated) is type(derived):
        for a in attrs.fields(type(stated)):
            if a.name not in _NOT_DERIVED and not a.name.endswith("reason"):
                pair = getattr(stated, a.name), getattr(derived, a.name)
                yield from _pairs(f"{name}.{a.name}".lstrip("."), *pair)
    elif isinstance(stated, tuple) and isinstance(derived, tuple) and len(stated) == len(derived):
        for n, pair in enumerate(zip(stated, derived, strict=True)):
            yield from _pairs(f"{name}[{n}]", *pair)
    elif isinstance(stated, dict) and isinstance(derived, dict) and set(stated) == set(derived):
        for key, value in stated.items():
            yield from _pairs(f"{name}.{key}", value, derived[key])
    else:
        yield name, stated, derived


def _same(name: str, stated: Any, derived: Any) -> bool:
    if not all(isinstance(x, int | float) for x in (stated, derived)):
        return bool(stated == derived)
    return bool(abs(stated - derived) <= _tolerance(name))


def _tolerance(name: str) -> float:
    last = name.rpartition(".")[2]
    if last == "hits":
        return SAME_HITS
    return SAME_SHARE if last in _SHARES or name.startswith("stress.worst_p") else SAME


def _short(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, tuple | dict):
        return f"{len(value)} of them"
    if attrs.has(type(value)):
        return "there"
    return f"{value:.2f}" if isinstance(value, float) else str(value)
