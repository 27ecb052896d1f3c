"""The options that the commands of `keyhole evidence` share."""

from pathlib import Path
from typing import Annotated

import typer

from keyhole.evidence.words import Measure, Method, Test

Studies = Annotated[
    list[Path],
    typer.Argument(metavar="STUDIES.csv...", help="Tables of studies, one study a row."),
]
AskedMeasure = Annotated[
    Measure, typer.Option("--measure", help="What is compared between the arms.")
]
AskedMethod = Annotated[Method, typer.Option("--method", help="How the studies are pooled.")]
AskedTest = Annotated[
    Test | None,
    typer.Option(
        "--test",
        help="Normal, Hartung-Knapp or Student's t; knha for random effects unless given, else z.",
    ),
]
