"""`keyhole evidence plot`: forest, funnel and Baujat plots as SVG files."""

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from keyhole.cli.answer import Answer, answering, refused
from keyhole.cli.evidence_options import AskedMeasure, AskedMethod, AskedTest, Studies
from keyhole.cli.evidence_read import read_studies
from keyhole.cli.options import Force
from keyhole.cli.output import ready_folder
from keyhole.errors import EvidenceError, OutputError, Refusal

if TYPE_CHECKING:
    from keyhole.evidence.pooled import Effects, Pooled
    from keyhole.evidence.pooled.plots_words import Arms

Draw = Callable[["Effects", "Pooled"], str]


class Kind(StrEnum):
    """Of a plot."""

    forest = "forest"
    funnel = "funnel"
    baujat = "baujat"


@answering
def plot(  # noqa: PLR0913 - a command's options are its parameters
    studies: Studies,
    *,
    measure: AskedMeasure,
    out: Annotated[Path, typer.Option("--out", help="The folder to write to.")],
    method: AskedMethod = "REML",
    test: AskedTest = None,
    kind: Annotated[
        list[Kind] | None, typer.Option("--kind", help="Only this plot; may be repeated.")
    ] = None,
    outcome: Annotated[str, typer.Option("--outcome", help="What was measured; the title.")] = "",
    unit: Annotated[str, typer.Option("--unit", help="Its unit, for the axis.")] = "",
    better: Annotated[
        Literal["lower", "higher"] | None,
        typer.Option("--better", help="Which numbers are good; the sides are named by it."),
    ] = None,
    first: Annotated[str, typer.Option("--first", help="The first arm's name.")] = "MISS",
    second: Annotated[str, typer.Option("--second", help="The second arm's name.")] = "open",
    contours: Annotated[
        bool, typer.Option("--contours", help="Shade the funnel by significance.")
    ] = False,
    fill: Annotated[
        Literal["L0", "R0"] | None,
        typer.Option("--fill", help="Show the studies that trim and fill puts in."),
    ] = None,
    force: Force = False,
) -> Answer:
    """Draw a forest, a funnel and a Baujat plot of the studies."""
    from keyhole.evidence.pooled import effects
    from keyhole.evidence.pooled import pool as pooled
    from keyhole.evidence.pooled.plots_words import Arms

    said = effects(read_studies(studies), measure)
    result = pooled(said, method, test=test)
    lower = None if better is None else better == "lower"
    draw = {
        Kind.forest: _forest(Arms(first, second, lower), outcome, unit),
        Kind.funnel: _funnel(outcome, contours=contours, fill=fill),
        Kind.baujat: _baujat(outcome),
    }
    drawn, told = _drawn({name: draw[name] for name in kind or Kind}, said, result)
    if not drawn:
        return refused(told)
    _write(ready_folder(out, force=force), drawn)
    names = ", ".join(drawn)
    return Answer(data={"written": list(drawn)}, pages=[f"Written: {names}."], told=told)


def _forest(arms: "Arms", outcome: str, unit: str) -> Draw:
    def draw(effects: "Effects", pooled: "Pooled") -> str:
        from keyhole.evidence.pooled.plots_forest import forest

        return forest(effects, pooled, outcome=outcome, unit=unit, arms=arms)

    return draw


def _funnel(outcome: str, *, contours: bool, fill: Literal["L0", "R0"] | None) -> Draw:
    def draw(effects: "Effects", pooled: "Pooled") -> str:
        from keyhole.evidence.pooled.bias_trim_fill import trim_and_fill
        from keyhole.evidence.pooled.plots_funnel import funnel

        filled = None if fill is None else trim_and_fill(effects, pooled, estimator=fill)
        return funnel(effects, pooled, outcome=outcome, contours=contours, filled=filled)

    return draw


def _baujat(outcome: str) -> Draw:
    def draw(effects: "Effects", pooled: "Pooled") -> str:
        from keyhole.evidence.pooled.plots_baujat import baujat_plot

        return baujat_plot(effects, pooled, outcome=outcome)

    return draw


def _drawn(
    plots: dict[Kind, Draw], effects: "Effects", pooled: "Pooled"
) -> tuple[dict[str, str], list[Refusal]]:
    """The files that could be drawn, and why the others could not."""
    drawn, told = {}, []
    for name, draw in plots.items():
        try:
            drawn[f"{name}.svg"] = draw(effects, pooled)
        except EvidenceError as error:
            told.append(error.refusal)
    return drawn, told


def _write(folder: Path, files: dict[str, str]) -> None:
    from keyhole.files import write_whole

    try:
        for name, text in files.items():
            write_whole(folder / name, text)
    except OSError as error:
        raise OutputError(
            "output-unwritable",
            asked="The plots were to be written to the folder given.",
            found=f"The place refuses them ({error.strerror}).",
            next="Give a folder that may be written with --out.",
        ) from error
