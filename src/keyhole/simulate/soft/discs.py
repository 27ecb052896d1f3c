"""The discs: annulus, nucleus, gas, spur and herniation between two rims."""

import numpy as np
from attrs import evolve

from keyhole.simulate.design.model import Design, Segment, of
from keyhole.simulate.engine.shapes import Shape, ellipsoid, joined, placed
from keyhole.simulate.engine.solid import Part, Solid
from keyhole.simulate.engine.tissue import Tissue, tissue
from keyhole.simulate.soft.discs_margin import Margin
from keyhole.simulate.soft.discs_spur import spur_shape
from keyhole.space import SIDES, Floats

_NUCLEUS = 0.63
"""The nucleus's outline as a share of the disc's: 40 % of the area (unsourced)."""
_NUCLEUS_BACK = 0.06
"""How far the nucleus lies behind the disc's middle, as a share of its depth (unsourced)."""


def disc_solid(design: Design, part: Segment, margin: Margin, lump: Shape | None = None) -> Solid:
    """A segment's disc in the world.

    Args:
        design: the whole spine.
        part: the segment.
        margin: its disc's fitted margin.
        lump: its herniation's material (`herniation_shape`), which may reach into the disc.

    """
    core = placed(margin.shape(), margin.frame)
    spurs = [
        spur_shape(design, part, margin, side)
        for side in SIDES
        if of(part.foramen_spur_mm, side) > 0
    ]
    own = joined([core, *spurs], 0.01) if spurs else core
    parts = _inner_parts(part, margin, own)
    if lump is None:
        return Solid(f"disc {part.name}", own, tissue("annulus"), parts=parts)
    herniation = Part("herniation", _without(lump, own), _nucleus_tissue(part))
    return Solid(
        f"disc {part.name}",
        joined([own, lump], 0.01),
        tissue("annulus"),
        parts=(*parts, herniation),
    )


def _inner_parts(part: Segment, margin: Margin, own: Shape) -> tuple[Part, ...]:
    """Annulus, nucleus and gas; they tile the disc without its herniation."""
    nucleus = placed(_nucleus(margin), margin.frame)
    annulus = Part("annulus", _without(own, nucleus), _annulus_tissue(part))
    if part.vacuum == 0:
        return annulus, Part("nucleus", nucleus, _nucleus_tissue(part))
    gas = placed(_gas(margin, part.vacuum), margin.frame)
    moist = Part("nucleus", _without(nucleus, gas), _nucleus_tissue(part))
    return annulus, moist, Part("gas", gas, tissue("gas"))


def _nucleus(margin: Margin) -> Shape:
    back = _NUCLEUS_BACK * 2 * margin.lower.outline.half_depth

    def distance(local: Floats) -> Floats:
        return margin.side(local, _NUCLEUS, back)

    whole = margin.shape()
    return Shape(distance, whole.low, whole.high)


def _gas(margin: Margin, share: float) -> Shape:
    """A flat cleft that holds a share of the nucleus's volume."""
    outline = margin.lower.outline
    middle = np.array([[0.0, -_NUCLEUS_BACK * 2 * outline.half_depth]])
    tall = float(margin.gap(*middle.T)[0])
    wide, deep = 0.9 * _NUCLEUS * outline.half_width, 0.9 * _NUCLEUS * outline.half_depth
    volume = share * np.pi * _NUCLEUS**2 * outline.half_width * outline.half_depth * tall
    thick = volume / (4 / 3 * np.pi * wide * deep)
    centre = (margin.upper.middle + margin.lower.middle) / 2 + [0, middle[0, 1], 0]
    return ellipsoid(centre, [wide, deep, thick])


def _without(shape: Shape, tool: Shape) -> Shape:
    return Shape(
        lambda points: np.maximum(shape.distance(points), -tool.distance(points)),
        shape.low,
        shape.high,
    )


def _nucleus_tissue(part: Segment) -> Tissue:
    return mixed(tissue("nucleus"), tissue("desiccated_disc"), part.degeneration)


def _annulus_tissue(part: Segment) -> Tissue:
    return mixed(tissue("annulus"), tissue("desiccated_disc"), part.degeneration / 2)


def mixed(own: Tissue, other: Tissue, share: float) -> Tissue:
    """A tissue on its way to another."""
    values = {
        name: (1 - share) * getattr(own, name) + share * getattr(other, name)
        for name in ("hu", "hu_sd", "t1", "t2", "pd")
    }
    return evolve(own, **values)
