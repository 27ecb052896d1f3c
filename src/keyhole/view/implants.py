"""Screws and rods as shapes: exact fields for cuts, round cones for the ray caster.

A screw's shaft is the cylinder that was planned (entry to tip, flat ends). Its head, the taper of
its tip and the thread that the turntable shows are schematic.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from keyhole.space import Floats, Side, fixed, same, shaped, unit
from keyhole.view.plane import Plane

HEAD_RADIUS_MM = 6.5
"""Schematic: a polyaxial head is drawn as a ball of this size. Unsourced."""
HEAD_BEHIND_MM = 7.0
"""Schematic: a head whose place the plan does not give lies this far behind the entry. Unsourced."""
_TAPER = 1.6
"""Length of the drawn taper at the tip, in shaft radii."""


@frozen
class Wobble:
    """The usual position error: e(s) = shift + 2 |s| sin(turn / 2) (DEFINITIONS 6)."""

    shift_mm: float = 2.0
    turn_deg: float = 3.0

    def reach(self, along: Floats) -> Floats:
        """How far the tool may move, mm, at `along` mm from the dock."""
        return self.shift_mm + 2 * np.abs(along) * np.sin(np.radians(self.turn_deg) / 2)


@frozen
class Screw:
    """A planned screw; entry and tip mm RAS, `head` the centre of its head."""

    level: str
    side: Side
    entry: Floats = field(converter=fixed, validator=shaped(3), eq=same)
    tip: Floats = field(converter=fixed, validator=shaped(3), eq=same)
    head: Floats = field(converter=fixed, validator=shaped(3), eq=same)
    diameter_mm: float
    grade: str | None
    skin: Floats | None = None

    @classmethod
    def of(cls, planned: Mapping[str, Any]) -> "Screw":
        """The shape of a SCREW of plan.json."""
        entry, tip = np.array(planned["entry"], float), np.array(planned["tip"], float)
        head = planned.get("head")
        skin = planned.get("skin_entry")
        grade = planned.get("gertzbein_robbins")
        return cls(
            level=planned["level"],
            side=planned["side"],
            entry=entry,
            tip=tip,
            head=entry - HEAD_BEHIND_MM * unit(tip - entry) if head is None else head,
            diameter_mm=float(planned["diameter_mm"]),
            grade=None if grade is None else grade["grade"],
            skin=None if skin is None else fixed(skin["point"]),
        )

    @property
    def name(self) -> str:
        """Level and side: `L4 left`."""
        return f"{self.level} {self.side}"

    @property
    def axis(self) -> Floats:
        """(3,) unit, from entry to tip."""
        return unit(self.tip - self.entry)

    @property
    def length_mm(self) -> float:
        """From entry to tip."""
        return float(np.linalg.norm(self.tip - self.entry))

    def along(self, points: Floats) -> Floats:
        """How far along the axis from the entry (mm) (..., 3) points lie."""
        return (points - self.entry) @ self.axis

    def beside(self, points: Floats) -> Floats:
        """How far off the axis' line (mm) (..., 3) points lie."""
        over = points - self.entry
        along = over @ self.axis
        return np.sqrt(np.maximum(np.einsum("...i,...i", over, over) - along * along, 0))

    def shaft(self, points: Floats) -> Floats:
        """Signed distance (mm, negative inside) of (..., 3) points to the planned cylinder."""
        along = self.along(points)
        ends = np.maximum(-along, along - self.length_mm)
        return np.maximum(self.beside(points) - self.diameter_mm / 2, ends)

    def envelope(self, points: Floats, wobble: Wobble) -> Floats:
        """Negative where the screw's surface may come under the position error."""
        along = self.along(points)
        nearest = np.clip(along, 0, self.length_mm)
        off = np.hypot(self.beside(points), along - nearest)
        return off - self.diameter_mm / 2 - wobble.reach(nearest)

    def shadow(self, plane: Plane) -> Floats:
        """(rows, columns): negative where the shaft, thrown straight onto a plane, lies; mm."""
        ends = plane.to_pixels(np.array([self.entry, self.tip]))
        flat = abs(float(self.axis @ plane.ahead))
        return _off_segment(plane, ends, max(flat, 0.02)) - self.diameter_mm / 2

    def cones(self) -> NDArray[np.float64]:
        """(3, 8) round cones: shaft, taper, head."""
        radius = self.diameter_mm / 2
        neck = self.tip - min(_TAPER * radius, self.length_mm / 3) * self.axis
        last = self.tip - 0.35 * radius * self.axis
        return np.array(
            [
                [*self.head, radius, *neck, radius],
                [*neck, radius, *last, 0.35 * radius],
                [*self.head, HEAD_RADIUS_MM, *self.head, HEAD_RADIUS_MM],
            ]
        )


@frozen
class Rod:
    """One side's rod, a polyline of (n, 3) mm RAS."""

    side: Side
    points: Floats = field(converter=fixed, validator=shaped(-1, 3), eq=same)
    diameter_mm: float

    @classmethod
    def of(cls, planned: Mapping[str, Any]) -> "Rod":
        """The shape of a rod of plan.json."""
        return cls(planned["side"], planned["points"], float(planned["diameter_mm"]))

    def shadow(self, plane: Plane) -> Floats:
        """(rows, columns) mm: the rod thrown straight onto a plane."""
        ends = plane.to_pixels(self.points)
        pieces = [_off_segment(plane, ends[n : n + 2]) for n in range(len(ends) - 1)]
        return np.min(pieces, axis=0) - self.diameter_mm / 2

    def cones(self) -> NDArray[np.float64]:
        """(n - 1, 8) round cones."""
        radius = self.diameter_mm / 2
        pairs = zip(self.points[:-1], self.points[1:], strict=True)
        return np.array([[*a, radius, *b, radius] for a, b in pairs]).reshape(-1, 8)


def shadow_of(plane: Plane, a: Floats, b: Floats) -> Floats:
    """(rows, columns) mm from the stretch between two points (3,) mm RAS, thrown onto a plane."""
    return _off_segment(plane, plane.to_pixels(np.array([a, b])))


def _off_segment(plane: Plane, ends: Floats, blunt: float = 1.0) -> Floats:
    """(rows, columns) mm from each pixel to a segment given in pixels (2, 2).

    `blunt` below 1 counts what lies beyond the ends more: a flat end looked at from its side (0)
    is a straight line, looked at straight on (1) a circle.
    """
    column = np.arange(plane.columns, dtype=np.float64)[None, :] - ends[0, 0]
    row = np.arange(plane.rows, dtype=np.float64)[:, None] - ends[0, 1]
    over = ends[1] - ends[0]
    long = float(np.hypot(*over))
    way = over / long if long > 1e-6 else np.array([1.0, 0.0])
    along = column * way[0] + row * way[1]
    beside = column * way[1] - row * way[0]
    beyond = np.maximum(np.maximum(-along, along - long), 0)
    return np.hypot(beside, beyond / blunt) * plane.pixel_mm
