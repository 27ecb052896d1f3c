"""What findings are measured on: the spine model, the image, and how sure the labels are.

What several findings share (the canal's sections, a disc's rim, a joint) is built once, when
the first of them asks.
"""

import itertools
from typing import Literal

from attrs import frozen

from keyhole.anatomy.spine import Spine
from keyhole.levels import segment
from keyhole.scan.volume import Volume

Modality = Literal["CT", "MR", "none"]


@frozen(kw_only=True)
class Subject:
    """One patient's spine as findings see it.

    `image` holds Hounsfield units where `modality` is CT, signal where it is MR; None without an
    image. `label_sd_mm` is the SD of the labels' surface (DEFINITIONS 5): 0 for ideal labels.
    """

    spine: Spine
    image: Volume | None = None
    modality: Modality = "none"
    label_sd_mm: float = 0.5
    voxel_sd_least_mm: float = 0.3
    voxel_sd_share: float = 0.16

    @property
    def segments(self) -> tuple[str, ...]:
        """The segments between modelled neighbours, from head to sacrum."""
        present = self.spine.labels.levels
        pairs = itertools.pairwise(present)
        return tuple(
            segment(upper, lower)
            for upper, lower in pairs
            if upper in self.spine and lower in self.spine
        )

    @property
    def voxel_mm(self) -> float:
        """The label map's largest voxel edge."""
        return float(self.spine.labels.volume.spacing.max())
