"""`keyhole demo`: a phantom patient, from scan to report."""

from pathlib import Path
from typing import Annotated

import typer
from attrs import evolve

from keyhole.cli.answer import Answer, answering
from keyhole.cli.bar import progress_bar
from keyhole.cli.opening import Files
from keyhole.cli.options import Config, Force, Seed
from keyhole.cli.output import ready_folder
from keyhole.cli.plan import planned

AGE = 62.0
ILLNESS = ("stenosis=L4/5:severe", "herniation=L5/S1:left,subarticular,extrusion")
LEVELS = ("L1", "L2", "L3", "L4", "L5", "S1")
AT, SPACING_MM = ("L4/5",), 1.5
"""One segment and coarse voxels: the demo is quick."""


@answering
def demo(
    *,
    out: Annotated[Path, typer.Option("--out", help="The folder to write to.")] = Path(
        "keyhole-demo"
    ),
    seed: Seed = 0,
    config: Config = None,
    force: Force = False,
) -> Answer:
    """Make a phantom patient of 62 years with a narrow L4/5, plan screws and write the report."""
    from keyhole.plan.request import Words, make_request
    from keyhole.plan.settings import Settings
    from keyhole.simulate import Recipe, Wanted, grow, write_phantom

    settings = Settings.read(config)
    request = make_request(Words(goal="stabilize", at=AT, seed=seed), settings.as_data())
    folder = ready_folder(out, force=force)
    with progress_bar() as progress:
        progress("making a phantom patient", 0)
        patient = grow(Recipe(seed, LEVELS, age=AGE, illness=ILLNESS))
        write_phantom(folder, patient=patient, wanted=Wanted(spacing_mm=SPACING_MM))
        files = Files(scan=folder / "ct.nii.gz", labels=[str(folder / "labels.nii.gz")])
        answer = planned(files, request, settings, folder=folder, progress=progress)
    return evolve(answer, pages=[*answer.pages, f"Open {folder / 'report.html'}"])
