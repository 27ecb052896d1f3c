"""The transverse processes: lumbar blades, thoracic tubercles, and one grown to the ala."""

import numpy as np

from keyhole.simulate.bones.joints import sign
from keyhole.simulate.bones.limb import Ring, limb
from keyhole.simulate.bones.pedicle import pedicle_frame, pedicle_semi
from keyhole.simulate.bones.site import Site
from keyhole.simulate.engine.shapes import Shape, smooth_max
from keyhole.space import Floats, Frame, Side

_UP: Floats = np.array([0, 0, 1.0])
_BEHIND_MM, _ROUND_MM = 3.0, 3.0
"""How far behind a pedicle's waist a process begins, and how its front edge is rounded."""
_OUTWARD_MM = 10.0
"""How far outside a pedicle's waist a sacralised process springs."""


def transverse_process(site: Site, side: Side) -> Shape:
    """A blade outward and a little up; L5's is a short broad pyramid."""
    size, trait, s = site.size, site.traits, sign(side)
    waist = pedicle_frame(size, side)
    minor = pedicle_semi(size, side)[0]
    root = waist.to_patient([s * minor * 0.4, -trait.transverse_root, 0])
    tall = size.transverse_thickness
    deep = tall * trait.transverse_flat
    cap = min(deep, tall) * 0.8
    tip = np.array(
        [
            s * max(size.transverse_span / 2 - cap, abs(root[0]) + 2),
            size.back - trait.transverse_back,
            root[2] + trait.transverse_rise,
        ]
    )
    rings = (
        Ring(0, deep * 1.15, tall * 1.1),
        Ring(0.4, deep * 0.85, tall * 0.86),
        Ring(0.8, deep * 0.72, tall * 0.88),
        Ring(1, deep * 0.68, tall * 0.82),
    )
    return behind_waist(limb(root, tip, _UP, rings, power=2.3, cap_mm=cap), waist)


def behind_waist(blade: Shape, waist: Frame) -> Shape:
    """The blade less what would widen the pedicle at its waist."""

    def distance(points: Floats) -> Floats:
        ahead = (points - waist.origin) @ waist.front + _BEHIND_MM
        return smooth_max(blade.distance(points), ahead, _ROUND_MM)

    return Shape(distance, blade.low, blade.high)


def sacralised_process(site: Site, side: Side) -> Shape:
    """A wing as broad as the pedicle is high, down and outward into the ala.

    It springs from the pedicle's outer side, so that the foramen under it stays open. The sacrum
    is cut out round it, so that both meet at a narrow false joint.
    """
    waist = pedicle_frame(site.size, side)
    outward = np.array([sign(side) * _OUTWARD_MM, 0, 0])
    root = waist.to_patient([0, -2.0, 0]) + outward
    out = sign(side) * site.size.body_width / 2
    drop = site.size.height + 6
    tip = np.array([out * 1.5, site.size.back - 2, root[2] - drop])
    rings = (Ring(0, 7, 8), Ring(0.35, 9, 9), Ring(1, 14, 10))
    return limb(root, tip, [0.0, 1.0, 0.2], rings, cap_mm=6)
