"""One vertebra before it is bone: its sizes, joints and the landmarks that its parts share.

In own coordinates: origin the body's middle; right, front, up as everywhere. *Junction*: where
pedicle, pars and the processes meet behind the pedicle.
"""

from functools import cached_property

import numpy as np
from attrs import define, field

from keyhole.simulate.bones.joints import Joint, joints_above, joints_below, sign
from keyhole.simulate.bones.pedicle import pedicle_frame
from keyhole.simulate.bones.traits import Traits, traits
from keyhole.simulate.design.model import Design, Level, LevelSize, Segment
from keyhole.simulate.design.stack import inverse, within
from keyhole.space import SIDES, Floats, Frame, Side

LEAN = 0.3
"""How far a lamina lies further back for each millimetre further down."""
_TOP_MM = 8.0
"""How far the lamina's upper edge lies below the posterior rim."""
_LEAST_LAMINA_MM = 11.0
_JUNCTION_MM = 9.0
_PARS_BEHIND_MM = 11.0
"""How far behind the body the pars' middle is at least: a foramen lies between."""


@define(slots=False, frozen=True)
class Site:
    """A level of a design with its joints to both neighbours, in own coordinates.

    `lower_top` is how high the lower lamina's upper edge lies in the midline; it and
    `segment_below` are None where there is nothing below.
    """

    level: Level
    size: LevelSize
    above: dict[Side, Joint] = field(repr=False)
    below: dict[Side, Joint] = field(repr=False)
    segment_below: Segment | None
    lower_top: float | None

    @classmethod
    def of(cls, design: Design, frames: dict[str, Frame], level: str) -> "Site":
        """The site of a level of a design that stands in these frames."""
        part = design.below(level)
        lower_top = None
        if part is not None:
            step = within(inverse(frames[level]), frames[part.lower])
            lower_top = float(step.to_patient(lamina_top(design.size(part.lower), part.lower))[2])
        return cls(
            design.level(level),
            design.size(level),
            joints_above(design, level),
            joints_below(design, frames, level),
            part,
            lower_top,
        )

    @property
    def traits(self) -> Traits:
        """What the level's bone is like beyond its sizes."""
        return traits(self.level.name)

    @property
    def left_behind(self) -> float:
        """How far the arch stays behind a body that slipped off broken pars, mm."""
        if self.segment_below is None or not self.level.pars_defect >= set(SIDES):
            return 0.0
        return self.segment_below.slip_mm

    @cached_property
    def lamina_edges(self) -> tuple[float, float]:
        """Heights of the lamina's upper and lower edge in the midline, mm."""
        top = float(lamina_top(self.size, self.level.name)[2])
        if self.segment_below is None or self.lower_top is None:
            return top, top - self.size.lamina_height
        foot = self.lower_top + self.segment_below.size.interlaminar_height
        return top, min(foot, top - _LEAST_LAMINA_MM)

    @property
    def arch_back(self) -> float:
        """Where the laminae's middle layer meets in the midline at their middle height."""
        top, foot = self.lamina_edges
        half = np.radians(self.size.lamina_angle / 2)
        thick = self.size.lamina_thickness / 2 / np.sin(half)
        leant = LEAN * (top - foot) / 2
        return float(self.size.back - self.size.canal_ap - thick - leant - self.left_behind)

    @property
    def rim(self) -> Floats:
        """(3,) mm: the upper rim's back in the midline."""
        return np.array([0, self.size.back, self.size.height_posterior / 2])

    def junction(self, side: Side) -> Floats:
        """(3,) mm: behind the pedicle."""
        return pedicle_frame(self.size, side).to_patient([0, -_JUNCTION_MM, 0])

    def pars(self, side: Side) -> Floats:
        """(3,) mm: the pars' middle, on the piece that carries the lamina."""
        out = max(self.size.interpars_width / 2 - 4.5, 6.0)
        slant = out / np.tan(np.radians(self.size.lamina_angle / 2))
        return np.array(
            [
                sign(side) * out,
                min(self.arch_back + slant, self.size.back - _PARS_BEHIND_MM),
                self.size.height_posterior / 2 - self.traits.pars_drop,
            ]
        )


def lamina_top(size: LevelSize, level: str) -> Floats:
    """(3,) mm: the middle of the upper edge of a level's laminae (S1: of its median wall)."""
    rim = -3.0 if level == "S1" else size.height_posterior / 2
    return np.array([0, size.back - size.canal_ap, rim - _TOP_MM])
