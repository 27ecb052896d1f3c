"""From a label map to the spine model."""

from collections.abc import Collection, Mapping

import numpy as np
from scipy import ndimage

from keyhole.anatomy.rough import body_centre
from keyhole.anatomy.sacrum import build_s1
from keyhole.anatomy.skin import find_skin
from keyhole.anatomy.spine import Spine, Vertebra
from keyhole.anatomy.vertebra import build_vertebra
from keyhole.errors import AnatomyError, Refusal
from keyhole.kernels.distance import signed_distance
from keyhole.progress import Progress, silent
from keyhole.scan.labels import Labels
from keyhole.scan.volume import Volume
from keyhole.space import Floats, unit

MARGIN_MM = 15.0


def bone_field(labels: Labels, level: str) -> Volume:
    """Signed distance to a vertebra's surface, mm, on its box with a margin.

    S1 is its own label and the sacrum's, where either is there.
    """
    names = ["vertebra S1", "sacrum"] if level == "S1" else [f"vertebra {level}"]
    present = [name for name in names if name in labels]
    boxes = [labels.boxes[name] for name in present] or [labels.boxes[names[-1]]]
    pad = np.ceil(MARGIN_MM / labels.volume.spacing).astype(int)
    low = np.min([[s.start for s in box] for box in boxes], axis=0) - pad
    high = np.max([[s.stop for s in box] for box in boxes], axis=0) + pad
    part = labels.volume.crop(low, high)
    mask = np.isin(part.values, [labels.code(name) for name in present])
    return Volume(signed_distance(mask, part.spacing), part.affine)


def build_spine(
    labels: Labels,
    image: Volume | None = None,
    *,
    levels: Collection[str] | None = None,
    refused: Mapping[str, Refusal] | None = None,
    progress: Progress = silent,
) -> Spine:
    """Model the vertebrae of a label map, and the skin.

    Args:
        labels: the map.
        image: the CT, for the skin where no label holds it.
        levels: only these (and what they need); all where None.
        refused: levels not to model, and why.
        progress: told how far the work is.

    Raises:
        AnatomyError: `no-vertebrae` where not one vertebra could be modelled.

    """
    refusals = dict(refused or {})
    present = [level for level in labels.levels if level not in refusals]
    wanted = [level for level in present if levels is None or level in _needed(levels)]
    fields = {level: bone_field(labels, level) for level in wanted}
    ups = _ups(labels, fields)
    vertebrae: list[Vertebra] = []
    for done, level in enumerate(wanted):
        progress(f"modelling {level}", done / len(wanted))
        try:
            vertebrae.append(_one(level, fields[level], ups[level], vertebrae))
        except AnatomyError as refusal:
            refusals[level] = refusal.refusal
    if not vertebrae:
        raise _none(labels, refusals)
    progress("finding the skin", 0.95)
    return Spine(tuple(vertebrae), labels, tuple(refusals.values()), find_skin(labels, image))


def _needed(levels: Collection[str]) -> set[str]:
    """The levels themselves, and L5 or L6 where S1 is asked for."""
    return set(levels) | ({"L5", "L6"} if "S1" in levels else set())


def _one(level: str, bone: Volume, up: Floats, above: list[Vertebra]) -> Vertebra:
    """Model one level; S1 from the vertebra above it."""
    if level != "S1":
        return build_vertebra(level, bone, up)
    if not above or not above[-1].level.startswith("L"):
        raise AnatomyError(
            "body-unseen",
            asked="S1 was asked for.",
            found="No lumbar vertebra above it could be modelled.",
            next="Give a map that holds L5 whole.",
            at=["S1"],
        )
    return build_s1(bone, above[-1])


def _ups(labels: Labels, fields: Mapping[str, Volume]) -> dict[str, Floats]:
    """For each level the direction from the body below to the body above.

    The line runs through every vertebra of the map, cut ones too. A vertebra alone takes the
    scan's own cranial direction: nothing else tells its head end from its feet end.
    """
    names = list(labels.levels)
    centres = {}
    for level in names:
        centres[level] = body_centre(fields[level]) if level in fields else _middle(labels, level)
    ups = {}
    for level in fields:
        i = names.index(level)
        last = len(names) - 2 if names[-1] == "S1" and len(names) > 2 else len(names) - 1
        high, low = names[max(i - 1, 0)], names[min(max(i + 1, 1), max(last, i))]
        ends = centres[high] - centres[low]
        ups[level] = unit(ends) if np.linalg.norm(ends) > 1 else np.array([0.0, 0.0, 1.0])
    return ups


def _middle(labels: Labels, level: str) -> Floats:
    """(3,) mm RAS: roughly the middle of a body that is not modelled: its label's deepest part."""
    name = f"vertebra {level}" if f"vertebra {level}" in labels else "sacrum"
    part = labels.cut(name)
    depth = ndimage.distance_transform_edt(part.values, sampling=part.spacing)
    return part.to_patient(np.argwhere(depth > 0.8 * depth.max()).mean(axis=0))


def _none(labels: Labels, refusals: Mapping[str, Refusal]) -> AnatomyError:
    why = "; ".join(f"{level}: {r.found}" for level, r in refusals.items())
    return AnatomyError(
        "no-vertebrae",
        asked="A spine model was asked for.",
        found=why
        or f"The map holds no vertebra (it holds {', '.join(labels.boxes) or 'nothing'}).",
        next="Give a label map with vertebrae of their own names.",
    )
