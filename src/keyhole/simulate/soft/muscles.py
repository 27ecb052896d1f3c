"""The muscles along the spine: psoas, quadratus lumborum and the muscles of the back.

`SegmentSize`'s areas are those of level (axial) sections through the middle of the segment's
disc; where room is short a section is as large as the room.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from keyhole.simulate.design.model import Design
from keyhole.simulate.engine.shapes import Distance, Shape
from keyhole.simulate.engine.solid import Solid
from keyhole.simulate.engine.tissue import tissue
from keyhole.simulate.soft.muscle_growth import Sections, Wall, grown, turned_oval
from keyhole.simulate.soft.muscle_room import Room
from keyhole.simulate.soft.numbers import between, by_sex, numbers
from keyhole.simulate.soft.trunk_column import Column
from keyhole.simulate.soft.trunk_loft import LevelLoft
from keyhole.space import SIDES, Floats, Side

MUSCLES = ("psoas", "quadratus lumborum", "multifidus", "longissimus", "iliocostalis")
"""In the order in which they take their room."""
_STEP_RUNGS = 0.2
_ASIDE_MM = 120.0
_FROM_BONE_MM = 0.4
_FROM_MIDLINE_MM = 0.4
_BACK_LEAST_MM = 2.2
"""Muscles of the back keep this from the outside of the fascia, which is thinner."""


def grow_muscles(
    design: Design, column: Column, stiff: Sequence[Shape], fascia: Shape
) -> dict[str, LevelLoft]:
    """Each muscle of both sides, by name.

    `stiff` is what they grow round, `fascia` encloses the muscles of the back.
    """
    low, high = _box(column, fascia)
    room = Room.round(stiff, low, high)
    found: dict[str, LevelLoft] = {}
    for side in SIDES:
        taken: list[Distance] = []
        for name in MUSCLES:
            row = numbers("muscles")[name]
            walls: list[Wall] = [(room, _FROM_BONE_MM)]
            walls.append((lambda points: -fascia.distance(points), _BACK_LEAST_MM))
            walls.append((_own_side(side, column), _FROM_MIDLINE_MM))
            walls += [(muscle, row["gap_mm"]) for muscle in taken]
            loft = grown(sections(name, side, design, column), walls)
            found[f"{name} {side}"] = loft
            taken.append(loft.shape().distance)
    return found


def muscle_solids(muscles: Mapping[str, LevelLoft]) -> Iterator[Solid]:
    """The solids of grown muscles."""
    for name, loft in muscles.items():
        yield Solid(name, loft.shape(), tissue("muscle"))


def sections(name: str, side: Side, design: Design, column: Column) -> Sections:
    """A muscle's sections as the table has them, in the column's world."""
    row, s = numbers("muscles")[name], 1 if side == "right" else -1
    rungs = _rungs(row["rung"])
    heights = column.height(rungs)
    value = {key: between(row["rung"], row[key], rungs) for key in _SHAPE}
    aside = value["x"] + (column.half_width(heights) if row["beside_body"] else 0)
    base = np.maximum(heights, column.rungs[0]) if row["holds"] else heights
    turn = column.turn(base)
    across, ahead = np.array([np.cos(turn), np.sin(turn)]), np.array([-np.sin(turn), np.cos(turn)])
    centres = column.wall.at(base).T + s * aside * across + value["y"] * ahead
    outlines = [
        turned_oval(w, f, b, np.radians(s * roll) + t, row["power"])
        for w, f, b, roll, t in zip(*(value[key] for key in _SHAPE[2:]), turn, strict=True)
    ]
    areas = _areas(row, rungs, design)
    return Sections(heights, centres.T, s * across.T, np.array(outlines), areas)


_SHAPE = ("x", "y", "half_width", "front", "back", "roll")


def _rungs(ends: Sequence[float]) -> Floats:
    """Sections between a muscle's ends, the discs' middles among them."""
    steps = np.arange(np.ceil(ends[0] / _STEP_RUNGS), np.floor(ends[-1] / _STEP_RUNGS) + 1)
    return np.unique(np.concatenate([[ends[0]], steps * _STEP_RUNGS, [ends[-1]]]).round(6))


def _areas(row: Mapping[str, Any], rungs: Floats, design: Design) -> Floats:
    """(k,) mm2."""
    if "area" in row:
        return by_sex(row["area_sex"], design.body.sex) * between(row["rung"], row["area"], rungs)
    whole = [getattr(part.size, row["area_of"]) for part in reversed(design.segments)]
    share = between(row["rung"], row["share"], rungs)
    return between(list(range(len(whole))), whole, rungs) * share


def _own_side(side: Side, column: Column) -> Distance:
    """How far on a side's own side of the midline points are."""
    line, s = column.wall.points, 1 if side == "right" else -1
    return lambda points: s * (points[:, 0] - np.interp(points[:, 2], line[:, 2], line[:, 0]))


def _box(column: Column, fascia: Shape) -> tuple[Floats, Floats]:
    """The corners of what muscles may reach."""
    ends = column.height([-3.6, len(column.rungs) + 1])
    aside = column.wall.points[:, 0]
    low = [aside.min() - _ASIDE_MM, fascia.low[1], ends[0]]
    return np.array(low), np.array([aside.max() + _ASIDE_MM, 80.0, ends[1]])
