"""`keyhole phantom`: a synthetic patient with known truth."""

from pathlib import Path
from typing import Annotated

import typer

from keyhole.cli.answer import Answer, answering
from keyhole.cli.options import Force, Seed
from keyhole.cli.output import ready_folder


@answering
def phantom(
    *,
    out: Annotated[Path, typer.Option("--out", help="The folder to write to.")],
    seed: Seed = 0,
    force: Force = False,
) -> Answer:
    """Write a phantom patient: a scan, its label map, and the truth."""
    from keyhole.simulate import write_phantom

    folder = ready_folder(out, force=force)
    write_phantom(folder, seed=seed)
    written = sorted(path.name for path in folder.iterdir() if path.is_file())
    return Answer(
        data={"seed": seed, "written": written},
        pages=[f"A phantom (seed {seed}): {', '.join(written)}."],
    )
