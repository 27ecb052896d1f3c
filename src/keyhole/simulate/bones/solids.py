"""The bones as solids: named, divided into parts, with cortex outside and marrow within."""

from attrs import evolve

from keyhole.simulate.bones.bone import Bone
from keyhole.simulate.bones.hip import hip
from keyhole.simulate.bones.ribs import RIBS, Wall, rib
from keyhole.simulate.bones.sacrum import sacrum
from keyhole.simulate.bones.sclerosis import layers
from keyhole.simulate.bones.screws import screw
from keyhole.simulate.bones.vertebra import vertebra
from keyhole.simulate.design.draw import defaults
from keyhole.simulate.design.model import Design
from keyhole.simulate.engine.shapes import Shape, carved, joined, placed
from keyhole.simulate.engine.solid import Part, Solid
from keyhole.simulate.engine.tissue import tissue
from keyhole.space import SIDES, Frame


def grown_bone(design: Design, frames: dict[str, Frame], level: str) -> Bone:
    """A vertebra, or for S1 the sacrum, in its own coordinates."""
    if level == "S1":
        return sacrum(design, frames)
    return vertebra(design, frames, level)


def bone_solid(design: Design, level: str, bone: Bone) -> Solid:
    """The solid of a vertebra or of the sacrum, in its own coordinates, with its parts."""
    name = "sacrum" if level == "S1" else f"vertebra {level}"
    parts = dict(bone.parts)
    dense = layers(design.level(level), design.size(level)) if parts else []
    if dense:
        parts["body"] = carved(parts["body"], joined(dense, 0.5), blend_mm=0.2)
    found = [Part(part, shape) for part, shape in parts.items()]
    found += [Part("body", layer, tissue("sclerotic_bone")) for layer in dense]
    return _bony(name, bone.shape, design.level(level).trabecular_hu, tuple(found))


def _bony(name: str, shape: Shape, marrow_hu: float, parts: tuple[Part, ...] = ()) -> Solid:
    marrow = evolve(tissue("trabecular_bone"), hu=marrow_hu)
    thick = defaults()["cortex"]["thickness_mm"]
    return Solid(name, shape, marrow, tissue("cortical_bone"), thick, parts)


def hip_solids(design: Design, frames: dict[str, Frame], sacrum_shape: Shape) -> list[Solid]:
    """Both hips in the world; `sacrum_shape` in its own coordinates."""
    base = placed(sacrum_shape, frames["S1"])
    marrow = design.level("S1").trabecular_hu
    return [_bony(f"hip {side}", hip(design, frames, side, base), marrow) for side in SIDES]


def rib_solids(
    design: Design, frames: dict[str, Frame], bones: dict[str, Shape], wall: Wall
) -> list[Solid]:
    """The ribs of those of T10 to T12 that are among `bones` (own coordinates), in the world."""
    return [
        _bony(
            f"rib {side} {RIBS[level]}",
            rib(design, frames[level], level, side, bones[level], wall),
            design.level(level).trabecular_hu,
        )
        for level in RIBS
        if level in bones
        for side in SIDES
    ]


def metal_solids(design: Design, frames: dict[str, Frame], bones: dict[str, Shape]) -> list[Solid]:
    """The screws of an earlier operation in `bones` (own coordinates), in the world."""
    return [
        Solid(
            f"screw {level} {side}",
            placed(screw(level, design.size(level), side, bones[level]), frames[level]),
            tissue("titanium"),
        )
        for level in design.names
        if level in bones
        for side in SIDES
        if side in design.level(level).screws
    ]
