"""The screws of one side chosen together, so that one rod joins their heads (DEFINITIONS 8).

The set whose heads bend least is found exactly (`keyhole.plan.rod`). Where a head then lies off
the rod, or its screw too far off square to it, the rod's own direction is used to choose again,
first among the same candidates, then among those that density had left out.
"""

from collections.abc import Sequence

import numpy as np
from attrs import frozen

from keyhole.plan.prefer import Pedestal
from keyhole.plan.rod import Arc, choose_set, fit_arc, off_square
from keyhole.plan.settings import ScrewSettings, Settings
from keyhole.space import Floats

_ROUNDS = 3
_LEAN_MM2 = 0.25
"""What a degree too far off square costs beside a millimetre's bend, squared [P]."""
_SHY_DEG = 1.0
"""Aimed for within the angle allowed, for choosing again turns the rod a little."""


@frozen
class Chosen:
    """One candidate of each pedicle of a side: the pedicles, and the candidates' numbers."""

    stands: tuple[Pedestal, ...]
    which: tuple[int, ...]

    @property
    def heads(self) -> Floats:
        """(n, 3) mm RAS, the heads' centres."""
        return np.array([s.heads[n] for s, n in zip(self.stands, self.which, strict=True)])

    @property
    def aheads(self) -> Floats:
        """(n, 3) the screws' directions."""
        pairs = zip(self.stands, self.which, strict=True)
        return np.array([s.fits.found.lines.ahead[n] for s, n in pairs])


def choose_screws(row: Sequence[Pedestal], settings: Settings) -> Chosen:
    """The candidates of one side's pedicles, from head to sacrum, that one rod joins best."""
    near = tuple(row)
    if len(near) < 2:
        return Chosen(near, tuple(int(s.worth(settings).argmin()) for s in near))
    best = _again(near, settings)
    if _faults(best, settings.screws)[0]:
        wide = _again(tuple(stand.widened for stand in near), settings)
        best = min(best, wide, key=lambda chosen: _faults(chosen, settings.screws))
    return best


def _again(stands: tuple[Pedestal, ...], settings: Settings) -> Chosen:
    """The smoothest set; chosen again by the rod's direction while that helps."""
    rules, worth = settings.screws, [stand.worth(settings) for stand in stands]
    best = _smoothest(stands, worth)
    for _ in range(_ROUNDS):
        if _faults(best, rules)[0] == 0:
            return best
        arc = fit_arc(best.heads)
        costs = [
            w + _lean(s, arc.tangent[n], rules)
            for n, (s, w) in enumerate(zip(stands, worth, strict=True))
        ]
        after = _smoothest(stands, costs)
        if _faults(after, rules) >= _faults(best, rules):
            return best
        best = after
    return best


def _smoothest(stands: tuple[Pedestal, ...], worth: Sequence[Floats]) -> Chosen:
    places = np.array([stand.passage.pedicle.centre for stand in stands])
    return Chosen(stands, tuple(choose_set([stand.heads for stand in stands], places, worth)))


def _lean(stand: Pedestal, tangent: Floats, rules: ScrewSettings) -> Floats:
    """(n,) mm2: what each candidate's angle to the rod costs beyond the one allowed."""
    over = off_square(stand.fits.found.lines.ahead, tangent) - (rules.rod_angle_deg - _SHY_DEG)
    return _LEAN_MM2 * np.maximum(over, 0) ** 2


def _faults(chosen: Chosen, rules: ScrewSettings) -> tuple[int, float]:
    """How many heads lie off the rod, and by how much in shares of what is allowed."""
    arc: Arc = fit_arc(chosen.heads)
    away = np.linalg.norm(chosen.heads - arc.nearest, axis=1) / rules.rod_distance_mm
    lean = off_square(chosen.aheads, arc.tangent) / rules.rod_angle_deg
    over = np.maximum(away, lean)
    return int((over > 1).sum()), float(over.max())
