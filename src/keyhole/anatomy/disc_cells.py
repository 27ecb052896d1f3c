"""An image's voxels within a disc space: between two endplates, outside the bone."""

import numpy as np
from attrs import field, frozen

from keyhole.anatomy.pair_frame import segment_frame
from keyhole.anatomy.spine import Endplate, Spine, Vertebra
from keyhole.anatomy.tried import tried
from keyhole.errors import AnatomyError
from keyhole.levels import segment_levels
from keyhole.scan.volume import Volume
from keyhole.space import Floats, Frame, fixed, same, shaped

_DISH_MM = 6.0
"""How far an endplate may be hollowed beyond its rim's plane. Unsourced."""


@frozen
class DiscCells:
    """Voxels of an image within one disc space.

    `points` (n, 3) mm RAS; `values` (n,) of the image; `bone_mm` (n,) to the nearer bone's
    surface; `reach` (n,) from 0 in the middle to 1 on the ellipse of the endplates' half axes.
    `frame` stands at the disc's centre, `cell_mm3` is a voxel's size.
    """

    frame: Frame
    points: Floats = field(converter=fixed, validator=shaped(-1, 3), eq=same, repr=False)
    values: Floats = field(converter=fixed, validator=shaped(-1), eq=same, repr=False)
    bone_mm: Floats = field(converter=fixed, validator=shaped(-1), eq=same, repr=False)
    reach: Floats = field(converter=fixed, validator=shaped(-1), eq=same, repr=False)
    cell_mm3: float


def disc_cells(above: Vertebra, below: Vertebra, image: Volume) -> DiscCells:
    """The voxels between the lower endplate of `above` and the upper one of `below`.

    Raises:
        AnatomyError: `body-unseen` where an endplate is missing or the image ends.

    """
    if above.lower is None:
        raise _unseen(above.level, f"{above.level} has no lower endplate.")
    top, bottom = above.lower, below.upper
    low, high = image.box(np.vstack([top.rim, bottom.rim]), 2.0)
    points = image.to_patient(np.argwhere(np.ones(high - low, dtype=bool)) + low)
    frame = segment_frame(above, below)
    reach = _reach(frame.to_local(points), top, bottom)
    under = (top.centre - points) @ top.normal > -_DISH_MM
    over = (points - bottom.centre) @ bottom.normal > -_DISH_MM
    near = (reach < 1) & under & over
    bone = np.minimum(
        above.bone.at(points[near], order=1, outside=100.0),
        below.bone.at(points[near], order=1, outside=100.0),
    )
    rows = np.flatnonzero(near)[bone > 0]
    if len(rows) == 0:
        raise _unseen(below.level, "The image does not reach into the disc space.")
    voxels = np.rint(image.to_voxels(points[rows])).astype(int)
    values = image.values[tuple(voxels.T)]
    size = float(np.prod(image.spacing))
    return DiscCells(frame, points[rows], values, bone[bone > 0], reach[rows], size)


def all_disc_cells(
    spine: Spine, image: Volume, segments: tuple[str, ...]
) -> dict[str, DiscCells | AnatomyError]:
    """By segment: the voxels of its disc space, or the refusal that stands for them."""
    pairs = {name: segment_levels(name) for name in segments}
    return {
        name: tried(disc_cells, spine[above], spine[below], image)
        for name, (above, below) in pairs.items()
    }


def _reach(local: Floats, top: Endplate, bottom: Endplate) -> Floats:
    wide = min(top.width_mm, bottom.width_mm) / 2
    deep = min(top.depth_mm, bottom.depth_mm) / 2
    return np.hypot(local[:, 0] / wide, local[:, 1] / deep)


def _unseen(level: str, found: str) -> AnatomyError:
    return AnatomyError(
        "body-unseen",
        asked="The inside of a disc space was asked for.",
        found=found,
        next="Give a scan whose image and labels hold both bodies.",
        at=[level],
    )
