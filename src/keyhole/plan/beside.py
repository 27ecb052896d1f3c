"""The room beside a narrow pedicle, which an in-out-in screw may take (decision 0004).

The room lies behind the plane of the posterior body wall, lateral of the isthmus' centre, no
higher and no lower than the isthmus, within `in_out_in_room_mm` of the vertebra's bone, and holds
nothing that the map labels but ribs and muscles. Within bone and room together the lateral wall
of the pedicle does not count; medially, cranially and caudally, and from the body's back wall
on, nothing changes.
"""

import numpy as np
from attrs import evolve
from numpy.typing import NDArray

from keyhole.kernels.distance import signed_distance
from keyhole.plan.passage import Mask, Passage
from keyhole.scan.labels import Labels
from keyhole.scan.volume import Volume
from keyhole.space import Floats

_MAY_HOLD = (
    "rib ",
    "autochthon",
    "erector spinae",
    "longissimus",
    "iliocostalis",
    "transversospinalis",
    "multifidus",
    "psoas",
    "iliopsoas",
    "quadratus lumborum",
    "latissimus dorsi",
    "skeletal muscle",
    "torso fat",
    "body",
)
"""What may lie in the room. Whatever else the map holds, lung or vessel, ends it."""


def with_room(passage: Passage, labels: Labels, room_mm: float, back_mm: float) -> Passage:
    """The pedicle with the room beside it.

    Args:
        passage: the pedicle.
        labels: what may not be run through.
        room_mm: how far from the bone the room reaches.
        back_mm: how far ahead of the posterior body wall it ends.

    """
    passage = evolve(passage, back_mm=back_mm)
    bone = passage.vertebra.bone
    own = bone.values < 0
    voxels, points = _near(passage, room_mm)
    held = np.isin(labels.volume.at(points), _free(labels, passage))
    own[tuple(voxels[held].T)] = True
    return evolve(passage, room=Volume(signed_distance(own, bone.spacing), bone.affine))


def in_the_way(passage: Passage, labels: Labels, room_mm: float) -> list[str]:
    """What the map holds beside the pedicle that an implant must keep out of, the most first."""
    codes, counts = np.unique(labels.volume.at(_near(passage, room_mm)[1]), return_counts=True)
    free = _free(labels, passage)
    order = np.argsort(-counts, kind="stable")
    return [labels.names[n - 1] for n in codes[order].tolist() if n not in free]


def _near(passage: Passage, room_mm: float) -> tuple[NDArray[np.int_], Floats]:
    """(n, 3) voxels outside the bone where the room may be, and their points (n, 3) mm RAS."""
    bone = passage.vertebra.bone
    voxels = np.argwhere((bone.values >= 0) & (bone.values <= room_mm))
    points = bone.to_patient(voxels)
    held = _beside(passage, points)
    return voxels[held], points[held]


def _beside(passage: Passage, points: Floats) -> Mask:
    """(n,) which points lie lateral of the pedicle, at its height, behind the body."""
    pedicle, vertebra = passage.pedicle, passage.vertebra
    height = (pedicle.outline - pedicle.centre) @ pedicle.cranial
    off = points - pedicle.centre
    level, behind = off @ pedicle.cranial, (points - passage.back_wall) @ vertebra.frame.front
    lateral: Mask = off @ passage.inward < 0
    return lateral & (level >= height.min()) & (level <= height.max()) & (behind < 0)


def _free(labels: Labels, passage: Passage) -> list[int]:
    """The map's values that an implant need not keep out of."""
    own = ("sacrum",) if passage.sacral else (f"vertebra {passage.vertebra.level}",)
    named = enumerate(labels.names, start=1)
    return [0, *(n for n, name in named if name in own or name.startswith(_MAY_HOLD))]
