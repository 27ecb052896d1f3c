"""The facet joints between two vertebrae: where they lie and what forms them."""

import numpy as np
from attrs import field, frozen

from keyhole.simulate.design.model import Design, of
from keyhole.simulate.engine.shapes import Shape, slab
from keyhole.space import SIDES, Floats, Frame, Side, across, fixed, same, shaped

GAP_MM = 2.0
"""The width of a facet joint, from bone to bone."""
PROCESS_MM = 7.0
"""How thick an articular process is across its joint."""
_ABOVE_RIM_MM = 3.0
"""How far a facet joint's middle lies above the lower vertebra's upper rim (S1: level)."""


def sign(side: Side) -> int:
    """+1 on the right, -1 on the left."""
    return 1 if side == "right" else -1


@frozen
class Joint:
    """A facet joint: its middle, and the unit normal from the superior process to the inferior.

    In whatever coordinates its owner says; `half` are half its width and height.
    """

    centre: Floats = field(converter=fixed, validator=shaped(3), eq=same)
    normal: Floats = field(converter=fixed, validator=shaped(3), eq=same)
    half: tuple[float, float]

    def seen_from(self, owner: Frame, viewer: Frame) -> "Joint":
        """The joint of one frame in another frame's coordinates."""
        centre = viewer.to_local(owner.to_patient(self.centre))
        return Joint(centre, viewer.axes.T @ owner.axes @ self.normal, self.half)

    def process(self, side_of: float, up: Floats) -> tuple[Floats, Shape]:
        """The middle and shape of the process before (-1) or behind (+1) the joint."""
        frame = Frame.from_up(
            self.centre + side_of * (GAP_MM + PROCESS_MM) / 2 * self.normal,
            across(up, self.normal),
            self.normal,
        )
        return frame.origin, slab(frame, [PROCESS_MM / 2, *self.half], 2.5)


def joints_above(design: Design, level: str) -> dict[Side, Joint]:
    """The joints with the vertebra above, in the level's own coordinates; none for the top one."""
    part, size = design.above(level), design.size(level)
    if part is None:
        return {}
    rise = 0.0 if level == "S1" else size.height_posterior / 2 + _ABOVE_RIM_MM
    found: dict[Side, Joint] = {}
    for side in SIDES:
        angle, s = np.radians(of(part.size.facet_angle, side)), sign(side)
        centre = [s * part.size.joint_offset, size.back - size.canal_ap + 1.5, rise]
        normal = np.array([-s * np.cos(angle), -np.sin(angle), 0])
        found[side] = Joint(centre, normal, (size.facet_width / 2, size.facet_height / 2))
    return found


def joints_below(design: Design, frames: dict[str, Frame], level: str) -> dict[Side, Joint]:
    """The joints with the vertebra below, in the level's own coordinates."""
    part = design.below(level)
    if part is None:
        return {}
    above = joints_above(design, part.lower)
    return {side: above[side].seen_from(frames[part.lower], frames[level]) for side in SIDES}
