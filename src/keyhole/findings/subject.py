"""What findings are measured on: the spine model, the image, and how sure the labels are.

What several findings share (the canal's sections, a disc's rim, a joint) is built once, when
the first of them asks.
"""

import itertools
from collections.abc import Mapping
from functools import cached_property
from typing import Literal

from attrs import frozen

from keyhole.anatomy.body_cells import BodyCells, all_body_cells
from keyhole.anatomy.canal import SegmentCanal
from keyhole.anatomy.canal_all import (
    Rings,
    Sided,
    SolidsBySegment,
    all_canals,
    all_foramina,
    all_recesses,
    all_rings,
    all_solids,
)
from keyhole.anatomy.canal_recess import Recess
from keyhole.anatomy.canal_sac import Sac, find_sac
from keyhole.anatomy.disc_cells import DiscCells, all_disc_cells
from keyhole.anatomy.disc_space import DiscSpace
from keyhole.anatomy.displaced import DiscEdges, all_disc_edges
from keyhole.anatomy.foramina import Foramen
from keyhole.anatomy.joints import JointsBySide, all_joints
from keyhole.anatomy.spaces import CornersByLevel, all_corners, all_disc_spaces
from keyhole.anatomy.spine import Spine
from keyhole.errors import AnatomyError
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
    kvp: float | None = None
    """The CT's tube voltage, where the scan says it."""

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

    @cached_property
    def body_cells(self) -> Mapping[str, BodyCells | AnatomyError]:
        """By level: the CT's voxels within its body, or why there are none; empty without a CT."""
        if self.image is None or self.modality != "CT":
            return {}
        return all_body_cells(self.spine, self.image)

    @cached_property
    def disc_cells(self) -> Mapping[str, DiscCells | AnatomyError]:
        """By segment: the image's voxels within its disc space; empty without an image."""
        if self.image is None:
            return {}
        return all_disc_cells(self.spine, self.image, self.segments)

    @cached_property
    def corners(self) -> CornersByLevel:
        """By level: its endplates' corners, or why there are none."""
        return all_corners(self.spine)

    @cached_property
    def disc_spaces(self) -> dict[str, DiscSpace | AnatomyError]:
        """By segment: its disc space, or why there is none."""
        return all_disc_spaces(self.spine, self.corners, self.segments)

    @cached_property
    def rings(self) -> Rings:
        """By level: where its bone closes round the canal, or why it does not."""
        return all_rings(self.spine)

    @cached_property
    def solids(self) -> SolidsBySegment:
        """By segment: what bounds its canal and foramina."""
        return all_solids(self.spine, self.segments)

    @cached_property
    def canals(self) -> Mapping[str, SegmentCanal | AnatomyError]:
        """By segment: its bony canal, or why there is none."""
        return all_canals(self.spine, self.solids, self.rings)

    @cached_property
    def sac(self) -> Sac | None:
        """The labelled thecal sac; None where none is labelled."""
        return find_sac(self.spine.labels)

    @cached_property
    def foramina(self) -> Mapping[Sided, Foramen | AnatomyError]:
        """By segment and side: its foramen, or why there is none."""
        return all_foramina(self.spine, self.solids)

    @cached_property
    def recesses(self) -> Mapping[Sided, Recess | AnatomyError]:
        """By segment and side: its lateral recess, or why there is none."""
        return all_recesses(self.spine, self.solids, self.rings)

    @cached_property
    def joints(self) -> JointsBySide:
        """By segment and side: its facet joint, or why there is none."""
        return all_joints(self.spine, self.segments)

    @cached_property
    def disc_edges(self) -> DiscEdges:
        """By segment: its labelled disc's edge and what is displaced, or why there is none."""
        return all_disc_edges(self.spine, self.segments)
