"""`keyhole follow score`: a questionnaire's score from its answers."""

from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from keyhole.cli.answer import Answer, answering
from keyhole.cli.tables import add as add_row
from keyhole.cli.tables import number

if TYPE_CHECKING:
    from keyhole.recovery.scores import Score


@answering
def score(
    instrument: Annotated[
        str, typer.Argument(metavar="INSTRUMENT", help="Such as odi, eq5d5l or rand36.")
    ],
    answers: Annotated[
        str,
        typer.Argument(
            metavar="ANSWERS", help="21231, or 3,,2,4 with nothing or a point for a missing one."
        ),
    ],
    *,
    value_set: Annotated[
        str | None, typer.Option("--value-set", metavar="COUNTRY", help="For EQ-5D.")
    ] = None,
) -> Answer:
    """Score a questionnaire by its published rule."""
    from keyhole.recovery import scores

    given = scores.read_answers(answers)
    found = scores.score(instrument, given, value_set=value_set)
    one = scores.instrument(instrument)
    main = _data(found[0])
    data = {
        "instrument": one.name,
        **main,
        "scales": [_data(scale) for scale in found],
        "licence": one.licence,
    }
    notes = dict.fromkeys(note for scale in found for note in scale.notes)
    return Answer(data=data, pages=[_table(one.title, found), *notes, one.licence])


def _data(scale: "Score") -> dict[str, Any]:
    return {
        "name": scale.name,
        "score": scale.value,
        "unit": scale.unit,
        "answered": scale.answered,
        "of": scale.of,
        "low": scale.low,
        "high": scale.high,
        "better": scale.better,
        "band": scale.band,
        "source": scale.source,
        "notes": list(scale.notes),
    }


def _table(title: str, found: "tuple[Score, ...]") -> Table:
    table = Table("score", "value", "unit", "from", "to", "better", "answered", "band", title=title)
    for scale in found:
        add_row(
            table,
            scale.name,
            number(scale.value, 3),
            scale.unit,
            number(scale.low, 3),
            number(scale.high, 3),
            scale.better,
            f"{scale.answered} of {scale.of}",
            scale.band or "-",
        )
    return table
