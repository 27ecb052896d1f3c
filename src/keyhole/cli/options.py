"""The options that several commands share."""

from pathlib import Path
from typing import Annotated, Literal

import typer

Sides = Literal["left", "right", "both"]

Scan = Annotated[
    Path,
    typer.Argument(
        help="A NIfTI file or a folder of DICOM slices; or a label map alone, FILE[=SCHEME]."
    ),
]
LabelFiles = Annotated[
    list[str] | None,
    typer.Option("--labels", metavar="FILE[=SCHEME]", help="A label map; may be repeated."),
]
Series = Annotated[
    str | None, typer.Option("--series", help="Which series of a DICOM folder is meant.")
]
Call = Annotated[
    list[str] | None,
    typer.Option("--call", metavar="L5=L4,...", help="Your own names: as in the map=as called."),
]
Accept = Annotated[
    list[str] | None,
    typer.Option("--accept", metavar="CODE", help="Go on in spite of this check, and mark it."),
]
Config = Annotated[
    Path | None,
    typer.Option("--config", envvar="KEYHOLE_CONFIG", help="A keyhole.toml with your settings."),
]
Out = Annotated[Path | None, typer.Option("--out", help="The folder to write to.")]
Force = Annotated[bool, typer.Option("--force", help="Write into a folder that is not empty.")]
Seed = Annotated[int, typer.Option("--seed", help="The seed of every random draw.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of a fault.")]
