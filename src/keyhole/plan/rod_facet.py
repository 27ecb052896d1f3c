"""The joint above the construct and the rod's end (DEFINITIONS 8: grade 3)."""

from collections.abc import Sequence

from attrs import evolve

from keyhole.plan.facet import WORST, lies_in
from keyhole.plan.hardware_near import rod_axis
from keyhole.plan.model import Rod, Screw
from keyhole.plan.prefer import Pedestal
from keyhole.plan.warn import facet_warning


def with_rod(screw: Screw, stand: Pedestal, rods: Sequence[Rod]) -> Screw:
    """The screw graded again with the rod of its side, which may lie in the joint above it."""
    if screw.facet_grade is None or stand.joint is None or screw.facet_grade == WORST:
        return screw
    own = [rod for rod in rods if rod.side == screw.side]
    if not any(lies_in(stand.joint, rod_axis(rod), rod.diameter_mm / 2) for rod in own):
        return screw
    worse = evolve(screw, facet_grade=WORST)
    warning = facet_warning(worse, stand.passage) if stand.top else None
    others = tuple(w for w in screw.warnings if w.code != "facet-violated")
    return evolve(worse, warnings=(*others, warning) if warning else others)
