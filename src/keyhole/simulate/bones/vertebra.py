"""One lumbar vertebra in its own coordinates: body, pedicles, arch and processes.

The origin is the body's middle; right, front, up as everywhere. *Junction*: where pedicle, pars
and the processes meet behind the pedicle.
"""

import numpy as np

from keyhole.simulate.bones.joints import GAP_MM, Joint, sign
from keyhole.simulate.design.model import LevelSize, of
from keyhole.simulate.engine.column import BodyForm, End, Outline, tapered
from keyhole.simulate.engine.shapes import Shape, carved, cone, flared_tube, joined, slab
from keyhole.space import SIDES, Floats, Frame, Side, turned

_DISH_MM = (1.3, 2.0)
"""How deep the upper and the lower endplate are dished."""
_BEHIND_WALL_MM = 3.0
"""How far behind the posterior wall a pedicle is narrowest."""
_REACH_MM = (11.0, 13.0)
"""How far a pedicle's tube runs from its waist, backward and forward."""
_BLEND_MM = 3.0
_UP: Floats = np.array([0, 0, 1.0])


def body_form(size: LevelSize) -> BodyForm:
    """The body with its waist and dished endplates."""
    outline = Outline(size.body_width / 2, size.body_depth / 2, front=2.2, back=3.2)
    return BodyForm(
        outline,
        size.waist_ratio,
        End(size.height / 2, size.slope, _DISH_MM[0]),
        End(-size.height / 2, -size.slope, _DISH_MM[1]),
    )


def pedicle_frame(size: LevelSize, side: Side) -> Frame:
    """At the pedicle's waist: front along its axis, right along the minor diameter."""
    s, (minor, major) = sign(side), pedicle_semi(size, side)
    roll, front = np.radians(size.pedicle_roll), np.array([0, 1.0, 0])
    across = np.hypot(minor * np.cos(roll), major * np.sin(roll))
    upright = np.hypot(minor * np.sin(roll), major * np.cos(roll))
    centre = np.array(
        [
            s * (size.canal_width / 2 + across),
            size.back - _BEHIND_WALL_MM,
            size.height_posterior / 2 - 2.0 - upright,
        ]
    )
    front = turned(front, [1, 0, 0], size.pedicle_tilt)
    front = turned(front, [0, 0, 1], s * size.pedicle_convergence)
    up = np.array([-s * np.sin(roll), 0, np.cos(roll)])
    up -= (up @ front) * front
    up /= np.linalg.norm(up)
    return Frame(centre, np.column_stack([np.cross(front, up), front, up]))


def pedicle_semi(size: LevelSize, side: Side) -> tuple[float, float]:
    """The waist's semi-axes, minor and major, mm."""
    width = of(size.pedicle_width, side)
    return width / 2, max(size.pedicle_height, width) / 2


def pedicle(size: LevelSize, side: Side) -> Shape:
    """The pedicle alone."""
    return flared_tube(pedicle_frame(size, side), pedicle_semi(size, side), _REACH_MM)


def canal(size: LevelSize, half_height: float = 60) -> Shape:
    """The bony canal's room: as deep and wide as asked, straight in own coordinates."""
    outline = Outline(size.canal_width / 2, size.canal_ap / 2, front=2.6, back=1.7)
    middle = (0, size.back - size.canal_ap / 2)
    return tapered(outline, middle, (-half_height, half_height), np.ones_like)


def vertebra(size: LevelSize, above: dict[Side, Joint], below: dict[Side, Joint]) -> Shape:
    """The whole bone in own coordinates, from its joints with both neighbours."""
    arch = [_spinous_process(size)]
    for side in SIDES:
        arch += _half_arch(size, side, above.get(side), below[side])
    partners = [joint.process(+1, _UP)[1] for joint in above.values()]
    partners += [joint.process(-1, _UP)[1] for joint in below.values()]
    behind = carved(joined(arch, _BLEND_MM), canal(size))
    front = [body_form(size).shape(), *(pedicle(size, side) for side in SIDES)]
    bone = joined([joined(front, _BLEND_MM), behind], _BLEND_MM)
    return carved(bone, joined(partners, 1), gap_mm=GAP_MM)


def _half_arch(size: LevelSize, side: Side, above: Joint | None, below: Joint) -> list[Shape]:
    """Lamina, pars and processes of one side."""
    junction = _junction(size, side)
    pars = _pars(size, side)
    lower, lower_process = below.process(+1, _UP)
    shapes = [
        cone(junction, pars, 5.0, 4.2),
        cone(pars, lower + 3 * _UP, 4.2, 3.4),
        lower_process,
        _lamina(size, side, pars),
        _transverse_process(size, side, junction),
    ]
    if above is not None:
        upper, upper_process = above.process(-1, _UP)
        shapes += [cone(junction, upper - 3 * _UP, 6.0, 3.4), upper_process]
    return shapes


def _junction(size: LevelSize, side: Side) -> Floats:
    frame = pedicle_frame(size, side)
    return frame.to_patient([0, -10, 0])


def _middle_back(size: LevelSize) -> float:
    """Where the laminae's middle layer meets in the midline."""
    half = np.radians(size.lamina_angle / 2)
    return float(size.back - size.canal_ap - size.lamina_thickness / 2 / np.sin(half) - 1.5)


def _pars(size: LevelSize, side: Side) -> Floats:
    """The pars' middle."""
    out = size.interpars_width / 2 - 4.0
    y = _middle_back(size) + out / np.tan(np.radians(size.lamina_angle / 2))
    return np.array([sign(side) * out, y, size.height_posterior / 2 - 20.0])


def _lamina(size: LevelSize, side: Side, pars: Floats) -> Shape:
    """A plate from the pars to the midline, its upper edge leaning forward."""
    inner = np.array([0, _middle_back(size), 0])
    outer = np.array([pars[0], pars[1], 0])
    top = size.height_posterior / 2 - 9.5
    middle = (inner + outer) / 2 + [0, 0, top - size.lamina_height / 2]
    along = (outer - inner) / np.linalg.norm(outer - inner) * sign(side)
    up = turned(_UP, along, -14)
    length = float(np.linalg.norm(outer - inner)) / 2 + 2
    return slab(
        Frame.from_up(middle, up, along),
        [length, size.lamina_thickness / 2, size.lamina_height / 2],
        2.4,
    )


def _spinous_process(size: LevelSize) -> Shape:
    start, end = _middle_back(size) + 1, size.back - size.spinous_reach
    up = turned(_UP, [1, 0, 0], 8)
    middle = [0, (start + end) / 2, size.height_posterior / 2 - 13.0 - size.spinous_height / 2]
    frame = Frame.from_up(middle, up, [1, 0, 0])
    return slab(frame, [3.3, (start - end) / 2, size.spinous_height / 2], 3.2)


def _transverse_process(size: LevelSize, side: Side, junction: Floats) -> Shape:
    s, thick = sign(side), size.transverse_thickness
    tip = np.array([s * size.transverse_span / 2, junction[1] - 5, junction[2] + 1])
    along = (tip - junction) / np.linalg.norm(tip - junction)
    frame = Frame.from_up((junction + tip) / 2, _UP, s * along)
    length = float(np.linalg.norm(tip - junction)) / 2
    return slab(frame, [length, thick / 2, thick], 2.4)
