"""Metal and cages already in the patient: obstacles to screws, rods and towers (DEFINITIONS 8).

Metal is what the CT shows brighter than bone can be; a cage or implant may also stand in the
label map. Within a level whose metal the user has accepted, that metal is no obstacle to the
level's own screws: the plan is marked instead.
"""

from collections.abc import Iterable

import numpy as np
from scipy.ndimage import label
from scipy.spatial import cKDTree

from keyhole.anatomy.spine import Spine, Vertebra
from keyhole.errors import Refusal
from keyhole.plan.obstacles import Obstacle, obstacles
from keyhole.plan.search import Fits
from keyhole.scan.checks.thresholds import thresholds
from keyhole.scan.volume import Volume
from keyhole.space import Floats

METAL = "metal"
_LABELLED = ("cage", "implant", "metal", "hardware", "interbody")
"""How the names of labelled implants begin."""
_ROUND_MM = 150.0
"""Metal further than this from every vertebra of the model is not looked for."""
_RIM_MM = 1.5
"""Metal this near to a level's bone is the level's own, as in the check `metal`."""
_STEP_MM = 1.0
_NEAR_MM = 20.0
"""What is further from a screw's axis need not be told apart."""


def hardware(spine: Spine, image: Volume | None) -> tuple[Obstacle, ...]:
    """Everything already implanted, in the CT or in the label map."""
    named = tuple(name for name in spine.labels.boxes if name.lower().startswith(_LABELLED))
    labelled = obstacles(spine.labels, named)
    seen = None if image is None else _metal(spine, image)
    return labelled if seen is None else (*labelled, seen)


def _metal(spine: Spine, image: Volume) -> Obstacle | None:
    """The voxels brighter than bone can be, without specks."""
    if not spine.vertebrae:
        return None
    limits = thresholds()
    origins = np.array([vertebra.frame.origin for vertebra in spine.vertebrae])
    low, high = image.box(origins, _ROUND_MM)
    if (high <= low).any():
        return None
    part = image.crop(low, high)
    hot = part.values > limits.metal_hu
    if not hot.any():
        return None
    pieces, _ = label(hot, np.ones((3, 3, 3)))
    sizes = np.bincount(pieces.ravel()) * float(np.prod(image.spacing))
    sizes[0] = 0
    voxels = np.argwhere((sizes >= limits.metal_least_mm3)[pieces])
    if len(voxels) == 0:
        return None
    return Obstacle(METAL, cKDTree(part.to_patient(voxels)), float(image.spacing.mean()) / 2)


def without_own(found: Iterable[Obstacle], vertebra: Vertebra) -> tuple[Obstacle, ...]:
    """The obstacles without the metal in a level whose own metal is accepted."""
    kept = []
    for obstacle in found:
        points = np.asarray(obstacle.voxels.data)
        if obstacle.name == METAL:
            points = points[vertebra.bone.at(points, order=1, outside=99) > _RIM_MM]
        if len(points):
            kept.append(Obstacle(obstacle.name, cKDTree(points), obstacle.half_edge_mm))
    return tuple(kept)


def shaft_room(found: Iterable[Obstacle], fits: Fits, head: tuple[float, float]) -> Floats:
    """(n,) mm from the surface of each screw, its head included, to what is near; else inf.

    Args:
        found: the obstacles.
        fits: the screws.
        head: how far behind the entry its centre lies, and its radius, mm.

    """
    room, around = np.full(len(fits), np.inf), tuple(found)
    if len(fits) == 0 or not around:
        return room
    longest = float(fits.length.max())
    shares = np.linspace(0, 1, int(np.ceil(longest / _STEP_MM)) + 1)
    entry, tip = fits.found.entry, fits.tip
    axis = (entry[:, None] + shares[:, None] * (tip - entry)[:, None]).reshape(-1, 3)
    middle = entry.mean(axis=0)
    reach = float(np.linalg.norm(entry - middle, axis=1).max()) + longest + _NEAR_MM
    for obstacle in around:
        if obstacle.away(middle[None])[0] > reach:
            continue
        shaft = (
            obstacle.away(axis, _NEAR_MM).reshape(len(fits), -1).min(axis=1) - fits.diameter_mm / 2
        )
        cap = obstacle.away(fits.head(head[0]), _NEAR_MM) - head[1]
        room = np.minimum(room, np.minimum(shaft, cap))
    return room


def metal_struck(name: str, room_mm: float | None) -> Refusal:
    """A screw, or every screw that fits, runs into something implanted."""
    found = (
        "Every screw that fits runs into metal or a cage already there."
        if room_mm is None
        else f"It runs {-room_mm:.1f} mm into metal or a cage already there."
    )
    return Refusal(
        "metal-struck",
        asked=f"A screw was asked for at {name}.",
        found=found,
        next="Plan the removal of what is there, or leave this pedicle out.",
        at=(name,),
    )
