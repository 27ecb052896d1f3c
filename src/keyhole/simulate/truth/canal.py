"""The bony canal and the sac, slice by slice, from the equations (DEFINITIONS 3 and 16).

Sections are perpendicular to the canal's curve. The bony canal reaches from its middle to the
bone or disc, and where neither stands near, at foramina and windows, to the surface ruled between
the arches; flava count as soft. The sac is what flava, discs and bones leave of it, with the roots
that it holds.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from attrs import evolve, field, frozen

from keyhole.simulate.engine.loft import Loft
from keyhole.simulate.engine.shapes import Shape, evaluated
from keyhole.simulate.soft.canal_contents import Contents
from keyhole.simulate.truth.section import Section, bounded, polar_distance, ticks_over
from keyhole.space import Floats, Frame, fixed, same, shaped

EVERY_MM = 1.0
_STEP_MM = 0.3
_NEAR_MM = 4.0
"""Bone or disc no further than this beyond the ruled surface bounds the canal."""
_NAMES = ("bony_area", "ap", "width", "sac_area")


@frozen
class CanalTruth:
    """One segment's canal between its two mid-pedicle sections, every millimetre from below.

    Arrays (n,): `along` mm from S3 on the canal's curve, bony area and sac area mm2, AP depth
    in the midline and greatest width of the bony canal mm; `centres` (n, 3) mm RAS.
    """

    segment: str
    disc_along: float
    along: Floats = field(converter=fixed, validator=shaped(-1), eq=same, repr=False)
    centres: Floats = field(converter=fixed, validator=shaped(-1, 3), eq=same, repr=False)
    bony_area: Floats = field(converter=fixed, validator=shaped(-1), eq=same, repr=False)
    ap: Floats = field(converter=fixed, validator=shaped(-1), eq=same, repr=False)
    width: Floats = field(converter=fixed, validator=shaped(-1), eq=same, repr=False)
    sac_area: Floats = field(converter=fixed, validator=shaped(-1), eq=same, repr=False)

    @property
    def least(self) -> Mapping[str, float]:
        """The least of each quantity in the segment."""
        return {name: float(getattr(self, name).min()) for name in _NAMES}

    @property
    def at_disc(self) -> Mapping[str, float]:
        """Each quantity in the section nearest to the disc's middle."""
        place = int(np.abs(self.along - self.disc_along).argmin())
        return {name: float(getattr(self, name)[place]) for name in _NAMES}

    def moved(self, to: Frame) -> "CanalTruth":
        """The truth carried from a frame's own coordinates to its world."""
        return evolve(self, centres=to.to_patient(self.centres))


def canal_truths(contents: Contents, every_mm: float = EVERY_MM) -> dict[str, CanalTruth]:
    """Each segment's canal, by its name, in the world of the contents' frames."""
    return {part.name: _segment(contents, part.name, every_mm) for part in contents.segments}


def _segment(contents: Contents, name: str, every_mm: float) -> CanalTruth:
    part, marks = contents.design.segment(name), contents.canal.marks
    low, high = marks[part.lower], marks[part.upper]
    ticks = np.linspace(low, high, int(np.ceil((high - low) / every_mm)) + 1)
    hard = [contents.bones[level] for level in (part.upper, part.lower)]
    hard.append(contents.discs[name].shape)
    rows = [_slice(contents, along, hard) for along in ticks.tolist()]
    centres = np.array([contents.canal.curve.frame(along).origin for along in ticks.tolist()])
    return CanalTruth(name, marks[name], ticks, centres, *np.array(rows).T)


def _slice(
    contents: Contents, along: float, hard: Sequence[Shape]
) -> tuple[float, float, float, float]:
    """Bony area, AP, width and sac area in the section at a station."""
    canal = contents.canal
    outline = _walls(contents, along, hard)
    grid = ticks_over(outline, _STEP_MM)
    right, front = (axis.ravel() for axis in np.meshgrid(*grid, indexing="ij"))
    room = polar_distance(outline, np.column_stack([right, front]))
    sac = _inside(contents.sac, along, right, front)
    points = canal.curve.to_patient(np.column_stack([right, front, np.full(len(right), along)]))
    kept = bounded(np.minimum(room, sac), points, hard, _STEP_MM)
    dura = np.maximum(np.maximum(kept, sac), _flava(contents, along, (right, front)))
    frame, size = canal.curve.frame(along), (len(grid[0]), len(grid[1]))
    bony = Section(frame, _STEP_MM, *grid, np.maximum(kept, room).reshape(size))
    soft = Section(frame, _STEP_MM, *grid, dura.reshape(size))
    return bony.area, bony.depth(0.0), bony.width, soft.area


def _walls(contents: Contents, along: float, hard: Sequence[Shape]) -> Floats:
    """(256, 2) mm: the ruled section, moved out to bone or disc where that is near."""
    canal = contents.canal
    outline = canal.room.outline(along)
    spokes = outline - canal.middles(along)
    spokes /= np.linalg.norm(spokes, axis=1, keepdims=True)
    steps = np.arange(0.0, _NEAR_MM, _STEP_MM)
    places = outline[:, None] + steps[:, None] * spokes[:, None]
    flat = places.reshape(-1, 2)
    points = canal.curve.to_patient(np.column_stack([flat, np.full(len(flat), along)]))
    solid = np.min([evaluated(shape, points) for shape in hard], axis=0) < 0
    met = solid.reshape(len(outline), len(steps))
    reach = np.where(met.any(axis=1), steps[met.argmax(axis=1)], 0.0)
    return np.asarray(outline + reach[:, None] * spokes)


def _inside(loft: Loft, along: float, right: Floats, front: Floats) -> Floats:
    """(n,) mm to a column's section at a station, far outside it beyond the column's ends."""
    if not loft.stations[0] <= along <= loft.stations[-1]:
        return np.full(len(right), 99.0)
    return polar_distance(loft.outline(along), np.column_stack([right, front]))


def _flava(contents: Contents, along: float, places: tuple[Floats, Floats]) -> Floats:
    """(n,) mm: positive in the flava that line the section's wall."""
    found = np.full(len(places[0]), -99.0)
    for flavum in contents.flava:
        if flavum.extent.bottom <= along <= flavum.extent.top:
            found = np.maximum(found, _inside(flavum.inner, along, *places))
    return found
