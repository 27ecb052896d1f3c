"""How the patient lay, told by the vertebrae: up from the order of their names, front from arch
to body, right from both. The affine is believed only where the bones are silent.
"""

from collections.abc import Sequence

import numpy as np
from attrs import frozen

from keyhole.levels import order
from keyhole.scan.checks.survey import Bone, thinned
from keyhole.scan.labels import Labels
from keyhole.space import Floats, Frame, across, unit

_CRANIAL = ("liver", "spleen", "lung", "rib", "stomach", "heart", "adrenal gland")
_CAUDAL = ("hip", "femur", "urinary bladder", "prostate", "gluteus", "iliac artery", "iliac vein")
_BEHIND = ("canal content", "canal", "cord", "thecal sac")


@frozen
class Posture:
    """The patient's own frame and the midline of the spine in it.

    `told_by` names what gave up and front. `reversed_names` is true where the names run the
    other way than the organs lie, from pelvis to chest.
    """

    frame: Frame
    heights: tuple[float, ...]
    middles: tuple[float, ...]
    told_by: str
    reversed_names: bool

    def off_midline(self, points: Floats) -> Floats:
        """(n,) mm that (n, 3) mm RAS lie to the right of the spine's midline at their height."""
        local = self.frame.to_local(np.atleast_2d(points))
        return local[:, 0] - np.interp(local[:, 2], self.heights, self.middles)

    def heights_of(self, points: Floats) -> Floats:
        """(n,) mm along the patient's own up."""
        return self.frame.to_local(np.atleast_2d(points))[:, 2]


def posture(labels: Labels, bones: Sequence[Bone], front_least_mm: float) -> Posture:
    """How the patient lay.

    Args:
        labels: for the organs above and below, which tell up where names are reversed.
        bones: the levels in the map, at least one.
        front_least_mm: a shorter way from a vertebra's centroid to its body tells no front.

    """
    whole = [bone for bone in bones if not len(bone.border)]
    up, up_by = _up(whole, bones)
    reversed_names = "names" in up_by and _organs_disagree(labels, up)
    up = -up if reversed_names else up
    front, front_by = _front(labels, whole, up, front_least_mm)
    if len(whole) == 1 and "vertebra" in front_by:
        up = across(up, front)
    front = across(front, up)
    trusted = whole or list(bones)
    centres = np.array([bone.centre for bone in trusted])
    frame = Frame.from_up(centres.mean(axis=0), up, np.cross(front, up))
    local = frame.to_local(centres)
    local = local[np.argsort(local[:, 2])]
    return Posture(
        frame=frame,
        heights=tuple(local[:, 2]),
        middles=tuple(local[:, 0]),
        told_by=f"up by {up_by}, front by {front_by}",
        reversed_names=reversed_names,
    )


def _up(whole: Sequence[Bone], bones: Sequence[Bone]) -> tuple[Floats, str]:
    """(3,) the column's own direction, in the sense in which the names climb; and what told it.

    Where the border cuts all levels but one, their middles show no more than a rough direction;
    where it cuts all, not even that.
    """
    if len(whole) >= 2:
        return _along_names(whole), "the names of the levels"
    if len(bones) >= 2 and whole:
        return _along_names(bones), "the names of the levels"
    return np.array([0.0, 0.0, 1.0]), "the affine"


def _along_names(bones: Sequence[Bone]) -> Floats:
    """The longest axis of the centres (it cares for no name), turned the way the names climb."""
    centres = np.array([bone.centre for bone in bones])
    centres = centres - centres.mean(axis=0)
    axis = np.linalg.svd(centres, full_matrices=False)[2][0]
    ranks = np.array([-order(bone.level) for bone in bones], dtype=float)
    climbs = float((ranks - ranks.mean()) @ (centres @ axis))
    return unit(-axis if climbs < 0 else axis)


def _organs_disagree(labels: Labels, up: Floats) -> bool:
    """Whether chest and upper belly lie below the pelvis, seen along `up`."""
    cranial, caudal = _middle(labels, _CRANIAL), _middle(labels, _CAUDAL)
    return cranial is not None and caudal is not None and float((cranial - caudal) @ up) < 0


def _middle(labels: Labels, kinds: tuple[str, ...]) -> Floats | None:
    """(3,) mm RAS: the mean of the middles of the boxes of all structures of these kinds."""
    boxes = [box for name, box in labels.boxes.items() if name.startswith(kinds)]
    if not boxes:
        return None
    middles = [[(s.start + s.stop - 1) / 2 for s in box] for box in boxes]
    return labels.volume.to_patient(middles).mean(axis=0)


def _front(
    labels: Labels, whole: Sequence[Bone], up: Floats, least_mm: float
) -> tuple[Floats, str]:
    """(3,) the direction from arch to body, and what told it."""
    vertebrae = [bone for bone in whole if bone.level != "S1"]
    if vertebrae:
        towards = np.mean([bone.centre - bone.centroid for bone in vertebrae], axis=0)
        if float(np.linalg.norm(towards - (towards @ up) * up)) >= least_mm:
            return unit(towards), "the vertebrae"
        for name in _BEHIND:
            if name in labels:
                behind = thinned(labels.cut(name), 3.0).mean(axis=0)
                bodies = np.mean([bone.centre for bone in vertebrae], axis=0)
                return across(bodies - behind, up), f"the {name}"
    ahead = np.array([0.0, 1.0, 0.0]) if abs(up[1]) < 0.9 else np.array([0.0, 0.0, 1.0])
    return across(ahead, up), "the affine"
