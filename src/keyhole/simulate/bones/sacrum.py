"""The sacrum in the coordinates of the S1 endplate: origin in its middle, up its normal."""

import numpy as np
from numpy.typing import ArrayLike

from keyhole.simulate.bones.bone import Bone
from keyhole.simulate.bones.joints import Joint, joints_above, sign, superior_process
from keyhole.simulate.bones.limb import Ring, limb
from keyhole.simulate.bones.site import Site
from keyhole.simulate.bones.transverse import sacralised_process
from keyhole.simulate.bones.vertebra import BACK_POWER, hollowed
from keyhole.simulate.design.model import Design, LevelSize
from keyhole.simulate.design.stack import inverse, within
from keyhole.simulate.engine.column import BodyForm, End, Outline, tapered
from keyhole.simulate.engine.shapes import Shape, carved, cone, joined, placed
from keyhole.space import SIDES, Floats, Frame, Side

FORAMEN_DEPTHS_MM = (27.0, 51.0, 73.0, 90.0)
"""How far below the S1 endplate the S1 to S4 foramina lie (unsourced)."""
_FORAMEN_RADII_MM = (4.8, 4.4, 3.6, 2.9)
_LOW_MM = 98.0
_STRAIGHT_MM, _TURN_PER_MM = 50.0, 0.008
"""Below S2 the sacrum turns forward, as a torso CT's does: mm forward a square mm below this depth."""
_MEAN_WIDTH_MM = 50.0
"""The endplate's width for which the lengths below are meant."""
_FUSED_GAP_MM = 0.8
"""What parts a sacralised transverse process from the ala."""
_BLEND_MM = 4.0
_FORWARD_MM = 1.4
"""How much further forward than others' the processes reach: the L5/S1 foramen is narrow."""
_FRONT: Floats = np.array([0, 1.0, 0])


def sacral_body(size: LevelSize) -> BodyForm:
    """The S1 body; its upper end is the endplate, its front slants back from the promontory."""
    outline = Outline(size.body_width / 2, size.body_depth / 2, front=2.1, back=BACK_POWER)
    return BodyForm(outline, 0.9, End(0, 0, 1.2), End(-22, 0.5))


def sacral_canal(size: LevelSize) -> Shape:
    """The canal, narrowing downward; its front wall is the bodies' back."""
    outline = Outline(size.canal_width / 2, size.canal_ap / 2, front=2.6, back=1.7)
    straight = tapered(outline, (0, size.back - size.canal_ap / 2), (-84, 60), _narrowing)

    def distance(points: Floats) -> Floats:
        return straight.distance(points - forward(points[:, 2])[:, None] * _FRONT)

    return Shape(distance, straight.low, straight.high + forward(straight.low[2]) * _FRONT)


def forward(height: ArrayLike) -> Floats:
    """How far forward the sacrum has turned at a height below the S1 endplate, mm."""
    below = np.maximum(-np.asarray(height, dtype=np.float64) - _STRAIGHT_MM, 0)
    return np.asarray(_TURN_PER_MM * below**2)


def _narrowing(heights: Floats) -> Floats:
    return np.clip(1 + heights / 110, 0.3, 1.0)


def sacrum(design: Design, frames: dict[str, Frame]) -> Bone:
    """The whole sacrum, hollowed where the last mobile vertebra meets it."""
    size, above = design.size("S1"), joints_above(design, "S1")
    scale = size.body_width / _MEAN_WIDTH_MM
    pieces = [sacral_body(size).shape(), _column(size, scale), _back_wall(size), _crest(size)]
    pieces += [_lateral_mass(size, scale, side) for side in SIDES]
    pieces += [part(size, side) for side in SIDES for part in (_upper_arch, _pedicle)]
    bone = carved(joined(pieces, _BLEND_MM), sacral_canal(size))
    processes = [_superior_process(size, above[side]) for side in SIDES]
    bone = joined([bone, *processes], 3)
    bone = carved(bone, joined([_foramina(size, side) for side in SIDES], 1), blend_mm=3)
    part = design.above("S1")
    if part is not None:
        step = within(inverse(frames["S1"]), frames[part.upper])
        upper = Site.of(design, frames, part.upper)
        bone = hollowed(bone, upper, step)
        for side in upper.level.sacralised:
            tool = placed(sacralised_process(upper, side), step)
            bone = carved(bone, tool, gap_mm=_FUSED_GAP_MM)
    return Bone(bone, {})


def _downward(rows: list[tuple[float, float, float, float, float]]) -> Shape:
    """A limb down the sacrum's curve; a row is depth, middle (right, front), half width, half depth."""
    first, last = rows[0][0], rows[-1][0]
    rings = [
        Ring((depth - first) / (last - first), broad, deep, aside, front + float(forward(-depth)))
        for depth, aside, front, broad, deep in rows
    ]
    return limb([0, 0, -first], [0, 0, -last], _FRONT, rings, power=2.4, cap_mm=6)


def _column(size: LevelSize, scale: float) -> Shape:
    """The bodies S1 to S5: hollow in front, the lower end curving forward."""
    back = size.back
    rows = (
        (10.0, 0.85, 11.0, -1.0),
        (25.0, 0.76, 1.0, -3.0),
        (45.0, 0.66, -7.0, -5.0),
        (73.0, 0.52, -15.0, -8.0),
        (_LOW_MM, 0.32, -13.0, -4.0),
    )
    return _downward(
        [
            (
                depth,
                0,
                (front * scale + back + behind) / 2,
                broad * size.body_width / 2,
                (front * scale - back - behind) / 2,
            )
            for depth, broad, front, behind in rows
        ]
    )


def _lateral_mass(size: LevelSize, scale: float, side: Side) -> Shape:
    """The ala and below it the fused lateral masses; its outer face carries the joint."""
    s, back = sign(side), size.back
    rows = (
        (7.0, 37.0, 5.0, 17.0, 13.0),
        (18.0, 38.5, 3.0, 19.5, 15.5),
        (35.0, 33.5, -2.0, 22.5, 15.5),
        (55.0, 27.0, -7.0, 19.0, 12.0),
        (75.0, 20.0, -10.0, 17.0, 8.5),
        (_LOW_MM, 11.0, -7.0, 11.0, 5.5),
    )
    return _downward(
        [
            (depth, s * out * scale, back + ahead * scale, broad * scale, deep * scale)
            for depth, out, ahead, broad, deep in rows
        ]
    )


def _wall_back(size: LevelSize, depth: float) -> float:
    """Where the posterior wall's middle layer lies in the midline."""
    share = float(_narrowing(np.array([-depth]))[0])
    return size.back - size.canal_ap / 2 * (1 + share) - 2.2


def _back_wall(size: LevelSize) -> Shape:
    """The fused laminae behind the canal."""
    rows = [
        (depth, 0.0, _wall_back(size, depth), broad, 3.4)
        for depth, broad in ((17.0, 14.0), (35.0, 24.0), (60.0, 22.0), (80.0, 15.0))
    ]
    return _downward(rows)


def _crest(size: LevelSize) -> Shape:
    """The median crest: a low ridge with the rests of the spinous processes."""
    rows = [
        (depth, 0.0, _wall_back(size, depth) - out, 2.6, 2.5 + out)
        for depth, out in (
            (21.0, 4.6),
            (31.0, 3.0),
            (42.0, 4.4),
            (53.0, 2.2),
            (62.0, 3.2),
            (72.0, 1.0),
        )
    ]
    return _downward(rows)


def _upper_arch(size: LevelSize, side: Side) -> Shape:
    """From the S1 lamina outward to the root of the superior articular process."""
    s = sign(side)
    inner = np.array([s * 3.0, _wall_back(size, 17), -16.0])
    rings = (Ring(0, 3.2, 5.0), Ring(1, 4.5, 8.0))
    return limb(inner, _process_root(size, side), [0, 0.3, 1.0], rings)


def _pedicle(size: LevelSize, side: Side) -> Shape:
    """From the S1 body back to the root of the superior articular process."""
    root = _process_root(size, side)
    rings = (Ring(0, 7.0, 6.5, lift=1), Ring(1, 8.0, 7.0, lift=1))
    return limb([root[0], size.back + 3, root[2]], root, [0, 0, 1.0], rings, power=2.4)


def _process_root(size: LevelSize, side: Side) -> Floats:
    return np.array([sign(side) * (size.canal_width / 2 + 8), size.back - 8, -11])


def _superior_process(size: LevelSize, joint: Joint) -> Shape:
    rim = np.array([0, size.back + _FORWARD_MM, 0])
    return superior_process(joint, _process_root(size, joint.side), rim, 0)


def _foramina(size: LevelSize, side: Side) -> Shape:
    """S1 to S4 foramina: wide in front, narrow behind, open to the canal."""
    s = sign(side)
    holes = []
    for depth, radius in zip(FORAMEN_DEPTHS_MM, _FORAMEN_RADII_MM, strict=True):
        out = size.canal_width / 2 * float(_narrowing(np.array([-depth]))[0]) + 2
        ahead = float(forward(-depth))
        middle = np.array([s * out, size.back - size.canal_ap / 2 + ahead, -depth])
        front, back = (
            [s * (out + 6), 25 + ahead, -depth - 5],
            [s * (out + 2), middle[1] - 30, -depth - 3],
        )
        holes += [
            cone(middle, front, radius, radius + 1.0),
            cone(middle, back, radius, radius * 0.6),
        ]
    return joined(holes, 2)
