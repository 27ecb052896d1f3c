"""The spine as its surroundings see it: midline landmarks by height above the table's axes.

Sections of trunk, muscles and vessels are *level*: they lie in planes of the design frames'
world (L3 upright), as axial slices do. *Rung* counts discs upward from the sacrum's: 0 is the
sacral disc, 1 the one above, whatever their names; below 0 a rung is `RUNG_MM` long.
"""

from collections.abc import Callable
from typing import Self

import numpy as np
from attrs import field, frozen
from numpy.typing import ArrayLike
from scipy.interpolate import PchipInterpolator

from keyhole.simulate.design.model import Design, LevelSize
from keyhole.simulate.design.stack import rims
from keyhole.space import Floats, Frame, fixed, same, shaped

RUNG_MM = 35.0
_APART_MM = 2.0
_CREST_DROP_MM = 24.0
"""How far below the upper posterior rim the middle of a spinous process lies."""
_SACRAL_CREST_MM = 15.0
"""How far behind its canal the sacrum's median crest stands."""
_SACRAL = ((-1.0, -30.0), (-5.0, -60.0), (2.0, -95.0))
"""The sacrum's curve: (front, up) mm from the S1 endplate's middle."""
_BEYOND_MM = 120.0


@frozen
class Midline:
    """A line of the midline, (n, 3) mm from below to above; straight between its points' slopes."""

    points: Floats = field(converter=fixed, validator=shaped(-1, 3), eq=same, repr=False)

    @classmethod
    def through(cls, points: ArrayLike) -> Self:
        """The line through points in any order; of two at one height the hinder one stays."""
        ranked = sorted(np.asarray(points, dtype=np.float64).tolist(), key=lambda p: p[2])
        kept = [ranked[0]]
        for point in ranked[1:]:
            if point[2] - kept[-1][2] >= _APART_MM:
                kept.append(point)
            elif point[1] < kept[-1][1]:
                kept[-1] = point
        return cls(kept)

    def at(self, heights: ArrayLike) -> Floats:
        """(n, 2) mm right, front at heights (n,); held beyond the ends."""
        z = np.clip(heights, self.points[0, 2], self.points[-1, 2])
        return np.asarray(PchipInterpolator(self.points[:, 2], self.points[:, :2])(z))


@frozen
class Column:
    """The spine's landmarks by height, mm.

    `front` and `wall` are the bodies' front and posterior wall, `canal` the canal's posterior
    border, `tip` the spinous processes' tips. `rungs` (n,) rising are the heights of the discs'
    middles, `half_width` and `depth` (n,) the discs'; `turn` (n,) radians at `turn_heights`.
    """

    front: Midline
    wall: Midline
    canal: Midline
    tip: Midline
    rungs: Floats = field(converter=fixed, eq=same)
    half_widths: Floats = field(converter=fixed, eq=same)
    depths: Floats = field(converter=fixed, eq=same)
    turn_heights: Floats = field(converter=fixed, eq=same)
    turns: Floats = field(converter=fixed, eq=same)

    def height(self, rung: ArrayLike) -> Floats:
        """(n,) heights of rungs (n,), fractions too."""
        up = np.asarray(rung, dtype=np.float64)
        top = len(self.rungs) - 1
        inside = np.interp(up, np.arange(len(self.rungs)), self.rungs)
        return np.asarray(inside + RUNG_MM * (np.minimum(up, 0) + np.maximum(up - top, 0)))

    def rung(self, heights: ArrayLike) -> Floats:
        """(n,) rungs of heights (n,)."""
        z = np.asarray(heights, dtype=np.float64)
        inside = np.interp(z, self.rungs, np.arange(len(self.rungs)))
        over = np.minimum(z - self.rungs[0], 0) + np.maximum(z - self.rungs[-1], 0)
        return np.asarray(inside + over / RUNG_MM)

    def half_width(self, heights: ArrayLike) -> Floats:
        """(n,) half the bodies' width."""
        return np.asarray(np.interp(np.asarray(heights), self.rungs, self.half_widths))

    def depth(self, heights: ArrayLike) -> Floats:
        """(n,) the bodies' depth."""
        return np.asarray(np.interp(np.asarray(heights), self.rungs, self.depths))

    def turn(self, heights: ArrayLike) -> Floats:
        """(n,) radians about the world's up: how far the vertebrae's right is turned."""
        return np.asarray(np.interp(np.asarray(heights), self.turn_heights, self.turns))


def column_of(design: Design, frames: dict[str, Frame]) -> Column:
    """The landmarks of a design's spine in its frames' world."""
    bones = [(frames[level.name], level.size) for level in design.levels]
    parts = list(reversed(design.segments))
    plates = [rims(design, frames, part) for part in parts]
    middles = [(top.origin + bottom.origin) / 2 for top, bottom in plates]
    pairs = [(design.size(part.upper), design.size(part.lower)) for part in parts]
    order = np.argsort([frame.origin[2] for frame, _ in bones])
    rights = [bones[i][0].right for i in order]
    return Column(
        front=_line(bones, lambda size: size.body_depth / 2),
        wall=_line(bones, lambda size: size.back),
        canal=_line(bones, lambda size: size.back - size.canal_ap),
        tip=Midline.through(_tips(bones)),
        rungs=np.maximum.accumulate([middle[2] for middle in middles]),
        half_widths=[(a.body_width + b.body_width) / 4 for a, b in pairs],
        depths=[(a.body_depth + b.body_depth) / 2 for a, b in pairs],
        turn_heights=[bones[i][0].origin[2] for i in order],
        turns=[np.arctan2(right[1], right[0]) for right in rights],
    )


Bones = list[tuple[Frame, LevelSize]]
Front = Callable[[LevelSize], float]


def _line(bones: Bones, front: Front) -> Midline:
    """Through one height a vertebra, two at S1, and straight on above the top one."""
    points = [frame.to_patient([0, front(size), 0]) for frame, size in bones]
    (top, top_size), (base, base_size) = bones[0], bones[-1]
    points.append(top.to_patient([0, front(top_size), _BEYOND_MM]))
    points += [base.to_patient([0, front(base_size) + y, z]) for y, z in _SACRAL]
    return Midline.through(points)


def _tips(bones: Bones) -> list[Floats]:
    points = [
        frame.to_patient(
            [0, size.back - size.spinous_reach, size.height_posterior / 2 - _CREST_DROP_MM]
        )
        for frame, size in bones[:-1]
    ]
    (top, top_size), (base, size) = bones[0], bones[-1]
    points.append(top.to_patient([0, top_size.back - top_size.spinous_reach, _BEYOND_MM]))
    crest = size.back - size.canal_ap - _SACRAL_CREST_MM
    return points + [base.to_patient([0, crest + y, z - 20]) for y, z in _SACRAL[:-1]]
