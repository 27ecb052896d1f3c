"""Which screw for a pedicle: DEFINITIONS 8, (1) to (3), in this order.

(1) Diameter: the largest with fill within the rule and the cap for which some line is clear
medially, cranially and caudally and takes a length of the catalogue. Lines within 10 degrees of
the own upper endplate, in the technique's window of convergence and, percutaneously, past the
iliac wing are asked first; the others only where none of these takes the diameter. (2) Length belongs to an axis: the longest that
keeps the tip rule on it. (3) Entry and direction: the greatest least margin of the four sides
(three at S1) under the usual error, capped at 3 mm. Of the lines within 0.3 mm of it, a tie,
those that take the longest screw; the rest is left to (4) (`keyhole.plan.prefer`).

So length is never bought with more margin than the tie. Taken before the margin instead, it
runs every screw obliquely up the articular process for its last 5 mm, at 0.3 to 2.4 mm of
margin; `longest_may_cost_mm` of the catalogue sets the price.
"""

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from keyhole.errors import Refusal
from keyhole.kernels.breach import body_room, exact
from keyhole.plan.catalogue import Catalogue
from keyhole.plan.no_screw import no_path, too_narrow, too_short
from keyhole.plan.passage import Lines, Mask, Passage
from keyhole.plan.search import (
    Fits,
    Surveyed,
    fit_lines,
    grid_lines,
    survey_lines,
    turned_round,
    usual_error,
)
from keyhole.plan.settings import Settings
from keyhole.scan.volume import Volume
from keyhole.space import Floats

_WING_ROOM_MM = 1.0
"""Room kept between tower and iliac wing when lines are preferred [P]; half a voxel or so."""
TOLERANCE_MM = 0.05
"""How far a reported minimum may lie above the true one."""
CANDIDATES = 200
_SEEDS, _GRAIN_MM = 12, 0.5
_SLACK_MM = 0.25
"""A grid of samples may flatter a margin by this much; the exact value decides."""


def candidates(
    passage: Passage, catalogue: Catalogue, settings: Settings, wings: Volume | None = None
) -> Fits | Refusal:
    """The screws that tie for the first place in a pedicle, exact, best first; or why none.

    `wings` is the distance to the iliac wings, mm, where a percutaneous path must pass them.
    """
    prefers = _Preference(passage, catalogue, settings, wings)
    sizes = sizes_for(passage, catalogue, settings)
    if not sizes:
        return too_narrow(passage, catalogue, settings)
    found = survey_lines(passage, grid_lines(passage, catalogue, settings))
    wanted = prefers(found)
    clear = 0
    for diameter in sizes:
        for pool, first in ((found[wanted], True), (found[~wanted], False)):
            fits, count = fit_lines(passage, pool, diameter, catalogue.length_mm, settings)
            clear += count
            tied = _tied(passage, fits, catalogue, settings, prefers if first else None)
            if tied is not None:
                return tied
    return too_short(passage, catalogue) if clear else no_path(passage, sizes)


def sizes_for(passage: Passage, catalogue: Catalogue, settings: Settings) -> list[float]:
    """The diameters that fill and cap allow, the largest first."""
    rules = settings.screws
    cap = rules.max_diameter_s1_mm if passage.sacral else rules.max_diameter_mm
    if not passage.sacral:
        cap = min(cap, rules.max_fill * passage.pedicle.width_mm)
    return sorted((d for d in catalogue.diameter_mm if d <= cap + 1e-9), reverse=True)


def least_margin(passage: Passage, fits: Fits, settings: Settings) -> Floats:
    """(n,) mm: the least margin of the sides that limit, capped."""
    least = fits.margin[:, passage.limits].min(axis=1)
    return np.minimum(least, settings.screws.margin_cap_mm)


def _tied(
    passage: Passage,
    fits: Fits,
    catalogue: Catalogue,
    settings: Settings,
    prefers: "_Preference | None",
) -> Fits | None:
    """The exact first places among the screws of one diameter, by length and margin."""
    score = least_margin(passage, fits, settings)
    for length in np.unique(fits.length)[::-1]:
        # a line that takes a longer screw takes this one too
        takes = fits.length >= length
        if score[takes].max() < score.max() - catalogue.longest_may_cost_mm:
            continue
        best = _best_of(passage, _cut(fits[takes], length), settings, prefers)
        if best is not None:
            return best
    return None


def _cut(fits: Fits, length: float) -> Fits:
    """The same screws, all of one length."""
    return Fits(
        fits.diameter_mm, fits.found, np.full(len(fits), length), fits.clearance, fits.margin
    )


@frozen
class _Preference:
    """Which lines are asked first: in the technique's window, and past the iliac wings."""

    passage: Passage
    catalogue: Catalogue
    settings: Settings
    wings: Volume | None

    def __call__(self, found: Surveyed) -> Mask:
        """(n,) whether convergence, tilt to the own endplate and the way in are as wished."""
        rules = self.settings.screws
        converges = self.passage.convergence(found.lines.ahead)
        low, high = self.catalogue.convergence_deg
        cortical = self.catalogue.trajectory == "cortical"
        middle = rules.cortical_cranial_deg if cortical else 0.0
        off = np.abs(self.passage.tilt(found.lines.ahead) - middle)
        good: Mask = (low <= converges) & (converges <= high) & (off <= rules.max_tilt_deg)
        return good if self.wings is None else good & self._past_wings(found, self.wings)

    def _past_wings(self, found: Surveyed, wings: Volume) -> Mask:
        """(n,) whether a tower on each line, 15 to 100 mm behind the bone, meets no wing."""
        room = np.full(len(found), np.inf)
        for behind in np.arange(15.0, 101.0, 5.0):
            points = found.lines.at(found.dock - behind)
            room = np.minimum(room, wings.at(points, outside=1e3))
        past: Mask = room >= self.settings.screws.tower_width_mm / 2 + _WING_ROOM_MM
        return past


def _best_of(
    passage: Passage, fits: Fits, settings: Settings, prefers: "_Preference | None"
) -> Fits | None:
    """Refine round the best lines of one length, make exact, and keep the ties."""
    order = np.argsort(-least_margin(passage, fits, settings), kind="stable")
    seeds = fits[_apart(np.hstack([fits.found.entry, fits.tip])[order], order, 2.0)[:_SEEDS]]
    finer = survey_lines(passage, _round(passage, seeds.found))
    if prefers is not None:
        finer = finer[prefers(finer)]
    length = float(fits.length[0])
    more, _ = fit_lines(passage, finer, fits.diameter_mm, (length,), settings)
    return _exact_ties(passage, _diverse(passage, _joined(fits, more), settings), settings)


def _diverse(passage: Passage, fits: Fits, settings: Settings) -> Fits:
    """Up to 200 of the ties, spread over the entries; the best of each neighbourhood."""
    score = least_margin(passage, fits, settings)
    fits = fits[score >= score.max() - settings.screws.margin_tie_mm - _SLACK_MM]
    order = np.argsort(-least_margin(passage, fits, settings), kind="stable")
    grain, kept = 0.0, order
    while len(kept) > CANDIDATES:
        grain += _GRAIN_MM / 2
        kept = _apart(fits.found.entry[order], order, grain)
    return fits[kept]


def _exact_ties(passage: Passage, fits: Fits, settings: Settings) -> Fits | None:
    sharp = made_exact(passage, fits, settings)
    hard = sharp.clearance[:, [0, 1, 3]].min(axis=1) >= 0
    sharp = sharp[hard & (body_rooms(passage, sharp).min(axis=1) >= 0)]
    if not len(sharp):
        return None
    score = least_margin(passage, sharp, settings)
    sharp = sharp[score >= score.max() - settings.screws.margin_tie_mm]
    return sharp[np.argsort(-least_margin(passage, sharp, settings), kind="stable")]


def _apart(places: Floats, order: NDArray[np.intp], grain_mm: float) -> NDArray[np.intp]:
    """Of screws in `order` at places (n, m), mm, the first in each grain of room."""
    grains = np.round((places - places.min(axis=0)) / grain_mm).astype(int)
    _, first = np.unique(grains, axis=0, return_index=True)
    return order[np.sort(first)]


def _round(passage: Passage, seeds: Surveyed) -> Lines:
    """Lines within 0.25 mm and a degree of the seeds, by 0.25 mm and 0.5 degree."""
    pedicle = passage.pedicle
    shifts, turns = np.linspace(-0.25, 0.25, 3), np.linspace(-1, 1, 5)
    a, b = np.meshgrid(shifts, shifts, indexing="ij")
    moves = a.reshape(-1, 1) * pedicle.medial + b.reshape(-1, 1) * pedicle.cranial
    aheads = turned_round(passage, seeds.lines.ahead, turns, turns).reshape(len(seeds), -1, 3)
    crossing = seeds.lines.crossing[:, None, None] + moves[None, :, None]
    shape = (len(seeds), len(moves), aheads.shape[1], 3)
    crossings = np.broadcast_to(crossing, shape).reshape(-1, 3)
    return Lines(crossings, np.broadcast_to(aheads[:, None], shape).reshape(-1, 3))


def _joined(one: Fits, other: Fits) -> Fits:
    """Both sets of screws."""
    lines = Lines(
        np.vstack([one.found.lines.crossing, other.found.lines.crossing]),
        np.vstack([one.found.lines.ahead, other.found.lines.ahead]),
    )
    found = Surveyed(
        lines,
        np.concatenate([one.found.dock, other.found.dock]),
        np.concatenate([one.found.far, other.found.far]),
        np.concatenate([one.found.wall, other.found.wall]),
    )
    return Fits(
        one.diameter_mm,
        found,
        np.concatenate([one.length, other.length]),
        np.vstack([one.clearance, other.clearance]),
        np.vstack([one.margin, other.margin]),
    )


def made_exact(passage: Passage, fits: Fits, settings: Settings) -> Fits:
    """The same screws with clearances and guaranteed margins exact to 0.05 mm."""
    rows = exact(
        passage.vertebra.bone.values,
        passage.in_voxels(fits.found.lines),
        np.column_stack([fits.found.dock, fits.found.wall]),
        fits.diameter_mm / 2,
        usual_error(settings.error),
        TOLERANCE_MM,
    )
    return Fits(fits.diameter_mm, fits.found, fits.length, rows[:, :4], rows[:, 4:])


def body_rooms(passage: Passage, fits: Fits) -> Floats:
    """(n, 2) mm: free distance in the body to its front and side walls, and to the endplates."""
    return body_room(
        passage.vertebra.bone.values,
        passage.in_voxels(fits.found.lines),
        fits.diameter_mm / 2,
        np.column_stack([fits.found.wall, fits.found.dock + fits.length]),
        np.ascontiguousarray(passage.vertebra.frame.up),
        passage.to_voxels[:, :3].copy(),
    )
