"""All that is known of a phantom, gathered from the files that measure it."""

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from keyhole import __version__
from keyhole.progress import Progress, silent
from keyhole.simulate.engine.surface import Surface
from keyhole.simulate.files.plain import plain
from keyhole.simulate.files.read import DESIGN_DIGITS, SCHEMA
from keyhole.simulate.patient import Phantom
from keyhole.simulate.soft.canal_contents import Contents
from keyhole.simulate.truth.alignment import find_alignment
from keyhole.simulate.truth.canal import CanalTruth, canal_truths
from keyhole.simulate.truth.foramen import foramen_truths
from keyhole.simulate.truth.herniation import herniation_truths
from keyhole.simulate.truth.roots import root_truths
from keyhole.simulate.truth.skin import SkinTruth, skin_truths
from keyhole.space import Floats

UNITS = "mm, mm2, mm3, degrees, HU; points and directions are right, front, up (RAS)"


def truth_data(patient: Phantom, progress: Progress = silent) -> dict[str, Any]:
    """The truth as JSON-ready data, mm RAS: what `truth.json` holds."""
    return {
        "schema": SCHEMA,
        "keyhole": __version__,
        "units": UNITS,
        "seed": patient.recipe.seed,
        "recipe": plain(patient.recipe, None),
        "rejected_draws": patient.design.rejected,
        "design": plain(patient.design, DESIGN_DIGITS),
        "measured": plain(measured(patient, progress)),
    }


def measured(patient: Phantom, progress: Progress = silent) -> dict[str, Any]:
    """What is measured on a phantom's own surfaces, by kind; the files of `truth` tell how."""
    contents, pose = patient.contents, patient.pose
    progress("measuring the bones", 0)
    found: dict[str, Any] = {
        "levels": list(patient.truth.values()),
        "alignment": find_alignment(patient.design, patient.frames),
    }
    progress("measuring the canal", 0.3)
    found["canal"] = [_canal_rows(one.moved(pose)) for one in canal_truths(contents).values()]
    found["foramina"] = _moved(foramen_truths(contents).values(), patient)
    found["herniations"] = _moved(herniation_truths(contents).values(), patient)
    if patient.recipe.soft:
        progress("measuring the roots", 0.6)
        found["roots"] = _moved(root_truths(contents, _to_discs(contents)).values(), patient)
        found["skin"] = _skin_depths(patient)
    return found


def _skin_depths(patient: Phantom) -> list[SkinTruth]:
    """Of the segments that are there, behind the bones that are."""
    bones = [solid.shape for solid in patient.solids if solid.cortex is not None and solid.parts]
    depths = skin_truths(patient.design, patient.frames, patient.solid("body").shape, bones)
    there = {part.name for part in patient.contents.segments}
    return [depth for name, depth in depths.items() if name in there]


def _to_discs(contents: Contents) -> Callable[[str, Floats], Floats]:
    """True distances to the discs as they are before a root or a bone takes their place."""
    surface = cache(lambda name: Surface.of(contents.discs[name].shape))
    return lambda name, points: surface(name.removeprefix("disc ")).distance(points)


def _moved(truths: Iterable[Any], patient: Phantom) -> list[Any]:
    return [truth.moved(patient.pose) for truth in truths]


def _canal_rows(truth: CanalTruth) -> dict[str, Any]:
    return {**plain(truth), "least": truth.least, "at_disc": truth.at_disc}
