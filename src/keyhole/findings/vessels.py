"""Where the aorta divides and the common iliac veins meet.

Definition: the middle of the border between the labels of the trunk (aorta, vena cava) and of
both common iliac vessels, as a height above the L4/5 disc's centre along the segment's `up`; the
grade names the vertebra or disc at that height. Landmarks: that point. Source: Tribus CB 2001
for the distance's use; the definition unsourced. What it cannot see: the true crotch where a
labelling tool draws its border elsewhere; variants such as a left vena cava are for the eye.
"""

from collections.abc import Iterable

import numpy as np
from attrs import frozen
from scipy.spatial import cKDTree

from keyhole.anatomy.spine import Spine
from keyhole.errors import AnatomyError
from keyhole.findings.error import length_error, point_error
from keyhole.findings.model import Finding, ScaleGrade
from keyhole.findings.quantity import Measure, Quantity, Seen
from keyhole.findings.subject import Subject
from keyhole.space import SIDES, Floats


@frozen
class Fork:
    """A trunk and its two branches, by their names in the map."""

    quantity: Quantity
    trunk: str
    branch: str


def _height(name: str, what: str) -> Quantity:
    return Quantity(
        name=name,
        unit="mm",
        definition=f"Height of the {what} above the L4/5 disc's centre, along the segment's up.",
        source="unsourced",
    )


FORKS = (
    Fork(_height("aortic_bifurcation", "aortic bifurcation"), "aorta", "iliac artery"),
    Fork(_height("iliac_vein_confluence", "iliac veins' confluence"), "vena cava", "iliac vein"),
)
_QUANTITIES = tuple(fork.quantity for fork in FORKS)
_AT = "L4/5"


def level_at(spine: Spine, place: Floats) -> str:
    """The vertebra's half or the disc at the height of a point: `L4 lower half`, `L4/5 disc`."""
    heights = [(v, v.frame.to_local(place)[2]) for v in spine.vertebrae]
    vertebra, up = min(heights, key=lambda pair: abs(pair[1]))
    ends = [vertebra.upper] if vertebra.lower is None else [vertebra.upper, vertebra.lower]
    above = float((place - vertebra.upper.centre) @ vertebra.upper.normal)
    if above > 0:
        return f"above the upper endplate of {vertebra.level}"
    if len(ends) > 1 and float((place - ends[1].centre) @ ends[1].normal) < 0:
        return f"below the lower endplate of {vertebra.level}"
    return f"{vertebra.level} {'upper' if up >= 0 or len(ends) == 1 else 'lower'} half"


def _take(subject: Subject, at: str) -> Iterable[Finding]:
    return [_one(subject, fork) for fork in FORKS] if at == _AT else []


def _one(subject: Subject, fork: Fork) -> Finding:
    labels, space = subject.spine.labels, subject.disc_spaces[_AT]
    if isinstance(space, AnatomyError):
        return fork.quantity.unseen(_AT, space.refusal.found, space.refusal.next)
    names = [fork.trunk, *(f"{fork.branch} {side}" for side in SIDES)]
    missing = [name for name in names if name not in labels]
    if missing:
        found = f"The map holds no {' and no '.join(missing)}."
        return fork.quantity.unseen(_AT, found, "Give a map with the vessels.")
    place = _border(subject, names)
    if place is None:
        found = f"The labels of {names[0]} and {fork.branch} do not touch."
        return fork.quantity.unseen(_AT, found, "Read it on the images.")
    height = float(space.frame.to_local(place)[2])
    grade = ScaleGrade(scale="level", grade=level_at(subject.spine, place), source="this spine")
    seen = Seen(
        landmarks={fork.quantity.name: place, "disc": space.frame.origin},
        grades=[grade],
        notes=["where the labels meet: networks draw that border several mm off"],
    )
    se = length_error(point_error(subject), 1.5 * subject.voxel_mm)
    return fork.quantity.found(_AT, height, se, seen=seen)


def _border(subject: Subject, names: list[str]) -> Floats | None:
    """(3,) mm RAS: the middle of a trunk's borders with its branches; None where none touches."""
    labels = subject.spine.labels
    trunk = labels.points(names[0])
    tree, reach = cKDTree(trunk), 1.8 * subject.voxel_mm
    middles = []
    for name in names[1:]:
        points = labels.points(name)
        distance, _ = tree.query(points, distance_upper_bound=reach)
        touching = np.asarray(distance < reach)
        if touching.any():
            middles.append(points[touching].mean(axis=0))
    return np.asarray(np.mean(middles, axis=0)) if middles else None


MEASURE = Measure(where="segment", quantities=_QUANTITIES, take=_take)
