"""Side marks, scale bars, titles and stamps on pictures."""

from collections.abc import Iterable
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from keyhole.view.ink import Pixels
from keyhole.view.palette import HALO, STAMP, TEXT, Colour
from keyhole.view.plane import Plane

_BARS = (1, 2, 5, 10, 20, 50, 100)
"""Lengths a scale bar may have, mm."""
_MARGIN = 12
_ABOVE_MARK = 34
"""Pixels that clear a side's mark."""


@lru_cache(maxsize=16)
def typeface(size: int) -> ImageFont.FreeTypeFont:
    """Pillow's own sans-serif; no font file of the machine is looked for."""
    found = ImageFont.load_default(size=size)
    if not isinstance(found, ImageFont.FreeTypeFont):
        raise TypeError("Pillow was built without FreeType: pictures could not be marked.")
    return found


def write(
    draw: ImageDraw.ImageDraw,
    place: tuple[float, float],
    text: str,
    *,
    size: int = 20,
    anchor: str = "lt",
    colours: tuple[Colour, Colour] = (TEXT, HALO),
) -> None:
    """Text with a rim, so that it can be read on bone and on air; `anchor` as Pillow's."""
    ink, rim = colours
    face = typeface(size)
    draw.text(place, text, fill=ink, font=face, anchor=anchor, stroke_width=2, stroke_fill=rim)


def bar_mm(plane: Plane) -> int:
    """The longest round scale bar that takes at most a third of the picture's width."""
    third = plane.columns * plane.pixel_mm / 3
    return max((n for n in _BARS if n <= third), default=_BARS[0])


def draw_scale_bar(
    draw: ImageDraw.ImageDraw, plane: Plane, colours: tuple[Colour, Colour] = (TEXT, HALO)
) -> None:
    """A scale bar with its length, bottom left."""
    long = bar_mm(plane)
    ink, rim = colours
    left, bottom = _MARGIN, plane.rows - _MARGIN
    right = left + long / plane.pixel_mm
    for grow, colour in ((1, rim), (0, ink)):
        draw.rectangle((left - grow, bottom - 4 - grow, right + grow, bottom + grow), fill=colour)
    write(draw, (left, bottom - 9), f"{long} mm", size=18, anchor="lb", colours=colours)


def draw_marks(draw: ImageDraw.ImageDraw, plane: Plane, notes: dict[str, str]) -> None:
    """The patient's sides at the four edges; `notes` adds a word at an edge (`medial`)."""
    middle = {"x": plane.columns / 2, "y": plane.rows / 2}
    places = {
        "top": ((middle["x"], _MARGIN), "mt"),
        "bottom": ((middle["x"], plane.rows - _MARGIN), "mb"),
        "left": ((_MARGIN, middle["y"]), "lm"),
        "right": ((plane.columns - _MARGIN, middle["y"]), "rm"),
    }
    for edge, letter in plane.marks.items():
        place, anchor = places[edge]
        write(draw, place, letter, size=30, anchor=anchor)
        if edge in notes:
            below = (place[0], place[1] + 26)
            write(draw, below, notes[edge], size=17, anchor=anchor)


def lettered(
    pixels: Pixels,
    plane: Plane,
    title: str,
    *,
    stamps: Iterable[str] = (),
    notes: dict[str, str] | None = None,
    names: dict[str, tuple[float, float]] | None = None,
) -> Pixels:
    """The picture with title (top left), side marks, scale bar, and stamps (bottom right).

    Args:
        pixels: (rows, columns, 3) RGB; it is not changed.
        plane: where the picture lies.
        title: a few words.
        stamps: words that every picture carries, such as `INDICATIVE`.
        notes: a word beside an edge's mark, such as `medial`.
        names: names of levels and the column and row of their middle.

    """
    image = Image.fromarray(pixels)
    draw = ImageDraw.Draw(image)
    write(draw, (_MARGIN, _MARGIN), title, size=20)
    for name, place in (names or {}).items():
        write(draw, place, name, size=19, anchor="mm")
    draw_marks(draw, plane, notes or {})
    draw_scale_bar(draw, plane)
    draw_stamps(draw, plane, tuple(stamps))
    return np.asarray(image)


def draw_stamps(draw: ImageDraw.ImageDraw, plane: Plane, stamps: tuple[str, ...]) -> None:
    """Stamps bottom right, one above the other; above the lower mark where one would reach it."""
    widest = max((draw.textlength(stamp, font=typeface(20)) for stamp in stamps), default=0)
    lift = _ABOVE_MARK if widest > plane.columns / 2 - 3 * _MARGIN else 0
    for line, stamp in enumerate(stamps):
        place = (plane.columns - _MARGIN, plane.rows - _MARGIN - lift - 24 * line)
        write(draw, place, stamp, size=20, anchor="rb", colours=(STAMP, HALO))
