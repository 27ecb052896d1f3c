"""An option carried out: its screws described, joined by rods, and held against each other."""

from collections.abc import Sequence

import numpy as np
from attrs import evolve

from keyhole.errors import Refusal
from keyhole.levels import order
from keyhole.plan.describe import describe
from keyhole.plan.hardware_near import near_hardware
from keyhole.plan.measure import body_rooms
from keyhole.plan.model import Clearance, Incision, Option, Rod, Screw
from keyhole.plan.pairs import in_one_body, towers
from keyhole.plan.prefer import Pedestal
from keyhole.plan.rod import bend_rod, broken_rod
from keyhole.plan.rod_facet import with_rod
from keyhole.plan.scene import Scene
from keyhole.plan.settings import ScrewSettings
from keyhole.space import SIDES, Side

Placing = tuple[Pedestal, int]
"""A pedicle, and the number of the candidate taken."""


def carried_out(
    scene: Scene, placed: Sequence[Placing], levels: Sequence[str], bare: Option
) -> Option:
    """The option with everything that follows from where its screws are.

    Args:
        scene: what surrounds them.
        placed: the screws, in any order.
        levels: the levels asked for, from head to sacrum.
        bare: the option's name, technique, refusals, and the warnings it already has.

    """
    rules = scene.settings.screws
    placed = sorted(placed, key=lambda p: order(p[0].passage.vertebra.level))
    screws: list[Screw] = []
    rods: list[Rod] = []
    warnings: list[Refusal] = []
    for side in SIDES:
        row = [(stand, n) for stand, n in placed if stand.passage.side == side]
        joined = [describe(scene, stand, n) for stand, n in row]
        rod, off = _rod(side, joined, levels, rules)
        screws += [with_rod(s, stand, rod) for s, (stand, _) in zip(joined, row, strict=True)]
        rods, warnings = rods + rod, warnings + off
    apart, touching = in_one_body(screws, rules)
    metal, near = near_hardware(scene, screws, rods)
    plates = [_endplates(*one) for side in SIDES for one in placed if one[0].passage.side == side]
    return evolve(
        bare,
        feasible=bool(screws),
        incisions=_incisions(screws),
        screws=tuple(sorted(screws, key=lambda s: (order(s.level), s.side))),
        rods=tuple(rods),
        clearances=(*plates, *apart, *_vessels(screws, rules), *metal),
        warnings=(*bare.warnings, *warnings, *touching, *towers(screws, rules), *near),
        stress=_worst(screws),
    )


def _rod(
    side: Side, screws: Sequence[Screw], levels: Sequence[str], rules: ScrewSettings
) -> tuple[list[Rod], list[Refusal]]:
    """The rod of one side with its warnings; none for fewer than two screws."""
    held = [screw.level for screw in screws]
    missing = [level for level in levels if level not in held]
    broken = [broken_rod(side, missing)] if missing and held else []
    if len(screws) < 2:
        return [], broken
    heads = np.array([screw.head for screw in screws])
    ways = np.array([screw.tip for screw in screws]) - [screw.entry for screw in screws]
    aheads = ways / np.linalg.norm(ways, axis=1, keepdims=True)
    rod, off = bend_rod(side, held, heads, aheads, rules)
    return [rod], broken + off


def _incisions(screws: Sequence[Screw]) -> tuple[Incision, ...]:
    """A stab for every screw whose skin entry is known."""
    return tuple(
        Incision(
            at=(s.level,),
            side=s.side,
            centre=s.skin_entry.point,
            length_mm=s.skin_entry.incision_mm,
        )
        for s in screws
        if s.skin_entry is not None
    )


def _endplates(stand: Pedestal, which: int) -> Clearance:
    """How far a screw keeps from the endplates."""
    passage = stand.passage
    free = float(body_rooms(passage, stand.fits[slice(which, which + 1)])[0, 1])
    faces = bool(np.isfinite(free))
    return Clearance(
        part=f"screw {passage.name}",
        structure=f"endplates {passage.vertebra.level}",
        clearance_mm=free if faces else None,
        clearance_mm_reason=None if faces else "a wall is nearer everywhere",
        required_mm=0.0,
        seen=True,
    )


def _vessels(screws: Sequence[Screw], rules: ScrewSettings) -> list[Clearance]:
    """The nearest seen vessel of each screw."""
    return [
        Clearance(
            part=f"screw {s.level} {s.side}",
            structure=s.vessels[0].structure,
            clearance_mm=s.vessels[0].distance_mm,
            required_mm=rules.vessel_near_mm,
            seen=True,
        )
        for s in screws
        if s.vessels
    ]


def _worst(screws: Sequence[Screw]) -> dict[str, float]:
    """The likeliest medial or caudal breach of 2 mm among the screws, by size of error."""
    found: dict[str, float] = {}
    for name in ("usual", "large"):
        chances = [c for s in screws if (c := getattr(s.stress, name)) is not None]
        if chances:
            found[f"worst_p_medial_or_caudal_{name}"] = max(c.medial_or_caudal.p for c in chances)
    return found
