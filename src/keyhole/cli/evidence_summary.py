"""`keyhole evidence summary`: a row of a summary of findings, after GRADE."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.table import Table

from keyhole.cli.answer import Answer, answering
from keyhole.cli.evidence_options import AskedMeasure, AskedMethod, AskedTest, Studies
from keyhole.cli.evidence_read import read_studies
from keyhole.cli.tables import add
from keyhole.errors import EvidenceError

if TYPE_CHECKING:
    from keyhole.evidence.pooled.summary import Finding
    from keyhole.evidence.pooled.summary_judgement import Answer as Judged
    from keyhole.evidence.pooled.summary_judgement import Domain


@answering
def summary(  # noqa: PLR0913 - a command's options are its parameters
    studies: Studies,
    *,
    measure: AskedMeasure,
    outcome: Annotated[str, typer.Option("--outcome", help="What was measured.")],
    method: AskedMethod = "REML",
    test: AskedTest = None,
    design: Annotated[
        Literal["randomised", "observational"] | None,
        typer.Option("--design", help="Of the studies; certainty begins with it."),
    ] = None,
    judge: Annotated[
        list[str] | None,
        typer.Option("--judge", metavar='"DOMAIN=STEPS: WHY"', help="Your judgement, 0 to 2 down."),
    ] = None,
    by: Annotated[str, typer.Option("--by", help="Who judges; needed with --judge.")] = "",
    important: Annotated[
        float | None, typer.Option("--important", help="The smallest difference that matters.")
    ] = None,
    risk: Annotated[
        float | None, typer.Option("--risk", help="Risk after the second operation, 0 to 1.")
    ] = None,
) -> Answer:
    """Say how certain a pool is, and what a person must still judge."""
    from keyhole.evidence.pooled import effects
    from keyhole.evidence.pooled import pool as pooled
    from keyhole.evidence.pooled.summary import Known, as_data, finding

    known = Known(design=design, answers=_answers(judge or [], by), important=important, risk=risk)
    said = effects(read_studies(studies), measure)
    row = finding(said, pooled(said, method, test=test), outcome=outcome, known=known)
    return Answer(data=as_data(row), pages=_pages(row))


def _answers(judged: list[str], who: str) -> "dict[Domain, Judged]":
    return dict(_answer(text, who) for text in judged)


def _answer(text: str, who: str) -> "tuple[Domain, Judged]":
    """`risk of bias=1: nobody was blinded`."""
    from keyhole.evidence.pooled.summary_judgement import DOMAINS, STEPS
    from keyhole.evidence.pooled.summary_judgement import Answer as Judged

    domain, _, rest = text.partition("=")
    steps, _, why = rest.partition(":")
    name, number, reason = domain.strip(), steps.strip(), why.strip()
    if name not in DOMAINS or number not in map(str, STEPS) or not reason or not who.strip():
        raise EvidenceError(
            "judgement-unreadable",
            asked=f"The judgement {text!r} was to be used.",
            found="It is not a domain, the steps down, and a reason, by somebody.",
            next=f'Write "DOMAIN=0, 1 or 2: WHY" and --by NAME. Domains: {", ".join(DOMAINS)}.',
        )
    return name, Judged(int(number), reason, who.strip())


def _pages(row: "Finding") -> list[Any]:
    from keyhole.evidence.pooled.summary import as_data

    data = as_data(row)
    table = Table("domain", "judgement", "by", "what the numbers say", "reason")
    for judged in data["judgements"]:
        reason = judged["reason"] or ""
        add(table, judged["domain"], judged["word"], judged["by"], judged["numbers"], reason)
    shown = data["shown"]
    effect = f"{shown['estimate']:.4g} ({shown['ci'][0]:.4g} to {shown['ci'][1]:.4g})"
    lines = [f"{row.outcome}: {row.pooled.measure} {effect}, {row.pooled.k} studies."]
    if row.absolute is not None:
        a = row.absolute
        lines.append(
            f"Of 1,000 patients: {a.first:.0f} ({a.first_ci[0]:.0f} to {a.first_ci[1]:.0f}) "
            f"against {a.second:.0f} ({a.second_from})."
        )
    waits = f"not graded; a person must say: {', '.join(row.waits_for)}"
    return [*lines, table, f"Certainty: {row.certainty or waits}."]
