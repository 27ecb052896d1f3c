"""Standard errors of the canal's, recesses' and foramina's sizes.

Three parts: the voxels' (a share of the voxel's edge for a length, of edge x perimeter for an
area), the method's (a ruled surface and a plane laid through a labelled bone, whatever the
voxels) and the labels' (DEFINITIONS 16: a length has two ends, an area its perimeter). The first
two were set on twelve phantoms' segments at 1.0 and 1.5 mm, so how often the intervals hold on
others is for `validation/findings` to say.
"""

import math

from attrs import frozen

from keyhole.findings.subject import Subject

_TWO_ENDS = math.sqrt(2)


@frozen
class Spread:
    """How far off a kind of measurement is on phantoms.

    `voxel` is SD / voxel edge of a length, or SD / (edge x perimeter) of an area; `method` the
    SD that fine voxels leave: mm, or of an area its share.
    """

    voxel: float
    method: float

    def length(self, subject: Subject) -> float:
        """Mm: the standard error of a length between two labelled surfaces."""
        labels = _TWO_ENDS * subject.label_sd_mm
        return math.hypot(self.voxel * subject.voxel_mm, self.method, labels)

    def area(self, subject: Subject, area: float, perimeter: float) -> float:
        """Mm2: the standard error of an area within labelled surfaces."""
        voxels = self.voxel * subject.voxel_mm * perimeter
        return math.hypot(voxels, self.method * area, subject.label_sd_mm * perimeter)
