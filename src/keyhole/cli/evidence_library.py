"""`keyhole evidence list|check|add|miss`: the living library and its checker."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from keyhole.cli.answer import Answer, answering
from keyhole.cli.evidence_question import question_pages
from keyhole.cli.options import Config
from keyhole.cli.tables import add as add_row
from keyhole.errors import OutputError

if TYPE_CHECKING:
    from keyhole.evidence.library.checks import Doubt
    from keyhole.evidence.library.rows import AnyRow, StudyRow

Outcome = Annotated[
    str, typer.Option("--outcome", help="A part of the promise, such as infection.")
]
Comparison = Annotated[
    str | None,
    typer.Option("--comparison", help='Such as "MIS-TLIF vs open TLIF"; all without it.'),
]
OwnTable = Annotated[Path, typer.Argument(metavar="STUDIES.csv", help="Your own studies.")]
MaybeTable = Annotated[
    Path | None,
    typer.Argument(metavar="[STUDIES.csv]", help="Your own studies; the library's rows without."),
]


@answering
def list_(*, config: Config = None) -> Answer:
    """List the library's tables, parts and comparisons, and your own studies."""
    from keyhole.evidence.library import families, family_of, library, parts, parts_of

    shipped, own = library(), _own(config)
    rows = (*shipped.rows, *own)
    by_part = Counter(part.name for row in rows for part in parts_of(row))
    by_family = Counter(family.name for row in rows if (family := family_of(row)))
    data = {
        "version": shipped.version,
        "read": shipped.read,
        "not_read": shipped.not_read,
        "tables": [
            {"name": t.name, "ids": t.letter, "rows": len(t.cells), "holds": t.holds}
            for t in shipped.tables
        ],
        "parts": [{"name": p.name, "title": p.title, "rows": by_part[p.name]} for p in parts()],
        "comparisons": [
            {"name": f.name, "title": f.title, "rows": by_family[f.name]} for f in families()
        ],
        "own": [{"id": r.id, "study": r.key, "outcome": r.outcome} for r in own],
    }
    return Answer(data=data, pages=_list_pages(data))


def _list_pages(data: dict[str, Any]) -> list[Any]:
    tables, names = Table("table", "ids", "rows", "holds"), Table("name", "means", "rows")
    for one in data["tables"]:
        add_row(tables, one["name"], one["ids"], str(one["rows"]), one["holds"])
    for one in (*data["parts"], *data["comparisons"]):
        add_row(names, one["name"], one["title"], str(one["rows"]))
    words = f"Version {data['version']}. {data['read']} {data['not_read']}"
    return [words, tables, names, f"Your own studies: {len(data['own'])} rows."]


@answering
def check(studies: MaybeTable = None, *, config: Config = None) -> Answer:
    """Work out what can be worked out of every row, and print what does not fit."""
    from keyhole.evidence.library import all_doubts, library, read_own

    rows = read_own(studies) if studies else (*library().rows, *_own(config))
    doubts = all_doubts(rows)
    doubted = [(row, doubt) for row in rows for doubt in doubts[row.id]]
    data = {
        "checked": len(rows),
        "doubts": [
            {"id": row.id, "who": row.who, "outcome": row.outcome} | doubt.as_data()
            for row, doubt in doubted
        ],
    }
    clean = f"{len(rows)} rows checked; {sum(1 for row in rows if doubts[row.id])} are doubted."
    return Answer(data=data, pages=[_doubt_table(doubted), clean])


def _doubt_table(doubted: "Sequence[tuple[AnyRow, Doubt]]") -> Table:
    table = Table("row", "who", "outcome", "strength", "doubt")
    for row, doubt in doubted:
        add_row(
            table, row.id, row.who, row.outcome, doubt.strength, f"{doubt.found} ({doubt.code})"
        )
    return table


@answering
def add(studies: OwnTable, *, config: Config = None) -> Answer:
    """Check a table of your own studies and put it into the folder that [evidence] names."""
    from keyhole.evidence.library import add_studies, redo_with

    folder = _folder(config)
    earlier = _own(config) if folder.is_dir() else ()
    try:
        rows, doubts = add_studies(studies, folder)
    except OSError as error:
        raise OutputError(
            "output-unwritable",
            asked="Own studies were to be put into the folder that the settings name.",
            found=f"The place refuses it ({error.strerror}).",
            next="Name a folder that may be written under [evidence] studies.",
        ) from error
    doubted = [(row, doubt) for row in rows for doubt in doubts[row.id]]
    redone = redo_with((*earlier, *rows))
    data = {
        "added": [{"study": row.key, "outcome": row.outcome} for row in rows],
        "doubts": [{"study": row.key} | doubt.as_data() for row, doubt in doubted],
        "pools": redone,
    }
    words = f"{len(rows)} rows added; {len(redone)} pools hold your own studies and were redone."
    return Answer(data=data, pages=[_doubt_table(doubted), words] if doubted else [words])


def _folder(config: Path | None) -> Path:
    from keyhole.settings_file import broken, own_studies

    folder = own_studies(config)
    if folder is None:
        raise broken('No folder is named for own studies: [evidence] studies = "my-studies".')
    return folder


def _own(config: Path | None) -> "tuple[StudyRow, ...]":
    from keyhole.evidence.library import own_studies_in
    from keyhole.settings_file import own_studies

    return own_studies_in(own_studies(config))


@answering
def miss(*, outcome: Outcome, comparison: Comparison = None, config: Config = None) -> Answer:
    """Print every pool and study on a question with their doubts, for and against."""
    from keyhole.evidence.library import miss as ask
    from keyhole.evidence.library import miss_data

    answer = ask(outcome, comparison, _own(config))
    return Answer(data=miss_data(answer), pages=question_pages(answer))


COMMANDS = {"list": list_, "check": check, "add": add, "miss": miss}
"""What `keyhole evidence` gains from the library, by name."""
