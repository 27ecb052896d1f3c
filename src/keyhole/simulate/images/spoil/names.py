"""Right shapes under wrong names: swapped, shifted, merged, unlabelled."""

import itertools

from keyhole.levels import LEVELS, order
from keyhole.simulate.images.spoil.scan import Scan

_OPTIONAL = ("T13", "L6")
"""Vertebrae most people lack; a network counts past them."""


def swapped(scan: Scan, level: str, dose: float) -> Scan:
    """Two levels' names are exchanged: this one's and that `dose` levels below it, or above."""
    run = _run(scan, level, dose)
    first, last = f"vertebra {run[0]}", f"vertebra {run[-1]}"
    return scan.renamed({first: last, last: first})


def shifted(scan: Scan, level: str, dose: float) -> Scan:
    """This level and all above it, or below it, are counted `dose` levels too high or too low.

    A positive dose moves the names cranially: L5 is called L4, and so is all above it. A
    negative one moves them caudally; who would be called after the sacrum stays unlabelled.
    """
    held = vertebrae(scan)
    up = dose > 0
    moved = [x for x in held if (order(x) <= order(level) if up else order(x) >= order(level))]
    usual = [x for x in LEVELS if x not in _OPTIONAL or x in held]
    new = {}
    for old in moved:
        place = usual.index(old) - round(dose)
        named = 0 <= place < len(usual) and usual[place] != "S1"
        new[f"vertebra {old}"] = f"vertebra {usual[place]}" if named else None
    return scan.renamed(new)


def merged(scan: Scan, level: str, dose: float) -> Scan:
    """This level and the next `dose` ones below it, or above it, carry its name."""
    return scan.renamed({f"vertebra {x}": f"vertebra {level}" for x in _run(scan, level, dose)})


def unlabelled(scan: Scan, level: str, dose: float) -> Scan:
    """This level and the next `dose - 1` ones below it carry no label, as an L6 often does."""
    held = vertebrae(scan)
    here = held.index(level)
    return scan.renamed({f"vertebra {x}": None for x in held[here : here + round(dose)]})


def _run(scan: Scan, level: str, dose: float) -> list[str]:
    """A level and the next ones below it; where there are too few, above it."""
    held, more = vertebrae(scan), round(dose)
    here = held.index(level)
    below = held[here : here + more + 1]
    return below if len(below) > more else held[max(here - more, 0) : here + 1]


def vertebrae(scan: Scan) -> list[str]:
    """The levels that have a vertebra of their own, from head to pelvis."""
    names = (name.removeprefix("vertebra ") for name in scan.named(("vertebra ",)))
    return sorted(names, key=order)


def pairs(scan: Scan) -> list[tuple[str, str]]:
    """Vertebrae that follow one another in the map."""
    return list(itertools.pairwise(vertebrae(scan)))
