"""A screw under position error: seeded draws and what becomes of it (DEFINITIONS 6 and 8)."""

import numpy as np
from attrs import evolve, field, frozen
from scipy import stats

from keyhole.kernels.breach import sampled
from keyhole.kernels.stress import drawn_breaches
from keyhole.levels import order
from keyhole.plan.measure import LATERAL
from keyhole.plan.model import Chance, Chances, Smaller, Stress
from keyhole.plan.passage import Lines, Passage
from keyhole.plan.settings import ErrorSettings, Settings
from keyhole.space import SIDES, Floats, fixed, same

SHIFT_SDS, TURN_SDS = 2.80, 2.45
"""T and theta hold 95 % of normal draws: radius of three axes, and of two, in standard deviations."""


@frozen
class Draws:
    """Standard draws, the same for every size of error and every diameter."""

    shift: Floats = field(converter=fixed, eq=same)
    """(n, 3) normal, of the dock."""
    turn: Floats = field(converter=fixed, eq=same)
    """(n, 2) normal, about the dock."""
    label: Floats = field(converter=fixed, eq=same)
    """(n,) normal, one offset of the bone's surface."""
    breath: Floats = field(converter=fixed, eq=same)
    """(n,) uniform from -1 to 1, along `front`."""


def drawn(passage: Passage, seed: int, count: int) -> Draws:
    """The draws of one pedicle; they depend on the seed, the level and the side alone."""
    key = [seed, order(passage.vertebra.level), SIDES.index(passage.side)]
    rng = np.random.default_rng(key)
    return Draws(
        rng.standard_normal((count, 3)),
        rng.standard_normal((count, 2)),
        rng.standard_normal(count),
        rng.uniform(-1, 1, count),
    )


@frozen
class Placed:
    """A screw's dock (3,) mm RAS, direction (3,) and diameter, within its pedicle."""

    passage: Passage
    dock: Floats = field(converter=fixed, eq=same)
    ahead: Floats = field(converter=fixed, eq=same)
    diameter_mm: float


def breaches(screw: Placed, docks: Floats, aheads: Floats) -> Floats:
    """(n, 4) mm outside, by DIRECTIONS, of the screw moved to docks and directions (n, 3).

    In-out-in, the lateral side is told against the bone alone, as in `measure.against_bone`.
    """
    passage = screw.passage
    vertebra, pedicle = passage.vertebra, passage.pedicle
    planes = [pedicle.centre, pedicle.axis, passage.back_wall, vertebra.frame.front]
    found: Floats = drawn_breaches(
        passage.walls.values,
        passage.to_voxels,
        np.ascontiguousarray(docks),
        np.ascontiguousarray(aheads),
        screw.diameter_mm / 2,
        np.stack([*planes, passage.inward, vertebra.frame.up]),
    )
    if passage.room is not None:
        alone = breaches(evolve(screw, passage=passage.bone_alone), docks, aheads)
        found[:, LATERAL] = alone[:, LATERAL]
    return found


def moved(screw: Placed, shifts: Floats, turns: Floats) -> tuple[Floats, Floats]:
    """Docks and directions (n, 3) after shifts (n, 3) mm and turns (n, 2) radians about the dock."""
    medial, cranial = (some[0] for some in screw.passage.round_axis(screw.ahead[None]))
    size = np.linalg.norm(turns, axis=1, keepdims=True)
    way = turns / np.maximum(size, 1e-12)
    towards = way[:, :1] * medial + way[:, 1:] * cranial
    return screw.dock + shifts, np.cos(size) * screw.ahead + np.sin(size) * towards


def drawn_outside(
    screw: Placed, draws: Draws, error: ErrorSettings, shift_mm: float, turn_deg: float
) -> Floats:
    """(n, 4) mm outside, by DIRECTIONS, in each draw."""
    front = screw.passage.vertebra.frame.front
    shifts = draws.shift * (shift_mm / SHIFT_SDS)
    shifts = shifts + draws.breath[:, None] * error.breathing_mm * front
    turns = draws.turn * (np.radians(turn_deg) / TURN_SDS)
    found = breaches(screw, *moved(screw, shifts, turns))
    return found + draws.label[:, None] * error.label_sd_mm


def chance(hits: int, draws: int) -> Chance:
    """So many of n, with the 95 % Clopper-Pearson interval."""
    low = float(stats.beta.ppf(0.025, hits, draws - hits + 1)) if hits else 0.0
    high = float(stats.beta.ppf(0.975, hits + 1, draws - hits)) if hits < draws else 1.0
    return Chance(hits=hits, draws=draws, p=hits / draws, low=low, high=high)


def chances(passage: Passage, outside: Floats, mark_mm: float) -> Chances:
    """What the draws' breaches (n, 4) come to."""
    worst = outside[:, passage.limits].max(axis=1)
    near_nerve = outside[:, [0, 3]].max(axis=1) >= mark_mm
    count = len(outside)
    return Chances(
        a=chance(int((worst <= 0).sum()), count),
        a_or_b=chance(int((worst < mark_mm).sum()), count),
        medial_or_caudal=chance(int(near_nerve.sum()), count),
    )


def stressed(screw: Placed, draws: Draws, settings: Settings) -> Stress:
    """The screw under the usual and under the large position error."""
    error, mark = settings.error, settings.screws.breach_mark_mm
    usual = drawn_outside(screw, draws, error, error.usual_shift_mm, error.usual_turn_deg)
    large = drawn_outside(screw, draws, error, error.large_shift_mm, error.large_turn_deg)
    return Stress(
        usual=chances(screw.passage, usual, mark), large=chances(screw.passage, large, mark)
    )


def smaller_sizes(
    screw: Placed, sizes_mm: tuple[float, ...], draws: Draws, settings: Settings
) -> tuple[Smaller, ...]:
    """What stepping down to each thinner screw on the same line would bring."""
    error, found = settings.error, []
    for size in sorted((d for d in sizes_mm if d < screw.diameter_mm), reverse=True):
        thin = Placed(screw.passage, screw.dock, screw.ahead, size)
        outside = drawn_outside(thin, draws, error, error.usual_shift_mm, error.usual_turn_deg)
        p = chances(screw.passage, outside, settings.screws.breach_mark_mm).medial_or_caudal
        found.append(Smaller(diameter_mm=size, p_medial_or_caudal=p.p, p_high=p.high))
    return tuple(found)


def attained_margins(screw: Placed, stretch: tuple[float, float], error: ErrorSettings) -> Floats:
    """(4,) mm by DIRECTIONS: the least clearance over a grid of usual errors at their full size.

    An upper bound of the margin, as the guaranteed margin is a lower one. `stretch` is the part
    of the screw that counts, mm from the dock; it moves with the screw.
    """
    corners = np.stack(np.meshgrid(*[[-1, 0, 1]] * 3, indexing="ij"), axis=-1).reshape(-1, 3)
    corners = corners / np.maximum(np.linalg.norm(corners, axis=1, keepdims=True), 1)
    angles = np.arange(8) * np.pi / 4
    turns = np.vstack([[0, 0], np.column_stack([np.cos(angles), np.sin(angles)])])
    shifts = np.repeat(corners * error.usual_shift_mm, len(turns), axis=0)
    spun = np.tile(turns * np.radians(error.usual_turn_deg), (len(corners), 1))
    lines = screw.passage.in_voxels(Lines(*moved(screw, shifts, spun)))
    walls = screw.passage.walls.values
    found: Floats = sampled(walls, lines, stretch, screw.diameter_mm / 2).min(axis=0)
    if screw.passage.room is not None:
        alone = evolve(screw, passage=screw.passage.bone_alone)
        found[LATERAL] = attained_margins(alone, stretch, error)[LATERAL]
    return found
