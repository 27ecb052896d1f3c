"""A disc space: the facing endplates of two neighbours in their common frame (DEFINITIONS 2, 16).

The frame's `up` is the mean of the facing plates' normals, `right` of both vertebrae's, its
origin the disc's centre. Angles are between the lines in which plates meet the frame's planes.
"""

import numpy as np
from attrs import frozen

from keyhole.anatomy.corners import Corners
from keyhole.space import Floats, Frame


@frozen(kw_only=True)
class DiscSpace:
    """Between the lower endplate of one vertebra, `above`, and the upper one of the next."""

    name: str
    upper: str
    lower: str
    frame: Frame
    above: Corners
    below: Corners

    @property
    def depth_mm(self) -> float:
        """The mean depth of both endplates."""
        return (self.above.depth_mm + self.below.depth_mm) / 2


def sagittal_deg(view: Frame, normal: Floats) -> float:
    """How far a plate rises to the front in a frame's midsagittal plane, degrees."""
    line = np.cross(normal, view.right)
    return float(np.degrees(np.arctan2(line @ view.up, line @ view.front)))


def coronal_deg(view: Frame, normal: Floats) -> float:
    """How far a plate rises to the right in a frame's coronal plane, degrees."""
    line = np.cross(view.front, normal)
    return float(np.degrees(np.arctan2(line @ view.up, line @ view.right)))
