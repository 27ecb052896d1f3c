"""Round the best lines of a grid: finer lines, made exact, and the ties kept."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from keyhole.plan.measure import body_rooms, least_margin, made_exact
from keyhole.plan.passage import Lines, Mask, Passage
from keyhole.plan.search import Fits, Surveyed, fit_lines, survey_lines, turned_round
from keyhole.plan.settings import Settings
from keyhole.space import Floats

CANDIDATES = 200
_SEEDS, _GRAIN_MM = 12, 0.5
_SLACK_MM = 0.25
"""A grid of samples may flatter a margin by this much; the exact value decides."""


def refined(
    passage: Passage,
    fits: Fits,
    settings: Settings,
    wishes: Callable[[Surveyed], Mask] | None,
    free: Callable[[Fits], Mask],
) -> Fits | None:
    """The exact first places near the best lines of one length, or None where none holds.

    Args:
        passage: the pedicle.
        fits: screws of one diameter and length.
        settings: the numbers.
        wishes: which lines may be added, or None for all.
        free: which screws run into nothing.

    """
    order = np.argsort(-least_margin(passage, fits, settings), kind="stable")
    seeds = fits[_apart(np.hstack([fits.found.entry, fits.tip])[order], order, 2.0)[:_SEEDS]]
    finer = survey_lines(passage, _round(passage, seeds.found))
    if wishes is not None:
        finer = finer[wishes(finer)]
    length = float(fits.length[0])
    more, _ = fit_lines(passage, finer, fits.diameter_mm, (length,), settings)
    joined = _joined(fits, more[free(more)])
    return _exact_ties(passage, _diverse(passage, joined, settings), settings)


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
    hard = sharp.clearance[:, passage.hard].min(axis=1) >= 0
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
