"""The cord and the strands of the cauda equina within the sac.

Supine, the strands lie behind in two sheaves. Each belongs to a root: it leaves the conus, keeps
its place in the sheaf, and in its last centimetres runs to the sac's side where its root leaves.
"""

import numpy as np
from attrs import frozen

from keyhole.simulate.engine.loft import Loft, superellipse
from keyhole.simulate.engine.shapes import Shape
from keyhole.simulate.soft.canal_room import Canal
from keyhole.simulate.soft.canal_sac import reach_of
from keyhole.simulate.soft.numbers import numbers
from keyhole.space import SIDES, Floats, Side, fixed

_EVERY_MM = 2.0
_LEAVING_MM = 25.0
_GOLDEN = 0.618034


@frozen
class _Strand:
    """Right and front (k,) mm at rising stations (k,)."""

    stations: Floats
    places: Floats

    def away(self, local: Floats) -> Floats:
        """(n,) mm to the strand's middle, of points right, front, along."""
        along = np.clip(local[:, 2], self.stations[0], self.stations[-1])
        right = np.interp(along, self.stations, self.places[:, 0]) - local[:, 0]
        front = np.interp(along, self.stations, self.places[:, 1]) - local[:, 1]
        return np.sqrt(right**2 + front**2 + (along - local[:, 2]) ** 2)


def conus(canal: Canal) -> float:
    """The station of the cord's tip: a little above L1/2, or above the topmost disc there is."""
    row = numbers("canal")["cord"]
    names = [part.name for part in canal.design.segments]
    return canal.marks["L1/2" if "L1/2" in names else names[0]] + float(row["tip_above_mm"])


def cord_shape(canal: Canal, sac: Loft) -> Shape:
    """The cord from the top down to the conus's tip, in the world."""
    row, tip, top = numbers("canal")["cord"], conus(canal), float(sac.stations[-1])
    ticks = np.linspace(tip, max(top, tip + 5), 12)
    grown = np.clip((ticks - tip) / row["taper_mm"], 0, 1) ** 0.7
    middle = np.array([sac_middle(sac, along) for along in ticks.tolist()])
    radii = [
        superellipse(g * row["half_width_mm"], g * row["half_depth_mm"], g * row["half_depth_mm"])
        for g in np.maximum(grown, 0.12)
    ]
    return Loft(canal.curve, ticks, middle, np.array(radii), round_mm=0.5).shape()


def sac_middle(sac: Loft, along: float) -> Floats:
    """(2,) mm right, front: the mean of the sac's outline at a station."""
    return np.asarray(sac.outline(along).mean(axis=0))


def cauda_shape(canal: Canal, sac: Loft) -> Shape:
    """All strands, in the world."""
    row = numbers("canal")["cauda"]
    strands = [
        _strand(canal, sac, side, number) for side in SIDES for number in range(row["strands"])
    ]
    cloud = np.vstack(
        [canal.curve.to_patient(np.column_stack([s.places, s.stations])) for s in strands]
    )
    radius, curve = row["radius_mm"], canal.curve

    def distance(points: Floats) -> Floats:
        local = curve.to_local(points)
        best = strands[0].away(local)
        for strand in strands[1:]:
            np.minimum(best, strand.away(local), out=best)
        return best - radius

    return Shape(distance, cloud.min(axis=0) - radius, cloud.max(axis=0) + radius)


def _strand(canal: Canal, sac: Loft, side: Side, number: int) -> _Strand:
    """One of a side's strands; the higher its root, the further outward it lies."""
    row = numbers("canal")["cauda"]
    end = _end(canal, sac, number)
    stations = np.append(np.arange(end, conus(canal) + 12, _EVERY_MM), conus(canal) + 12)
    share = (number + 0.5) / row["strands"]
    angle = np.radians(-90 + 75 * (1 - share))
    depth = 0.3 + 0.58 * ((number * _GOLDEN) % 1.0)
    leaving = np.clip(1 - (stations - end) / _LEAVING_MM, 0, 1) ** 2
    joining = np.clip((stations - conus(canal)) / 12 + 0.4, 0, 1)
    turn = angle + leaving * (np.radians(-10) - angle)
    out = depth + leaving * (0.88 - depth) - 0.45 * depth * joining
    angles = turn if side == "right" else np.pi - turn
    places = [
        reach_of(sac, along, a, o)
        for along, a, o in zip(stations.tolist(), angles.tolist(), out.tolist(), strict=True)
    ]
    return _Strand(fixed(stations), fixed(places))


def _end(canal: Canal, sac: Loft, number: int) -> float:
    """Where a strand ends: at its root's pedicle, the lowest at the sac's tip."""
    low = [level for level in canal.design.names if canal.marks[level] < conus(canal) - 10]
    ends = sorted((canal.marks[level] for level in low), reverse=True)
    tip = float(sac.stations[0]) + 5
    return max(ends[number // 2] if number // 2 < len(ends) else tip, tip)
