"""Which screw for a pedicle: DEFINITIONS 8, (1) to (3), in this order.

(1) Diameter: the largest with fill within the rule and the cap for which some line is clear
medially, cranially and caudally and takes a length of the catalogue. Lines within 10 degrees of
the own upper endplate, in the technique's window of convergence and, percutaneously, past the
iliac wing are asked first; the others only where none of these takes the diameter. In-out-in:
the thinnest of the catalogue. (2) Length belongs to an axis: the longest that keeps the tip rule
on it. (3) Entry and direction: the greatest least margin of the four sides (three at S1) under
the usual error, capped at 3 mm. Of the lines within 0.3 mm of it, a tie, those that take the
longest screw; the rest is left to (4) (`keyhole.plan.prefer`).

So length is never bought with more margin than the tie. Taken before the margin instead, it
runs every screw obliquely up the articular process for its last 5 mm, at 0.3 to 2.4 mm of
margin; `longest_may_cost_mm` of the catalogue sets the price. A screw that would run into
something implanted is none.
"""

import numpy as np
from attrs import frozen

from keyhole.errors import Refusal
from keyhole.plan.catalogue import Catalogue
from keyhole.plan.hardware import metal_struck, shaft_room
from keyhole.plan.measure import least_margin
from keyhole.plan.no_screw import no_path, too_narrow, too_short
from keyhole.plan.obstacles import Around
from keyhole.plan.passage import Mask, Passage
from keyhole.plan.refine import refined
from keyhole.plan.search import Fits, Surveyed, fit_lines, grid_lines, survey_lines
from keyhole.plan.settings import Settings
from keyhole.scan.volume import Volume

_WING_ROOM_MM = 1.0
"""Room kept between tower and iliac wing when lines are preferred [P]; half a voxel or so."""
_TOWER_FROM_MM, _TOWER_TO_MM, _TOWER_STEP_MM = 15.0, 100.0, 5.0


def candidates(
    passage: Passage, catalogue: Catalogue, settings: Settings, around: Around | None = None
) -> Fits | Refusal:
    """The screws that tie for the first place in a pedicle, exact, best first; or why none.

    `around` is what a percutaneous path must pass and what no screw may run into.
    """
    quest = _Quest(passage, catalogue, settings, around or Around())
    sizes = sizes_for(passage, catalogue, settings)
    if not sizes:
        return too_narrow(passage, catalogue, settings)
    found = survey_lines(passage, grid_lines(passage, catalogue, settings))
    wanted = quest.wishes(found)
    clear = struck = fitting = 0
    for diameter in sizes:
        for pool, first in ((found[wanted], True), (found[~wanted], False)):
            fits, count = fit_lines(passage, pool, diameter, catalogue.length_mm, settings)
            free = fits[quest.free(fits)]
            clear, fitting = clear + count, fitting + len(free)
            struck += len(fits) - len(free)
            tied = quest.tied(free, wished=first)
            if tied is not None:
                return tied
    if struck and not fitting:
        return metal_struck(passage.name, None)
    return too_short(passage, catalogue) if clear else no_path(passage, sizes)


def sizes_for(passage: Passage, catalogue: Catalogue, settings: Settings) -> list[float]:
    """The diameters that fill and cap allow, the largest first.

    In-out-in only the thinnest is asked: the pedicle does not hold it, so that nothing but what
    it leaves the bone by depends on its size.
    """
    rules = settings.screws
    if passage.room is not None:
        return [min(catalogue.diameter_mm)]
    cap = rules.max_diameter_s1_mm if passage.sacral else rules.max_diameter_mm
    if not passage.sacral:
        cap = min(cap, rules.max_fill * passage.pedicle.width_mm)
    return sorted((d for d in catalogue.diameter_mm if d <= cap + 1e-9), reverse=True)


@frozen
class _Quest:
    """The search in one pedicle: what is asked first, and what stands in the way."""

    passage: Passage
    catalogue: Catalogue
    settings: Settings
    around: Around

    def wishes(self, found: Surveyed) -> Mask:
        """(n,) whether convergence, tilt to the own endplate and the way in are as wished."""
        rules = self.settings.screws
        converges = self.passage.convergence(found.lines.ahead)
        low, high = self.catalogue.convergence_deg
        cortical = self.catalogue.trajectory == "cortical"
        middle = rules.cortical_cranial_deg if cortical else 0.0
        off = np.abs(self.passage.tilt(found.lines.ahead) - middle)
        good: Mask = (low <= converges) & (converges <= high) & (off <= rules.max_tilt_deg)
        if self.around.wings is not None:
            good[good] = self._past(found[good], self.around.wings)
        return good

    def _past(self, found: Surveyed, wings: Volume) -> Mask:
        """(n,) whether a tower on each line meets no wing."""
        wide = self.settings.screws.tower_width_mm / 2 + _WING_ROOM_MM
        past = np.ones(len(found), dtype=bool)
        for behind in np.arange(_TOWER_FROM_MM, _TOWER_TO_MM + 1, _TOWER_STEP_MM):
            left = found[past]
            past[past] = wings.at(left.lines.at(left.dock - behind), outside=1e3) >= wide
        return past

    def free(self, fits: Fits) -> Mask:
        """(n,) which screws run into nothing implanted."""
        head = (self.catalogue.head_behind_mm, self.catalogue.head_radius_mm)
        free: Mask = shaft_room(self.around.hardware, fits, head) >= 0
        return free

    def tied(self, fits: Fits, *, wished: bool) -> Fits | None:
        """The exact first places among the screws of one diameter, by length and margin."""
        if len(fits) == 0:
            return None
        score = least_margin(self.passage, fits, self.settings)
        for length in np.unique(fits.length)[::-1]:
            # a line that takes a longer screw takes this one too
            takes = fits.length >= length
            if score[takes].max() < score.max() - self.catalogue.longest_may_cost_mm:
                continue
            cut = fits[takes].cut(length)
            asked = self.wishes if wished else None
            best = refined(self.passage, cut, self.settings, asked, self.free)
            if best is not None:
                return best
        return None
