"""What is known on one question: every pool and study, for and against, with its doubts."""

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen

from keyhole.evidence.library.checks import Doubt, all_doubts
from keyhole.evidence.library.judged import Side, second_tellings
from keyhole.evidence.library.redo import Redone, redo
from keyhole.evidence.library.rows import AnyRow, StudyRow
from keyhole.evidence.library.side import stand
from keyhole.evidence.library.tables import library
from keyhole.evidence.library.words import (
    Family,
    Part,
    family_of,
    find_family,
    find_part,
    parts_of,
)
from keyhole.evidence.pooled import Pooled


@frozen
class Told:
    """A row on the question: where it stands and why, and what is doubted about it.

    `near` rows compare other operations of the same group than the one asked for.
    """

    row: AnyRow
    family: str
    side: Side
    why: str
    doubts: tuple[Doubt, ...]
    near: bool


@frozen
class Miss:
    """All that the library and the user's own studies say on a part of the promise."""

    version: str
    part: Part
    family: Family | None
    told: tuple[Told, ...]
    pools: tuple[Redone, ...]

    def of(self, *sides: Side, near: bool = False) -> tuple[Told, ...]:
        """The rows on these sides, recalled ones left to `recalled`."""
        wanted = [t for t in self.told if t.side in sides and t.near == near]
        return tuple(t for t in wanted if not t.row.recalled)

    @property
    def recalled(self) -> tuple[Told, ...]:
        """Rows written from memory: no claim rests on them."""
        return tuple(t for t in self.told if t.row.recalled)


def miss(outcome: str, comparison: str | None = None, own: Sequence[StudyRow] = ()) -> Miss:
    """Every pool and study on an outcome and, where one is named, a comparison.

    Raises:
        EvidenceError: `outcome-unknown`, `comparison-unknown`.

    """
    shipped, part = library(), find_part(outcome)
    family = None if comparison is None else find_family(comparison)
    rows = [row for row in (*shipped.rows, *own) if part in parts_of(row)]
    doubts = all_doubts((*shipped.rows, *own))
    again = second_tellings()
    told = [_told(row, part, family, doubts[row.id]) for row in rows if row.id not in again]
    kept = tuple(one for one in told if one is not None)
    ids = {one.row.id for one in kept if not one.near}
    studies = [row for row in rows if isinstance(row, StudyRow) and row.id in ids]
    return Miss(shipped.version, part, family, kept, redo(studies, doubts))


def redo_with(own: Sequence[StudyRow]) -> list[dict[str, Any]]:
    """Every pool that uses one of the user's own studies, before and after, as JSON."""
    shipped = library()
    doubts = all_doubts((*shipped.rows, *own))
    return [redone_data(one) for one in redo((*shipped.studies, *own), doubts) if one.own]


def _told(row: AnyRow, part: Part, asked: Family | None, found: tuple[Doubt, ...]) -> Told | None:
    """The row as told; None where it compares what belongs to another group of operations."""
    family = family_of(row)
    if family is None or (asked is not None and asked.group != family.group):
        return None
    where = stand(row, part, found)
    near = asked is not None and family.name != asked.name
    return Told(row, family.title, where.side, where.why, found, near)


def miss_data(answer: Miss) -> dict[str, Any]:
    """The answer as JSON."""
    return {
        "version": answer.version,
        "outcome": answer.part.name,
        "comparison": None if answer.family is None else answer.family.title,
        "rows": [told_data(told) for told in answer.told],
        "pools": [redone_data(one) for one in answer.pools],
    }


def told_data(told: Told) -> dict[str, Any]:
    """A row as JSON."""
    row = told.row
    plain = ("id", "who", "where", "design", "comparison", "condition", "outcome", "when", "unit")
    return {
        **{name: getattr(row, name) for name in plain},
        "said": row.said,
        "side": told.side,
        "why": told.why,
        "near": told.near,
        "recalled": row.recalled,
        "read_in": row.seen,
        "confidence": row.confidence,
        "doubts": [doubt.as_data() for doubt in told.doubts],
    }


def redone_data(one: Redone) -> dict[str, Any]:
    """A pool of single rows as JSON."""
    plain: Mapping[str, Any] = {
        name: getattr(one, name) for name in ("outcome", "unit", "when", "measure")
    }
    return {
        **plain,
        "comparison": one.family,
        "rows": list(one.rows),
        "own": list(one.own),
        "before": _pooled_data(one.before),
        "after": _pooled_data(one.after),
        "left_out": [{"row": row, "why": why} for row, why in one.left_out],
    }


def _pooled_data(pooled: Pooled | None) -> dict[str, Any] | None:
    if pooled is None:
        return None
    told = ("k", "estimate", "se", "ci", "pi", "tau2", "i2", "q", "q_p", "p", "scale", "shown")
    asked = {"measure": pooled.measure, "method": pooled.method, "test": pooled.test}
    dropped = [{"study": name, "why": why} for name, why in pooled.dropped]
    return {**asked, **{name: getattr(pooled, name) for name in told}, "dropped": dropped}
