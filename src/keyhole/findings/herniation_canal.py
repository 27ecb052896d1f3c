"""How much of the bony canal a displaced piece fills, in the section where it is most (per cent).

The sections are the canal's own (`anatomy.canal`); what of the piece lies beside the canal, beyond
the pedicles' medial borders, does not count. Whole is the section's free room and the piece.
"""

import numpy as np
from matplotlib.path import Path as Outline

from keyhole.anatomy.canal import SegmentCanal
from keyhole.anatomy.canal_section import Section
from keyhole.anatomy.displaced import Displaced
from keyhole.space import Floats

_EVERY = 2
"""Every so many sections one is looked at."""


def canal_share(piece: Displaced, canal: SegmentCanal, widest_mm: float) -> tuple[float, float]:
    """The greatest share, 0 to 1, and that section's whole area mm2.

    Args:
        piece: in its segment's frame.
        canal: the segment's sections.
        widest_mm: how far from the midline the canal may reach: the pedicles' medial borders.

    """
    within = np.abs(piece.local[:, 0]) <= widest_mm
    points = piece.margin.space.frame.to_patient(piece.local[within])
    shares = [
        _in_section(section, points, piece.mm3[within], piece.voxel_mm)
        for section in canal.sections[::_EVERY]
    ]
    return max(shares, default=(0.0, 0.0))


def _in_section(section: Section, points: Floats, mm3: Floats, voxel: float) -> tuple[float, float]:
    """The share of one section, and its area with the piece."""
    slab = max(1.0, voxel)
    local = section.frame.to_local(points)
    near = np.abs(local[:, 2]) <= slab / 2
    area = mm3[near] / slab
    free = Outline(section.wall).contains_points(local[near, :2])
    whole = section.area + float(area[~free].sum())
    return (float(area.sum()) / whole if whole > 0 else 0.0), whole
