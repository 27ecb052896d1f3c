"""The rod of one side: which screws it joins best, and its arc through their heads.

The set whose heads lie nearest one smooth arc is found exactly (dynamic programming over
second differences). The rod is then the circle's arc, in the heads' best plane, nearest them.
"""

from collections.abc import Sequence

import numpy as np
from attrs import field, frozen
from scipy import optimize

from keyhole.errors import Refusal
from keyhole.kernels.smoothest import smoothest
from keyhole.plan.model import Rod
from keyhole.plan.settings import ScrewSettings
from keyhole.space import Floats, Side, fixed, same, unit

_STEP_MM, _BEYOND_MM = 5.0, 5.0
_STRAIGHT_MM = 1e4
"""A circle of a larger radius is drawn as a straight line."""


def choose_set(heads: Sequence[Floats], places: Floats, worth: Sequence[Floats]) -> list[int]:
    """For each pedicle the number of the candidate whose head joins the smoothest chain.

    Args:
        heads: for each pedicle (m, 3) mm RAS, its candidates' head centres.
        places: (n, 3) mm RAS, the pedicles: their distances space the second differences.
        worth: for each pedicle (m,) mm2 that choosing a candidate costs.

    """
    if len(heads) == 1:
        return [int(worth[0].argmin())]
    most = max(len(some) for some in heads)
    points = np.zeros((len(heads), most, 3))
    costs = np.zeros((len(heads), most))
    for n, some in enumerate(heads):
        points[n, : len(some)], costs[n, : len(some)] = some, worth[n]
    gaps = np.maximum(np.linalg.norm(np.diff(places, axis=0), axis=1), 1e-3)
    counts = np.array([len(some) for some in heads])
    return [int(n) for n in smoothest(points, counts, gaps, costs)]


@frozen
class Arc:
    """A circle's arc, or a straight line where `radius_mm` is inf: points (n, 3) mm RAS."""

    points: Floats = field(converter=fixed, eq=same, repr=False)
    nearest: Floats = field(converter=fixed, eq=same, repr=False)
    """(m, 3) mm RAS: the arc's point nearest each head."""
    tangent: Floats = field(converter=fixed, eq=same, repr=False)
    """(m, 3) the arc's direction there."""
    radius_mm: float


def fit_arc(heads: Floats) -> Arc:
    """The arc nearest two or more heads (n, 3), reaching 5 mm beyond the ends."""
    centre = heads.mean(axis=0)
    _, sizes, axes = np.linalg.svd(heads - centre)
    flat = (heads - centre) @ axes[:2].T
    if len(heads) < 3 or sizes[1] < 1e-6:
        return _line(heads, centre, unit(axes[0]))
    middle, radius = _circle(flat)
    if radius > _STRAIGHT_MM:
        return _line(heads, centre, unit(axes[0]))
    off = flat - middle
    angles = np.unwrap(np.arctan2(off[:, 1], off[:, 0]))
    beyond = _BEYOND_MM / radius * np.sign(angles[-1] - angles[0])
    count = max(int(abs(angles[-1] - angles[0]) * radius / _STEP_MM), 2) + 1
    sweep = np.linspace(angles[0] - beyond, angles[-1] + beyond, count)
    forward = np.sign(angles[-1] - angles[0])
    return Arc(
        centre + (middle + radius * _turn(sweep)) @ axes[:2],
        centre + (middle + radius * _turn(angles)) @ axes[:2],
        forward * (_turn(angles + np.pi / 2) @ axes[:2]),
        float(radius),
    )


def _turn(angles: Floats) -> Floats:
    return np.column_stack([np.cos(angles), np.sin(angles)])


def _circle(flat: Floats) -> tuple[Floats, float]:
    """Centre and radius of the circle nearest points (n, 2): algebraic, then geometric."""
    system = np.column_stack([2 * flat, np.ones(len(flat))])
    a, b, c = np.linalg.lstsq(system, (flat**2).sum(axis=1), rcond=None)[0]
    radius = float(np.sqrt(max(c + a * a + b * b, 1e-12)))
    if radius > _STRAIGHT_MM or len(flat) == 3:
        return np.array([a, b]), radius

    def off(guess: Floats) -> Floats:
        return np.hypot(flat[:, 0] - guess[0], flat[:, 1] - guess[1]) - guess[2]

    found = optimize.least_squares(off, [a, b, radius]).x
    return found[:2], float(abs(found[2]))


def _line(heads: Floats, centre: Floats, along: Floats) -> Arc:
    if along @ (heads[-1] - heads[0]) < 0:
        along = -along
    places = (heads - centre) @ along
    low, high = places.min() - _BEYOND_MM, places.max() + _BEYOND_MM
    sweep = np.linspace(low, high, max(int((high - low) / _STEP_MM), 2) + 1)
    return Arc(
        centre + sweep[:, None] * along,
        centre + places[:, None] * along,
        np.repeat(along[None], len(heads), axis=0),
        float("inf"),
    )


def off_square(aheads: Floats, tangent: Floats) -> Floats:
    """(n,) degrees by which directions (n, 3) are off a right angle to the rod's (3,) or (n, 3)."""
    return np.degrees(np.arcsin(np.clip(np.abs((aheads * tangent).sum(axis=1)), 0, 1)))


def bend_rod(
    side: Side, levels: Sequence[str], heads: Floats, aheads: Floats, rules: ScrewSettings
) -> tuple[Rod, list[Refusal]]:
    """The rod through two or more heads, and which heads lie off it.

    Args:
        side: the patient's side.
        levels: the screws' levels, from head to sacrum.
        heads: (n, 3) mm RAS, their heads' centres.
        aheads: (n, 3) unit, their directions.
        rules: the distance and the angle allowed.

    """
    arc = fit_arc(heads)
    away = np.linalg.norm(heads - arc.nearest, axis=1)
    lean = off_square(aheads, arc.tangent)
    rod = Rod(
        side=side,
        levels=tuple(levels),
        points=tuple((float(a), float(b), float(c)) for a, b, c in arc.points),
        diameter_mm=rules.rod_diameter_mm,
        largest_head_distance_mm=float(away.max()),
    )
    off = [
        _off_rod(f"{level} {side}", float(mm), float(deg), rules)
        for level, mm, deg in zip(levels, away, lean, strict=True)
        if mm > rules.rod_distance_mm or deg > rules.rod_angle_deg
    ]
    return rod, off


def _off_rod(name: str, mm: float, deg: float, rules: ScrewSettings) -> Refusal:
    return Refusal(
        "head-off-rod",
        asked="One rod through the heads was asked for.",
        found=f"The head at {name} lies {mm:.1f} mm off the rod's arc and {deg:.0f} degrees off "
        f"square to it (aim: {rules.rod_distance_mm:.0f} mm, {rules.rod_angle_deg:.0f} degrees).",
        next="Move this head, or bend the rod there.",
        at=(name,),
    )


def broken_rod(side: Side, missing: Sequence[str]) -> Refusal:
    """The rod skips levels that were asked for."""
    return Refusal(
        "rod-broken",
        asked=f"A rod over the whole range was asked for on the {side}.",
        found=f"There is no screw at {', '.join(missing)}.",
        next="Let the rod pass these levels, extend the construct, or leave the side out.",
        at=tuple(f"{level} {side}" for level in missing),
    )
