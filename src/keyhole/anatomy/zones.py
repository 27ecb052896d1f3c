"""The zones beside a disc, from the midline outward (DEFINITIONS 11).

Central to the medial edges of the facet joints, subarticular to the medial border of the upper
vertebra's pedicles, foraminal to their lateral border, then extraforaminal; in the segment's frame.
"""

from typing import Literal

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from keyhole.anatomy.joints import FacetJoint
from keyhole.anatomy.pair_frame import segment_frame
from keyhole.anatomy.spine import Spine
from keyhole.errors import AnatomyError
from keyhole.levels import segment_levels
from keyhole.space import Floats, Side

Zone = Literal["central", "subarticular", "foraminal", "extraforaminal"]
ZONES: tuple[Zone, ...] = ("central", "subarticular", "foraminal", "extraforaminal")
_FACET_SHARE, _BODY_SHARE = 0.6, 0.85
"""A joint's medial edge counts no further out than this share of the way to the pedicle, a pedicle
no further than this share of half the body (unsourced): else a zone would vanish."""


@frozen
class Borders:
    """Distances from the midline, mm: the joint's medial edge, the pedicle's two borders."""

    facet: float
    medial: float
    lateral: float

    def ranks(self, aside: Floats) -> NDArray[np.intp]:
        """(n,) the index in `ZONES` of places so far from the midline."""
        return np.digitize(np.abs(aside), [self.facet, self.medial, self.lateral])


def zone_borders(
    spine: Spine, segment: str, side: Side, joint: FacetJoint | AnatomyError
) -> Borders:
    """The zones' borders on one side.

    Args:
        spine: its vertebrae.
        segment: its name.
        side: of the patient.
        joint: the side's facet joint, or why there is none: then the share alone stands.

    Raises:
        AnatomyError: `pedicle-unseen` where the upper vertebra's pedicle is not modelled.

    """
    above, below = (spine[level] for level in segment_levels(segment))
    if side not in above.pedicles:
        raise AnatomyError(
            "pedicle-unseen",
            asked=f"The zones beside the disc {segment} were asked for.",
            found=f"The {side} pedicle of {above.level} is not modelled.",
            next="Check the label of the vertebra's arch.",
            at=[f"{segment} {side}"],
        )
    frame = segment_frame(above, below)
    aside = np.abs(frame.to_local(above.pedicles[side].outline)[:, 0])
    medial = float(aside.min())
    edge = np.inf
    if isinstance(joint, FacetJoint):
        edge = abs(float(frame.to_local(joint.medial_edge)[0]))
    plate = above.lower or above.upper
    widest = max(_BODY_SHARE * plate.width_mm / 2, medial + 1.0)
    middle = abs(float(frame.to_local(above.pedicles[side].centre)[0]))
    return Borders(min(edge, _FACET_SHARE * medial), medial, min(2 * middle - medial, widest))
