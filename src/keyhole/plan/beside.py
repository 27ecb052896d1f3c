"""The room beside a narrow pedicle, which an in-out-in screw may take (decision 0004).

The room lies behind the plane of the posterior body wall, lateral of the isthmus' centre, no
higher and no lower than the isthmus, within `in_out_in_room_mm` of the vertebra's bone, and holds
nothing that the map labels but ribs and muscles. Within bone and room together the lateral wall
of the pedicle does not count; medially, cranially and caudally, and from the body's back wall
on, nothing changes.
"""

import numpy as np
from attrs import evolve

from keyhole.kernels.distance import signed_distance
from keyhole.plan.passage import Mask, Passage
from keyhole.scan.labels import Labels
from keyhole.scan.volume import Volume
from keyhole.space import Floats

_MAY_HOLD = (
    "rib ",
    "autochthon",
    "erector spinae",
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
    # only the band at the pedicle's height can hold room: the rest need not be asked
    near = (bone.values >= 0) & (bone.values <= room_mm)
    voxels = np.argwhere(near)
    points = bone.to_patient(voxels)
    held = _beside(passage, points) & _empty(labels, passage, points)
    own[tuple(voxels[held].T)] = True
    return evolve(passage, room=Volume(signed_distance(own, bone.spacing), bone.affine))


def _beside(passage: Passage, points: Floats) -> Mask:
    """(n,) which points lie lateral of the pedicle, at its height, behind the body."""
    pedicle, vertebra = passage.pedicle, passage.vertebra
    height = (pedicle.outline - pedicle.centre) @ pedicle.cranial
    off = points - pedicle.centre
    level, behind = off @ pedicle.cranial, (points - passage.back_wall) @ vertebra.frame.front
    lateral: Mask = off @ passage.inward < 0
    return lateral & (level >= height.min()) & (level <= height.max()) & (behind < 0)


def _empty(labels: Labels, passage: Passage, points: Floats) -> Mask:
    """(n,) where the map holds nothing that an implant must keep out of."""
    own = ("sacrum",) if passage.sacral else (f"vertebra {passage.vertebra.level}",)
    free = [0] + [
        n
        for n, name in enumerate(labels.names, start=1)
        if name in own or name.startswith(_MAY_HOLD)
    ]
    empty: Mask = np.isin(labels.volume.at(points), free)
    return empty
