"""A user's own studies: a folder of tables with the library's columns, read and checked."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from keyhole.errors import EvidenceError
from keyhole.evidence.library.cells import STUDY_COLUMNS, Cells, study_row
from keyhole.evidence.library.checks import Doubt, all_doubts
from keyhole.evidence.library.rows import Arm, StudyRow
from keyhole.evidence.library.words import find_family
from keyhole.files import write_whole

NEEDED = ("study_id", "comparison", "outcome", "unit")
_NUMBERS = ("mis_n", "mis_events", "open_n", "open_events")


def own_studies_in(folder: Path | None) -> tuple[StudyRow, ...]:
    """The user's studies, file by file in the order of their names; none without a folder.

    Raises:
        EvidenceError: see `read_own`; `table-unreadable` where there is no such folder.

    """
    if folder is None:
        return ()
    if not folder.is_dir():
        raise _unreadable("The settings name a folder of studies that is not there.")
    rows: list[StudyRow] = []
    for place in sorted(folder.glob("*.csv")):
        rows += read_own(place, first=len(rows) + 1)
    demand_new(rows)
    return tuple(rows)


def read_own(place: Path, *, first: int = 1) -> tuple[StudyRow, ...]:
    """The studies of one table; ids are O001 and on.

    Raises:
        EvidenceError: `table-unreadable`, `columns-missing`, `text-in-numbers`, `negative-sd`,
            `events-above-n`, `comparison-unknown`.

    """
    table = _table(place)
    empty = dict.fromkeys(STUDY_COLUMNS, "")
    filled = [empty | {k: v.strip() for k, v in cells.items()} for cells in table]
    named = [{**cells, "id": f"O{n:03d}"} for n, cells in enumerate(filled, first)]
    return tuple(_checked(study_row(cells, "own"), cells) for cells in named)


def _table(place: Path) -> list[dict[str, str]]:
    try:
        text = place.read_text(encoding="utf-8-sig")
        reader = csv.DictReader(io.StringIO(text), strict=True, restval="")
        rows = list(reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise _unreadable("A table of studies cannot be read as CSV.") from error
    lacking = [column for column in NEEDED if column not in (reader.fieldnames or ())]
    if lacking:
        raise EvidenceError(
            "columns-missing",
            asked="Own studies were to be read.",
            found=f"The table has no column {', '.join(lacking)}.",
            next=f"Name the columns {', '.join(STUDY_COLUMNS)}; those not known may be left out.",
        )
    if any(None in row for row in rows):
        raise _unreadable("A row has more cells than the table has columns.")
    return rows


def _checked(row: StudyRow, cells: Cells) -> StudyRow:
    find_family(row.comparison)
    for column in _NUMBERS:
        if cells[column] and not cells[column].isdigit():
            raise _refused("text-in-numbers", row, f"{column} is {cells[column][:40]!r}.")
    for arm in (row.mis, row.open):
        _check_arm(row, arm)
    return row


def _check_arm(row: StudyRow, arm: Arm) -> None:
    for name, text, number in (("mean", arm.mean_text, arm.mean), ("SD", arm.sd_text, arm.sd)):
        if text and number is None:
            raise _refused("text-in-numbers", row, f"A {name} is {text[:40]!r}.")
    if arm.sd is not None and arm.sd.value < 0:
        raise _refused("negative-sd", row, f"An SD is {arm.sd}.")
    if arm.events is not None and arm.n is not None and arm.events.value > arm.n.value:
        raise _refused("events-above-n", row, f"{arm.events} events in {arm.n} patients.")


def demand_new(rows: Sequence[StudyRow]) -> None:
    """Refuse a study that stands twice among the user's own.

    Raises:
        EvidenceError: `study-doubled`.

    """
    seen: set[tuple[str, str, str]] = set()
    for row in rows:
        key = (row.key, row.outcome, row.when)
        if key in seen:
            raise _refused("study-doubled", row, f"It has {row.outcome} twice for one time.")
        seen.add(key)


def add_studies(
    place: Path, folder: Path
) -> tuple[tuple[StudyRow, ...], dict[str, tuple[Doubt, ...]]]:
    """Check a table and put it into the user's folder; its rows, and their doubts by id.

    Raises:
        EvidenceError: see `read_own`; `studies-doubted` where figures of a row contradict each
            other; `study-doubled` where the folder has the study, or a file of that name.
        OSError: the folder cannot be written.

    """
    rows = read_own(place)
    doubts = dict(all_doubts(rows))
    for row in rows:
        wrong = [str(doubt.found) for doubt in doubts[row.id] if doubt.strength == "wrong"]
        if wrong:
            raise _refused("studies-doubted", row, " ".join(wrong))
    folder.mkdir(parents=True, exist_ok=True)
    demand_new([*own_studies_in(folder), *rows])
    target = folder / f"{place.stem}.csv"
    if target.exists():
        raise _refused("study-doubled", rows[0], "The folder has a file of that name.")
    write_whole(target, place.read_bytes())
    return rows, doubts


def _unreadable(found: str) -> EvidenceError:
    return EvidenceError(
        "table-unreadable",
        asked="Own studies were to be read.",
        found=found,
        next="Give a CSV file in UTF-8 with a header, and name its folder under [evidence].",
    )


def _refused(code: str, row: StudyRow, found: str) -> EvidenceError:
    return EvidenceError(
        code,
        asked="Own studies were to be read.",
        found=found,
        next="Correct the row from its source; leave a cell empty where nothing is known.",
        at=[row.key],
    )
