"""The roots' ways by DEFINITIONS 9: out of the sac, under the pedicle, out of the foramen.

O: at the sac's lateral edge, at the pedicle's mid-height. M: in the sagittal plane that touches
the pedicle's medial border, just under it and just behind the body. From M downward and outward
at the level's angle, and beyond the pedicle forward too.
"""

import numpy as np
from attrs import evolve, field, frozen

from keyhole.simulate.bones.joints import sign
from keyhole.simulate.bones.pedicle import pedicle_frame, pedicle_semi
from keyhole.simulate.bones.sacrum import FORAMEN_DEPTHS_MM
from keyhole.simulate.bones.vertebra import body_form
from keyhole.simulate.design.model import LevelSize, RootVariant
from keyhole.simulate.engine.loft import Loft
from keyhole.simulate.engine.shapes import Shape
from keyhole.simulate.soft.canal_room import Canal, sacral_share
from keyhole.simulate.soft.numbers import numbers
from keyhole.space import SIDES, Floats, Side, fixed, same, shaped, unit

_EVERY_MM = 1.5
_STEP_MM = 0.5
_PUSHES = 30
_CLOSE_MM = 0.1


@frozen
class RootPath:
    """A root's centre line (n, 3) mm RAS from the sac outward, every 1.5 mm, and radii (n,).

    `leaves_sac` and `ganglion` are where it leaves the sac and its ganglion's middle lies, mm
    along the line; `radius` is the root's own.
    """

    level: str
    side: Side
    points: Floats = field(converter=fixed, validator=shaped(-1, 3), eq=same, repr=False)
    radius: float
    leaves_sac: float
    ganglion: float

    @property
    def along(self) -> Floats:
        """(n,) mm from the start."""
        steps = np.linalg.norm(np.diff(self.points, axis=0), axis=1)
        return np.concatenate([[0.0], steps.cumsum()])

    def at(self, along: float) -> Floats:
        """(3,) mm: the line's point so far from its start."""
        return np.array([np.interp(along, self.along, column) for column in self.points.T])

    @property
    def radii(self) -> Floats:
        """(n,) mm: the ganglion is wider."""
        row = numbers("canal")["root"]
        wide = row["thoracic_ganglion_mm"] if self.level[0] == "T" else row["ganglion_width_mm"]
        off = (self.along - self.ganglion) / (row["ganglion_length_mm"] / 2)
        swollen = np.sqrt(np.maximum(1 - off**2, 0))
        return self.radius + swollen * max(wide / 2 - self.radius, 0.0)


def root_paths(canal: Canal, sac: Loft) -> tuple[RootPath, ...]:
    """Both sides' roots of every level, variants as the design's body has them."""
    return tuple(_path(canal, sac, level, side) for level in canal.levels for side in SIDES)


def root_radius(size: LevelSize, level: str) -> float:
    """Half a root's thickness, mm."""
    thoracic = level[0] == "T"
    return (
        numbers("canal")["root"]["thoracic_diameter_mm"] if thoracic else size.root_diameter
    ) / 2


def _path(canal: Canal, sac: Loft, level: str, side: Side) -> RootPath:
    size = canal.design.size(level)
    radius = root_radius(size, level)
    start = _leaving(canal, sac, level, side)
    outside = (
        _through_sacrum(size, side)
        if level == "S1"
        else _through_foramen(size, level, side, _lowered(canal, level, side))
    )
    frame = canal.frames[level]
    corners = np.vstack([start, frame.to_patient(outside)])
    leaves = float(np.linalg.norm(start[1] - start[0]))
    middle = _ganglion(size, level, corners)
    return RootPath(level, side, _dense(corners), radius, leaves, middle)


def _variant(canal: Canal, level: str, side: Side) -> RootVariant | None:
    return canal.design.body.roots.get(f"{level} {side}")


def _lowered(canal: Canal, level: str, side: Side) -> float:
    """How much lower than usual the root lies in its foramen, mm."""
    low = _variant(canal, level, side) == "low"
    return float(numbers("canal")["root"]["low_mm"]) if low else 0.0


def _leaving(canal: Canal, sac: Loft, level: str, side: Side) -> Floats:
    """(2, 3) mm: within the sac, and at its edge where the root leaves it."""
    row = numbers("canal")["root"]
    along = _take_off(canal, level, side)
    places = []
    for up, inward in ((row["intradural_mm"], 2.5), (0.0, 0.0)):
        outline = sac.outline(along + up)
        edge = outline[outline[:, 0].argmax() if side == "right" else outline[:, 0].argmin()]
        places.append([edge[0] - sign(side) * inward, edge[1], along + up])
    return canal.curve.to_patient(np.array(places))


def _take_off(canal: Canal, level: str, side: Side) -> float:
    """The station at which a root leaves the sac."""
    row, design = numbers("canal")["root"], canal.design
    above = design.above(level)
    if above is not None and _variant(canal, above.upper, side) == "conjoined":
        return _take_off(canal, above.upper, side)
    usual = canal.along("S1", row["above_endplate_mm"]) if level == "S1" else canal.marks[level]
    shift = {"high": row["high_mm"], "low": -row["low_mm"], "conjoined": -row["low_mm"]}
    variant = _variant(canal, level, side)
    return float(usual + (shift[variant] if variant else 0.0))


def _through_foramen(size: LevelSize, level: str, side: Side, lowered: float) -> Floats:
    """(n, 3) mm in the level's own coordinates: from M along the body's wall to the end."""
    row, s = numbers("canal")["root"], sign(side)
    radius = root_radius(size, level)
    (medial, lateral), bottom = pedicle_borders(size, side)
    angle = np.radians(row["angle"][level])
    run = np.arange(0, row["length_mm"] + _STEP_MM, _STEP_MM)
    out = medial + run * np.sin(angle)
    up = bottom - row["under_pedicle_mm"] - radius - lowered - run * np.cos(angle)
    wall = body_back(size, out) - row["behind_wall_mm"] - radius
    least = np.where(out > lateral, np.tan(np.radians(row["forward_deg"])), 0.0)
    front = wall.copy()
    for n in range(1, len(run)):
        step = np.clip((wall[n] - front[n - 1]) / _STEP_MM, least[n], row["steepest"])
        front[n] = front[n - 1] + step * _STEP_MM
    points = np.column_stack([s * out, front, up])
    far = np.concatenate([[0.0], np.linalg.norm(np.diff(points, axis=0), axis=1).cumsum()])
    ticks = np.arange(0, row["length_mm"] + _STEP_MM / 2, _STEP_MM)
    return np.column_stack([np.interp(ticks, far, column) for column in points.T])


def body_back(size: LevelSize, aside: Floats) -> Floats:
    """(n,) mm: how far in front the body's back or side lies at places right of its middle."""
    outline = body_form(size).outline
    x = np.minimum(np.abs(aside), 0.98 * outline.half_width)
    low, high = np.full(len(x), -1.5 * outline.half_depth), np.zeros(len(x))
    for _ in range(30):
        middle = (low + high) / 2
        inside = outline.reach(x, middle) < 1
        low, high = np.where(inside, low, middle), np.where(inside, middle, high)
    return high


def pedicle_borders(size: LevelSize, side: Side) -> tuple[tuple[float, float], float]:
    """Medial and lateral border, mm from the midline, and the lower border's height."""
    centre, roll = pedicle_frame(size, side).origin, np.radians(size.pedicle_roll)
    minor, major = pedicle_semi(size, side)
    upright = float(np.hypot(minor * np.sin(roll), major * np.cos(roll)))
    medial = size.canal_width / 2
    return (medial, 2 * abs(float(centre[0])) - medial), float(centre[2]) - upright


def _through_sacrum(size: LevelSize, side: Side) -> Floats:
    """(n, 3) mm in the sacrum's coordinates: beside the S1 pedicle and out of the S1 foramen."""
    row, s = numbers("canal")["root"], sign(side)
    inner, outer = first_foramen(size, side)
    axis = unit(outer - inner)
    door = inner + ((size.back + row["sacral_door_mm"] - inner[1]) / axis[1]) * axis
    depth = -row["sacral_beside_mm"]
    wide = row["ganglion_width_mm"] / 2
    aside = 0.9 * sacral_share(depth) * size.canal_width / 2 - wide
    beside = np.array([s * aside, size.back - row["behind_wall_mm"] - wide, depth])
    left = row["length_mm"] - float(np.linalg.norm(door - beside))
    return np.array([beside, door, door + left * axis])


def first_foramen(size: LevelSize, side: Side) -> tuple[Floats, Floats]:
    """The S1 foramen's axis from the canal to its front door, in the sacrum's coordinates."""
    s, depth = sign(side), FORAMEN_DEPTHS_MM[0]
    out = size.canal_width / 2 * sacral_share(-depth) + 2
    inner = np.array([s * out, size.back - size.canal_ap / 2, -depth])
    return inner, np.array([s * (out + 6), 25.0, -depth - 5])


def _ganglion(size: LevelSize, level: str, corners: Floats) -> float:
    """Where on the line a ganglion's middle lies: medial in the foramen, L5 lateral, S1 before it."""
    row = numbers("canal")["root"]
    legs = np.linalg.norm(np.diff(corners, axis=0), axis=1).cumsum()
    if level == "S1":
        return float(legs[1])
    medial, lateral = pedicle_borders(size, "left")[0]
    through = (lateral - medial) / np.sin(np.radians(row["angle"][level]))
    share = row["ganglion_lateral" if level in ("L5", "L6") else "ganglion_medial"]
    half = row["ganglion_length_mm"] / 2
    return float(legs[1] + np.clip(share * through, half, row["length_mm"] - half))


def _dense(corners: Floats) -> Floats:
    """(n, 3) mm: the polyline every 1.5 mm, its corners a little rounded."""
    legs = np.concatenate([[0.0], np.linalg.norm(np.diff(corners, axis=0), axis=1).cumsum()])
    ticks = np.linspace(0, legs[-1], int(np.ceil(legs[-1] / _EVERY_MM)) + 1)
    line = np.column_stack([np.interp(ticks, legs, column) for column in corners.T])
    smooth = line.copy()
    smooth[1:-1] = (line[:-2] + 2 * line[1:-1] + line[2:]) / 4
    return smooth


def pushed(path: RootPath, tissue: Shape, most_mm: float) -> RootPath:
    """The root moved off disc or bone that lies in its way, by no more than `most_mm`."""
    free = path.radii + numbers("canal")["root"]["pushed_off_mm"]
    points = path.points.copy()
    for _ in range(_PUSHES):
        tried = np.vstack([points, *(points + move for move in np.eye(3) * 0.05)])
        here, *ahead = tissue(tried).reshape(4, -1)
        if (here >= free - _CLOSE_MM).all():
            break
        slope = np.stack(ahead, axis=1) - here[:, None]
        slope /= np.maximum(np.linalg.norm(slope, axis=1, keepdims=True), 1e-9)
        points += np.maximum(free - here, 0)[:, None] * slope
        points[1:-1] = (points[:-2] + 8 * points[1:-1] + points[2:]) / 10
        off = points - path.points
        points = path.points + off / np.maximum(np.linalg.norm(off, axis=1) / most_mm, 1)[:, None]
    return evolve(path, points=points)
