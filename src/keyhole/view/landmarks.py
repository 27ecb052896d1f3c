"""Pictures of findings: the planes a spine radiologist looks at, with what was measured drawn in.

*Mark*: the points and curves of one finding. It is drawn, with its number in the caption, in the
pictures near whose plane all its points lie, and at least half of its curves; nothing is thrown
onto a plane from afar.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from keyhole.anatomy.pair_frame import pair_frame
from keyhole.anatomy.spine import Vertebra
from keyhole.space import SIDES, Floats, Frame, Side
from keyhole.view.ink import Pixels, paint
from keyhole.view.lettering import lettered, write
from keyhole.view.palette import HALO, MARKS, Colour
from keyhole.view.picture import Picture
from keyhole.view.plane import Plane
from keyhole.view.stage import Stage

AXIAL: Final = "axial plane through the disc's centre, seen from the feet: patient's left at image right, front on top"
MIDDLE: Final = "midsagittal plane: front at image left, head on top"
FORAMEN: Final = (
    "sagittal plane through the {side} pedicles and foramen: front at image left, head on top"
)
_PIXELS: Final = 460
_AXIAL_MM: Final = 110.0
_SIDE_MM: Final = (90.0, 90.0)
_BEHIND: Final = 18.0
"""mm by which a picture's middle lies behind the disc's centre."""
_NEAR_MM: Final = 4.0
"""How far off the plane a landmark may lie and still be drawn. Unsourced."""
_HALF: Final = 0.5


@frozen
class Mark:
    """What one finding was measured from: points (3,) and curves (n, 3) mm RAS, by name."""

    name: str
    points: Mapping[str, Floats] = field(factory=dict)
    curves: Mapping[str, Floats] = field(factory=dict)


@frozen
class Segment:
    """Two neighbours, their common frame at the disc's centre, and the marks to be drawn."""

    name: str
    upper: Vertebra
    lower: Vertebra
    frame: Frame
    marks: tuple[Mark, ...] = ()

    @classmethod
    def of(cls, name: str, pair: tuple[Vertebra, Vertebra], marks: Sequence[Mark]) -> "Segment":
        """The segment of two modelled neighbours."""
        upper, lower = pair
        ends = upper.lower or upper.upper, lower.upper
        return cls(name, upper, lower, pair_frame(upper, lower, *ends), tuple(marks))


def segment_pictures(stage: Stage, segment: Segment) -> list[Picture]:
    """Axial at the disc, midsagittal, and through each foramen whose pedicles are modelled."""
    frame = segment.frame
    centre = frame.origin - _BEHIND * frame.front
    axial = Plane.facing(
        centre,
        up=frame.front,
        right=-frame.right,
        size_mm=(_AXIAL_MM, _AXIAL_MM),
        pixels=_PIXELS,
    )
    drawn = [
        _picture(stage, segment, axial, ("axial", AXIAL)),
        _picture(stage, segment, _sagittal(frame, centre), ("midsagittal", MIDDLE)),
    ]
    for side in SIDES:
        aside = _foramen(segment, side)
        if aside is not None:
            plane = _sagittal(frame, centre + aside * frame.right)
            words = (f"foramen {side}", FORAMEN.format(side=side))
            drawn.append(_picture(stage, segment, plane, words))
    return drawn


def _sagittal(frame: Frame, centre: Floats) -> Plane:
    return Plane.facing(centre, up=frame.up, right=-frame.front, size_mm=_SIDE_MM, pixels=_PIXELS)


def _foramen(segment: Segment, side: Side) -> float | None:
    """How far right of the midline, mm, the pedicles of one side stand; None without them."""
    pedicles = [v.pedicles[side] for v in (segment.upper, segment.lower) if side in v.pedicles]
    if not pedicles:
        return None
    return float(np.mean([segment.frame.to_local(p.centre)[0] for p in pedicles]))


def _picture(stage: Stage, segment: Segment, plane: Plane, words: tuple[str, str]) -> Picture:
    kind, convention = words
    levels = [segment.upper.level, segment.lower.level]
    pixels = paint(stage.ground(plane), stage.outlines(plane, levels), plane.pixel_mm)
    pixels, shown = _marked(pixels, plane, segment.marks)
    title = f"{segment.name} · {kind}"
    drawn = f"Drawn in: {', '.join(shown)}." if shown else "No landmark lies in this plane."
    return Picture(
        pixels=lettered(pixels, plane, title, stamps=stage.stamps),
        plane=plane,
        title=title,
        caption=f"{segment.name}: {convention}. {stage.ground_words}. {drawn}",
        alt=f"{segment.name}, {kind}: {convention}. {stage.ground_words}. {drawn}",
    )


def _marked(pixels: Pixels, plane: Plane, marks: Sequence[Mark]) -> tuple[Pixels, list[str]]:
    """The picture with the marks that lie in its plane, and their numbers and names."""
    image = Image.fromarray(pixels)
    draw = ImageDraw.Draw(image)
    shown: list[str] = []
    for mark in (mark for mark in marks if _lies_in(plane, mark)):
        colour, number = MARKS[len(shown) % len(MARKS)], str(len(shown) + 1)
        lines = [run for curve in mark.curves.values() for run in _runs(plane, curve)]
        dots = [_place(plane, point) for point in mark.points.values()]
        for line in lines:
            _line(draw, line, colour)
        for dot in dots:
            _dot(draw, dot, colour)
        x, y = (dots or [lines[0][0]])[0]
        write(draw, (x + 7, y - 9), number, size=15, colours=(colour, HALO))
        shown.append(f"{number} {mark.name}")
    return np.asarray(image), shown


def _lies_in(plane: Plane, mark: Mark) -> bool:
    """Whether all points and at least half of the curves lie in the picture, near its plane."""
    points = np.array([*mark.points.values()]).reshape(-1, 3)
    curves = np.concatenate([np.empty((0, 3)), *mark.curves.values()])
    if len(points) + len(curves) == 0 or not _near(plane, points).all():
        return False
    return len(curves) == 0 or bool(_near(plane, curves).mean() >= _HALF)


def _near(plane: Plane, points: Floats) -> NDArray[np.bool_]:
    """(n,) which points (n, 3) mm RAS lie in the picture, near its plane."""
    flat = plane.to_pixels(points)
    inside = ((flat >= 0) & (flat < [plane.columns, plane.rows])).all(axis=1)
    return np.asarray(inside & (np.abs((points - plane.centre) @ plane.ahead) <= _NEAR_MM))


def _place(plane: Plane, point: Floats) -> tuple[float, float]:
    x, y = plane.to_pixels(point)
    return float(x), float(y)


def _runs(plane: Plane, curve: Floats) -> list[list[tuple[float, float]]]:
    """The stretches of a curve (n, 3) that lie near the plane and in the picture, in pixels."""
    runs: list[list[tuple[float, float]]] = [[]]
    for place, there in zip(plane.to_pixels(curve), _near(plane, curve), strict=True):
        if there:
            runs[-1].append((float(place[0]), float(place[1])))
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if len(run) > 1]


def _line(draw: ImageDraw.ImageDraw, run: list[tuple[float, float]], colour: Colour) -> None:
    draw.line(run, fill=HALO, width=5, joint="curve")
    draw.line(run, fill=colour, width=2, joint="curve")


def _dot(draw: ImageDraw.ImageDraw, place: tuple[float, float], colour: Colour) -> None:
    x, y = place
    draw.ellipse((x - 5, y - 5, x + 5, y + 5), fill=HALO)
    draw.ellipse((x - 3.5, y - 3.5, x + 3.5, y + 3.5), fill=colour)
