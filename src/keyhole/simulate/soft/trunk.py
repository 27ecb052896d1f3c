"""Skin, fat under it, the muscular wall and the fat within."""

import numpy as np
from attrs import frozen

from keyhole.simulate.design.model import Body
from keyhole.simulate.engine.shapes import Shape
from keyhole.simulate.engine.solid import Solid
from keyhole.simulate.engine.tissue import tissue
from keyhole.simulate.soft.numbers import by_sex, numbers
from keyhole.simulate.soft.trunk_column import Column
from keyhole.simulate.soft.trunk_outlines import Outlines
from keyhole.space import SIDES, Floats, Side


@frozen
class Trunk:
    """The outlines as shapes; see `Outlines`."""

    outlines: Outlines
    skin: Shape
    wall: Shape
    cavity: Shape
    viscera: Shape

    @classmethod
    def of(cls, outlines: Outlines) -> "Trunk":
        """The shapes of outlines."""
        skin, wall, cavity, viscera = (
            outlines.loft(radii).shape()
            for radii in (outlines.skin, outlines.wall, outlines.cavity, outlines.viscera)
        )
        return cls(outlines, skin, wall, cavity, viscera)


def inward(shape: Shape, depth_mm: float) -> Shape:
    """What lies deeper than `depth_mm` within a shape."""
    return Shape(lambda points: shape.distance(points) + depth_mm, shape.low, shape.high)


def within_box(shape: Shape, low: Floats, high: Floats) -> Shape:
    """The part of a shape in a box, low to high corner (3,) mm; infinite where it is not cut."""

    def distance(points: Floats) -> Floats:
        cut = np.maximum(low - points, points - high).max(axis=1)
        return np.maximum(shape.distance(points), cut)

    return Shape(distance, np.maximum(shape.low, low), np.minimum(shape.high, high))


def trunk_solids(trunk: Trunk, column: Column, body: Body) -> list[Solid]:
    """From the skin inward, in the order of painting."""
    row = numbers("trunk")
    skin_mm = row["skin"]["thick_mm"]
    wall = row["wall"]
    crest, chest = column.height([wall["crest_rung"], wall["chest_rung"]])
    solids = [
        Solid("body", trunk.skin, tissue("fat"), tissue("skin"), skin_mm),
        Solid("subcutaneous fat", inward(trunk.skin, skin_mm), tissue("fat")),
    ]
    for name, low, high in (
        ("gluteus medius", -np.inf, crest),
        ("external oblique", crest, chest),
        ("chest wall", chest, np.inf),
    ):
        aside = np.array([np.inf, np.inf])
        piece = within_box(trunk.wall, np.array([*-aside, low]), np.array([*aside, high]))
        solids += [
            Solid(f"{name} {side}", side_of(piece, trunk, side), tissue("muscle")) for side in SIDES
        ]
    front = float(trunk.outlines.centres[:, 1].mean())
    for side in SIDES:
        shape = _rectus(trunk.wall, side, by_sex(wall["rectus_mm"], body.sex), front, chest)
        solids.append(Solid(f"rectus abdominis {side}", shape, tissue("muscle")))
    return [*solids, Solid("torso fat", trunk.cavity, tissue("fat"))]


def side_of(shape: Shape, trunk: Trunk, side: Side) -> Shape:
    """The part of a shape on one side of the trunk's middle."""
    s = 1 if side == "right" else -1
    heights, middles = trunk.outlines.heights, trunk.outlines.centres[:, 0]
    low, high = shape.low.copy(), shape.high.copy()
    if side == "right":
        low[0] = middles.min()
    else:
        high[0] = middles.max()

    def distance(points: Floats) -> Floats:
        over = s * (np.interp(points[:, 2], heights, middles) - points[:, 0])
        return np.maximum(shape.distance(points), over)

    return Shape(distance, low, high)


def _rectus(wall: Shape, side: Side, width: float, front: float, top: float) -> Shape:
    """The straight muscle beside the white line; the cavity behind it is painted over."""
    alba = numbers("trunk")["wall"]["linea_alba_mm"] / 2
    near, far = (alba, width) if side == "right" else (-width, -alba)
    return within_box(wall, np.array([near, front, -np.inf]), np.array([far, np.inf, top]))
