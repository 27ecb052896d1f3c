"""Everything a check may look at, gathered once."""

from attrs import frozen

from keyhole.scan.checks.posture import Posture, posture
from keyhole.scan.checks.survey import Bone, survey
from keyhole.scan.checks.thresholds import Thresholds
from keyhole.scan.labels import Labels
from keyhole.scan.volume import Volume


@frozen
class Case:
    """A label map with at least one level, its image if there is one, and what the bones tell.

    `hounsfield` is the image where it is in Hounsfield units, else None.
    """

    labels: Labels
    image: Volume | None
    hounsfield: Volume | None
    bones: tuple[Bone, ...]
    posture: Posture
    limits: Thresholds

    def bone(self, level: str) -> Bone | None:
        """The level's bone, or None where the map lacks it."""
        return next((bone for bone in self.bones if bone.level == level), None)


def gather(labels: Labels, image: Volume | None, limits: Thresholds) -> Case:
    """The case of a label map that holds at least one level."""
    bones = survey(labels)
    return Case(
        labels=labels,
        image=image,
        hounsfield=image if image is not None and _is_hounsfield(image, limits) else None,
        bones=bones,
        posture=posture(labels, bones, limits.front_least_mm),
        limits=limits,
    )


def _is_hounsfield(image: Volume, limits: Thresholds) -> bool:
    """Whether values go as far below zero as fat and air do in CT and never in MR."""
    return float(image.values.min()) <= limits.scale_below
