"""The whole construct at a glance: one axial picture a level, a sagittal row a side, one from behind."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from attrs import evolve
from PIL import Image

from keyhole.space import SIDES, Floats, Side
from keyhole.view.implants import Rod, Screw, shadow_of
from keyhole.view.ink import Layer, Pixels, paint
from keyhole.view.lettering import lettered
from keyhole.view.palette import ROD, SKIN_ENTRY_ON_FILM, grade_colour
from keyhole.view.picture import Picture
from keyhole.view.plane import Plane
from keyhole.view.scene import Scene, construct_frame
from keyhole.view.slices import cut
from keyhole.view.stage import Stage

_AXIAL_MM: Final = 110.0
_AXIAL_PIXELS: Final = 420
_BEHIND: Final = 16.0
"""mm by which an axial picture's middle lies behind the vertebra's origin."""
_ROW_PIXELS: Final = 560
_DEPTH_MM: Final = 120.0
"""How much bone, front to back, the picture from behind adds up."""
_FILM_STEP_MM: Final = 2.0
_DENSE_MM: Final = 55.0
"""Bone along a ray that is drawn white."""

_NAME_BELOW: Final = 8.0
"""mm below a vertebra's origin at which its name stands."""

AXIAL = "seen from the feet: patient's left at image right, front on top"
SAGITTAL = "on a surface curved along the screws: front at image left, head on top"
BEHIND = (
    "seen from behind, as the surgeon stands by the prone patient: "
    "patient's left at image left, head on top"
)


def axial_overview(
    stage: Stage, screws: Sequence[Screw], *, pixels: int = _AXIAL_PIXELS
) -> list[Picture]:
    """One picture a level, through the middle of its screws, which are thrown onto it."""
    levels = [level for level in stage.spine.levels if any(s.level == level for s in screws)]
    return [_axial(stage, x, [s for s in screws if s.level == x], pixels) for x in levels]


def _axial(stage: Stage, level: str, screws: Sequence[Screw], size: int) -> Picture:
    """In the plane that both screws' axes lie nearest to."""
    vertebra = stage.spine[level]
    frame = vertebra.frame
    ahead = np.mean([s.axis for s in screws], axis=0)
    tilt = float(ahead @ frame.up) * frame.up + float(ahead @ frame.front) * frame.front
    middle = np.mean([(s.entry + s.tip) / 2 for s in screws], axis=0)
    normal = np.cross(frame.right, tilt)
    centre = frame.origin - _BEHIND * frame.front
    centre = centre + ((middle - centre) @ normal) / (normal @ normal) * normal
    plane = Plane.facing(
        centre, up=tilt, right=-frame.right, size_mm=(_AXIAL_MM, _AXIAL_MM), pixels=size
    )
    layers = [*stage.outlines(plane, [level]), *_shadows(plane, screws, ())]
    pixels = paint(stage.ground(plane), layers, plane.pixel_mm)
    return _finished(stage, pixels, plane, (level, f"axial, {AXIAL}", _drawn(stage)))


def sagittal_overview(stage: Stage, screws: Sequence[Screw], rods: Sequence[Rod]) -> list[Picture]:
    """One picture a side that has screws, on a surface that runs through each of them."""
    sides = [side for side in SIDES if any(s.side == side for s in screws)]
    return [_sagittal(stage, screws, rods, side) for side in sides]


def _sagittal(stage: Stage, screws: Sequence[Screw], rods: Sequence[Rod], side: Side) -> Picture:
    own = [s for s in screws if s.side == side]
    plane = _row_plane(stage, screws, side)
    plane = evolve(plane, relief=along_screws(plane, own))
    rod = [r for r in rods if r.side == side]
    levels = list(dict.fromkeys(s.level for s in own))
    layers = [*stage.outlines(plane, levels), *_shadows(plane, own, rod)]
    pixels = paint(stage.ground(plane), layers, plane.pixel_mm)
    bodies = {v.level: v.frame.origin - _NAME_BELOW * v.frame.up for v in stage.spine.vertebrae}
    names = _inside(plane, {x: plane.to_pixels(place) for x, place in bodies.items()})
    words = (f"{side} screws", f"sagittal, {SAGITTAL}", _drawn(stage))
    return _finished(stage, pixels, plane, words, names)


def _row_plane(stage: Stage, screws: Sequence[Screw], side: Side) -> Plane:
    """Sagittal, through the middles of one side's screws, as large as the construct."""
    frame = construct_frame([stage.spine[x] for x in dict.fromkeys(s.level for s in screws)])
    own = [s for s in screws if s.side == side]
    local = frame.to_local(np.array([[s.entry, s.tip, s.head] for s in own]).reshape(-1, 3))
    out = float(frame.to_local(np.array([(s.entry + s.tip) / 2 for s in own]))[:, 0].mean())
    low, high = local[:, 2].min() - 32, local[:, 2].max() + 32
    depth = (local[:, 1].min() + local[:, 1].max()) / 2
    width = max(110.0, float(np.ptp(local[:, 1])) + 40)
    centre = frame.to_patient([out, depth, (low + high) / 2])
    return Plane.facing(
        centre,
        up=frame.up,
        right=-frame.front,
        size_mm=(width, float(high - low)),
        pixels=round(_ROW_PIXELS * min(1.0, width / 130)),
    )


def along_screws(plane: Plane, screws: Sequence[Screw]) -> Floats:
    """(rows, columns) mm ahead of the plane: the surface that holds every screw's axis.

    Between two screws it runs straight from one to the other, beyond the last and past a screw's
    ends it keeps its depth.
    """
    ends = np.array([[s.entry, s.tip] for s in screws])
    flat, deep = plane.to_pixels(ends), (ends - plane.centre) @ plane.ahead
    columns, rows = np.arange(plane.columns), np.arange(plane.rows)
    order = np.argsort(flat[:, :, 0], axis=1)
    ticks, heights, depths = (
        np.take_along_axis(values, order, axis=1) for values in (flat[..., 0], flat[..., 1], deep)
    )
    row = np.array([np.interp(columns, x, y) for x, y in zip(ticks, heights, strict=True)])
    depth = np.array([np.interp(columns, x, y) for x, y in zip(ticks, depths, strict=True)])
    down = np.argsort(row, axis=0)
    row, depth = np.take_along_axis(row, down, axis=0), np.take_along_axis(depth, down, axis=0)
    return np.stack([np.interp(rows, row[:, n], depth[:, n]) for n in columns], axis=1)


def behind_overview(
    stage: Stage, scene: Scene, screws: Sequence[Screw], rods: Sequence[Rod]
) -> Picture:
    """Bone added up from back to front, as on an AP film, with all implants thrown onto it."""
    local = scene.frame.to_local(np.array([[s.entry, s.tip, s.head] for s in screws]))
    low, high = local[..., 2].min() - 32, local[..., 2].max() + 32
    marks = [s.skin for s in screws if s.skin is not None]
    reach = max([60.0, *(abs(float(scene.frame.to_local(p)[0])) + 40 for p in marks)])
    plane = Plane.facing(
        scene.frame.to_patient([0, float(local[..., 1].mean()), (low + high) / 2]),
        up=scene.frame.up,
        right=scene.frame.right,
        size_mm=(2 * reach, float(high - low)),
        pixels=_ROW_PIXELS,
    )
    layers = [*_shadows(plane, screws, rods), *_skin_marks(plane, screws)]
    pixels = paint(_film(scene, plane), layers, plane.pixel_mm)
    rows = {x: (62.0, float(plane.to_pixels(p)[1])) for x, p in scene.heights.items()}
    drawn = "Bone from the label map, added up from back to front"
    if any(s.skin is not None for s in screws):
        drawn += "; rings: where the screws' lines meet the skin"
    words = ("from behind", BEHIND, drawn)
    return _finished(stage, pixels, plane, words, _inside(plane, rows))


def _inside(
    plane: Plane, names: Mapping[str, Floats | tuple[float, float]]
) -> dict[str, tuple[float, float]]:
    """The names whose places a picture holds, clear of its borders."""
    return {
        name: (float(at[0]), float(at[1]))
        for name, at in names.items()
        if 20 < at[0] < plane.columns - 20 and 50 < at[1] < plane.rows - 60
    }


def _film(scene: Scene, plane: Plane) -> Pixels:
    """(rows, columns, 3): how much bone lies behind each pixel, by the square root."""
    coarse = evolve(
        plane, columns=plane.columns // 2, rows=plane.rows // 2, pixel_mm=plane.pixel_mm * 2
    )
    count = int(_DEPTH_MM / _FILM_STEP_MM)
    total = np.zeros((coarse.rows, coarse.columns), dtype=np.float32)
    for n in range(count):
        ahead = (n + 0.5) * _FILM_STEP_MM - _DEPTH_MM / 2
        distance = cut(scene.bones, coarse.moved(ahead), outside=10)
        total += np.clip(0.5 - distance / 2, 0, 1) * _FILM_STEP_MM
    grey = Image.fromarray(20 + 215 * np.sqrt(np.clip(total / _DENSE_MM, 0, 1)))
    full = np.asarray(grey.resize((plane.columns, plane.rows), Image.Resampling.BICUBIC))
    return np.repeat(np.clip(full, 0, 255).astype(np.uint8)[:, :, None], 3, axis=2)


def _skin_marks(plane: Plane, screws: Sequence[Screw]) -> list[Layer]:
    """The screws' lines behind their heads, each with a ring of 5 mm round its skin entry."""
    layers = []
    for screw in screws:
        if screw.skin is not None:
            line = shadow_of(plane, screw.head, screw.skin) - 0.35
            ring = np.abs(shadow_of(plane, screw.skin, screw.skin) - 2.5) - 0.6
            layers += [
                Layer(line, SKIN_ENTRY_ON_FILM, line=0, fill=0.75),
                Layer(ring, SKIN_ENTRY_ON_FILM, line=1.5, fill=0.9),
            ]
    return layers


def _shadows(plane: Plane, screws: Sequence[Screw], rods: Sequence[Rod]) -> list[Layer]:
    """Rods, then screws, thrown straight onto the plane."""
    layers = [Layer(rod.shadow(plane), ROD, line=1.5, fill=0.45) for rod in rods]
    return layers + [
        Layer(screw.shadow(plane), grade_colour(screw.grade), line=2, fill=0.5) for screw in screws
    ]


def _drawn(stage: Stage) -> str:
    """What lies behind the screws, for captions."""
    return f"{stage.ground_words}, outlines of the bones, {stage.canal_words}"


def _finished(
    stage: Stage,
    pixels: Pixels,
    plane: Plane,
    words: tuple[str, str, str],
    names: dict[str, tuple[float, float]] | None = None,
) -> Picture:
    """The picture with its marks; `words` are its title, how it is seen, what is drawn."""
    title, seen, drawn = words
    return Picture(
        pixels=lettered(pixels, plane, title, stamps=stage.stamps, names=names),
        plane=plane,
        title=title,
        caption=f"{title[0].upper()}{title[1:]}: {seen}. {drawn}; "
        "screws projected straight onto the picture.",
        alt=f"Overview, {title}: {seen}. {drawn}. Screws are drawn in the colour of their grade.",
    )
