"""`keyhole follow risk`: published points before an operation."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from attrs import asdict
from rich.table import Table

from keyhole.cli.answer import Answer, answering
from keyhole.cli.tables import add as add_row
from keyhole.cli.tables import number

if TYPE_CHECKING:
    from keyhole.recovery.course import Course
    from keyhole.recovery.risk import Index, PointScore

_UNKNOWN = "What is not known gives no points: every sum is a lower limit."


@answering
def risk(  # noqa: PLR0913 - a command's options are its parameters
    course: Annotated[
        Path | None,
        typer.Argument(
            metavar="[COURSE]", help="A course: its diagnoses, sex, age at the last operation."
        ),
    ] = None,
    *,
    age: Annotated[int | None, typer.Option("--age", min=0, max=120, help="Whole years.")] = None,
    sex: Annotated[str | None, typer.Option("--sex", help="female or male.")] = None,
    bmi: Annotated[float | None, typer.Option("--bmi", min=8, max=120, help="kg/m2.")] = None,
    operating_h: Annotated[
        float | None, typer.Option("--operating-h", min=0, max=48, help="Hours planned.")
    ] = None,
    procedures: Annotated[
        int | None, typer.Option("--procedures", min=0, max=99, help="Procedure codes.")
    ] = None,
    icd10: Annotated[
        list[str] | None, typer.Option("--icd10", metavar="CODE", help="A diagnosis; repeat it.")
    ] = None,
    fact: Annotated[
        list[str] | None,
        typer.Option("--fact", metavar="NAME", help="What is so, such as diabetes; repeat it."),
    ] = None,
) -> Answer:
    """Add up published risk scores, each with its source, and name those that are off."""
    from keyhole.recovery.course import Course, read_course
    from keyhole.recovery.risk import Facts, indices, score_points, switched_off

    if sex not in (None, "female", "male"):
        raise typer.BadParameter("--sex takes female or male.")
    known = _known(read_course(course) if course else Course(id="none"))
    given = {
        "age": age,
        "sex": sex,
        "bmi": bmi,
        "operating_h": operating_h,
        "procedures": procedures,
        "icd10": tuple(icd10) if icd10 else None,
    }
    known |= {name: value for name, value in given.items() if value is not None}
    facts = Facts(**known, flags=frozenset(fact or []))
    scores, found = score_points(facts), indices(facts.icd10) if facts.icd10 else ()
    data = {
        "facts": asdict(facts) | {"flags": sorted(facts.flags)},
        "scores": [asdict(one) for one in scores],
        "indices": [asdict(one) for one in found],
        "off": dict(switched_off()),
    }
    return Answer(data=data, pages=[*_pages(scores, found), _UNKNOWN, _off(switched_off())])


def _known(course: "Course") -> dict[str, Any]:
    """What a course tells: diagnoses of all operations; age by the year of birth."""
    known: dict[str, Any] = {}
    if course.sex:
        known["sex"] = course.sex
    if course.episodes:
        last = course.episodes[-1]
        codes = [code for episode in course.episodes for code in episode.diagnoses]
        known["icd10"] = tuple(dict.fromkeys(codes)) or None
        if course.born:
            known["age"] = last.on.year - course.born
    return known


def _pages(scores: "tuple[PointScore, ...]", found: "tuple[Index, ...]") -> list[Any]:
    table = Table("score", "points", "band", "from", "not told")
    for one in scores:
        items = "; ".join(f"{text} {points:g}" for text, points in one.items.items())
        add_row(
            table,
            one.title,
            number(one.points, 0),
            one.band or "-",
            items or "-",
            ", ".join(one.not_told) or "-",
        )
    for index in found:
        items = "; ".join(f"{name} {weight}" for name, weight in index.conditions.items())
        add_row(table, index.name, str(index.value), "-", items or "-", "-")
    told = [f"{one.title}: {one.source}. {one.population}; {one.calibration}." for one in scores]
    notes = [f"{one.title}: {note}" for one in scores for note in one.notes]
    return [table, *told, *notes]


def _off(off: Any) -> Table:
    table = Table("off", "why")
    for name, why in off.items():
        add_row(table, name, why)
    return table
