"""A finished picture with the words that belong to it."""

import io

import attrs
from attrs import field, frozen
from PIL import Image

from keyhole.space import locked
from keyhole.view.ink import Pixels
from keyhole.view.plane import Plane


@frozen
class Picture:
    """Pixels (rows, columns, 3) RGB, with title, caption (says the convention) and alt text."""

    pixels: Pixels = field(
        converter=locked, eq=attrs.cmp_using(eq=lambda a, b: bool((a == b).all()))
    )
    plane: Plane
    title: str
    caption: str
    alt: str

    def encoded(self, kind: str = "webp") -> bytes:
        """The picture as a file's bytes: `webp` (small) or `png` (exact)."""
        stream = io.BytesIO()
        image = Image.fromarray(self.pixels)
        if kind == "png":
            image.save(stream, "PNG", optimize=True)
        else:
            image.save(stream, "WEBP", quality=86, method=3)
        return stream.getvalue()
