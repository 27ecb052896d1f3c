"""The exhaustive search: every line of a grid through a pedicle, and what fits along it."""

from typing import Self

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import NDArray

from keyhole.kernels.screw_search import fit, survey
from keyhole.plan.catalogue import Catalogue
from keyhole.plan.passage import Lines, Mask, Passage
from keyhole.plan.settings import ErrorSettings, Settings
from keyhole.space import Floats, fixed, same

STEP_MM, STEP_DEG = 0.75, 2.0
WIDE_MM2, WIDE_STEP_MM = 200.0, 1.0
"""Cuts of a larger area are crossed on a wider grid."""
BACK_MM, ON_MM, SHADOW_MM = 45.0, 90.0, 25.0
LEAST_WALL_MM = 1.0
"""The pedicle's stretch ends no nearer than this ahead of the isthmus, even where the body's
back, as at L5, lies behind it."""
_CENTRAL_MM = 1.5
"""A crossing lies at least this far inside the cut: no screw is thinner."""
_BESIDE_MM = 12.0
"""How far beside the isthmus an in-out-in path is looked for; the room's own end is nearer."""
_DOCK_MM, _DOCK_STEP_MM = 5.0, 0.5
"""An in-out-in screw must meet true bone at least this far behind the isthmus [P]."""


@frozen
class Surveyed:
    """Lines that enter this bone once from behind: dock, far and wall (n,) in s."""

    lines: Lines
    dock: Floats = field(converter=fixed, eq=same)
    far: Floats = field(converter=fixed, eq=same)
    wall: Floats = field(converter=fixed, eq=same)

    def __len__(self) -> int:
        """How many lines."""
        return len(self.lines)

    def __getitem__(self, which: Mask | NDArray[np.intp] | slice) -> Self:
        """Some of them."""
        return evolve(
            self,
            lines=self.lines[which],
            dock=self.dock[which],
            far=self.far[which],
            wall=self.wall[which],
        )

    @property
    def entry(self) -> Floats:
        """(n, 3) mm RAS, where each screw meets the bone."""
        return self.lines.at(self.dock)


@frozen
class Fits:
    """Screws of one diameter that leave their pedicle neither medially, cranially nor caudally.

    In-out-in, the walls are those of the bone with the room beside it. `clearance` and `margin`
    are (n, 4) mm in the order of DIRECTIONS; `length` (n,) mm is the longest of the catalogue
    that keeps the tip rule on each line.
    """

    diameter_mm: float
    found: Surveyed
    length: Floats = field(converter=fixed, eq=same)
    clearance: Floats = field(converter=fixed, eq=same)
    margin: Floats = field(converter=fixed, eq=same)

    def __len__(self) -> int:
        """How many screws."""
        return len(self.found)

    def __getitem__(self, which: Mask | NDArray[np.intp] | slice) -> Self:
        """Some of them."""
        return evolve(
            self,
            found=self.found[which],
            length=self.length[which],
            clearance=self.clearance[which],
            margin=self.margin[which],
        )

    def cut(self, length_mm: float) -> Self:
        """The same screws, all of one length."""
        return evolve(self, length=np.full(len(self), length_mm))

    @property
    def tip(self) -> Floats:
        """(n, 3) mm RAS."""
        return self.found.lines.at(self.found.dock + self.length)

    def head(self, behind_mm: float) -> Floats:
        """(n, 3) mm RAS, the heads' centres."""
        return self.found.lines.at(self.found.dock - behind_mm)


def usual_error(error: ErrorSettings) -> tuple[float, float]:
    """The usual position error as the kernels read it: mm, radians."""
    return error.usual_shift_mm, float(np.radians(error.usual_turn_deg))


def grid_lines(passage: Passage, catalogue: Catalogue, settings: Settings) -> Lines:
    """Every crossing of the isthmus with every direction of the technique's window."""
    crossings = _crossings(passage)
    aheads = _directions(passage, catalogue, settings)
    n, m = len(crossings), len(aheads)
    return Lines(np.repeat(crossings, m, axis=0), np.tile(aheads, (n, 1)))


def _crossings(passage: Passage) -> Floats:
    """(n, 3) mm RAS: a square grid within the isthmus' outline."""
    pedicle = passage.pedicle
    step = WIDE_STEP_MM if pedicle.area_mm2 > WIDE_MM2 else STEP_MM
    flat = (pedicle.outline - pedicle.centre) @ np.stack([pedicle.medial, pedicle.cranial]).T
    low, high = np.floor(flat.min(axis=0) / step), np.ceil(flat.max(axis=0) / step)
    if passage.room is not None:
        low[0] -= np.ceil(_BESIDE_MM / step)
    ticks = [np.arange(a, b + 1) * step for a, b in zip(low, high, strict=True)]
    places = np.stack(np.meshgrid(*ticks, indexing="ij"), axis=-1).reshape(-1, 2)
    if passage.room is None:
        places = places[_within(flat, places)]
    points = pedicle.centre + places @ np.stack([pedicle.medial, pedicle.cranial])
    return points[passage.walls.at(points, order=1, outside=1) <= -_CENTRAL_MM]


def _within(outline: Floats, places: Floats) -> Mask:
    """Which places (n, 2) lie within a closed outline (m, 2): even-odd rule."""
    a, b = outline, np.roll(outline, -1, axis=0)
    x, y = places[:, :1], places[:, 1:]
    spans = (a[:, 1] > y) != (b[:, 1] > y)
    rise = np.where(b[:, 1] == a[:, 1], 1.0, b[:, 1] - a[:, 1])
    crosses = x < (b[:, 0] - a[:, 0]) * (y - a[:, 1]) / rise + a[:, 0]
    return (spans & crosses).sum(axis=1) % 2 == 1


def _directions(passage: Passage, catalogue: Catalogue, settings: Settings) -> Floats:
    """(m, 3) unit directions round the technique's middle one.

    Traditional: round the pedicle's axis, the tilt widened to reach the whole preferred band
    about the endplate. Cortical: round its own convergence and tilt.
    """
    if catalogue.trajectory == "cortical":
        rules = settings.screws
        middle = passage.aimed(-rules.cortical_lateral_deg, rules.cortical_cranial_deg)
        reach = catalogue.search_tilt_deg
        tilts = _ticks(-reach, reach)
    else:
        middle = passage.pedicle.axis
        own = float(passage.tilt(middle[None])[0])
        band, reach = settings.screws.max_tilt_deg, catalogue.search_tilt_deg
        tilts = _ticks(min(-reach, -band - own), max(reach, band - own))
    wide = catalogue.search_convergence_deg
    return turned_round(passage, middle[None], _ticks(-wide, wide), tilts)


def _ticks(low: float, high: float) -> Floats:
    return np.arange(np.ceil(low / STEP_DEG), np.floor(high / STEP_DEG) + 1) * STEP_DEG


def turned_round(passage: Passage, aheads: Floats, inward: Floats, cranial: Floats) -> Floats:
    """(n * a * b, 3): each direction turned inward by a angles and cranially by b, degrees."""
    medials, cranials = passage.round_axis(aheads)
    a, b = np.meshgrid(np.tan(np.radians(inward)), np.tan(np.radians(cranial)), indexing="ij")
    turned = (
        aheads[:, None, None]
        + a[None, ..., None] * medials[:, None, None]
        + b[None, ..., None] * cranials[:, None, None]
    ).reshape(-1, 3)
    return turned / np.linalg.norm(turned, axis=1, keepdims=True)


def survey_lines(passage: Passage, lines: Lines) -> Surveyed:
    """The lines that enter the bone once from behind and leave it ahead of the body's back."""
    ends = survey(passage.walls.values, passage.in_voxels(lines), BACK_MM, ON_MM, SHADOW_MM)
    wall = np.maximum(passage.wall(lines), LEAST_WALL_MM)
    good = np.isfinite(ends).all(axis=1) & (ends[:, 1] > wall)
    found = Surveyed(lines[good], ends[good, 0], ends[good, 1], wall[good])
    return found if passage.room is None else _docked(passage, found)


def _docked(passage: Passage, found: Surveyed) -> Surveyed:
    """The lines that meet true bone behind the room beside the pedicle, and where."""
    bone = passage.vertebra.bone
    ends = np.full(len(found), np.nan)
    left, before = np.arange(len(found)), bone.at(found.entry, order=1, outside=99)
    for step in np.arange(0, BACK_MM, _DOCK_STEP_MM):
        s = found.dock[left] + step
        now = bone.at(found.lines[left].at(s), order=1, outside=99)
        enters = now <= 0
        share = now / np.minimum(now - before, -1e-9) if step else np.zeros(len(left))
        ends[left[enters]] = (s - _DOCK_STEP_MM * share)[enters]
        left, before = left[~enters], now[~enters]
        if len(left) == 0 or s.min() > 0:
            break
    good = ends <= -_DOCK_MM
    return evolve(found[good], dock=ends[good])


def tip_limits(passage: Passage, found: Surveyed, diameter_mm: float, settings: Settings) -> Floats:
    """(n,) s that a tip may reach: behind the far cortex, within 90 % of the way, own side."""
    rules = settings.screws
    share = found.dock + rules.max_path_share * (found.far - found.dock)
    cortex = found.far - rules.tip_behind_cortex_mm
    side = passage.own_side(found.lines, diameter_mm / 2 + rules.screw_gap_mm / 2)
    return np.minimum(np.minimum(share, cortex), side)


def fit_lines(
    passage: Passage,
    found: Surveyed,
    diameter_mm: float,
    lengths_mm: tuple[float, ...],
    settings: Settings,
) -> tuple[Fits, int]:
    """The screws of one diameter that fit, each as long as its line allows.

    Returns:
        Those that fit, and how many lines are clear whatever the length.

    """
    limit = tip_limits(passage, found, diameter_mm, settings)
    spans = np.column_stack(
        [found.dock, found.wall, np.minimum(limit, found.dock + max(lengths_mm))]
    )
    rows = fit(
        passage.walls.values,
        passage.in_voxels(found.lines),
        spans,
        diameter_mm / 2,
        usual_error(settings.error),
    )
    clear = np.isfinite(rows[:, 8]) & (rows[:, passage.hard] >= 0).all(axis=1)
    lengths = np.array(lengths_mm)
    fits = rows[:, 8:9] - found.dock[:, None] >= lengths - 1e-9
    length = np.where(fits, lengths, 0).max(axis=1)
    past_wall = found.dock + length > found.wall
    good = clear & (length > 0) & past_wall
    chosen = Fits(diameter_mm, found[good], length[good], rows[good, :4], rows[good, 4:8])
    return chosen, int(clear.sum())
