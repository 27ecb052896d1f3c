"""Colon, its gas, and the loops of the small bowel."""

from collections.abc import Sequence

import numpy as np

from keyhole.simulate.engine.chain import chain, smooth_line
from keyhole.simulate.engine.shapes import Shape, ellipsoid, smooth_max
from keyhole.simulate.engine.solid import Solid
from keyhole.simulate.engine.tissue import tissue
from keyhole.simulate.soft.numbers import numbers
from keyhole.simulate.soft.organs_place import Abdomen, common
from keyhole.simulate.soft.posture import down
from keyhole.space import Floats

_STEP_MM = 14.0
_LENGTH = 5
"""Pieces of a tube's line that share a box."""


def bowel_solids(abdomen: Abdomen) -> list[Solid]:
    """Small bowel, colon, and the colon's gas, which has no label of its own."""
    row = numbers("organs")["colon"]
    lines = [colon_line(abdomen, part) for part in ("right", "transverse", "left")]
    rise = -down(abdomen.body.posture) * (1 - row["gas_share"]) * 0.8
    gas = [
        np.column_stack([line[:, :3] + rise * line[:, 3:], line[:, 3] * row["gas_share"]])
        for line in lines[:2]
    ]
    return [
        Solid("small bowel", _loops(abdomen), tissue("bowel")),
        Solid("colon", common(_tube(lines), abdomen.room(row["inset_mm"])), tissue("bowel")),
        Solid("", common(_tube(gas), abdomen.room(2 * row["inset_mm"])), tissue("gas")),
    ]


def colon_line(abdomen: Abdomen, part: str) -> Floats:
    """(n, 4) mm: the middle of a part of the colon and its radius.

    Behind a kidney it is held there and does not fall.
    """
    row = numbers("organs")["colon"]
    rows = {key: np.array(values, dtype=np.float64) for key, values in row[part].items()}
    if part in abdomen.body.retrorenal_colon:
        behind = row["retrorenal"]
        low, high = behind["rung"]
        there = (rows["rung"] >= low) & (rows["rung"] <= high)
        rows["x"][there] = np.sign(rows["x"][there]) * behind["x"]
        rows["y"][there], rows["radius"][there] = behind["y"], behind["radius"]
    table = {key: values.tolist() for key, values in rows.items()}
    places = abdomen.places(table, 0.0 if part in abdomen.body.retrorenal_colon else row["sink"])
    return smooth_line(places, rows["radius"], _STEP_MM)


def _tube(lines: Sequence[Floats]) -> Shape:
    """Tubes in pieces, each with a box of its own."""
    pieces = [
        chain(line[a : a + _LENGTH + 1, :3], line[a : a + _LENGTH + 1, 3], _STEP_MM)
        for line in lines
        for a in range(0, len(line) - 1, _LENGTH)
    ]

    def distance(points: Floats) -> Floats:
        best = pieces[0](points)
        for piece in pieces[1:]:
            np.minimum(best, piece(points), out=best)
        return best

    low = np.min([piece.low for piece in pieces], axis=0)
    return Shape(distance, low, np.max([piece.high for piece in pieces], axis=0))


def _loops(abdomen: Abdomen) -> Shape:
    """Winding tubes that fill an ellipsoid: the the two sides of a gyroid.

    The gyroid sin x cos y + sin y cos z + sin z cos x = 0 (Schoen 1970) divides space into two
    mazes of tubes that a sheet keeps apart; the distance is first-order.
    """
    row = numbers("organs")["small bowel"]
    middle = abdomen.place(row["x"], row["y"], row["rung"], row["sink"])
    whole = ellipsoid(middle, np.array(row["semi"]) * [*abdomen.scale, 1])
    room = abdomen.room(row["inset_mm"])
    rate, fill = np.pi / row["loop_mm"], row["fill"]

    def distance(points: Floats) -> Floats:
        x, y, z = ((points - middle) * rate).T
        sx, sy, sz, cx, cy, cz = np.sin(x), np.sin(y), np.sin(z), np.cos(x), np.cos(y), np.cos(z)
        value = sx * cy + sy * cz + sz * cx
        slopes = (cx * cy - sz * sx, cy * cz - sx * sy, cz * cx - sy * sz)
        steep = rate * np.sqrt(sum(slope**2 for slope in slopes) + 0.15)
        maze = (fill - np.abs(value)) / steep
        return smooth_max(np.maximum(whole.distance(points), room.distance(points)), maze, 6)

    return Shape(distance, whole.low, whole.high)
