"""An image's voxels within a vertebral body: where each lies in it, and how deep in the bone."""

import numpy as np
from attrs import field, frozen

from keyhole.anatomy.spine import Spine, Vertebra
from keyhole.anatomy.tried import tried
from keyhole.errors import AnatomyError
from keyhole.scan.volume import Volume
from keyhole.space import Floats, fixed, same, shaped


@frozen
class BodyCells:
    """Voxels of an image within one body.

    `points` (n, 3) mm RAS; `values` (n,) of the image; `depth` (n,) mm below the bone's surface;
    `share` (n,) 0 on the lower endplate's plane, 1 on the upper one's; `aside` (n,) -1 to 1 from
    side to side and `ahead` (n,) 0 at the posterior wall, 1 at the anterior one. `cell_mm3` is a
    voxel's size.
    """

    points: Floats = field(converter=fixed, validator=shaped(-1, 3), eq=same, repr=False)
    values: Floats = field(converter=fixed, validator=shaped(-1), eq=same, repr=False)
    depth: Floats = field(converter=fixed, validator=shaped(-1), eq=same, repr=False)
    share: Floats = field(converter=fixed, validator=shaped(-1), eq=same, repr=False)
    aside: Floats = field(converter=fixed, validator=shaped(-1), eq=same, repr=False)
    ahead: Floats = field(converter=fixed, validator=shaped(-1), eq=same, repr=False)
    cell_mm3: float


def body_cells(vertebra: Vertebra, image: Volume) -> BodyCells:
    """The voxels of a body between its endplates' planes, inside the bone's half-way surface.

    Raises:
        AnatomyError: `body-unseen` for S1, which has no lower endplate, or where the image ends.

    """
    lower, upper = vertebra.lower, vertebra.upper
    if lower is None:
        raise _unseen(vertebra.level, "A sacral body has no lower endplate.")
    low, high = image.box(np.vstack([upper.rim, lower.rim]), 1.0)
    points = image.to_patient(np.argwhere(np.ones(high - low, dtype=bool)) + low)
    above = (points - lower.centre) @ lower.normal
    below = (upper.centre - points) @ upper.normal
    local = vertebra.frame.to_local(points)
    aside = local[:, 0] / (min(upper.width_mm, lower.width_mm) / 2)
    back = vertebra.frame.to_local(vertebra.posterior_wall)[1]
    ahead = (local[:, 1] - back) / ((upper.depth_mm + lower.depth_mm) / 2)
    near = (above > 0) & (below > 0) & (np.abs(aside) < 1) & (ahead > 0)
    depth = -vertebra.bone.at(points[near], order=1, outside=100.0)
    inside = depth > 0
    if not inside.any():
        raise _unseen(vertebra.level, "The image does not reach into its body.")
    rows = np.flatnonzero(near)[inside]
    voxels = np.rint(image.to_voxels(points[rows])).astype(int)
    return BodyCells(
        points[rows],
        image.values[tuple(voxels.T)],
        depth[inside],
        above[rows] / (above[rows] + below[rows]),
        aside[rows],
        ahead[rows],
        float(np.prod(image.spacing)),
    )


def all_body_cells(spine: Spine, image: Volume) -> dict[str, BodyCells | AnatomyError]:
    """By level: the voxels of its body, or the refusal that stands for them."""
    return {one.level: tried(body_cells, one, image) for one in spine.vertebrae}


def _unseen(level: str, found: str) -> AnatomyError:
    return AnatomyError(
        "body-unseen",
        asked=f"The inside of the body of {level} was asked for.",
        found=found,
        next="Give a scan whose image and labels hold the whole body.",
        at=[level],
    )
