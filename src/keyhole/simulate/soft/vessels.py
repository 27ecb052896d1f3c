"""Aorta, vena cava and iliac vessels along the front of the spine."""

from collections.abc import Sequence

import numpy as np
from attrs import frozen

from keyhole.simulate.design.model import Design
from keyhole.simulate.engine.chain import chain
from keyhole.simulate.engine.column import Outline
from keyhole.simulate.engine.shapes import Shape
from keyhole.simulate.engine.solid import Solid
from keyhole.simulate.engine.tissue import tissue
from keyhole.simulate.soft.numbers import between, by_sex, numbers
from keyhole.simulate.soft.trunk_column import Column
from keyhole.space import SIDES, Floats, Frame, Side

_TOP_RUNGS = 1.5
"""How far above the top disc the vessels run on."""
_STEP_MM = 8.0
_MIDDLE = 2
"""The rung whose disc says how wide a spine is."""
_LEGS = 3
_CLEAR_MM = 7.0
"""A disc nearer than this to the fork has no say in where the iliac vessels run."""

Place = tuple[float, float, float]
"""Right of the midline, away from the column's front, height; mm."""


@frozen
class Course:
    """What the vessels have in common: the spine they follow and where they divide."""

    design: Design
    column: Column
    fork: float
    """Height of the aorta's bifurcation."""

    @classmethod
    def of(cls, design: Design, frames: dict[str, Frame], column: Column) -> "Course":
        """The course of a design; the fork lies below the middle of L4."""
        fork = frames["L4"].to_patient([0, 0, -design.body.bifurcation_mm])
        return cls(design, column, float(fork[2]))

    @property
    def mirrored(self) -> bool:
        """Whether the vena cava runs on the left."""
        return self.design.body.left_cava

    def before(self, x: float, away: float, height: float) -> Floats:
        """(3,) mm: the place at a height, `x` to the right, `away` from the front of the column.

        `x` is that of a spine of the table's width; a narrow spine has its vessels closer.
        """
        column, z = self.column, [height]
        x *= float(column.half_widths[_MIDDLE]) / float(
            numbers("vessels")["scale"]["half_width_mm"]
        )
        half = Outline(float(column.half_width(z)[0]), float(column.depth(z)[0]) / 2, 2.2, 3.2)
        angle = np.linspace(0, np.pi, 181)
        rim = np.column_stack([half.half_width * np.cos(angle), half.half_depth * np.sin(angle)])
        rim /= np.maximum(half.reach(*rim.T), 1e-9)[:, None]
        off = np.maximum(away**2 - (rim[:, 0] - x) ** 2, 0)
        front = float(np.where(np.abs(rim[:, 0] - x) <= away, rim[:, 1] + np.sqrt(off), 0).max())
        turn = float(column.turn(z)[0])
        across, ahead = (
            np.array([np.cos(turn), np.sin(turn)]),
            np.array([-np.sin(turn), np.cos(turn)]),
        )
        middle = column.front.at(z)[0] - half.half_depth * ahead
        return np.array([*(middle + x * across + front * ahead), height])

    def pelvic(self, x: float, y: float, rung: float) -> Floats:
        """(3,) mm: a place in the pelvis, from the front of the sacral disc."""
        start = self.column.front.at([self.column.rungs[0]])[0]
        return np.array([start[0] + x, start[1] + y, float(self.column.height(rung))])


def vessel_solids(course: Course) -> list[Solid]:
    """Veins first: an artery that crosses one flattens it."""
    shapes: dict[str, Shape] = {"vena cava": _cava(course)}
    shapes |= {f"iliac vein {side}": _vein(course, side) for side in SIDES}
    shapes |= {f"iliac artery {side}": _artery(course, side) for side in SIDES}
    shapes["aorta"] = _aorta(course)
    return [Solid(name, shape, tissue("blood")) for name, shape in shapes.items()]


def aorta_radius(course: Course) -> float:
    """With its wall, mm."""
    row = numbers("vessels")["aorta"]
    return by_sex(row["inner_mm"], course.design.body.sex) / 2 + float(row["wall_mm"])


def _rungs(course: Course, low: float) -> Floats:
    """Rungs from a height upward, one a disc and one between."""
    top = len(course.column.rungs) - 1 + _TOP_RUNGS
    start = float(course.column.rung(low))
    return np.append(start, np.arange(np.ceil((start + 0.2) * 2) / 2, top + 0.01, 0.5))


def _aorta(course: Course) -> Shape:
    points = aorta_line(course)
    return chain(points, np.full(len(points), aorta_radius(course)), _STEP_MM)


def aorta_line(course: Course) -> Floats:
    """(n, 3) mm of its middle, from the fork upward."""
    row, radius = numbers("vessels")["aorta"], aorta_radius(course)
    shift = row["left_cava_shift"] if course.mirrored else 0.0
    rungs = _rungs(course, course.fork)
    x = between(row["rung"], row["x"], rungs) + shift
    gap = between(row["rung"], row["gap_mm"][course.design.body.sex], rungs)
    return _points(course, x, gap + radius, rungs)


def _points(course: Course, x: Floats, away: Floats, rungs: Floats) -> Floats:
    heights = course.column.height(rungs)
    return np.array([course.before(*place) for place in zip(x, away, heights, strict=True)])


def _confluence(course: Course) -> tuple[float, float]:
    """How far right and how high the iliac veins meet."""
    row = numbers("vessels")["vena cava"]
    x = row["left_x"] / 2 if course.mirrored else row["x"][0]
    return float(x), course.fork - float(row["confluence_mm"])


def _cava(course: Course) -> Shape:
    row = numbers("vessels")["vena cava"]
    radius = by_sex(row["radius_mm"], course.design.body.sex)
    x0, low = _confluence(course)
    rungs = _rungs(course, low)
    x, gap = between(row["rung"], row["x"], rungs), between(row["rung"], row["gap_mm"], rungs)
    x = np.where(rungs <= rungs[0], x0, x)
    if course.mirrored:
        start, middle, end = row["crossing_rung"]
        share = np.clip((rungs - start) / (end - start), 0, 1)
        x = (1 - share) * np.where(rungs <= rungs[0], x0, row["left_x"]) + share * x
        gap = gap + row["crossing_gap_mm"] * np.exp(-(((rungs - middle) / 0.45) ** 2))
    thin = between([0, 1], [row["confluence_share"], 1], rungs - rungs[0])
    return chain(_points(course, x, gap + radius * thin, rungs), radius * thin, _STEP_MM)


def _vein(course: Course, side: Side) -> Shape:
    row = numbers("vessels")["iliac vein"]
    radius = by_sex(row["radius_mm"], course.design.body.sex)
    x0, high = _confluence(course)
    crossing = side == ("right" if course.mirrored else "left")
    first = float(row["crossing_radius_mm"]) if crossing else radius
    s = -1 if course.mirrored else 1
    own: Side = side if s > 0 else ("left" if side == "right" else "right")
    base = float(course.column.rungs[0])
    gap = float(row["sacral_gap_mm"][own])
    start = (x0, float(row["crossing_gap_mm"]) + first, high)
    end = (s * row["sacral_x"][own], gap + radius, min(base, high - _CLEAR_MM))
    places = [*_between(course, start, end), *_pelvis(course, row, side)]
    return chain(places, [first, *[radius] * (len(places) - 1)], _STEP_MM)


def _between(course: Course, start: Place, end: Place) -> list[Floats]:
    """Places along the column's front from one to another, both included."""
    rows = np.linspace(start, end, _LEGS + 1)
    return [course.before(*row) for row in rows.tolist()]


def _artery(course: Course, side: Side) -> Shape:
    row, sex = numbers("vessels")["iliac artery"], course.design.body.sex
    radius = by_sex(row["inner_mm"], sex) / 2 + float(row["wall_mm"])
    line = aorta_line(course)
    disc, base = float(course.column.rungs[1]), float(course.column.rungs[0])
    away = float(row["sacral_gap_mm"][side]) + radius
    end = (float(row["sacral_x"][side]), away, min(base, course.fork - _CLEAR_MM))
    places = [line[0]]
    if disc < course.fork - _CLEAR_MM:
        gap = float(row["disc_gap_mm"][sex][side]) + radius
        places += _between(course, (float(row["disc_x"][side]), gap, disc), end)
    else:
        places.append(course.before(*end))
    places += _pelvis(course, row, side)
    return chain(places, np.full(len(places), radius), _STEP_MM)


def _pelvis(course: Course, row: dict[str, Sequence[float]], side: Side) -> list[Floats]:
    s = 1 if side == "right" else -1
    rows = zip(row["pelvic_x"], row["pelvic_y"], row["pelvic_rung"], strict=True)
    return [course.pelvic(s * x, y, rung) for x, y, rung in rows]
