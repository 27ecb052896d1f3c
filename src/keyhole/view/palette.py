"""The colours of every picture, and of the page that shows them."""

from typing import Final

Colour = tuple[int, int, int]

GRADES: Final[dict[str, Colour]] = {
    "A": (18, 166, 124),
    "B": (242, 176, 16),
    "C": (232, 112, 42),
    "D": (215, 38, 61),
    "E": (142, 30, 91),
}
"""Gertzbein-Robbins; the letter is always printed too, so that colour alone says nothing."""
UNGRADED: Final[Colour] = (138, 148, 160)
OWN_BONE: Final[Colour] = (255, 226, 150)
OTHER_BONE: Final[Colour] = (158, 150, 136)
CANAL: Final[Colour] = (72, 190, 255)
ENVELOPE: Final[Colour] = (255, 120, 214)
ROD: Final[Colour] = (120, 134, 152)
SKIN_ENTRY: Final[Colour] = (20, 90, 200)
SKIN_ENTRY_ON_FILM: Final[Colour] = (120, 196, 255)
MARKS: Final[tuple[Colour, ...]] = (
    (255, 99, 132),
    (96, 220, 140),
    (255, 178, 62),
    (186, 140, 255),
    (110, 231, 255),
    (240, 240, 110),
)
"""What findings were measured from, in turn; the caption names them in this order."""
TEXT: Final[Colour] = (255, 255, 255)
HALO: Final[Colour] = (0, 0, 0)
STAMP: Final[Colour] = (255, 214, 92)
BONE_IN_SPACE: Final[Colour] = (238, 226, 200)
PAPER: Final[Colour] = (248, 249, 251)
INK: Final[Colour] = (24, 32, 44)


def grade_colour(grade: str | None) -> Colour:
    """The colour of a screw of this grade; grey where it is not known."""
    return GRADES.get(grade or "", UNGRADED)


def css(colour: Colour) -> str:
    """`#rrggbb`."""
    return "#{:02x}{:02x}{:02x}".format(*colour)
