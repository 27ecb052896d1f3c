"""A foramen's own plane: across the line from its medial to its lateral opening (DEFINITIONS 16)."""

import numpy as np
from attrs import field, frozen

from keyhole.anatomy.canal_ring import pedicle_height
from keyhole.anatomy.spine import Vertebra
from keyhole.space import Floats, Frame, Side, fixed, same, shaped, unit

_BEHIND_MM = 3.0
"""How far behind the back of its body a pedicle's middle is taken, on its axis (unsourced)."""


@frozen
class ForamenPlane:
    """A foramen's plane, midway between the pedicles.

    Of `frame` right is the patient's front, front is up along the spine, up is the patient's
    right. `above` and `below` (3,) mm RAS are the pedicles' middles.
    """

    frame: Frame
    above: Floats = field(converter=fixed, validator=shaped(3), eq=same)
    below: Floats = field(converter=fixed, validator=shaped(3), eq=same)


def foramen_plane(upper: Vertebra, lower: Vertebra, side: Side) -> ForamenPlane:
    """The plane of the foramen between two neighbours' pedicles of one side."""
    width = _span(upper, side)
    high, low = _borders(upper, side, width), _borders(lower, side, width)
    outward = unit(high[1] + low[1] - high[0] - low[0])
    above, below = high.mean(axis=0), low.mean(axis=0)
    rightward = outward if side == "right" else -outward
    up = above - below
    up = up - (up @ outward) * outward
    frame = Frame.from_up((above + below) / 2, rightward, np.cross(up, rightward))
    return ForamenPlane(frame, above, below)


def _span(vertebra: Vertebra, side: Side) -> float:
    """Mm across a pedicle, along the vertebra's right."""
    return float(np.ptp(vertebra.pedicles[side].outline @ vertebra.frame.right))


def _borders(vertebra: Vertebra, side: Side, width: float) -> Floats:
    """(2, 3) mm RAS: a pedicle's medial and lateral border at mid-height.

    S1's has no lateral border: it is taken to be as wide as the one above.
    """
    pedicle, frame = vertebra.pedicles[side], vertebra.frame
    outward = frame.lateral(side)
    back = float(frame.to_local(vertebra.posterior_wall)[1]) - _BEHIND_MM
    if vertebra.level != "S1":
        along = (back - frame.to_local(pedicle.centre)[1]) / float(pedicle.axis @ frame.front)
        middle, half = pedicle.centre + along * pedicle.axis, _span(vertebra, side) / 2 * outward
        return np.array([middle - half, middle + half])
    medial = float(((pedicle.outline - frame.origin) @ outward).min())
    place = frame.to_patient([0.0, back, pedicle_height(vertebra)])
    return np.array([place + medial * outward, place + (medial + width) * outward])
