"""A picture's plane in the patient: which way is right and down, and how large a pixel is."""

import numpy as np
from attrs import converters, evolve, field, frozen

from keyhole.space import Floats, across, fixed, same, shaped, unit

_LETTERS = (("L", "R"), ("P", "A"), ("F", "H"))
"""Against and along each axis of RAS: left and right, posterior and anterior, foot and head."""


_OBLIQUE = 0.5
"""From this share of a second axis on (30 degrees) a mark names it too."""


def side_mark(direction: Floats) -> str:
    """The patient's side that a (3,) unit RAS direction points to: R L A P H F, or two of them.

    Two letters, the nearer first, where the direction lies between two sides: `AF`.
    """
    ranked = np.argsort(-np.abs(direction), kind="stable")
    named = ranked[:1] if abs(direction[ranked[1]]) < _OBLIQUE else ranked[:2]
    return "".join(_LETTERS[axis][int(direction[axis] > 0)] for axis in named)


@frozen
class Plane:
    """A rectangle in the patient, seen from one side.

    `centre` mm RAS; `right` and `down` are the picture's own directions, unit and perpendicular;
    `columns` x `rows` square pixels of `pixel_mm`. With a `relief` (rows, columns) the picture
    shows what lies so many mm ahead of the rectangle: a curved surface, looked at straight on.
    """

    centre: Floats = field(converter=fixed, validator=shaped(3), eq=same)
    right: Floats = field(converter=fixed, validator=shaped(3), eq=same)
    down: Floats = field(converter=fixed, validator=shaped(3), eq=same)
    columns: int
    rows: int
    pixel_mm: float
    relief: Floats | None = field(
        default=None, converter=converters.optional(fixed), eq=same, repr=False
    )

    def __attrs_post_init__(self) -> None:
        """Refuse directions that would bend or stretch the picture."""
        turn = np.array([self.right, self.down])
        if not np.allclose(turn @ turn.T, np.eye(2), atol=1e-6):
            raise ValueError("The picture's directions are not perpendicular unit vectors.")
        if min(self.columns, self.rows) < 1 or not self.pixel_mm > 0:
            raise ValueError("A picture needs at least one pixel, of more than 0 mm.")
        if self.relief is not None and self.relief.shape != (self.rows, self.columns):
            raise ValueError("A relief needs one number for each pixel.")

    @classmethod
    def facing(
        cls, centre: Floats, *, up: Floats, right: Floats, size_mm: tuple[float, float], pixels: int
    ) -> "Plane":
        """The plane with `up` on top and `right` (made perpendicular) to the right.

        Args:
            centre: (3,) mm RAS.
            up: (3,) RAS, what shall be on top.
            right: (3,) RAS, what shall be to the right, as nearly as `up` allows.
            size_mm: width and height.
            pixels: columns.

        """
        up = unit(up)
        pixel_mm = size_mm[0] / pixels
        rows = max(round(size_mm[1] / pixel_mm), 1)
        return cls(centre, across(right, up), -up, pixels, rows, pixel_mm)

    @property
    def ahead(self) -> Floats:
        """(3,) unit, away from the viewer: into the picture."""
        return np.cross(self.right, self.down)

    @property
    def start(self) -> Floats:
        """(3,) mm RAS, the centre of the first pixel (top left)."""
        half = np.array([self.columns - 1, self.rows - 1]) / 2 * self.pixel_mm
        return self.centre - half[0] * self.right - half[1] * self.down

    @property
    def points(self) -> Floats:
        """(rows, columns, 3) mm RAS: what the pixels' centres show."""
        across_mm = np.arange(self.columns)[None, :, None] * self.pixel_mm * self.right
        down_mm = np.arange(self.rows)[:, None, None] * self.pixel_mm * self.down
        flat = self.start + across_mm + down_mm
        return flat if self.relief is None else flat + self.relief[:, :, None] * self.ahead

    def to_pixels(self, points: Floats) -> Floats:
        """(n, 3) or (3,) mm RAS -> column, row (not rounded), looked at straight on."""
        off = (np.asarray(points) - self.start) / self.pixel_mm
        return np.stack([off @ self.right, off @ self.down], axis=-1)

    def moved(self, ahead_mm: float) -> "Plane":
        """The same rectangle, this far away from the viewer."""
        return evolve(self, centre=self.centre + ahead_mm * self.ahead)

    @property
    def marks(self) -> dict[str, str]:
        """The patient's side at each edge: `left`, `right`, `top`, `bottom` -> as `side_mark`."""
        return {
            "left": side_mark(-self.right),
            "right": side_mark(self.right),
            "top": side_mark(-self.down),
            "bottom": side_mark(self.down),
        }
