"""The facet joints between two vertebrae: where they lie and which processes form them.

The inferior process of the upper vertebra is a rounded tongue; the superior one of the lower
vertebra is hollowed by that tongue and the joint's gap, so the gap is even and the surfaces
curved as they are: hollow to behind and medially.
"""

import numpy as np
from attrs import evolve, field, frozen

from keyhole.simulate.bones.limb import Ring, limb
from keyhole.simulate.bones.traits import traits
from keyhole.simulate.design.model import Design, Segment, of
from keyhole.simulate.engine.shapes import Shape, cone, joined, smooth_max
from keyhole.space import SIDES, Floats, Frame, Side, fixed, same, shaped

GAP_MM = 2.0
"""The width of a healthy facet joint, from bone to bone."""
_TONGUE_MM = 4.2
"""Half the thickness of an inferior process."""
_INWARD_MM = 1.2
"""How much nearer to the midline than its joint a superior process stands."""
_BEHIND_RIM_MM, _FRONT_LEAN = 6.2, 0.25
"""How far behind the upper rim a superior process stays, and how far it leans back a mm up."""
_FORWARD_MM = 3.0
"""How much further forward a superior process bulges than back."""
_ROOM_MM = 2.4
"""A worn superior process grows no further than this into canal, recess and foramen; the rest
of its growth goes outward and back."""
_BLEND_MM = 3.0
_UP: Floats = np.array([0, 0, 1.0])


def sign(side: Side) -> int:
    """+1 on the right, -1 on the left."""
    return 1 if side == "right" else -1


@frozen
class Joint:
    """A facet joint, in whatever coordinates its owner says.

    `centre` is its middle, `normal` the unit normal from the superior process to the inferior,
    `outward` the unit direction along it away from the midline; `half` are half its width and
    height, `gap_mm` is the room between the bones, `hollow_mm` how deep the superior process is
    hollowed, `growth_mm` how much the processes are
    thickened by arthrosis.
    """

    side: Side
    centre: Floats = field(converter=fixed, validator=shaped(3), eq=same)
    normal: Floats = field(converter=fixed, validator=shaped(3), eq=same)
    outward: Floats = field(converter=fixed, validator=shaped(3), eq=same)
    half: tuple[float, float]
    gap_mm: float = GAP_MM
    growth_mm: float = 0.0
    hollow_mm: float = 2.0

    def seen_from(self, owner: Frame, viewer: Frame) -> "Joint":
        """The joint of one frame in another frame's coordinates."""
        turn = viewer.axes.T @ owner.axes
        return evolve(
            self,
            centre=viewer.to_local(owner.to_patient(self.centre)),
            normal=turn @ self.normal,
            outward=turn @ self.outward,
        )

    @property
    def forward_mm(self) -> float:
        """How much of the growth goes toward canal, recess and foramen."""
        return float(_ROOM_MM * np.tanh(self.growth_mm / _ROOM_MM))

    @property
    def up(self) -> Floats:
        """The unit direction along the joint, upward."""
        up = np.cross(self.normal, self.outward)
        return up if up @ _UP > 0 else -up

    def at(self, outward: float, up: float, behind: float) -> Floats:
        """(3,) mm: a place given along the joint, up it, and across it (behind: inferior)."""
        return np.asarray(
            self.centre + outward * self.outward + up * self.up + behind * self.normal
        )


def joints_above(design: Design, level: str) -> dict[Side, Joint]:
    """The joints with the vertebra above, in the level's own coordinates.

    The top level has the joints it would have with one above that is like the next segment.
    """
    part = design.above(level)
    if part is None:
        part = Segment("", level, design.segments[0].size)
    return {side: _joint(design, level, part, side) for side in SIDES}


def _joint(design: Design, level: str, part: Segment, side: Side) -> Joint:
    size, trait, s = design.size(level), traits(level), 1 if side == "right" else -1
    rim = 0.0 if level == "S1" else size.height_posterior / 2
    angle = np.radians(of(part.size.facet_angle, side))
    growth = of(part.facet_growth_mm, side)
    return Joint(
        side,
        [
            s * part.size.joint_offset,
            size.back - size.canal_ap - trait.joint_behind,
            rim + trait.joint_rise,
        ],
        np.array([-s * np.cos(angle), -np.sin(angle), 0]),
        np.array([s * np.sin(angle), -np.cos(angle), 0]),
        (size.facet_width / 2 + growth / 2, size.facet_height / 2),
        GAP_MM * (1 - 0.9 * of(part.facet_arthrosis, side)),
        growth,
        trait.joint_hollow,
    )


def joints_below(design: Design, frames: dict[str, Frame], level: str) -> dict[Side, Joint]:
    """The joints with the vertebra below, in the level's own coordinates."""
    part = design.below(level)
    if part is None:
        return {}
    above = joints_above(design, part.lower)
    return {side: above[side].seen_from(frames[part.lower], frames[level]) for side in SIDES}


def inferior_process(joint: Joint, pars: Floats) -> Shape:
    """The tongue from the pars down behind its joint."""
    width, height = joint.half
    thick = _TONGUE_MM + joint.growth_mm / 2
    back = joint.gap_mm / 2 + _TONGUE_MM
    tip = joint.at(-0.2 * joint.growth_mm, -height * 0.55, back)
    rings = (
        Ring(0, 4.6, 4.6),
        Ring(0.5, width * 0.92, thick + 0.8),
        Ring(0.8, width * 1.0, thick),
        Ring(1, width * 0.8, thick * 0.85),
    )
    return limb(pars, tip, joint.normal, rings, power=2.3, cap_mm=height * 0.45)


def superior_process(joint: Joint, root: Floats, rim: Floats, bulge_mm: float) -> Shape:
    """The process from the pedicle's back up before its joint, not yet hollowed.

    Args:
        joint: in the vertebra's own coordinates.
        root: (3,) mm where the process leaves the pedicle.
        rim: (3,) mm the upper rim's back, which it bounds a foramen with.
        bulge_mm: radius of the mammillary bulge on its outer back edge, 0 for none.

    """
    width, height = joint.half
    thick = _TONGUE_MM + joint.growth_mm / 2
    front = joint.gap_mm / 2 + _TONGUE_MM - joint.hollow_mm + joint.forward_mm
    back = joint.growth_mm / 2 - front
    top = joint.at(-_INWARD_MM - 0.4 * joint.forward_mm, height * 0.72, back)
    broad, tall = _FORWARD_MM * np.abs([joint.outward[1], joint.normal[1]])
    aside = _FORWARD_MM * float(np.cross(joint.up, joint.normal)[1])
    rings = (
        Ring(0, 5.0, 5.0),
        Ring(0.4, width * 0.95, thick + 0.9),
        Ring(0.75, width * 1.12 + broad, thick + 0.5 + tall, aside, -tall),
        Ring(1, width * 0.72 + broad, thick * 0.85 + tall, aside, -tall),
    )
    process = limb(root, top, joint.normal, rings, power=2.2, cap_mm=height * 0.38)
    shapes = [_behind(process, rim - [0, _BEHIND_RIM_MM - joint.forward_mm, 0])]
    if bulge_mm > 0:
        edge = width * 0.85 + joint.growth_mm / 2
        low, high = joint.at(edge, -height * 0.6, -2.0), joint.at(edge, height * 0.1, -1.0)
        shapes.append(cone(low, high, bulge_mm, bulge_mm * 0.8))
    return joined(shapes, _BLEND_MM)


def _behind(process: Shape, place: Floats) -> Shape:
    """The process less what lies in front of a plane through a place that leans back upward."""
    normal = np.array([0, 1.0, _FRONT_LEAN]) / np.hypot(1, _FRONT_LEAN)

    def distance(points: Floats) -> Floats:
        return smooth_max(process.distance(points), (points - place) @ normal, _BLEND_MM)

    return Shape(distance, process.low, process.high)
