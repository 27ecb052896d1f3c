"""Outlines and tints from implicit functions: a field, negative inside, is all that is needed.

No contour is traced and nothing is projected by hand: what is drawn is the exact cut of the
thing with the picture's plane, as fine as the pixels.
"""

from collections.abc import Iterable

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from keyhole.view.palette import HALO, Colour
from keyhole.view.slices import Grey

Pixels = NDArray[np.uint8]
"""(rows, columns, 3) RGB."""


@frozen
class Layer:
    """One thing to draw: `field` (rows, columns) mm, negative inside, its zero line the outline.

    `line` is the outline's width in pixels, `fill` the tint's strength 0 to 1; where `dash`
    (rows, columns, bool) is given, the outline is drawn only there.
    """

    field: NDArray[np.floating]
    colour: Colour
    line: float = 2.0
    fill: float = 0.0
    dash: NDArray[np.bool_] | None = None


def as_grey(values: Grey, window: tuple[float, float]) -> Pixels:
    """(rows, columns, 3): values from the window's low end (black) to its high end (white)."""
    low, high = window
    grey = np.clip((values - low) * (255 / (high - low)), 0, 255).astype(np.uint8)
    return np.repeat(grey[:, :, None], 3, axis=2)


def _blend(pixels: Pixels, strength: NDArray[np.floating], colour: Colour) -> None:
    """Lay a colour over the pixels, in place; strength 0 to 1."""
    rows, columns = np.nonzero(strength > 1 / 255)
    amount = strength[rows, columns][:, None]
    mixed = pixels[rows, columns] * (1 - amount) + np.array(colour) * amount
    pixels[rows, columns] = np.rint(mixed).astype(np.uint8)


def _off_line(field: NDArray[np.floating], pixel_mm: float) -> NDArray[np.float32]:
    """Pixels from the field's zero line, near it: value over slope.

    A distance rises by at most 1 mm a mm, so a steeper step (a field's border) is no line.
    """
    values = np.asarray(field, dtype=np.float32)
    down, right = np.gradient(values)
    slope = np.hypot(down, right)
    return np.abs(values) / np.clip(slope, 0.2 * pixel_mm, 1.5 * pixel_mm)


def paint(ground: Pixels, layers: Iterable[Layer], pixel_mm: float) -> Pixels:
    """The layers drawn over the ground, the first at the bottom: tints, dark rims, outlines.

    Args:
        ground: (rows, columns, 3) RGB; it is not changed.
        layers: fields in mm on the same pixels.
        pixel_mm: edge of a pixel.

    """
    pixels = ground.copy()
    for layer in layers:
        if layer.fill > 0:
            _blend(pixels, np.where(layer.field < 0, layer.fill, 0.0), layer.colour)
        if layer.line <= 0 or not (layer.field < 0).any() or not (layer.field > 0).any():
            continue
        off = _off_line(layer.field, pixel_mm)
        shown = 1.0 if layer.dash is None else layer.dash
        _blend(pixels, np.clip(layer.line / 2 + 1.3 - off, 0, 1) * 0.45 * shown, HALO)
        _blend(pixels, np.clip(layer.line / 2 + 0.5 - off, 0, 1) * shown, layer.colour)
    return pixels
