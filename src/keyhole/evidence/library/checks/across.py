"""The same study in two reviews: arms that one of them has exchanged."""

import itertools
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from keyhole.evidence.library.checks.doubt import Doubt
from keyhole.evidence.library.rows import StudyRow

_NAME = re.compile(r"[A-Z][A-Za-z-]+")


def across_doubts(rows: Sequence[StudyRow]) -> dict[str, tuple[Doubt, ...]]:
    """Doubts by row id, from rows of one first author whose arms are each other's mirror."""
    found: dict[str, list[Doubt]] = defaultdict(list)
    for one, other in _pairs(rows):
        words = (
            f"{one.who} has {_sizes(one)} (MIS/open) in {one.id}, {_sizes(other)} in {other.id}."
        )
        for row in (one, other):
            found[row.id].append(Doubt("arms-swapped", "wrong", words))
    return {row_id: tuple(doubts) for row_id, doubts in found.items()}


def _pairs(rows: Sequence[StudyRow]) -> Iterator[tuple[StudyRow, StudyRow]]:
    by_name: dict[tuple[str, str], list[StudyRow]] = defaultdict(list)
    for row in rows:
        name = _NAME.match(row.who)
        if name and row.outcome == "sample size":
            by_name[name[0], row.outcome].append(row)
    for same in by_name.values():
        for one, other in itertools.combinations(same, 2):
            if _mirrored(one, other):
                yield one, other


def _mirrored(one: StudyRow, other: StudyRow) -> bool:
    sizes = [arm.n and arm.n.value for row in (one, other) for arm in (row.mis, row.open)]
    a, b, c, d = sizes
    return None not in sizes and a != b and (a, b) == (d, c)


def _sizes(row: StudyRow) -> str:
    return f"{row.mis.n}/{row.open.n}"
