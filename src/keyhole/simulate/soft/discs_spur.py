"""A ridge of the rims with the disc between them, into a foramen."""

import numpy as np

from keyhole.simulate.bones.joints import sign
from keyhole.simulate.design.model import Design, Segment, of
from keyhole.simulate.engine.shapes import Shape, ellipsoid, placed
from keyhole.simulate.soft.canal_zones import borders
from keyhole.simulate.soft.discs_margin import Margin
from keyhole.simulate.soft.discs_spot import margin_spot
from keyhole.space import Side

_HALF_LENGTH_MM = 9.0
"""Half its length along the rims (unsourced)."""
_OVER_RIM_MM = 4.0
"""How far it climbs over each rim (unsourced)."""


def spur_shape(design: Design, part: Segment, margin: Margin, side: Side) -> Shape:
    """The ridge in the world: as high as `foramen_spur_mm` in the middle of the foramen."""
    aside = sign(side) * borders(design, part, side).middle("foraminal")
    frame, gap = margin_spot(margin, aside)
    height = of(part.foramen_spur_mm, side)
    return placed(ellipsoid(np.zeros(3), [_HALF_LENGTH_MM, height, gap / 2 + _OVER_RIM_MM]), frame)
