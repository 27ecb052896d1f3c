"""The surface of a disc without its herniation: ruled from rim to rim, and bulging.

Coordinates are the disc's own: origin midway between the rims' middles, `up` the mean of
theirs. Towards the endplates a disc reaches into the bone, which is painted over it.
"""

from collections.abc import Mapping

import numpy as np
from attrs import field, frozen

from keyhole.simulate.bones.sacrum import sacral_body
from keyhole.simulate.bones.vertebra import body_form
from keyhole.simulate.design.model import Design, Segment
from keyhole.simulate.design.stack import rims
from keyhole.simulate.engine.column import Outline
from keyhole.simulate.engine.shapes import Shape
from keyhole.space import Floats, Frame, fixed, same, shaped

_UNDER_RIM_MM = 0.3
"""How far the disc's edge stays within the rims, whose corners are rounded."""
_NATURAL_MM = 0.5
"""How far a healthy disc stands out between its rims."""
_MORE_BEHIND = 0.25
"""By what share a bulge is greater at the back than at the side."""
_INTO_RIM_MM = 0.4
_INTO_DISH_MM = 7.0
"""How far a disc reaches beyond the rim's plane, at the rim and in the middle."""
_DISH = 0.9


@frozen
class Rim:
    """A rim in the disc's coordinates: its middle, the plane's rises, the body's outline."""

    middle: Floats = field(converter=fixed, validator=shaped(3), eq=same)
    rise: tuple[float, float]
    outline: Outline

    @classmethod
    def seen(cls, disc: Frame, rim: Frame, outline: Outline) -> "Rim":
        """A rim's frame seen from the disc's."""
        normal = disc.axes.T @ rim.up
        rises = float(-normal[0] / normal[2]), float(-normal[1] / normal[2])
        return cls(disc.to_local(rim.origin), rises, outline)

    def height(self, x: Floats, y: Floats) -> Floats:
        """(n,) mm: the plane's height."""
        across, along = self.rise
        return self.middle[2] + across * (x - self.middle[0]) + along * (y - self.middle[1])


@frozen
class Margin:
    """The fitted margin of one disc between an upper and a lower rim."""

    frame: Frame
    upper: Rim
    lower: Rim
    bulge_mm: float

    def gap(self, x: Floats, y: Floats) -> Floats:
        """(n,) mm: the disc's height between the rims' planes, at least 1."""
        return np.maximum(self.upper.height(x, y) - self.lower.height(x, y), 1.0)

    def side(self, local: Floats, share: float = 1.0, back_mm: float = 0.0) -> Floats:
        """(n,) mm to the ruled outer surface, whatever the height.

        Args:
            local: (n, 3) mm in the disc's coordinates.
            share: the outline drawn in to this share of itself, and without its bulge.
            back_mm: the outline moved back by so much.

        """
        x, y, z = local.T
        t = np.clip((z - self.lower.height(x, y)) / self.gap(x, y), 0, 1)
        middle = self.lower.middle + t[:, None] * (self.upper.middle - self.lower.middle)
        x, y = x - middle[:, 0], y - middle[:, 1] + back_mm
        a, b = self.lower.outline, self.upper.outline
        wide = a.half_width + t * (b.half_width - a.half_width)
        deep = a.half_depth + t * (b.half_depth - a.half_depth)
        out = self._standing_out(t, y / deep) if share == 1 else 0.0
        return a.distance(
            x, y, (share * wide + out) / a.half_width, (share * deep + out) / a.half_depth
        )

    def _standing_out(self, t: Floats, ahead: Floats) -> Floats:
        """(n,) mm: how far the outer surface lies beyond the rims' ruled surface."""
        behind = 1 + _MORE_BEHIND * np.clip(-ahead, 0, 1)
        return 4 * t * (1 - t) * (_NATURAL_MM + self.bulge_mm * behind) - _UNDER_RIM_MM

    def distance(self, local: Floats) -> Floats:
        """(n,) mm to the disc without herniation, in its own coordinates."""
        x, y, z = local.T
        reach = self.lower.outline.reach(x - self.lower.middle[0], y - self.lower.middle[1])
        into = _INTO_RIM_MM + _INTO_DISH_MM * np.maximum(1 - (reach / _DISH) ** 2, 0)
        above = z - self.upper.height(x, y) - into
        below = self.lower.height(x, y) - into - z
        return np.maximum(self.side(local), np.maximum(above, below))

    def shape(self) -> Shape:
        """The disc without herniation, in its own coordinates."""
        flat = np.max(
            [
                np.abs(rim.middle[:2]) + np.array([rim.outline.half_width, rim.outline.half_depth])
                for rim in (self.upper, self.lower)
            ],
            axis=0,
        )
        flat = flat + _NATURAL_MM + self.bulge_mm * (1 + _MORE_BEHIND)
        lean = max(float(np.abs(rim.rise) @ flat) for rim in (self.upper, self.lower))
        tall = max(abs(self.upper.middle[2]), abs(self.lower.middle[2])) + lean
        high = np.array([*flat, tall + _INTO_RIM_MM + _INTO_DISH_MM])
        return Shape(self.distance, -high, high)


def disc_margin(design: Design, frames: Mapping[str, Frame], part: Segment) -> Margin:
    """The fitted margin of a segment's disc."""
    top, bottom = rims(design, dict(frames), part)
    disc = Frame.from_up(
        (top.origin + bottom.origin) / 2, top.up + bottom.up, top.right + bottom.right
    )
    return Margin(
        disc,
        Rim.seen(disc, top, _outline(design, part.upper)),
        Rim.seen(disc, bottom, _outline(design, part.lower)),
        part.bulge_mm,
    )


def _outline(design: Design, level: str) -> Outline:
    size = design.size(level)
    return sacral_body(size).outline if level == "S1" else body_form(size).outline
