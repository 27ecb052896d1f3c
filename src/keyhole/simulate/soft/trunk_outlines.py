"""The trunk's outlines: skin, muscular wall and cavity, sections round a centre at each height."""

from typing import Self

import numpy as np
from attrs import field, frozen

from keyhole.simulate.design.model import Body, Design
from keyhole.simulate.soft.numbers import between, by_sex, numbers
from keyhole.simulate.soft.trunk_column import Column
from keyhole.simulate.soft.trunk_layers import RAYS, Stations, cavities, skin_radii, wall_radii
from keyhole.simulate.soft.trunk_loft import LEVEL, LevelLoft
from keyhole.space import Floats, fixed

_LOWEST = -4.0
_ABOVE_TOP = 2.5
_STEP_RUNGS = 0.5


@frozen
class Outlines:
    """Radii (k, RAYS) mm at heights (k,) round centres (k, 2): skin, wall, cavity, viscera.

    `wall` is the outside of the muscles, `cavity` what the abdominal wall encloses, the room of
    the back muscles with it; `viscera` the same without that room. Sections are turned as the
    vertebrae are.
    """

    heights: Floats = field(converter=fixed)
    centres: Floats = field(converter=fixed)
    skin: Floats = field(converter=fixed, repr=False)
    wall: Floats = field(converter=fixed, repr=False)
    cavity: Floats = field(converter=fixed, repr=False)
    viscera: Floats = field(converter=fixed, repr=False)

    @classmethod
    def of(cls, design: Design, column: Column) -> Self:
        """The outlines of a person round a spine."""
        stations, centres = _stations(design, column)
        skin = skin_radii(stations)
        wall = wall_radii(stations, skin)
        cavity, viscera = cavities(stations, wall)
        turn = column.turn(stations.heights)
        turned = [_rolled(radii, turn) for radii in (skin, wall, cavity, viscera)]
        return cls(stations.heights, centres, *turned)

    def loft(self, radii: Floats) -> LevelLoft:
        """One of the outlines as a column."""
        return LevelLoft(LEVEL, self.heights, self.centres, radii, round_mm=1)


def _rolled(radii: Floats, turn: Floats) -> Floats:
    """(k, RAYS): sections turned by `turn` (k,) radians from right towards front."""
    rays = np.arange(RAYS)
    off = turn * RAYS / (2 * np.pi)
    return np.array(
        [np.interp(rays - o, rays, row, period=RAYS) for row, o in zip(radii, off, strict=True)]
    )


def _stations(design: Design, column: Column) -> tuple[Stations, Floats]:
    """The sections' places, and their centres (k, 2) mm."""
    top = len(column.rungs) - 1 + _ABOVE_TOP
    rungs = np.arange(_LOWEST, top + _STEP_RUNGS / 2, _STEP_RUNGS)
    heights = column.height(rungs)
    turn = column.turn(heights)
    ahead = np.column_stack([-np.sin(turn), np.cos(turn)])
    canal = column.canal.at(heights)
    tips = ((canal - column.tip.at(heights)) * ahead).sum(axis=1)
    size = _sizes(design.body, rungs)
    behind = skin_behind(design, column, heights, tips)
    before = numbers("trunk")["waist"]["centre_share"] * size[:, 1] - behind
    stations = Stations(design.body, rungs, heights, size, before, tips, behind)
    base = np.column_stack([_middle(column, heights), canal[:, 1]])
    return stations, base + before[:, None] * ahead


def _middle(column: Column, heights: Floats) -> Floats:
    """(k,) where the trunk's middle lies: as the spine does, but evened out."""
    points = column.wall.points
    curve = np.polynomial.Polynomial.fit(points[:, 2], points[:, 0], 3)
    return np.asarray(curve(np.clip(heights, points[0, 2], points[-1, 2])), dtype=np.float64)


def skin_behind(design: Design, column: Column, heights: Floats, tips: Floats) -> Floats:
    """(k,) mm from the canal's back to the skin behind the midline, at heights (k,).

    At each disc it is `skin_to_epidural`; but never so little that skin and the least fat have
    no room behind the spinous processes, whose tips lie `tips` (k,) mm behind the canal's back.
    """
    row = numbers("trunk")["skin"]
    depths = [part.size.skin_to_epidural for part in reversed(design.segments)]
    depth = between(list(range(len(depths))), depths, column.rung(heights))
    canal = column.canal.at(heights)[:, 1]
    base = float(np.interp(column.rungs[0], heights, canal - depth)) - row["sacral_step_mm"]
    depth = np.where(heights < column.rungs[0], np.minimum(depth, canal - base), depth)
    return np.maximum(depth, tips + row["thick_mm"] + row["least_fat_mm"])


def _sizes(body: Body, rungs: Floats) -> Floats:
    """(k, 2) mm half width and depth of the sections."""
    table = numbers("trunk")
    waist, section, lying = table["waist"], table["section"], table["posture"][body.posture]
    girth = by_sex(waist["base_mm"], body.sex) + by_sex(waist["per_bmi_mm"], body.sex) * body.bmi
    girth *= body.stature_cm / by_sex(waist["stature_cm"], body.sex)
    half = girth / np.pi / (1 + 1 / waist["aspect"])
    width = between(section["rung"], section["width"][body.sex], rungs)
    depth = between(section["rung"], section["depth"][body.sex], rungs)
    deep = 2 * half / waist["aspect"] * depth * lying["depth"]
    return np.column_stack([half * width * lying["width"], deep])
