"""What the bony canal holds: epidural fat, the thecal sac with cord and cauda equina, flava."""

from collections.abc import Sequence

import numpy as np

from keyhole.simulate.bones.joints import sign
from keyhole.simulate.bones.pedicle import pedicle_frame
from keyhole.simulate.design.curve import segment_frame
from keyhole.simulate.design.model import Segment
from keyhole.simulate.engine.loft import Loft
from keyhole.simulate.engine.shapes import Shape, cone, joined, slab
from keyhole.simulate.engine.solid import Part, Solid
from keyhole.simulate.engine.tissue import tissue
from keyhole.simulate.soft.canal_cauda import cauda_shape, cord_shape
from keyhole.simulate.soft.canal_room import Canal, cut
from keyhole.simulate.soft.nerves_path import first_foramen
from keyhole.simulate.soft.numbers import numbers
from keyhole.space import SIDES, Floats, Frame, Side


def epidural_fat(canal: Canal) -> Solid:
    """Fat in the whole bony canal and in the foramina; all else there is painted over it."""
    foramina = [_foramen(canal, part, side) for part in canal.segments for side in SIDES]
    if "S1" in canal.levels:
        foramina += [_sacral_foramen(canal, side) for side in SIDES]
    under = numbers("canal")["fat"]["under_bone_mm"]
    room = cut(canal.room, *canal.span, 1.0).shape()
    wider = Shape(lambda points: room.distance(points) - under, room.low - under, room.high + under)
    return Solid("epidural fat", joined([wider, *foramina], 2.0), tissue("fat"))


def _foramen(canal: Canal, part: Segment, side: Side) -> Shape:
    """A block between two pedicles, behind the disc, out to the pedicles' lateral border."""
    row = numbers("canal")["fat"]
    upper, lower = (_pedicle(canal, level, side) for level in (part.upper, part.lower))
    design = canal.design
    middle = (upper + lower) / 2
    out = abs(float(pedicle_frame(design.size(part.upper), side).origin[0]))
    half = out - design.size(part.upper).canal_width / 2 + row["foramen_beyond_mm"]
    axes = segment_frame(design, canal.frames, part.name)
    frame = Frame.from_up(middle, upper - lower, axes.right)
    tall = float(np.linalg.norm(upper - lower)) / 2
    return slab(frame, [half, row["foramen_half_depth_mm"], tall], 5.0)


def _sacral_foramen(canal: Canal, side: Side) -> Shape:
    """The S1 foramen from the canal to its front door."""
    frame, radius = canal.frames["S1"], numbers("canal")["fat"]["sacral_radius_mm"]
    inner, outer = first_foramen(canal.design.size("S1"), side)
    door = inner + 0.55 * (outer - inner)
    return cone(frame.to_patient(inner), frame.to_patient(door), radius, radius)


def _pedicle(canal: Canal, level: str, side: Side) -> Floats:
    """(3,) mm in the world: a pedicle's middle, moved to where a foramen's middle lies in depth."""
    size, row = canal.design.size(level), numbers("canal")["fat"]
    place = (
        np.array([sign(side) * (size.canal_width / 2 + 8), 0, -10.0])
        if level == "S1"
        else pedicle_frame(size, side).origin.copy()
    )
    place[1] = size.back - row["foramen_behind_wall_mm"]
    return canal.frames[level].to_patient(place)


def sac_solid(canal: Canal, sac: Loft) -> Solid:
    """The thecal sac: cerebrospinal fluid, and in it cord and cauda equina."""
    whole = sac.shape()
    cord, cauda = cord_shape(canal, sac), cauda_shape(canal, sac)
    fluid = Part("cerebrospinal fluid", _without(whole, (cord, cauda)), tissue("csf"))
    strands = Part("cauda equina", _without(cauda, (cord,)), tissue("nerve"))
    return Solid(
        "thecal sac",
        whole,
        tissue("csf"),
        parts=(fluid, strands, Part("cord", cord, tissue("nerve"))),
    )


def _without(shape: Shape, tools: Sequence[Shape]) -> Shape:
    def distance(points: Floats) -> Floats:
        values = shape(points)
        for tool in tools:
            values = np.maximum(values, -tool(points))
        return values

    return Shape(distance, shape.low, shape.high)
