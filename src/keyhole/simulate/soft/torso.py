"""All of the patient that is not spine: skin, muscles, vessels, organs and hips.

Plain shapes, placed so that left and right can be told apart and the planner meets what it
meets in a patient: skin 50 to 60 mm behind the laminae, aorta left, vena cava right. Their
sizes are unsourced.
"""

from typing import Any

import numpy as np

from keyhole.simulate.bones.joints import sign
from keyhole.simulate.design.draw import defaults
from keyhole.simulate.design.model import Design, LevelSize
from keyhole.simulate.engine.column import Bent, Outline
from keyhole.simulate.engine.shapes import Shape, carved, cone, ellipsoid, joined, placed, slab
from keyhole.simulate.engine.solid import Solid
from keyhole.simulate.engine.tissue import tissue
from keyhole.space import SIDES, Floats, Frame, Side

SKIN_MM = 55.0
"""How far the skin lies behind the laminae."""
_FAT_MM = 17.0
_HALF_WIDTH_MM = 165.0
_HALF_DEPTH_MM = 112.0


def torso_solids(design: Design, frames: dict[str, Frame], sacrum: Shape) -> list[Solid]:
    """From the skin inward, in the order of painting; in the design frames' world."""
    sizes = {level.name: level.size for level in design.levels}
    heights, laminae = _line(frames, lambda level: [0, -_behind(sizes[level]), -6.0])
    solids = _trunk(heights, laminae - SKIN_MM)
    solids += _organs(frames)
    for side in SIDES:
        solids += _muscles(side, frames, laminae)
    solids += _vessels(sizes, frames)
    solids.append(Solid("canal content", _canal_content(sizes, frames), tissue("csf")))
    bone = {
        "tissue": tissue("trabecular_bone"),
        "cortex": tissue("cortical_bone"),
        "cortex_mm": defaults()["cortex"]["thickness_mm"],
    }
    return [*solids, *(Solid(f"hip {side}", _hip(side, frames, sacrum), **bone) for side in SIDES)]


def _behind(size: LevelSize) -> float:
    """How far the laminae's back lies behind the body's middle."""
    return -size.back + size.canal_ap + size.lamina_thickness + 2


def _line(frames: dict[str, Frame], place: Any) -> tuple[Floats, Floats]:
    """Heights and fronts of a smooth line through one point a level, held at its ends."""
    points = np.array([frames[level].to_patient(place(level)) for level in frames])
    curve = np.polynomial.Polynomial.fit(points[:, 2], points[:, 1], 3)
    heights = np.linspace(points[:, 2].min(), points[:, 2].max(), 40)
    ends = heights[0] - 130, heights[-1] + 60
    fronts = curve(heights)
    return np.array([ends[0], *heights, ends[1]]), np.array([fronts[0], *fronts, fronts[-1]])


def _trunk(heights: Floats, skin: Floats) -> list[Solid]:
    """The skin with fat under it, the muscular wall, and the cavity's contents."""

    def layer(inward: float, behind: float) -> Shape:
        outline = Outline(_HALF_WIDTH_MM - inward, _HALF_DEPTH_MM - (inward + behind) / 2, 2.3, 2.3)
        return Bent(outline, heights, skin + _HALF_DEPTH_MM + (behind - inward) / 2).shape()

    return [
        Solid("body", layer(0, 0), tissue("fat")),
        Solid("", layer(22, _FAT_MM), tissue("muscle")),
        Solid("", layer(36, 105), tissue("soft_tissue")),
    ]


def _organs(frames: dict[str, Frame]) -> list[Solid]:
    top, middle = frames["T12"].origin[2], frames["L2"].origin
    places: list[tuple[str, list[float], list[float], str]] = [
        ("liver", [78, 45, top + 8], [58, 58, 62], "liver"),
        ("spleen", [-98, 5, top + 12], [28, 36, 46], "spleen"),
    ]
    for side in SIDES:
        out = sign(side) * 66.0
        drop = 6.0 if side == "right" else 0.0
        places.append(
            (f"kidney {side}", [out, middle[1], middle[2] + 8 - drop], [25, 24, 48], "kidney")
        )
    return [Solid(name, ellipsoid(at, semi), tissue(key)) for name, at, semi, key in places]


def _muscles(side: Side, frames: dict[str, Frame], laminae: Floats) -> list[Solid]:
    s = sign(side)
    heights, bodies = _line(frames, lambda _: [0, -6.0, 0])
    back = Bent(Outline(29, 21, 2.5, 2.5), heights, laminae - 13, sideways=s * 33).shape()
    low, high = frames["S1"].origin[2] - 60, frames["L1"].origin[2]
    levels = np.linspace(low, high, 30)
    psoas = Bent(
        Outline(16, 19), levels, np.interp(levels, heights, bodies), sideways=s * 41
    ).shape()
    return [
        Solid(f"autochthon {side}", back, tissue("muscle")),
        Solid(f"iliopsoas {side}", psoas, tissue("muscle")),
    ]


def _vessels(sizes: dict[str, LevelSize], frames: dict[str, Frame]) -> list[Solid]:
    """Aorta left and vena cava right down to L4, then the iliac vessels."""
    heights, fronts = _line(frames, lambda level: [0, sizes[level].body_depth / 2, 0])
    fork, top = frames["L4"].origin[2] - 8, heights[-1]
    levels = np.linspace(fork, top, 30)
    line = np.interp(levels, heights, fronts)
    aorta = Bent(Outline(9, 9), levels, line + 12, sideways=-9).shape()
    cava = Bent(Outline(11, 9), levels, line + 11, sideways=15).shape()
    start = np.array([0, line[0] + 12, fork + 3])
    solids = [Solid("aorta", aorta, tissue("blood")), Solid("vena cava", cava, tissue("blood"))]
    end = frames["S1"].origin + np.array([0, 26, -25])
    for side in SIDES:
        out = np.array([sign(side) * 44, 6, 0])
        pairs = (
            ("vein", [13.0, -2, 0], [0.0, -12, 0], 6.5),
            ("artery", [-7.0, 2, 0], [0.0, 0, 0], 5),
        )
        for kind, root, leaf, radius in pairs:
            shape = cone(start + root, end + out + leaf, radius, radius)
            solids.append(Solid(f"iliac {kind} {side}", shape, tissue("blood")))
    return solids


def _canal_content(sizes: dict[str, LevelSize], frames: dict[str, Frame]) -> Shape:
    """What the canal holds, 18 x 15 mm [M on a whole torso], a tube through every level."""
    middles = [
        frames[level].to_patient([0, sizes[level].back - sizes[level].canal_ap / 2, z])
        for level in frames
        for z in ((9, -9) if level != "S1" else (0, -30))
    ]
    places = np.array(sorted(middles, key=lambda point: point[2]))
    return Bent(Outline(9, 7), places[:, 2], places[:, 1]).shape()


def _hip(side: Side, frames: dict[str, Frame], sacrum: Shape) -> Shape:
    """An iliac wing with its joint to the sacrum; the crest reaches the L4/5 disc."""
    s, base = sign(side), frames["S1"].origin
    along = np.array([s * 0.55, 0.83, 0])
    middle = base + np.array([s * 84, -16, -20])
    wing = placed(
        ellipsoid([0, 0, 0], [58, 8, 62]),
        Frame.from_up(middle, [s * 0.3, -0.1, 1.0], along),
    )
    joint = ellipsoid(base + np.array([s * 66, -34, -36]), [15, 22, 30])
    spine = slab(Frame(base + np.array([s * 68, -58, -45]), np.eye(3)), [9, 12, 22], 7)
    return carved(joined([wing, joint, spine], 5), sacrum, gap_mm=2)
