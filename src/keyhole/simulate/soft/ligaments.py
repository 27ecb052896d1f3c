"""The ligamenta flava, joined at the midline but for a cleft.

A flavum lines the canal's back from half-way up the lamina above to the upper edge of the one
below, and sideways as far as the capsule of the joint. It is a layer on the canal's wall, so
its thickness is the design's; the sac is fitted to the same layer.
"""

import numpy as np
from attrs import frozen

from keyhole.simulate.design.model import Pair, Segment, of
from keyhole.simulate.engine.loft import Loft
from keyhole.simulate.engine.shapes import Shape
from keyhole.simulate.engine.solid import Solid
from keyhole.simulate.engine.tissue import tissue
from keyhole.simulate.soft.canal_room import Canal, inward_normals, lamina_edges, radii_of
from keyhole.simulate.soft.numbers import numbers
from keyhole.space import SIDES, Floats

_SKIN_MM = 0.2
"""A layer thinner than this is none."""
_MOST_FRONT_MM = 5.0
"""No flavum lies further in front of the canal's curve."""


@frozen
class Extent:
    """Where a flavum lies: from `bottom` to `top`, mm along the canal; its thickness a side."""

    bottom: float
    top: float
    thickness: Pair

    def layer(self, right: Floats, front: Floats, along: Floats) -> Floats:
        """(n,) mm: how thick it is at places on the wall, `front` from the room's middle."""
        row = numbers("canal")["flavum"]
        thick = np.where(right < 0, *self.thickness)
        for over, taper in (
            (self.top - along, row["taper_top_mm"]),
            (along - self.bottom, row["taper_bottom_mm"]),
            (row["lateral_mm"] - front, row["taper_side_mm"]),
        ):
            thick = thick * _step(over / taper)
        return thick


@frozen
class Flavum:
    """One segment's flavum; `inner` is the room that it leaves of the canal along its extent."""

    segment: str
    extent: Extent
    inner: Loft


def _step(share: Floats) -> Floats:
    """(n,) 0 below 0, 1 above 1, smooth between."""
    held = np.clip(share, 0, 1)
    return held * held * (3 - 2 * held)


def flava(canal: Canal) -> tuple[Flavum, ...]:
    """The flava that are there: none where a lamina they join was taken away."""
    design = canal.design
    return tuple(
        _flavum(canal, part)
        for part in canal.segments
        if not (design.level(part.upper).laminectomy or design.level(part.lower).laminectomy)
    )


def _flavum(canal: Canal, part: Segment) -> Flavum:
    upper, lower = (
        lamina_edges(canal.design, canal.frames, level) for level in (part.upper, part.lower)
    )
    top = canal.along(part.upper, sum(upper) / 2)
    bottom = canal.along(part.lower, lower[0] - numbers("canal")["flavum"]["below_edge_mm"])
    left, right = (of(part.size.flavum, s) + of(part.flavum_growth_mm, s) for s in SIDES)
    extent = Extent(bottom, top, (left, right))
    return Flavum(part.name, extent, _inner(canal, extent))


def _inner(canal: Canal, extent: Extent) -> Loft:
    """The canal's sections with the wall moved in by the flavum's thickness."""
    ticks = np.linspace(extent.bottom, extent.top, int(extent.top - extent.bottom) + 2)
    middles, radii = canal.middles(ticks), []
    for along, middle in zip(ticks.tolist(), middles, strict=True):
        wall = canal.room.outline(along)
        deep = extent.layer(wall[:, 0], wall[:, 1] - middle[1], np.full(len(wall), along))
        radii.append(radii_of(wall + deep[:, None] * inward_normals(wall) - middle))
    return Loft(canal.curve, ticks, middles, np.array(radii))


def flavum_solid(canal: Canal, flavum: Flavum) -> Solid:
    """A segment's flavum in the world."""
    layer = _Layer(canal, flavum.extent, canal.room.shape(), flavum.inner.shape())
    shape = Shape(layer.distance, *_box(canal, flavum.extent))
    return Solid(f"ligamentum flavum {flavum.segment}", shape, tissue("ligament"))


@frozen
class _Layer:
    canal: Canal
    extent: Extent
    room: Shape
    inner: Shape

    def distance(self, points: Floats) -> Floats:
        """(n,) mm to the layer between its inner face and a little beyond the canal's wall."""
        row, extent = numbers("canal")["flavum"], self.extent
        right, front, along = self.canal.curve.to_local(points).T
        thick = extent.layer(right, front - self.canal.middles(along)[:, 1], along)
        outside = self.room.distance(points) - np.minimum(row["outward_mm"], thick)
        face = np.maximum(outside, -self.inner.distance(points))
        face = np.maximum(face, _SKIN_MM - thick)
        ends = np.maximum(extent.bottom - along, along - extent.top)
        return np.maximum(np.maximum(face, ends), row["cleft_mm"] - np.abs(right))


def _box(canal: Canal, extent: Extent) -> tuple[Floats, Floats]:
    rings = []
    for along in np.arange(extent.bottom, extent.top + 2, 2.0).tolist():
        outline = canal.room.outline(along)
        rings.append(np.column_stack([outline, np.full(len(outline), along)]))
    local = np.vstack(rings)
    local = local[local[:, 1] < _MOST_FRONT_MM]
    cloud = canal.curve.to_patient(local)
    margin = numbers("canal")["flavum"]["outward_mm"]
    return cloud.min(axis=0) - margin, cloud.max(axis=0) + margin
