"""Herniations as they lie: volume beyond the margin, zones, migration, canal taken.

Counted is disc material beyond the fitted margin that neither root nor bone takes.
"""

from collections.abc import Mapping

import numpy as np
from attrs import evolve, field, frozen

from keyhole.simulate.design.model import Kind, Zone
from keyhole.simulate.engine.shapes import Shape, evaluated, placed
from keyhole.simulate.soft.canal_contents import Contents
from keyhole.simulate.soft.canal_zones import ZONES, borders
from keyhole.simulate.truth.section import bounded, polar_distance, ticks_over
from keyhole.space import SIDES, Floats, Frame, Side, fixed, same, shaped

_STEP_MM = 0.4


@frozen
class HerniationTruth:
    """One segment's herniation.

    `zones` hold the share of the volume in each zone, `zone` the one with most; `side` is where
    its middle lies. `migration_mm` is that middle's height over the disc's, cranial positive,
    `beyond_endplate_mm` how far it reaches beyond the nearer rim's plane (0: within the disc's
    height), signed likewise. `canal_taken` is the greatest share of a canal's section.
    """

    segment: str
    kind: Kind
    side: Side
    zone: Zone
    zones: Mapping[Zone, float]
    volume_mm3: float
    centre: Floats = field(converter=fixed, validator=shaped(3), eq=same)
    migration_mm: float
    beyond_endplate_mm: float
    canal_taken: float

    def moved(self, to: Frame) -> "HerniationTruth":
        """The truth carried from a frame's own coordinates to its world."""
        return evolve(self, centre=to.to_patient(self.centre))


def herniation_truths(contents: Contents) -> dict[str, HerniationTruth]:
    """The herniations there are, by segment, in the world of the contents' frames."""
    return {name: _herniation(contents, name) for name in contents.lumps}


def _herniation(contents: Contents, name: str) -> HerniationTruth:
    part, margin = contents.design.segment(name), contents.margins[name]
    order = part.herniation
    if order is None:
        raise ValueError(f"{name} has a lump but no herniation.")
    points, cells = _material(contents, name)
    local = margin.frame.to_local(points)
    centre = (local * cells[:, None]).sum(axis=0) / cells.sum()
    side: Side = "right" if centre[0] > 0 else "left"
    zones = _zones(contents, name, local, cells)
    x, y, z = local[cells > _STEP_MM**3 / 2].T
    over = float((z - margin.upper.height(x, y)).max(initial=0.0))
    under = float((margin.lower.height(x, y) - z).max(initial=0.0))
    return HerniationTruth(
        name,
        order.kind,
        side,
        max(ZONES, key=lambda zone: zones[zone]),
        zones,
        float(cells.sum()),
        margin.frame.to_patient(centre),
        float(centre[2]),
        over if over >= under else -under,
        _canal_taken(contents, name),
    )


def _material(contents: Contents, name: str) -> tuple[Floats, Floats]:
    """(n, 3) mm and (n,) mm3: cells of herniated material."""
    lump = contents.lumps[name]
    ticks = [
        np.arange(low - _STEP_MM, high + _STEP_MM, _STEP_MM)
        for low, high in zip(lump.low, lump.high, strict=True)
    ]
    points = np.stack(np.meshgrid(*ticks, indexing="ij"), axis=-1).reshape(-1, 3)
    own = evaluated(lump, points)
    near = own < _STEP_MM
    points = points[near]
    free = bounded(own[near], points, _others(contents, name), _STEP_MM)
    cells = np.clip(0.5 - free / _STEP_MM, 0, 1) * _STEP_MM**3
    return points[cells > 0], cells[cells > 0]


def _others(contents: Contents, name: str) -> list[Shape]:
    """What takes the place of herniated material: its own disc's inside, roots, bones."""
    part, margin = contents.design.segment(name), contents.margins[name]
    bones = [contents.bones[level] for level in (part.upper, part.lower)]
    return [placed(margin.shape(), margin.frame), *contents.roots_of(part), *bones]


def _zones(contents: Contents, name: str, local: Floats, cells: Floats) -> dict[Zone, float]:
    part = contents.design.segment(name)
    found = dict.fromkeys(ZONES, 0.0)
    for side in SIDES:
        there = (local[:, 0] > 0) == (side == "right")
        edges = borders(contents.design, part, side)
        ranks = np.digitize(np.abs(local[there, 0]), [edges.facet, edges.medial, edges.lateral])
        for rank, zone in enumerate(ZONES):
            found[zone] += float(cells[there][ranks == rank].sum() / cells.sum())
    return found


def _canal_taken(contents: Contents, name: str) -> float:
    """The greatest share of the bony canal that the herniation fills, section by section."""
    lump = contents.lumps[name]
    heights = contents.canal.curve.to_local(np.array([lump.low, lump.high]))[:, 2]
    ticks = np.arange(heights.min() - 3, heights.max() + 3, 1.5)
    others = _others(contents, name)
    return max(_share(contents, along, lump, others) for along in ticks.tolist())


def _share(contents: Contents, along: float, lump: Shape, others: list[Shape]) -> float:
    room, curve = contents.canal.room, contents.canal.curve
    outline = room.outline(along)
    right, front = (x.ravel() for x in np.meshgrid(*ticks_over(outline, _STEP_MM), indexing="ij"))
    points = curve.to_patient(np.column_stack([right, front, np.full(len(right), along)]))
    own = polar_distance(outline, np.column_stack([right, front]))
    canal = bounded(own, points, others, _STEP_MM)
    taken = np.maximum(canal, evaluated(lump, points))
    whole = np.clip(0.5 - canal / _STEP_MM, 0, 1).sum()
    return float(np.clip(0.5 - taken / _STEP_MM, 0, 1).sum() / max(whole, 1.0))
