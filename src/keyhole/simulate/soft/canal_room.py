"""The bony canal as one room: through every vertebra, and ruled from rim to rim between them."""

from collections.abc import Mapping, Sequence

import numpy as np
from attrs import field, frozen
from numpy.typing import ArrayLike
from scipy.interpolate import PchipInterpolator

from keyhole.simulate.bones.arch import canal
from keyhole.simulate.bones.sacrum import forward, sacral_canal
from keyhole.simulate.bones.site import Site
from keyhole.simulate.design.curve import SACRAL_DEPTHS_MM, canal_curve, canal_middle, stations
from keyhole.simulate.design.model import Design, LevelSize, Segment
from keyhole.simulate.engine.curve import Curve
from keyhole.simulate.engine.loft import ANGLES, Loft
from keyhole.simulate.engine.shapes import Shape
from keyhole.simulate.soft.numbers import numbers
from keyhole.space import Floats, Frame

_LEAST_MM, _FAR_MM = 0.5, 40.0
_CORNER = 1e-9
"""How much longer than it is a polygon's side is taken to be: rays through corners meet one."""
_ROUNDS = 26


@frozen
class Canal:
    """A design's bony canal: its curve, the room along it, and the stations, mm along.

    `marks` hold levels (at the pedicles), segments (at the disc), `S2` and `S3`. `levels` are
    those that are there, from head to sacrum; `span` is the part of the canal they enclose.
    """

    design: Design
    frames: Mapping[str, Frame] = field(repr=False)
    curve: Curve
    room: Loft
    marks: Mapping[str, float]
    levels: tuple[str, ...]

    @classmethod
    def of(
        cls, design: Design, frames: Mapping[str, Frame], levels: Sequence[str] | None = None
    ) -> "Canal":
        """The canal of a design whose vertebrae stand in these frames; all levels by default."""
        curve = canal_curve(design, frames)
        wanted = design.names if levels is None else levels
        return cls(
            design,
            frames,
            curve,
            _room(design, frames, curve),
            stations(design, frames, curve),
            tuple(level for level in design.names if level in wanted),
        )

    @property
    def segments(self) -> tuple[Segment, ...]:
        """The segments whose two vertebrae are there, from head to sacrum."""
        return segments_among(self.design, self.levels)

    @property
    def span(self) -> tuple[float, float]:
        """The lowest and highest station of the canal that is there."""
        top, low = self.levels[0], self.levels[-1]
        above = self.along(top, self.design.size(top).upper[0])
        if low == "S1":
            return float(self.room.stations[0]), above
        return self.along(low, self.design.size(low).lower[0]), above

    def along(self, level: str, height: float) -> float:
        """Where on the curve a height in a level's own coordinates lies."""
        middle = canal_middle(self.design.size(level), height)
        return float(self.curve.to_local(self.frames[level].to_patient(middle)[None])[0, 2])

    def middles(self, along: ArrayLike) -> Floats:
        """(n, 2) mm right, front: the middle of the room, where it is widest, at stations."""
        held = np.clip(along, self.room.stations[0], self.room.stations[-1])
        return np.asarray(PchipInterpolator(self.room.stations, self.room.centres)(held))


def segments_among(design: Design, levels: Sequence[str]) -> tuple[Segment, ...]:
    """The segments whose two vertebrae are among the levels, from head to sacrum."""
    there = set(levels)
    return tuple(part for part in design.segments if {part.upper, part.lower} <= there)


def cut(loft: Loft, low: float, high: float, round_mm: float) -> Loft:
    """The part of a column between two stations."""
    ends = max(low, float(loft.stations[0])), min(high, float(loft.stations[-1]))
    inner = loft.stations[(loft.stations > ends[0] + 0.5) & (loft.stations < ends[1] - 0.5)]
    ticks = np.concatenate([[ends[0]], inner, [ends[1]]])
    middles = PchipInterpolator(loft.stations, loft.centres)(ticks)
    radii = [
        np.hypot(*(loft.outline(along) - middle).T)
        for along, middle in zip(ticks.tolist(), middles, strict=True)
    ]
    return Loft(loft.curve, ticks, middles, np.array(radii), round_mm)


def _room(design: Design, frames: Mapping[str, Frame], curve: Curve) -> Loft:
    places, radii = [], []
    for level in reversed(design.names):
        size = design.size(level)
        arch = sacral_canal(size) if level == "S1" else canal(size)
        middle = size.back - numbers("canal")["room"]["middle_share"] * size.canal_ap
        site = Site.of(design, dict(frames), level)
        for n, height in enumerate(_heights(site)):
            front = _sacral_middle(size, middle, height) if level == "S1" else middle
            section = _radii(arch, np.array([0, front, height]))
            shift, section = _slipped(section, *_shifts(site, foot=n == 0))
            places.append(frames[level].to_patient([0, front + shift, height]))
            radii.append(section)
    local = curve.to_local(np.array(places))
    return Loft(curve, local[:, 2], local[:, :2], np.array(radii))


def _sacral_middle(size: LevelSize, middle: float, height: float) -> float:
    """Where the sacral canal's middle lies in front: it narrows round its axis and turns forward."""
    axis = size.back - size.canal_ap / 2
    return axis + sacral_share(height) * (middle - axis) + float(forward(height))


def lamina_edges(design: Design, frames: Mapping[str, Frame], level: str) -> tuple[float, float]:
    """Upper and lower edge of a level's laminae, heights in its own coordinates, mm."""
    return Site.of(design, dict(frames), level).lamina_edges


def _heights(site: Site) -> list[float]:
    """Rising heights, in a level's own coordinates, at which its own arch bounds the canal."""
    if site.level.name == "S1":
        return [-75.0, *(-SACRAL_DEPTHS_MM[x] for x in ("S3", "S2", "S1"))]
    top, foot = site.lamina_edges
    return [foot, (top + foot) / 2, top]


def _shifts(site: Site, *, foot: bool) -> tuple[float, float]:
    """How far the canal's front and back lie from where an unslipped vertebra has them, mm.

    At the laminae's lower edge the body in front is the next one; an arch behind broken partes
    stays where it was.
    """
    slip = site.segment_below.slip_mm if foot and site.segment_below is not None else 0.0
    return -slip, -site.left_behind


def _slipped(radii: Floats, front: float, back: float) -> tuple[float, Floats]:
    """How far a section's middle moves, and its radii, when front and back walls do."""
    if front == back == 0:
        return 0.0, radii
    angle = np.arange(ANGLES) * (2 * np.pi / ANGLES)
    outline = radii[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    reach = np.where(outline[:, 1] > 0, outline[:, 1].max(), -outline[:, 1].min())
    wall = np.where(outline[:, 1] > 0, front, back)
    middle = (front + back) / 2
    outline[:, 1] += middle + np.abs(outline[:, 1]) / reach * (wall - middle)
    return middle, radii_of(outline - np.array([0, middle]))


def _radii(arch: Shape, middle: Floats) -> Floats:
    """(256,) mm: a canal's section at the height of a point in it, round that point."""
    angle = np.arange(ANGLES) * (2 * np.pi / ANGLES)
    rays = np.column_stack([np.cos(angle), np.sin(angle), np.zeros(ANGLES)])
    low, high = np.zeros(ANGLES), np.full(ANGLES, _FAR_MM)
    for _ in range(_ROUNDS):
        tried = (low + high) / 2
        inside = arch.distance(middle + tried[:, None] * rays) < 0
        low, high = np.where(inside, tried, low), np.where(inside, high, tried)
    return high


def sacral_share(height: float) -> float:
    """What is left of the canal's sections at a height below the S1 endplate."""
    return max(1 + min(height, 0.0) / float(numbers("canal")["room"]["sacral_fall_mm"]), 0.3)


def inward_normals(outline: Floats) -> Floats:
    """(k, 2) unit normals of a section's outline (k, 2), which runs from right to front."""
    edge = np.roll(outline, -1, axis=0) - np.roll(outline, 1, axis=0)
    inward = np.column_stack([-edge[:, 1], edge[:, 0]])
    return np.asarray(inward / np.linalg.norm(inward, axis=1, keepdims=True))


def radii_of(corners: Floats) -> Floats:
    """(256,) mm at even angles from the origin to the nearest side of a polygon (k, 2) round it.

    Where a wall is moved further in than its corner is round, sides cross; the nearest counts.
    """
    angle = np.arange(ANGLES) * (2 * np.pi / ANGLES)
    rays = np.column_stack([np.cos(angle), np.sin(angle)])[:, None]
    edges = (np.roll(corners, -1, axis=0) - corners)[None]
    across = rays[..., 0] * edges[..., 1] - rays[..., 1] * edges[..., 0]
    across = np.where(np.abs(across) < 1e-12, 1e-12, across)
    x, y = corners.T
    far = (x * edges[..., 1] - y * edges[..., 0]) / across
    share = (x * rays[..., 1] - y * rays[..., 0]) / across
    met = (share >= -_CORNER) & (share <= 1 + _CORNER) & (far > 0)
    return np.clip(np.where(met, far, np.inf).min(axis=1), _LEAST_MM, _FAR_MM)
