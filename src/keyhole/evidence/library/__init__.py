"""The living library: what has been printed on MISS against open surgery, and its doubts.

Row: one printed pool or one outcome of one study; it keeps its id, source and how it was read.
Part: a part of the promise, such as infection. Family: wordings that mean one comparison.
Doubt: what does not fit in a row; `wrong` where no rounding explains it, else `odd`.
Side: where a row stands: for MISS, against it, even, untested, or aside.
"""

from keyhole.evidence.library.checks import DOUBTS, Doubt, all_doubts, doubts
from keyhole.evidence.library.judged import Side, readings
from keyhole.evidence.library.own import add_studies, own_studies_in, read_own
from keyhole.evidence.library.question import Miss, Told, miss, miss_data, redo_with
from keyhole.evidence.library.redo import Redone, redo
from keyhole.evidence.library.rows import AnyRow, Arm, PoolRow, StudyRow
from keyhole.evidence.library.side import SIDES
from keyhole.evidence.library.tables import Library, Table, library
from keyhole.evidence.library.words import Family, Part, families, family_of, parts, parts_of

__all__ = [
    "DOUBTS",
    "SIDES",
    "AnyRow",
    "Arm",
    "Doubt",
    "Family",
    "Library",
    "Miss",
    "Part",
    "PoolRow",
    "Redone",
    "Side",
    "StudyRow",
    "Table",
    "Told",
    "add_studies",
    "all_doubts",
    "doubts",
    "families",
    "family_of",
    "library",
    "miss",
    "miss_data",
    "own_studies_in",
    "parts",
    "parts_of",
    "read_own",
    "readings",
    "redo",
    "redo_with",
]
