"""How far the parts of a construct keep from what is already implanted."""

import itertools
from collections.abc import Iterable, Sequence

import numpy as np
from attrs import field, frozen

from keyhole.errors import Refusal
from keyhole.plan.model import Clearance, Rod, Screw
from keyhole.plan.obstacles import Obstacle, along
from keyhole.plan.scene import Scene
from keyhole.plan.settings import ScrewSettings
from keyhole.space import Floats, fixed, same


@frozen
class Part:
    """A part: its axis (n, 3) mm RAS, its radius, and the room it needs, mm."""

    name: str
    at: tuple[str, ...]
    axis: Floats = field(converter=fixed, eq=same, repr=False)
    radius_mm: float
    required_mm: float


def near_hardware(
    scene: Scene, screws: Sequence[Screw], rods: Sequence[Rod]
) -> tuple[list[Clearance], list[Refusal]]:
    """The room of screws, towers and rods, and which of them have too little."""
    rules = scene.settings.screws
    rows: list[Clearance] = []
    near: list[Refusal] = []
    for screw in screws:
        around = scene.hardware_for(scene.spine[screw.level])
        _measure(around, _of_screw(screw, rules), rows, near)
    _measure(scene.hardware, [_of_rod(rod) for rod in rods], rows, near)
    return rows, near


def _measure(
    around: Iterable[Obstacle], parts: Sequence[Part], rows: list[Clearance], near: list[Refusal]
) -> None:
    """Note the room of each part to each obstacle."""
    for obstacle in around:
        for part in parts:
            room = float(obstacle.away(part.axis).min()) - part.radius_mm
            rows.append(
                Clearance(
                    part=part.name,
                    structure=obstacle.name,
                    clearance_mm=room,
                    required_mm=part.required_mm,
                    seen=True,
                )
            )
            if room < part.required_mm:
                near.append(_near(part, obstacle.name, room))


def _of_screw(screw: Screw, rules: ScrewSettings) -> list[Part]:
    """The shaft, and the tower where its way is known."""
    name = f"{screw.level} {screw.side}"
    shaft = along(np.array(screw.entry), np.array(screw.tip))
    parts = [Part(f"screw {name}", (name,), shaft, screw.diameter_mm / 2, rules.screw_gap_mm)]
    if screw.head is not None and screw.skin_entry is not None:
        way = along(np.array(screw.head), np.array(screw.skin_entry.point))
        parts.append(Part(f"tower {name}", (name,), way, rules.tower_width_mm / 2, 0.0))
    return parts


def _of_rod(rod: Rod) -> Part:
    at = tuple(f"{level} {rod.side}" for level in rod.levels)
    return Part(f"rod {rod.side}", at, rod_axis(rod), rod.diameter_mm / 2, 0.0)


def rod_axis(rod: Rod) -> Floats:
    """(n, 3) mm RAS: points along a rod, at most half a millimetre apart."""
    points = np.array(rod.points)
    return np.vstack([along(a, b) for a, b in itertools.pairwise(points)])


def _near(part: Part, structure: str, room_mm: float) -> Refusal:
    told = f"{room_mm:.1f} mm from" if room_mm >= 0 else f"{-room_mm:.1f} mm into"
    return Refusal(
        "metal-near",
        asked=f"Room for the {part.name} was asked for.",
        found=f"It lies {told} the {structure} already there "
        f"(room wanted: {part.required_mm:.0f} mm).",
        next="Choose another way, or plan the removal of what is there.",
        at=part.at,
    )
