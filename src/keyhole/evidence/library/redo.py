"""Pools of the library's own rows, done again with a user's studies."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from attrs import frozen

from keyhole.evidence.library.checks import Doubt
from keyhole.evidence.library.checks.spread import complete
from keyhole.evidence.library.rows import StudyRow
from keyhole.evidence.library.words import family_of, parts_of
from keyhole.evidence.pooled import Pooled, effects, pool
from keyhole.evidence.words import Measure

_Key = tuple[str, str, str, str, Measure]
_TIMED = {"pain", "function"}
"""Parts whose figures belong together only at one time after surgery."""


@frozen(kw_only=True)
class Redone:
    """One question pooled from single rows: `before` without the user's studies, `after` with them.

    `before` is None where the library alone has fewer than two studies. `left_out`: row id and why.
    """

    family: str
    outcome: str
    unit: str
    when: str
    measure: Measure
    rows: tuple[str, ...]
    own: tuple[str, ...]
    before: Pooled | None
    after: Pooled
    left_out: tuple[tuple[str, str], ...]


def redo(rows: Sequence[StudyRow], doubts: Mapping[str, tuple[Doubt, ...]]) -> tuple[Redone, ...]:
    """Every pool that the rows allow: one comparison, outcome, unit and, for scores, time.

    REML with Hartung-Knapp intervals; MD for means, RR for events. Rows that are recalled, or that
    the checker doubts, are left out and named.
    """
    groups: dict[_Key, list[StudyRow]] = defaultdict(list)
    for row in rows:
        key = _key(row)
        if key is not None:
            groups[key].append(row)
    made = (_redone(key, group, doubts) for key, group in groups.items())
    return tuple(one for one in made if one is not None)


def _key(row: StudyRow) -> _Key | None:
    family, measure = family_of(row), _measure(row)
    if family is None or family.kind == "aside" or measure is None or not parts_of(row):
        return None
    timed = any(part.name in _TIMED for part in parts_of(row))
    return family.name, row.outcome.lower(), row.unit, row.when if timed else "", measure


def _measure(row: StudyRow) -> Measure | None:
    if complete(row) is not None:
        return "MD"
    counts = (row.mis.n, row.mis.events, row.open.n, row.open.events)
    return None if None in counts else "RR"


def _redone(
    key: _Key, group: Sequence[StudyRow], doubts: Mapping[str, tuple[Doubt, ...]]
) -> Redone | None:
    family, outcome, unit, when, measure = key
    why = {row.id: _unfit(row, doubts.get(row.id, ())) for row in group}
    usable = [row for row in group if not why[row.id]]
    library = [row for row in usable if row.origin != "own"]
    after = _pool(usable, measure)
    if after is None:
        return None
    return Redone(
        family=family,
        outcome=outcome,
        unit=unit,
        when=when,
        measure=measure,
        rows=tuple(row.id for row in library),
        own=tuple(row.id for row in usable if row.origin == "own"),
        before=_pool(library, measure),
        after=after,
        left_out=tuple((row_id, reason) for row_id, reason in why.items() if reason),
    )


def _unfit(row: StudyRow, found: Sequence[Doubt]) -> str:
    """Why a row cannot be pooled; nothing where it can."""
    if row.recalled:
        return "recalled, not read"
    strong = [d for d in found if d.strength == "wrong" or d.code == "se-as-sd"]
    return strong[0].found if strong else ""


def _pool(rows: Sequence[StudyRow], measure: Measure) -> Pooled | None:
    said = [row for row in rows if measure == "MD" or _has_event(row)]
    return pool(effects(_columns(rows), measure)) if len(said) > 1 else None


def _has_event(row: StudyRow) -> bool:
    """Whether a ratio can be made of the counts."""
    counts = [(arm.events, arm.n) for arm in (row.mis, row.open)]
    pairs = [(e.value, n.value) for e, n in counts if e is not None and n is not None]
    return any(e > 0 for e, _ in pairs) and any(e < n for e, n in pairs)


def _columns(rows: Sequence[StudyRow]) -> dict[str, list[object]]:
    table: dict[str, list[object]] = {"study": [f"{row.id} {row.key}" for row in rows]}
    for number, arms in (("1", [r.mis for r in rows]), ("2", [r.open for r in rows])):
        table |= {
            f"n{number}": [arm.n and arm.n.value for arm in arms],
            f"m{number}": [arm.mean and arm.mean.value for arm in arms],
            f"sd{number}": [arm.sd and arm.sd.value for arm in arms],
            f"e{number}": [arm.events and arm.events.value for arm in arms],
        }
    return table
