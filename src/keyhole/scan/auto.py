"""Which scheme a label map was written in, when nobody says: its anatomy decides.

Candidates are the schemes whose table holds every id of the map; those that give all ids present
the same meaning are one *reading*. Each reading is put to the map's own anatomy:

- vertebrae stand above one another in the scheme's order, none taller than 100 mm;
- each vertebra takes 10 to 120 mL; one that the map's edge cuts may take less, never more;
- what is called left lies on the left of what is called right;
- discs lie between their vertebrae; a spinous process lies behind its body.

The share of these that hold is the reading's *coherence*. A reading that has all sides exchanged
counts as coherent, and as *mirrored*: a mirrored scan must be recognised to be refused as one,
so it may not lose its scheme to a chance reading. For the same reason swapped or shifted levels
only lower the coherence. A reading is dropped on evidence only where another one explains
the map better, or where nothing of it holds. A reading with vertebrae beats one without; among
these, one that far more of the map confirms beats one that speaks of a single vertebra.
"""

from collections.abc import Iterable, Mapping

from keyhole.errors import LabelError
from keyhole.scan.evidence import Blob, Reading, judge, measure_blobs
from keyhole.scan.schemes import Scheme
from keyhole.scan.volume import Volume

_WEAK = 1 / 2
"""A reading of which no more holds falls to any that holds better."""
_SOUND = 2 / 3
"""A reading of which less holds falls to a sound one that more of the map confirms."""
_CLEAR = 0.1
"""Imperfect readings nearer to each other than this are not told apart."""
_NEXT = "Name the scheme: --labels FILE=SCHEME."


def decide(ids: Volume, schemes: Mapping[str, Scheme]) -> Scheme:
    """The scheme whose reading of the map its anatomy confirms.

    Args:
        ids: the label map as written, uint8 or uint16, not empty.
        schemes: all schemes that may be meant, by name.

    Raises:
        LabelError: `scheme-undecided`, naming the candidates.

    """
    blobs = measure_blobs(ids)
    candidates = [s for s in schemes.values() if blobs.keys() <= s.meaning.keys()]
    if not candidates:
        raise _none_holds(blobs, schemes)
    readings = [judge(group, blobs) for group in _same_meaning(candidates, blobs)]
    best = _best(readings)
    if len(best) > 1:
        raise _undecided(best, "explain it alike")
    if best[0].tests and not best[0].held:
        raise _undecided(readings, "hold its ids, but its anatomy fits none of them")
    return best[0].schemes[0]


def _best(readings: list[Reading]) -> list[Reading]:
    """The readings that nothing tells apart; one where the anatomy decides."""
    if len(readings) == 1:
        return readings
    left = [r for r in readings if r.coherence > _WEAK] or readings
    left = [r for r in left if not any(_outdone(r, other) for other in left)]
    if any(r.vertebral for r in left):
        left = _most_confirmed([r for r in left if r.vertebral])
        return [r for r in left if not r.mirrored] or left
    return _most_coherent(left)


def _outdone(reading: Reading, other: Reading) -> bool:
    return reading.coherence < _SOUND <= other.coherence and other.held > reading.held


def _most_coherent(readings: list[Reading]) -> list[Reading]:
    top = max(r.coherence for r in readings)
    near = 0 if top == 1 else _CLEAR
    return [r for r in readings if r.coherence >= top - near]


def _most_confirmed(readings: list[Reading]) -> list[Reading]:
    """Of equally coherent readings, those confirmed by more than half as much as the best."""
    left = _most_coherent(readings)
    top = max(r.held for r in left)
    return [r for r in left if 2 * r.held > top or top == 0]


def _same_meaning(schemes: Iterable[Scheme], ids: Iterable[int]) -> list[list[Scheme]]:
    present = sorted(ids)
    groups: dict[tuple[str, ...], list[Scheme]] = {}
    for scheme in schemes:
        meaning = tuple(scheme.meaning[n] for n in present)
        groups.setdefault(meaning, []).append(scheme)
    return list(groups.values())


def _undecided(readings: Iterable[Reading], why: str) -> LabelError:
    names = [scheme.name for reading in readings for scheme in reading.schemes]
    return LabelError(
        "scheme-undecided",
        asked="The scheme of a label map was to be found out.",
        found=f"{', '.join(names)} {why}.",
        next=_NEXT,
    )


def _none_holds(blobs: Mapping[int, Blob], schemes: Mapping[str, Scheme]) -> LabelError:
    nearest = min(schemes.values(), key=lambda s: len(blobs.keys() - s.meaning.keys()))
    lacking = sorted(blobs.keys() - nearest.meaning.keys())
    shown = ", ".join(str(n) for n in lacking[:8]) + (" ..." if len(lacking) > 8 else "")
    return LabelError(
        "scheme-undecided",
        asked="The scheme of a label map was to be found out.",
        found=f"No scheme knows all its ids; {nearest.name} comes nearest and lacks {shown}.",
        next="Give a scheme file of your own: --labels FILE=SCHEME.toml.",
    )
