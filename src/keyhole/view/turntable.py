"""The construct turned about the patient's long axis, drawn by Keyhole's own ray caster."""

from collections.abc import Sequence

import numpy as np
from attrs import frozen
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from keyhole.kernels.cast import cast_bone, cast_cones
from keyhole.progress import Progress, silent
from keyhole.view.ink import Pixels
from keyhole.view.lettering import draw_scale_bar, write
from keyhole.view.palette import BONE_IN_SPACE, INK, PAPER, Colour
from keyhole.view.picture import Picture
from keyhole.view.plane import Plane
from keyhole.view.scene import Scene, toward

FRAMES = 36
PIXELS = 560
_FINER = 1.2
"""Rays per pixel's edge, for smooth outlines."""
_THROUGH = 0.58
"""How much of an implant is seen through the bone before it."""
_OPEN = 1.15
"""The scene's distances are too small between bones, so that a free side may read below 1."""
_PITCH_MM = 2.8
"""Schematic thread pitch."""
_FADED: Colour = (150, 158, 168)
_STAMP_INK: Colour = (148, 62, 0)


@frozen
class Cast:
    """What the rays met: bone (rows, columns, 3) and implants (rows, columns, 4)."""

    bone: NDArray[np.float32]
    implants: NDArray[np.float32]


def view_plane(scene: Scene, degrees: float, pixels: int = PIXELS) -> Plane:
    """The picture's plane, before all that is drawn, for a camera `degrees` round from behind."""
    reach, low, high = scene.extent
    size = max(2 * reach, high - low)
    ahead = toward(scene.frame, degrees)
    middle = scene.frame.to_patient([0, 0, (low + high) / 2])
    return Plane.facing(
        middle - size * ahead,
        up=scene.frame.up,
        right=np.cross(ahead, scene.frame.up),
        size_mm=(size, size),
        pixels=pixels,
    )


def cast(scene: Scene, plane: Plane) -> Cast:
    """Send one ray straight ahead from each of the plane's pixels."""
    step = float(scene.bones.spacing[0])
    inverse = np.linalg.inv(scene.bones.affine)
    turn, shape = inverse[:3, :3], (plane.rows, plane.columns)
    right, down = plane.right * plane.pixel_mm, plane.down * plane.pixel_mm
    start = turn @ plane.start + inverse[:3, 3]
    bone = cast_bone(
        scene.bones.values, step, start, turn @ right, turn @ down, turn @ plane.ahead * step, shape
    )
    implants = cast_cones(scene.cones, plane.start, right, down, plane.ahead, shape)
    return Cast(bone, implants)


def shade(scene: Scene, met: Cast) -> Pixels:
    """(rows, columns, 3): lit from the viewer; implants shine through the bone before them."""
    out = np.empty((*met.bone.shape[:2], 3), dtype=np.float32)
    out[:] = PAPER
    depth, facing, open_ = np.moveaxis(met.bone, 2, 0)
    bone = np.isfinite(depth)
    free = np.minimum(_OPEN * open_[bone], 1)
    light = (0.30 + 0.70 * facing[bone]) * (0.45 + 0.55 * free)
    out[bone] = light[:, None] * np.array(BONE_IN_SPACE)
    metal, lit = _lit_implants(scene, met.implants)
    before = metal & (met.implants[..., 0] <= depth)
    behind = metal & ~before
    out[before] = lit[before[metal]]
    out[behind] = (1 - _THROUGH) * out[behind] + _THROUGH * lit[behind[metal]]
    return np.clip(np.rint(out), 0, 255).astype(np.uint8)


def _lit_implants(
    scene: Scene, implants: NDArray[np.float32]
) -> tuple[NDArray[np.bool_], NDArray[np.float32]]:
    """Where an implant is met (rows, columns) and its colours there (n, 3)."""
    metal = implants[..., 2] >= 0
    which = implants[..., 2][metal].astype(int)
    light = 0.42 + 0.58 * implants[..., 1][metal]
    groove = 0.88 + 0.12 * np.cos(implants[..., 3][metal] * (2 * np.pi / _PITCH_MM))
    light = light * np.where(scene.threads[which], groove, 1.0)
    gloss = 60 * implants[..., 1][metal] ** 24
    return metal, scene.colours[which] * light[:, None] + gloss[:, None]


def _letters(draw: ImageDraw.ImageDraw, scene: Scene, plane: Plane) -> None:
    """R, L, A, P where these sides of the patient are now, on a ring below; H and F at the ends.

    A letter on the far side is faded, and left out where a nearer one would cover it.
    """
    sides = {"R": scene.frame.right, "L": -scene.frame.right}
    sides |= {"A": scene.frame.front, "P": -scene.frame.front}
    middle, reach = plane.columns / 2, plane.columns / 2 - 60
    placed: list[float] = []
    for letter, side in sorted(sides.items(), key=lambda item: float(item[1] @ plane.ahead)):
        place = middle + reach * float(side @ plane.right)
        if any(abs(place - other) < 26 for other in placed):
            continue
        placed.append(place)
        far = float(side @ plane.ahead) > 0.05
        ink = _FADED if far else INK
        size = 20 if far else 28
        write(draw, (place, plane.rows - 58), letter, size=size, anchor="mm", colours=(ink, PAPER))
    write(draw, (middle, 8), "H", size=24, anchor="mt", colours=(INK, PAPER))
    write(draw, (middle, plane.rows - 8), "F", size=24, anchor="mb", colours=(INK, PAPER))


def letter(pixels: Pixels, scene: Scene, plane: Plane, stamps: Sequence[str] = ()) -> Pixels:
    """The frame with the patient's sides, levels, scale bar and stamps."""
    image = Image.fromarray(pixels)
    draw = ImageDraw.Draw(image)
    for level, place in scene.heights.items():
        row = float(plane.to_pixels(place)[1])
        write(draw, (8, row), level, size=17, anchor="lm", colours=(INK, PAPER))
    _letters(draw, scene, plane)
    draw_scale_bar(draw, plane, (INK, PAPER))
    for line, stamp in enumerate(stamps):
        corner = (plane.columns - 10, plane.rows - 10 - 20 * line)
        write(draw, corner, stamp, size=17, anchor="rb", colours=(_STAMP_INK, PAPER))
    return np.asarray(image)


def from_where(degrees: float) -> str:
    """Where the viewer stands, in words: `from behind`, `from behind on the left, 40 degrees`."""
    round_ = round(degrees) % 360
    quarters = {0: "from behind", 90: "from the patient's left"}
    quarters |= {180: "from the front", 270: "from the patient's right"}
    if round_ in quarters:
        return quarters[round_]
    start = "from behind" if round_ < 90 or round_ > 270 else "from the front"
    side = "left" if round_ < 180 else "right"
    return f"{start} on the patient's {side}, {round_} degrees round"


def turntable(
    scene: Scene,
    stamps: Sequence[str] = (),
    *,
    frames: int = FRAMES,
    pixels: int = PIXELS,
    progress: Progress = silent,
) -> list[Picture]:
    """All round the construct, the first frame from behind, then past the patient's left."""
    pictures = []
    for n in range(frames):
        progress("turntable", n / frames)
        pictures.append(seen_from(scene, 360 * n / frames, stamps, pixels=pixels))
    progress("turntable", 1)
    return pictures


def seen_from(
    scene: Scene, degrees: float, stamps: Sequence[str] = (), *, pixels: int = PIXELS
) -> Picture:
    """One view of the construct: `degrees` round from behind, 90 is from the patient's left."""
    fine = view_plane(scene, degrees, round(pixels * _FINER))
    plane = view_plane(scene, degrees, pixels)
    drawn = Image.fromarray(shade(scene, cast(scene, fine)))
    small = np.asarray(drawn.resize((plane.columns, plane.rows), Image.Resampling.LANCZOS))
    where = from_where(degrees)
    return Picture(
        pixels=letter(small, scene, plane, stamps),
        plane=plane,
        title=where,
        caption=f"Seen {where}, head on top.",
        alt=f"The construct seen {where}, head on top: bones, screws in the colour of their "
        "grade, rods, and marks where the screws' lines meet the skin.",
    )
