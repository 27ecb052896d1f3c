"""The thecal sac's sections: as round and as large as ordered, where the canal has room.

Room ends a little before the pedicles, the discs with their bulge and the flava; where it is
less than the sac's own size the sac takes all of it.
"""

from collections.abc import Sequence

import numpy as np
from attrs import frozen

from keyhole.simulate.design.model import Design, Segment
from keyhole.simulate.engine.loft import ANGLES, Loft
from keyhole.simulate.soft.canal_room import Canal, inward_normals, radii_of
from keyhole.simulate.soft.ligaments import Flavum
from keyhole.simulate.soft.numbers import between, numbers
from keyhole.space import Floats

_EVERY_MM = 3.0
_SOFT = 12.0
"""How sharply a section turns from its own roundness to what bounds it."""
_MORE_BEHIND = 1.25


@frozen
class Bounds:
    """What bounds the sac: the canal, its flava and its discs' bulges."""

    canal: Canal
    flava: tuple[Flavum, ...]

    def section(self, along: float) -> tuple[Floats, Floats]:
        """The sac's middle (2,) and the radii (256,) of the room round it, mm."""
        row = numbers("canal")["sac"]
        middle = self.canal.middles(along)
        wall = self.canal.room.outline(along)
        inward = inward_normals(wall)
        kept = wall + self._kept(wall - middle, inward, along)[:, None] * inward
        centre = middle + np.array([0, row["forward_mm"]])
        return centre, radii_of(kept - centre)

    def _kept(self, wall: Floats, inward: Floats, along: float) -> Floats:
        """(n,) mm: how far off each point of the wall the sac stays."""
        row = numbers("canal")["sac"]
        here = np.full(len(wall), along)
        layers = [x.extent.layer(wall[:, 0], wall[:, 1], here) for x in self.flava]
        behind = row["behind_mm"] + np.max([np.zeros(len(wall)), *layers], axis=0)
        square = inward**2
        front = self._front(along)
        spare = np.ptp(wall[:, 1]) - front - row["most_depth_mm"]
        fat = max(spare, row["behind_mm"]) * np.exp(-((wall[:, 0] / row["fat_width_mm"]) ** 2))
        faced = np.where(inward[:, 1] < 0, front, fat)
        return np.maximum(square[:, 0] * row["pedicle_mm"] + square[:, 1] * faced, behind)

    def _front(self, along: float) -> float:
        row, marks = numbers("canal")["sac"], self.canal.marks
        low, high = marks["S2"], marks[self.canal.design.segments[-1].upper]
        last = marks[self.canal.design.segments[-1].name]
        front = float(
            between([low, last, high], [row["front_lowest_mm"]] * 2 + [row["front_mm"]], along)
        )
        for part in self.canal.design.segments:
            off = (along - marks[part.name]) / (0.5 * part.size.disc_posterior + 3)
            front += _MORE_BEHIND * part.bulge_mm * max(1 - off * off, 0.0)
        return front


def sac_loft(canal: Canal, flava: Sequence[Flavum]) -> Loft:
    """The sac from its tip at S2 to the top of the canal."""
    bounds = Bounds(canal, tuple(flava))
    knots, areas = _ordered(canal)
    count = int(np.ceil((knots[-1] - knots[0]) / _EVERY_MM)) + 1
    ticks = np.union1d(np.linspace(knots[0], knots[-1], count), _discs(canal))
    centres, radii = [], []
    for along in ticks.tolist():
        centre, room = bounds.section(along)
        centres.append(centre)
        radii.append(_fitted(room, float(between(knots, areas, along))))
    return Loft(canal.curve, ticks, np.array(centres), np.array(radii), round_mm=4.0)


def _discs(canal: Canal) -> list[float]:
    return [canal.marks[part.name] for part in canal.design.segments]


def _fitted(room: Floats, area: float) -> Floats:
    """(256,) mm: the section of that area, an ellipse as far as there is room."""
    angle = np.arange(ANGLES) * (2 * np.pi / ANGLES)
    wide = numbers("canal")["sac"]["width_to_depth"]
    own = 1 / np.hypot(np.cos(angle) / np.sqrt(wide), np.sin(angle) * np.sqrt(wide))
    low, high = 0.5, 60.0
    for _ in range(40):
        size = (low + high) / 2
        enough = polar_area(_softened(size * own, room)) >= area
        low, high = (low, size) if enough else (size, high)
    return _softened(high * own, room)


def _softened(own: Floats, room: Floats) -> Floats:
    """(n,) mm: the lesser radius, the turn from one to the other rounded."""
    return np.asarray((own**-_SOFT + room**-_SOFT) ** (-1 / _SOFT))


def polar_area(radii: Floats) -> float:
    """mm2 of a section by its radii at even angles."""
    turn = 2 * np.pi / len(radii)
    return float(0.5 * (radii * np.roll(radii, -1)).sum() * np.sin(turn))


def _ordered(canal: Canal) -> tuple[list[float], list[float]]:
    """Rising stations, and the sac's area ordered at each."""
    row, design = numbers("canal")["sac"], canal.design
    last = design.segments[-1]
    tip = canal.marks[row["tip"]]
    found = {tip: row["tip_share"] * last.size.sac_area}
    for level in design.names:
        found[canal.marks[level]] = _at_pedicles(design, level)
    for part in design.segments:
        found[canal.marks[part.name]] = _at_disc(part)
    top = canal.marks[design.names[0]] + 0.6 * design.size(design.names[0]).height
    found[top] = found[canal.marks[design.names[0]]]
    knots = sorted(found)
    return knots, [found[knot] for knot in knots]


def _at_disc(part: Segment) -> float:
    """The sac's area beside a disc: what grows into the canal takes a part of it at once."""
    row = numbers("canal")["sac"]
    grown = row["flavum_length_mm"] * sum(part.flavum_growth_mm)
    grown += row["bulge_width_mm"] * part.bulge_mm
    return max(part.size.sac_area - row["yielding_share"] * grown, row["least_mm2"])


def _at_pedicles(design: Design, level: str) -> float:
    row = numbers("canal")["sac"]
    beside = [part.size.sac_area for part in (design.above(level), design.below(level)) if part]
    share = row["lowest_share"] if level == "S1" else row["pedicle_share"]
    return float(share * np.mean(beside))


def reach_of(sac: Loft, along: float, angle: float, share: float) -> Floats:
    """(2,) mm right, front: so far from a section's middle to its outline at an angle, radians."""
    outline = sac.outline(along)
    middle = outline.mean(axis=0)
    off = outline - middle
    turn = np.arctan2(off[:, 1], off[:, 0])
    nearest = int(np.abs(np.angle(np.exp(1j * (turn - angle)))).argmin())
    return np.asarray(middle + share * off[nearest])
