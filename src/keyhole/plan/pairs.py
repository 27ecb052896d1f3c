"""Screws beside each other: left against right in one body, and the towers of neighbours."""

import itertools
from collections.abc import Sequence

import numpy as np

from keyhole.errors import Refusal
from keyhole.plan.model import Clearance, Screw
from keyhole.plan.obstacles import segments_apart
from keyhole.plan.settings import ScrewSettings
from keyhole.plan.skin_path import towers_apart, towers_touch
from keyhole.space import SIDES, Floats


def screws_apart(one: Screw, other: Screw) -> float:
    """The room, mm, between the surfaces of two screws."""
    ends = ((np.array(s.entry), np.array(s.tip)) for s in (one, other))
    first, second = ends
    return segments_apart(first, second) - (one.diameter_mm + other.diameter_mm) / 2


def in_one_body(
    screws: Sequence[Screw], rules: ScrewSettings
) -> tuple[list[Clearance], list[Refusal]]:
    """How far left and right screw of each body keep apart, and which are too near."""
    rows, near = [], []
    for one, other in itertools.combinations(screws, 2):
        if one.level != other.level:
            continue
        apart = screws_apart(one, other)
        rows.append(
            Clearance(
                part=f"screw {one.level} {one.side}",
                structure=f"screw {other.level} {other.side}",
                clearance_mm=apart,
                required_mm=rules.screw_gap_mm,
                seen=True,
            )
        )
        if apart < rules.screw_gap_mm:
            near.append(_touch(one, other, apart, rules))
    return rows, near


def _touch(one: Screw, other: Screw, apart: float, rules: ScrewSettings) -> Refusal:
    return Refusal(
        "screws-touch",
        asked=f"A left and a right screw were asked for at {one.level}.",
        found=f"Their surfaces come within {apart:.1f} mm.",
        next=f"Keep {rules.screw_gap_mm:.0f} mm: a shorter screw, or less convergence.",
        at=(f"{one.level} {one.side}", f"{other.level} {other.side}"),
    )


def towers(screws: Sequence[Screw], rules: ScrewSettings) -> list[Refusal]:
    """Neighbouring towers of one side that meet between head and skin, where it is seen."""
    found = []
    for side in SIDES:
        row = [(s, ends) for s in screws if s.side == side and (ends := _tower(s)) is not None]
        for (one, first), (other, second) in itertools.pairwise(row):
            apart = towers_apart(first, second, rules)
            if apart < 0:
                names = (f"{one.level} {one.side}", f"{other.level} {other.side}")
                found.append(towers_touch(names, apart))
    return found


def _tower(screw: Screw) -> tuple[Floats, Floats] | None:
    """Head and skin, (3,) mm RAS, or None where one is not known."""
    if screw.head is None or screw.skin_entry is None:
        return None
    return np.array(screw.head), np.array(screw.skin_entry.point)
