"""Liver, spleen, stomach, lungs and kidneys."""

from collections.abc import Callable

import numpy as np

from keyhole.simulate.engine.shapes import Shape, carved, ellipsoid, placed, smooth_max
from keyhole.simulate.engine.solid import Solid
from keyhole.simulate.engine.tissue import tissue
from keyhole.simulate.soft.numbers import numbers
from keyhole.simulate.soft.organs_bowel import bowel_solids
from keyhole.simulate.soft.organs_place import Abdomen, common
from keyhole.simulate.soft.posture import down
from keyhole.space import SIDES, Floats, Frame, Side


def organ_solids(abdomen: Abdomen) -> list[Solid]:
    """All organs in the order of painting."""
    solids = [
        Solid("liver", _liver(abdomen), tissue("liver")),
        Solid("spleen", _moulded(abdomen, "spleen"), tissue("spleen")),
        *_stomach(abdomen),
    ]
    for side in SIDES:
        solids.append(Solid(f"pleura {side}", _pleura(abdomen, side), tissue("soft_tissue")))
        solids.append(Solid(f"lung lower lobe {side}", _lung(abdomen, side), tissue("lung")))
    solids += bowel_solids(abdomen)
    return solids + [
        Solid(f"kidney {side}", kidney(abdomen, side), tissue("kidney")) for side in SIDES
    ]


def kidney(abdomen: Abdomen, side: Side) -> Shape:
    """A bean: its sinus opens forward and to the middle."""
    row, s = numbers("organs")["kidney"], 1 if side == "right" else -1
    sinus = np.array(row["sinus_at"]) * [s, 1, 1]
    bean = carved(
        ellipsoid([0, 0, 0], row["semi"]), ellipsoid(sinus, row["sinus_semi"]), blend_mm=4
    )
    return placed(bean, kidney_frame(abdomen, side))


def kidney_bed(abdomen: Abdomen, side: Side, fat_mm: float) -> Shape:
    """What the kidney fills with the fat round it."""
    semi = np.array(numbers("organs")["kidney"]["semi"]) + fat_mm
    return placed(ellipsoid([0, 0, 0], semi), kidney_frame(abdomen, side))


def kidney_frame(abdomen: Abdomen, side: Side) -> Frame:
    """In the kidney's middle, up along it: the upper pole leans to the spine."""
    row, s = numbers("organs")["kidney"], 1 if side == "right" else -1
    behind = side in abdomen.body.retrorenal_colon
    dx, dy = row["retrorenal_shift"] if behind else (0, 0)
    x = s * (row["x"] + dx)
    middle = abdomen.place(x, row["y"] + dy, row["rung"][side], row["sink"])
    out, back = row["lean"]
    return Frame.from_up(middle, [-s * out, -back, 1.0], [1.0, 0.35 * s, 0])


def _moulded(abdomen: Abdomen, name: str) -> Shape:
    """An ellipsoid shaped by the wall it lies against."""
    row = numbers("organs")[name]
    middle = abdomen.place(row["x"], row["y"], row["rung"], row["sink"])
    own = ellipsoid(middle, np.array(row["semi"]) * [*abdomen.scale, 1])
    room = abdomen.room(row["inset_mm"])
    neighbour: Side = "right" if row["x"] > 0 else "left"
    fat = kidney_bed(abdomen, neighbour, row["kidney_gap_mm"])
    return carved(common(own, room), fat, blend_mm=6)


def _liver(abdomen: Abdomen) -> Shape:
    whole = _moulded(abdomen, "liver")
    row = numbers("organs")["liver"]
    end = abdomen.place(row["left_end"], 0, row["rung"], row["sink"])[0]
    lobe = common(whole, Shape(lambda points: end - points[:, 0], whole.low, whole.high))
    low = lobe.low.copy()
    low[0] = max(low[0], end)
    return Shape(lobe.distance, low, lobe.high)


def _stomach(abdomen: Abdomen) -> list[Solid]:
    """The wall and what it holds, and the gas that rises in it."""
    row = numbers("organs")["stomach"]
    middle = abdomen.place(row["x"], row["y"], row["rung"], row["sink"])
    semi = np.array(row["semi"]) * [*abdomen.scale, 1]
    room = abdomen.room(row["inset_mm"])
    rise = -down(abdomen.body.posture) * semi * (1 - row["gas_share"]) * 0.8
    gas = ellipsoid(middle + rise, semi * row["gas_share"])
    return [
        Solid("stomach", common(ellipsoid(middle, semi), room), tissue("bowel")),
        Solid("", common(gas, abdomen.room(2 * row["inset_mm"])), tissue("gas")),
    ]


def _base(abdomen: Abdomen, side: Side, lower_mm: float) -> Callable[[Floats], Floats]:
    """Distance to the dome of the diaphragm; negative above it."""
    row, s = numbers("organs")["lung"], 1 if side == "right" else -1
    top = abdomen.place(s * row["top_x"], row["top_y"], row["top_rung"], 0)
    reach = np.array(row["reach_mm"]) * abdomen.scale
    aside, behind, ahead = row["fall_mm"]

    def distance(points: Floats) -> Floats:
        off = (points[:, :2] - top[:2]) / reach
        fall = np.column_stack([np.full(len(off), aside), np.where(off[:, 1] < 0, behind, ahead)])
        lower = lower_mm * np.minimum((off**2).sum(axis=1), 1)
        height = top[2] - lower - (off**2 * fall).sum(axis=1)
        slope = 2 * off * fall / reach
        return np.asarray((height - points[:, 2]) / np.sqrt(1 + (slope**2).sum(axis=1)))

    return distance


def _chest(abdomen: Abdomen, side: Side, inset_mm: float, lower_mm: float) -> Shape:
    """The half of the chest above the dome, beside the mediastinum."""
    room = abdomen.room(inset_mm)
    s = 1 if side == "right" else -1
    base, aside = _base(abdomen, side, lower_mm), numbers("organs")["lung"]["mediastinum_mm"]
    outlines, column = abdomen.trunk.outlines, abdomen.column
    middle = float(np.interp(column.rungs[-1], outlines.heights, outlines.centres[:, 0]))

    def distance(points: Floats) -> Floats:
        inner = aside - s * (points[:, 0] - middle)
        return smooth_max(np.maximum(room.distance(points), base(points)), inner, 4)

    low, high = room.low.copy(), room.high.copy()
    low[2] = float(column.height(3.5))
    low[0], high[0] = (middle + aside, high[0]) if s > 0 else (low[0], middle - aside)
    return Shape(distance, low, high)


def _lung(abdomen: Abdomen, side: Side) -> Shape:
    return _chest(abdomen, side, numbers("organs")["lung"]["inset_mm"], 0)


def _pleura(abdomen: Abdomen, side: Side) -> Shape:
    """The recess below the lung: a thin layer between wall and diaphragm."""
    row = numbers("organs")["lung"]
    room = abdomen.trunk.viscera
    chest = _chest(abdomen, side, 0.5, row["recess_mm"])

    def distance(points: Floats) -> Floats:
        return np.maximum(chest.distance(points), -row["pleura_mm"] - room.distance(points))

    return Shape(distance, chest.low, chest.high)
