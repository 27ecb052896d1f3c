"""Levels by the user's own names (`--call L5=L4`), and discs by the vertebrae of this patient."""

import itertools
from collections.abc import Mapping, Sequence

from keyhole.errors import RequestError
from keyhole.levels import LEVELS, order, segment

_EXTRA = ("T13", "L6")
_OF_ONE = ("vertebra", "endplate")


def renaming(names: set[str], call: Mapping[str, str]) -> dict[str, str]:
    """Old structure name to new for `call`, discs and endplates with their vertebrae.

    Discs follow the vertebrae of this patient: `disc L5/S1` is `disc L5/6` where there is an L6.

    Args:
        names: the structures in the map.
        call: levels to be renamed, old name to new.

    Raises:
        RequestError: `call-unreadable`, `level-not-there`.

    """
    present = [level for level in LEVELS if f"vertebra {level}" in names]
    _demand_call(call, present, anchored="sacrum" in names)
    usual = [level for level in LEVELS if level not in _EXTRA or level in present]
    new = {level: call.get(level, level) for level in LEVELS}
    rename = {f"{kind} {old}": f"{kind} {new[old]}" for kind in _OF_ONE for old in call}
    for upper, lower in itertools.pairwise(usual):
        between = segment(*sorted((new[upper], new[lower]), key=order))
        rename |= {n: f"disc {between}" for n in names if n.startswith(f"disc {upper}/")}
    return rename


def _demand_call(call: Mapping[str, str], present: Sequence[str], *, anchored: bool) -> None:
    asked = f"Levels were to be renamed: {', '.join(f'{a}={b}' for a, b in call.items())}."
    wrong = [x for pair in call.items() for x in pair if x not in LEVELS]
    if wrong:
        found = f"{', '.join(wrong)} is no level."
        raise RequestError("call-unreadable", asked=asked, found=found, next="Write L5=L4.")
    absent = [old for old in call if old not in present]
    if absent:
        found = f"The map holds {', '.join(present) or 'no vertebra'}."
        advice = "Rename levels that it holds."
        raise RequestError("level-not-there", asked=asked, found=found, next=advice, at=absent)
    after = [call.get(level, level) for level in present]
    after += ["S1"] if anchored and "S1" not in present else []
    twice = sorted({name for name in after if after.count(name) > 1})
    if twice:
        found = f"{', '.join(twice)} would then name two vertebrae."
        advice = "Rename those below or above it too."
        raise RequestError("call-unreadable", asked=asked, found=found, next=advice, at=twice)
