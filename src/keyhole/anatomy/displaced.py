"""Disc material beyond the fitted margin of its disc (DEFINITIONS 11).

The margin is the ruled surface between the rims, moved by what a healthy or evenly bulging disc
stands out of it: a smooth function of the place round the disc and of the height, fitted to the
labelled disc's own surface where nothing is displaced. Displaced is what lies beyond the margin by
more than 1 mm or a voxel, and what hangs on it.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
from attrs import define, field, frozen
from numpy.typing import NDArray
from scipy import ndimage

from keyhole.anatomy.disc_margin import ANGLES, RuledSpace, ruled_space, waves
from keyhole.anatomy.spine import Spine
from keyhole.anatomy.tried import tried
from keyhole.errors import AnatomyError
from keyhole.kernels.distance import signed_distance
from keyhole.scan.labels import Labels
from keyhole.scan.volume import Volume
from keyhole.space import Floats, fixed, same, shaped

LEAST_MM = 1.0
"""Nothing nearer to the margin is called displaced."""
LEAST_MM3 = 60.0
"""A smaller piece is taken for the labels' roughness."""
_SHARES: Floats = np.array([0.25, 0.5, 0.75])
"""Heights between the rims at which a disc's surface is looked for."""
_WAVES = 2
_OUT_MM = np.arange(-5.0, 14.1, 0.25)
_TRIM_MM, _TURNS = 0.9, 12
_FOOT_MM = 2.0
"""How far round a displaced piece its foot, nearer to the margin, is counted too."""
_FINE = 4
"""Into so many parts along each edge a voxel on the margin is cut."""


@frozen
class Bulge:
    """How a disc's surface stands out of the ruled surface half-way up, mm by `ANGLES`.

    Where the disc ends within the innermost place looked at, it is that place.
    """

    out_mm: Floats = field(converter=fixed, validator=shaped(-1), eq=same, repr=False)

    def share(self, beyond_mm: float) -> float:
        """The share of the outline that stands out by more than this."""
        return float((self.out_mm > beyond_mm).mean())


@frozen
class Margin:
    """The fitted margin: the ruled surface and what the disc evenly stands out of it."""

    space: RuledSpace
    weights: Floats = field(converter=fixed, validator=shaped(-1), eq=same, repr=False)

    def beyond(self, local: Floats) -> Floats:
        """(n,) mm: how far points (n, 3) in the segment's frame lie outside the margin."""
        even = _terms(self.space.angles(local), self.space.share(local)) @ self.weights
        return np.asarray(self.space.beyond(local) - even)


@define(slots=False, frozen=True)
class Displaced:
    """One displaced piece, as cells: `local` (n, 3) mm in the segment's frame, `mm3` (n,).

    `out` (n,) mm is how far each lies beyond the margin. `joined` tells whether the piece still
    hangs on its disc; `surface_mm2` is the piece's free surface.
    """

    margin: Margin = field(repr=False)
    local: Floats = field(converter=fixed, validator=shaped(-1, 3), eq=same, repr=False)
    mm3: Floats = field(converter=fixed, validator=shaped(-1), eq=same, repr=False)
    out: Floats = field(converter=fixed, validator=shaped(-1), eq=same, repr=False)
    joined: bool
    voxel_mm: float
    surface_mm2: float

    @cached_property
    def volume_mm3(self) -> float:
        """The volume beyond the margin."""
        return float(self.mm3.sum())

    @cached_property
    def centre(self) -> Floats:
        """(3,) mm in the segment's frame: the middle of the material."""
        return np.asarray(self.mm3 @ self.local / self.mm3.sum())

    @cached_property
    def turn(self) -> float:
        """Radians: where round the disc its middle lies; 0 right, pi/2 in front."""
        return float(self.margin.space.angles(self.centre[None])[0])

    @property
    def points(self) -> Floats:
        """(n, 3) mm RAS: the cells that are mostly beyond the margin."""
        most = self.mm3 > self.mm3.max() / 2
        return self.margin.space.frame.to_patient(self.local[most])


def disc_mask(labels: Labels, segment: str) -> Volume:
    """A segment's disc, bool, cropped.

    Raises:
        AnatomyError: `not-seen` where the map holds no such disc.

    """
    name = f"disc {segment}"
    if name not in labels:
        raise AnatomyError(
            "not-seen",
            asked=f"The disc {segment} was asked for.",
            found="The label map holds no disc there (CT `total` maps never do).",
            next="Give a label map of an MR scan that holds discs; without one it cannot be judged.",
            at=[segment],
        )
    return labels.cut(name, margin_mm=4.0)


def fitted_margin(space: RuledSpace, disc: Volume) -> tuple[Margin, Bulge]:
    """The margin of a disc (bool volume), and how its surface stands out of the ruled one."""
    angle, share = (x.ravel() for x in np.meshgrid(ANGLES, _SHARES, indexing="ij"))
    out = _standing_out(space, disc, angle, share)
    weights = _robust(_terms(angle, share), out)
    ring = out.reshape(len(ANGLES), -1)[:, 1]
    return Margin(space, weights), Bulge(np.where(np.isfinite(ring), ring, _OUT_MM[0]))


def displaced(margin: Margin, disc: Volume) -> tuple[Displaced, ...]:
    """The displaced pieces of a disc (bool volume), largest first."""
    voxel = float(disc.spacing.max())
    inside, beyond = _beyond(margin, disc)
    far = np.zeros(disc.shape, dtype=bool)
    far[tuple(inside.T)] = beyond > max(LEAST_MM, voxel)
    pieces, count = ndimage.label(far, structure=np.ones((3, 3, 3)))
    main = _main(np.asarray(disc.values))
    found = [_piece(margin, disc, (inside, beyond), pieces == n + 1, main) for n in range(count)]
    large = [piece for piece in found if piece.volume_mm3 >= LEAST_MM3]
    return tuple(sorted(large, key=lambda piece: -piece.volume_mm3))


def _terms(angle: Floats, share: Floats) -> Floats:
    even = waves(angle, _WAVES)
    return np.hstack([even, even * (4 * share * (1 - share))[:, None]])


def _standing_out(space: RuledSpace, disc: Volume, angle: Floats, share: Floats) -> Floats:
    """(n,) mm: where, straight out, the disc ends beyond the ruled surface; NaN where nowhere."""
    field_ = Volume(signed_distance(np.asarray(disc.values), disc.spacing), disc.affine)
    ways = np.column_stack([np.cos(angle), np.sin(angle), np.zeros(len(angle))])
    places = space.wall(angle, share)[:, None] + _OUT_MM[None, :, None] * ways[:, None]
    flat = space.frame.to_patient(places.reshape(-1, 3))
    values = np.asarray(field_.at(flat, order=1, outside=50)).reshape(len(angle), -1)
    inside = values < 0
    last = len(_OUT_MM) - 1 - inside[:, ::-1].argmax(axis=1)
    fine = inside.any(axis=1) & (last < len(_OUT_MM) - 1)
    last = np.where(fine, last, 0)
    rows = np.arange(len(angle))
    low, high = values[rows, last], values[rows, last + 1]
    part = np.where(fine, low / np.where(fine, low - high, 1.0), np.nan)
    out = _OUT_MM[last] + part * (_OUT_MM[1] - _OUT_MM[0])
    ahead = places[:, -1] - places[:, 0]
    square = space.beyond(places[:, -1]) - space.beyond(places[:, 0])
    return np.asarray(out * square / np.linalg.norm(ahead, axis=1))


def _robust(design: Floats, out: Floats) -> Floats:
    """Least squares from the middle outward; what stands out further does not count."""
    seen = np.isfinite(out)
    even = float(np.median(out[seen])) if seen.any() else 0.0
    weights: Floats = np.zeros(design.shape[1])
    weights[0] = even
    trims = np.maximum(np.geomspace(3.0, _TRIM_MM / 2, _TURNS), _TRIM_MM)
    for trim in trims.tolist():
        kept = seen & (np.abs(np.where(seen, out, 0) - design @ weights) <= trim)
        if kept.sum() < 2 * design.shape[1]:
            break
        weights = np.asarray(np.linalg.lstsq(design[kept], out[kept], rcond=None)[0])
    return weights


def _beyond(margin: Margin, disc: Volume) -> tuple[NDArray[np.intp], Floats]:
    """(n, 3) the disc's voxels, and (n,) mm how far beyond the margin each lies."""
    inside = np.argwhere(disc.values)
    return inside, margin.beyond(margin.space.frame.to_local(disc.to_patient(inside)))


def _main(inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The disc's largest piece; pieces that touch only by an edge are apart."""
    pieces, count = ndimage.label(inside)
    if count <= 1:
        return inside
    sizes = np.bincount(pieces.ravel())
    sizes[0] = 0
    return np.asarray(pieces == sizes.argmax())


def _piece(
    margin: Margin,
    disc: Volume,
    voxels: tuple[NDArray[np.intp], Floats],
    seed: NDArray[np.bool_],
    main: NDArray[np.bool_],
) -> Displaced:
    """A piece from its far voxels: with its foot, cut at the margin."""
    inside, beyond = voxels
    step = float(disc.spacing.min())
    grown = ndimage.binary_dilation(
        seed,
        np.ones((3, 3, 3), dtype=bool),
        iterations=int(np.ceil(_FOOT_MM / step)),
        mask=disc.values,
    )
    taken = grown[tuple(inside.T)] & (beyond > -float(disc.spacing.max()))
    rows = inside[taken]
    local = margin.space.frame.to_local(disc.to_patient(rows))
    share = _shares(margin, disc, rows, beyond[taken])
    cell = float(np.prod(disc.spacing))
    kept = share > 0
    return Displaced(
        margin,
        local[kept],
        share[kept] * cell,
        beyond[taken][kept],
        bool((seed & main).any()),
        float(disc.spacing.max()),
        _surface(disc, rows[kept]),
    )


def _shares(margin: Margin, disc: Volume, rows: NDArray[np.intp], beyond: Floats) -> Floats:
    """(n,) how much of each voxel lies beyond the margin."""
    share = (beyond > 0).astype(np.float64)
    near = np.abs(beyond) < float(disc.spacing.max())
    parts = (np.arange(_FINE) + 0.5) / _FINE - 0.5
    offsets = np.stack(np.meshgrid(parts, parts, parts, indexing="ij"), axis=-1).reshape(-1, 3)
    fine = (rows[near][:, None] + offsets).reshape(-1, 3)
    local = margin.space.frame.to_local(disc.to_patient(fine))
    share[near] = (margin.beyond(local) > 0).reshape(-1, len(offsets)).mean(axis=1)
    return share


def _surface(disc: Volume, rows: NDArray[np.intp]) -> float:
    """Mm2: about how large the surface of a piece is, by the faces of its voxels (Cauchy)."""
    mask = np.zeros(disc.shape, dtype=bool)
    mask[tuple(rows.T)] = True
    faces = [float(np.prod(disc.spacing)) / s for s in disc.spacing]
    sides = [np.abs(np.diff(mask.astype(np.int8), axis=axis)).sum() for axis in range(3)]
    return float(2 / 3 * np.dot(faces, sides))


@frozen
class DiscEdge:
    """A labelled disc, its fitted margin, how it bulges, and what is displaced of it."""

    disc: Volume = field(repr=False)
    margin: Margin
    bulge: Bulge
    pieces: tuple[Displaced, ...]


DiscEdges = Mapping[str, DiscEdge | AnatomyError]


def all_disc_edges(spine: Spine, segments: Sequence[str]) -> DiscEdges:
    """By segment: the disc's edge, or the refusal that stands for it."""
    return {segment: tried(_edge, spine, segment) for segment in segments}


def _edge(spine: Spine, segment: str) -> DiscEdge:
    disc = disc_mask(spine.labels, segment)
    margin, bulge = fitted_margin(ruled_space(spine, segment), disc)
    return DiscEdge(disc, margin, bulge, displaced(margin, disc))
