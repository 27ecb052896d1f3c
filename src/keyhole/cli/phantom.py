"""`keyhole phantom`: a synthetic patient with known truth."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, cast

import typer

from keyhole.cli.answer import Answer, answering
from keyhole.cli.bar import progress_bar
from keyhole.cli.options import Force, Seed
from keyhole.cli.output import ready_folder

if TYPE_CHECKING:
    from keyhole.simulate import Phantom, Recipe
    from keyhole.simulate.design.model import Posture

Levels = Annotated[
    list[str] | None,
    typer.Option("--levels", metavar="WHERE", help="Only these: L3, L4/5 or T12-S1."),
]


class Weighting(StrEnum):
    """Of an MR image."""

    t1 = "t1"
    t2 = "t2"


Lying = Literal["supine", "prone", "flexed", "decubitus-left", "decubitus-right"]


@answering
def phantom(  # noqa: PLR0913 - a command's options are its parameters
    *,
    out: Annotated[Path, typer.Option("--out", help="The folder to write to.")],
    seed: Seed = 0,
    sex: Annotated[
        Literal["male", "female"] | None, typer.Option("--sex", help="Drawn where not given.")
    ] = None,
    age: Annotated[float | None, typer.Option("--age", help="Years.")] = None,
    stature: Annotated[float | None, typer.Option("--stature", help="Body height, cm.")] = None,
    bmi: Annotated[float | None, typer.Option("--bmi", help="Body-mass index, kg/m2.")] = None,
    posture: Annotated[Lying, typer.Option("--posture", help="On the table.")] = "supine",
    levels: Levels = None,
    illness: Annotated[
        list[str] | None,
        typer.Option("--with", metavar="ORDER", help="An illness, as in stenosis=L4/5:severe."),
    ] = None,
    soft: Annotated[
        bool, typer.Option("--soft/--no-soft", help="With or without soft tissue.")
    ] = True,
    spacing: Annotated[float, typer.Option("--spacing", help="The voxels' edge, mm.")] = 1.0,
    labels_as: Annotated[
        list[str] | None,
        typer.Option("--labels-as", metavar="TOOL", help="A label map as this tool's."),
    ] = None,
    noise: Annotated[
        float | None, typer.Option("--noise", help="SD of the CT's noise, HU.")
    ] = None,
    streaks: Annotated[
        float, typer.Option("--streaks", help="Dose of streaks in the CT; 1 is usual.")
    ] = 0.0,
    mr: Annotated[list[Weighting] | None, typer.Option("--mr", help="An MR image too.")] = None,
    dicom: Annotated[bool, typer.Option("--dicom", help="The CT as a DICOM series too.")] = False,
    spoil: Annotated[
        list[str] | None,
        typer.Option("--spoil", metavar="FAULT", help="Spoil the map, as in eroded=L4:2."),
    ] = None,
    force: Force = False,
) -> Answer:
    """Write a phantom patient: a CT, its label map, and the truth; more by option."""
    from keyhole.simulate import Recipe, Wanted, grow, write_phantom

    recipe = Recipe(
        seed=seed,
        sex=sex,
        age=age,
        stature_cm=stature,
        bmi=bmi,
        posture=cast("Posture", posture.replace("-", " ")),
        illness=tuple(illness or ()),
        soft=soft,
    )
    wanted = Wanted(
        spacing_mm=spacing,
        noise_hu=noise,
        streaks=streaks,
        tools=tuple(labels_as or ("keyhole",)),
        mr=tuple(weighting.value for weighting in mr or ()),
        dicom=dicom,
        spoils=tuple(spoil or ()),
    )
    wanted.demand()
    with progress_bar() as progress:
        progress("growing", 0)
        patient = grow(_shown(recipe, levels))
        folder = ready_folder(out, force=force)
        write_phantom(folder, patient=patient, wanted=wanted, progress=progress)
    return _told(patient, folder)


def _shown(recipe: "Recipe", levels: list[str] | None) -> "Recipe":
    """The recipe with the levels that the words of `--levels` mean in its patient."""
    from attrs import evolve

    from keyhole.levels import places
    from keyhole.simulate.illness import design_of

    if levels is None:
        return recipe
    return evolve(recipe, levels=tuple(places(levels, design_of(recipe).names)[0]))


def _told(patient: "Phantom", folder: Path) -> Answer:
    body, recipe = patient.design.body, patient.recipe
    written = sorted(str(path.relative_to(folder)) for path in folder.iterdir())
    person = (
        f"{body.sex}, {body.age:.0f} years, {body.stature_cm:.0f} cm, {body.bmi:.1f} kg/m2, "
        f"{body.posture}"
    )
    return Answer(
        data={
            "seed": recipe.seed,
            "person": {
                "sex": body.sex,
                "age": round(body.age, 1),
                "stature_cm": round(body.stature_cm, 1),
                "bmi": round(body.bmi, 1),
                "posture": body.posture,
            },
            "levels": list(patient.levels),
            "illness": list(recipe.illness),
            "rejected": patient.design.rejected,
            "written": written,
        },
        pages=[
            f"A phantom (seed {recipe.seed}): {person}.",
            f"Levels {', '.join(patient.levels)}; {', '.join(recipe.illness) or 'healthy'}.",
            f"Written: {', '.join(written)}.",
        ],
    )
