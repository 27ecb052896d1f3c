"""All doubts about all rows: the checker's front."""

import re
from collections.abc import Iterator, Mapping, Sequence

from keyhole.evidence.library.checks.across import across_doubts
from keyhole.evidence.library.checks.arms import arm_doubts
from keyhole.evidence.library.checks.doubt import Doubt
from keyhole.evidence.library.checks.pools import pool_doubts
from keyhole.evidence.library.checks.quantities import mean_size
from keyhole.evidence.library.checks.spread import spread_doubts
from keyhole.evidence.library.rows import AnyRow, PoolRow, StudyRow

_WARNED = re.compile(r"check paper|not SD|SE in sd|unsure|misprint|implausibly|inconsistent")


def doubts(row: AnyRow) -> tuple[Doubt, ...]:
    """Everything about one row that its own figures do not bear out."""
    return pool_doubts(row) if isinstance(row, PoolRow) else study_doubts(row)


def study_doubts(row: StudyRow) -> tuple[Doubt, ...]:
    """Everything about one study's row that does not fit."""
    return (*arm_doubts(row), *mean_size(row), *spread_doubts(row))


def warnings(row: AnyRow) -> Iterator[Doubt]:
    """What whoever read the source wrote down as doubtful."""
    texts = (row.note, row.confidence, row.when, row.seen)
    for text in dict.fromkeys(text for text in texts if _WARNED.search(text)):
        yield Doubt("said-by-the-reader", "odd", f"{text[:1].upper()}{text[1:]}.")


def all_doubts(rows: Sequence[AnyRow]) -> Mapping[str, tuple[Doubt, ...]]:
    """Doubts by row id, those between rows and the readers' warnings too."""
    across = across_doubts([row for row in rows if isinstance(row, StudyRow)])
    return {row.id: (*doubts(row), *across.get(row.id, ()), *warnings(row)) for row in rows}
