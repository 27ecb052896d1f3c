"""The three planes of one screw: two through its axis, one across it at the isthmus."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from keyhole.anatomy.spine import Vertebra
from keyhole.errors import AnatomyError
from keyhole.space import Floats, across, unit
from keyhole.view.implants import Screw, Wobble
from keyhole.view.ink import Layer, paint
from keyhole.view.lettering import lettered
from keyhole.view.palette import ENVELOPE, grade_colour
from keyhole.view.picture import Picture
from keyhole.view.plane import Plane
from keyhole.view.stage import Stage

PIXELS: Final = 600
_WIDE: Final = (100.0, 100.0)
"""mm shown by the planes through the axis."""
_CLOSE: Final = (44.0, 44.0)
"""mm shown by the plane across the axis."""
_BEHIND: Final = 16.0
"""mm by which a picture's middle lies behind the vertebra's origin."""

AXIAL = "axial plane through the screw's axis, seen from the feet: patient's left at image right, front on top"
SAGITTAL = "sagittal plane through the screw's axis: front at image left, head on top"
CROSS = (
    "plane across the screw's axis at the isthmus, seen from behind along the screw, "
    "as the surgeon stands: patient's left at image left, head on top"
)


def axial_plane(vertebra: Vertebra, screw: Screw) -> Plane:
    """Through the axis, as nearly as it allows along the vertebra's right and front."""
    normal = across(np.cross(vertebra.frame.right, screw.axis), screw.axis)
    up = across(vertebra.frame.front, normal)
    return _through(vertebra, screw, up, -across(vertebra.frame.right, normal))


def sagittal_plane(vertebra: Vertebra, screw: Screw) -> Plane:
    """Through the axis, as nearly as it allows along the vertebra's up and front."""
    normal = across(np.cross(screw.axis, vertebra.frame.up), screw.axis)
    up = across(vertebra.frame.up, normal)
    return _through(vertebra, screw, up, -across(vertebra.frame.front, normal))


def _through(vertebra: Vertebra, screw: Screw, up: Floats, right: Floats) -> Plane:
    """The plane of `up` and `right` through the screw, its middle near the vertebra's."""
    normal = unit(np.cross(right, up))
    middle = vertebra.frame.origin - _BEHIND * vertebra.frame.front
    middle = middle - ((middle - screw.entry) @ normal) * normal
    return Plane.facing(middle, up=up, right=right, size_mm=_WIDE, pixels=PIXELS)


def isthmus_mm(vertebra: Vertebra, screw: Screw) -> float:
    """How far from its entry (mm) the screw passes the isthmus' centre.

    Raises:
        AnatomyError: `pedicle-unseen` where the model has no such pedicle.

    """
    if screw.side not in vertebra.pedicles:
        raise AnatomyError(
            "pedicle-unseen",
            asked=f"A picture of the {screw.side} pedicle of {screw.level} was asked for.",
            found="The spine model has no such pedicle.",
            next="Draw the plan on the scan that it was made on.",
            at=[screw.name],
        )
    return float(screw.along(vertebra.pedicles[screw.side].centre))


def cross_plane(vertebra: Vertebra, screw: Screw) -> Plane:
    """Across the axis at the isthmus, seen from behind along the screw."""
    centre = screw.entry + isthmus_mm(vertebra, screw) * screw.axis
    return Plane.facing(
        centre,
        up=across(vertebra.frame.up, screw.axis),
        right=across(vertebra.frame.right, screw.axis),
        size_mm=_CLOSE,
        pixels=PIXELS,
    )


def screw_sections(
    stage: Stage, screw: Screw, beside: Sequence[Screw] = (), wobble: Wobble | None = None
) -> tuple[Picture, Picture, Picture]:
    """Axial and sagittal plane through the axis, and the cross-section at the isthmus.

    Args:
        stage: the patient.
        screw: whose planes they are.
        beside: other screws in the same body, drawn where the planes cut them.
        wobble: the position error that the envelope shows; the usual one if not given.

    Raises:
        AnatomyError: `level-not-there` or `pedicle-unseen`.

    """
    vertebra = stage.spine[screw.level]
    wobble = wobble or Wobble()
    inner = "right" if screw.side == "left" else "left"
    walls = {inner: "medial", screw.side: "lateral"}
    screws = (screw, *beside)
    return (
        _section(stage, screws, wobble, axial_plane(vertebra, screw), ("axial", AXIAL, {})),
        _section(
            stage, screws, wobble, sagittal_plane(vertebra, screw), ("sagittal", SAGITTAL, {})
        ),
        _section(stage, screws, wobble, cross_plane(vertebra, screw), ("across", CROSS, walls)),
    )


def _dashes(screw: Screw, plane: Plane, points: Floats) -> NDArray[np.bool_]:
    """Where a dashed outline is drawn: by length along the axis, or round it."""
    if abs(float(plane.ahead @ screw.axis)) > 0.7:
        off = points - screw.entry
        turn = np.arctan2(off @ plane.down, off @ plane.right)
        return np.asarray((turn * 18 / np.pi) % 1 < 0.62)
    ends = np.where(screw.along(points) > screw.length_mm, 1.0, 0.0)
    across_mm = (points - screw.tip) @ across(plane.down, screw.axis)
    phase = np.where(ends > 0, across_mm, screw.along(points)) / 2.4
    return np.asarray(phase % 1 < 0.62)


def _section(
    stage: Stage,
    screws: Sequence[Screw],
    wobble: Wobble,
    plane: Plane,
    words: tuple[str, str, dict[str, str]],
) -> Picture:
    """One plane with outlines, envelope and screws; the first of `screws` is the own one."""
    kind, convention, notes = words
    own, *beside = screws
    points = plane.points
    layers = stage.outlines(plane, [own.level])
    layers += [Layer(s.shaft(points), grade_colour(s.grade), line=1.5, fill=0.25) for s in beside]
    layers += [
        Layer(own.shaft(points), grade_colour(own.grade), line=2, fill=0.6),
        Layer(own.envelope(points, wobble), ENVELOPE, line=2, dash=_dashes(own, plane, points)),
    ]
    pixels = paint(stage.ground(plane), layers, plane.pixel_mm)
    title = f"{own.name} · {kind}"
    return Picture(
        pixels=lettered(pixels, plane, title, stamps=stage.stamps, notes=notes),
        plane=plane,
        title=title,
        caption=f"{own.name}: {convention}. {stage.ground_words}.",
        alt=_alt(stage, own, kind, convention),
    )


def _alt(stage: Stage, screw: Screw, kind: str, convention: str) -> str:
    return (
        f"{screw.level} {screw.side} screw, {kind}: {convention}. Drawn in: screw of "
        f"{screw.diameter_mm:g} by {screw.length_mm:.0f} mm, its safety envelope (dashed), "
        f"outlines of the bones, {stage.canal_words}."
    )
