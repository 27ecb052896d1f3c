"""The sacrum in the coordinates of the S1 endplate: origin in its middle, up its normal."""

import numpy as np

from keyhole.simulate.bones.joints import GAP_MM, Joint, sign
from keyhole.simulate.design.model import LevelSize
from keyhole.simulate.engine.column import BodyForm, End, Outline, tapered
from keyhole.simulate.engine.shapes import Shape, carved, cone, ellipsoid, joined, slab
from keyhole.space import SIDES, Floats, Frame, Side, turned

_DEPTH_MM = 30.0
"""The height of the S1 body."""
_UP: Floats = np.array([0, 0, 1.0])


def sacral_body(size: LevelSize) -> BodyForm:
    """The S1 body; its upper end is the endplate."""
    outline = Outline(size.body_width / 2, size.body_depth / 2, front=2.2, back=3.2)
    return BodyForm(outline, 0.88, End(0, 0, 1.2), End(-_DEPTH_MM, 0.1))


def sacral_canal(size: LevelSize) -> Shape:
    """The canal, narrowing downward; its front wall is the bodies' back."""
    outline = Outline(size.canal_width / 2, size.canal_ap / 2, front=2.6, back=1.7)
    centre = (0, size.back - size.canal_ap / 2)

    def scale(heights: Floats) -> Floats:
        return np.clip(1 + heights / 110, 0.3, 1.0)

    return tapered(outline, centre, (-75, 60), scale)


def sacrum(size: LevelSize, above: dict[Side, Joint]) -> Shape:
    """The whole sacrum."""
    back = size.back
    front = [
        sacral_body(size).shape(),
        cone([0, -2, -22], [0, -8, -58], 14, 9),
        cone([0, -8, -58], [0, 2, -88], 9, 5),
    ]
    behind = [slab(Frame([0, back - size.canal_ap - 7, -30], np.eye(3)), [3.2, 8, 20], 3)]
    for side in SIDES:
        front += _wing(size, side)
        behind += _arch(size, side, above[side])
    partners = joined([above[side].process(+1, _UP)[1] for side in SIDES], 1)
    bone = carved(joined([*front, *behind], 4), partners, gap_mm=GAP_MM)
    holes = [hole for side in SIDES for hole in _foramina(size, side)]
    return carved(bone, joined([sacral_canal(size), *holes], 2), blend_mm=2)


def _wing(size: LevelSize, side: Side) -> list[Shape]:
    """The ala, the S1 pedicle that carries it, and the lateral mass below."""
    s = sign(side)
    out = size.body_width / 2
    root = Frame.from_up([s * (out - 1), size.back - 1, -13], _UP, [1, 0, 0])
    lean = turned([1.0, 0, 0], [0, 1, 0], s * 24)
    ala = Frame.from_up([s * (out + 13), -10, -17], np.cross(lean, [0, 1.0, 0]), lean)
    return [
        slab(root, [9, 11, 10.5], 5),
        slab(ala, [19, 14, 11], 7),
        cone([s * (out + 17), -20, -22], [s * 20, -14, -70], 11, 7),
        ellipsoid([s * 19, size.back - 2, -47], [12, 9, 14]),
    ]


def _arch(size: LevelSize, side: Side, joint: Joint) -> list[Shape]:
    """The superior articular process and half of the posterior wall."""
    s = sign(side)
    upper, process = joint.process(-1, _UP)
    outer = np.array([s * (size.canal_width / 2 + 3), size.back - 10, -28])
    inner = np.array([0, size.back - size.canal_ap - 2.5, -28])
    along = s * (outer - inner) / np.linalg.norm(outer - inner)
    plate = Frame.from_up((outer + inner) / 2, turned(_UP, [1, 0, 0], 5), along)
    length = float(np.linalg.norm(outer - inner)) / 2 + 2
    return [
        process,
        cone([s * (size.canal_width / 2 + 8), size.back - 8, -9], upper - 3 * _UP, 7.5, 5),
        slab(plate, [length, 3.2, 23], 2.4),
        cone(outer, [s * 13, size.back - 2, -70], 6, 5),
    ]


def _foramina(size: LevelSize, side: Side) -> list[Shape]:
    """The S1 and S2 foramina, from before to behind."""
    s = sign(side)
    return [
        cone([s * 22, 25, z - 4], [s * x, size.back - 28, z], radius, radius)
        for x, z, radius in ((15, -32, 5.0), (13, -55, 4.2))
    ]
