"""The disc's space between its two rims, and its ruled outer surface (DEFINITIONS 11).

A rim's outline is the body's, cut a little away from the rounded edge, where seen from its middle
the bone ends; what stands out of a smooth outline (osteophytes) or goes on (pedicles' roots, a
sacrum's alae) is left out, and there the other rim's outline, brought to this one's size, stands.
All is in the segment's frame: `up` the mean of the facing endplates' normals, `right` the mean of
both vertebrae's, origin midway between the rims' centres (DEFINITIONS 2).
"""

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from keyhole.anatomy.pair_frame import segment_frame
from keyhole.anatomy.spine import Endplate, Spine, Vertebra
from keyhole.errors import AnatomyError
from keyhole.levels import segment_levels
from keyhole.scan.volume import Volume
from keyhole.space import Floats, Frame, fixed, same, shaped

COUNT = 144
"""Rays round a rim."""
ANGLES: Floats = np.arange(COUNT, dtype=np.float64) * (2 * np.pi / COUNT)
_DEEP_MM, _DEEP_VOXELS = 1.6, 1.4
"""How far from the rim's plane the body is cut: its edge is round, by voxels more so."""
_WAIST_MM, _STEEPEST = 2.0, 0.3
"""How much further in the waist is read, and how steep it may be."""
_STEP_MM = 0.25
_SHARES = (0.55, 1.45)
"""Where along a ray the body's wall may lie, as shares of the endplate's half axes."""
_FAR = 1.35
"""A wall further out than this share is a pedicle or an ala."""
_WAVES, _RATIO_WAVES = 8, 2
_OSTEOPHYTE_MM = 1.5
_BESIDE = np.radians(8.0)
"""How far beside a pedicle its root still hides a body's upper rim."""
_TURNS = 8
_STIFF = 0.02
"""How strongly waves of a rim are held back where nothing was seen."""


@frozen
class Rim:
    """A rim in the segment's frame: its middle, its plane's unit normal, its radii by `ANGLES`."""

    middle: Floats = field(converter=fixed, validator=shaped(3), eq=same)
    normal: Floats = field(converter=fixed, validator=shaped(3), eq=same)
    radii: Floats = field(converter=fixed, validator=shaped(COUNT), eq=same, repr=False)

    def height(self, local: Floats) -> Floats:
        """(n,) mm: the plane's height over the places of (n, 3) local mm."""
        off = (local[:, :2] - self.middle[:2]) @ self.normal[:2]
        return np.asarray(self.middle[2] - off / self.normal[2])


@frozen
class RuledSpace:
    """The room between two rims."""

    segment: str
    frame: Frame
    upper: Rim
    lower: Rim

    def share(self, local: Floats) -> Floats:
        """(n,) how high between the rims' planes points (n, 3) local mm lie: 0 below, 1 above."""
        low = self.lower.height(local)
        gap = np.maximum(self.upper.height(local) - low, 1.0)
        return np.clip((local[:, 2] - low) / gap, 0, 1)

    def beyond(self, local: Floats) -> Floats:
        """(n,) mm: how far points (n, 3) local mm lie outside the ruled outer surface.

        To first order in the distance; above and below the rims the surface goes on upright.
        """
        share = self.share(local)
        off = local[:, :2] - self._middles(share)
        angle, reach = np.arctan2(off[:, 1], off[:, 0]), np.hypot(*off.T)
        radius, slope = self._wall(angle, share)
        return np.asarray((reach - radius) / np.sqrt(1 + (slope / np.maximum(reach, 1.0)) ** 2))

    def wall(self, angle: Floats, share: Floats) -> Floats:
        """(n, 3) local mm: points of the ruled surface at angles and heights between the rims."""
        flat = self._middles(share)
        radius, _ = self._wall(angle, share)
        flat = flat + radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
        place = np.column_stack([flat, np.zeros(len(flat))])
        low, high = self.lower.height(place), self.upper.height(place)
        return np.column_stack([flat, low + share * (high - low)])

    def angles(self, local: Floats) -> Floats:
        """(n,) radians: where round the disc points (n, 3) local mm lie; 0 right, pi/2 in front."""
        off = local[:, :2] - self._middles(self.share(local))
        return np.asarray(np.arctan2(off[:, 1], off[:, 0]))

    def outline(self, rim: Rim) -> Floats:
        """(n, 3) mm RAS: a rim's outline."""
        flat = rim.middle[:2] + rim.radii[:, None] * np.column_stack(
            [np.cos(ANGLES), np.sin(ANGLES)]
        )
        place = np.column_stack([flat, np.zeros(len(flat))])
        place[:, 2] = rim.height(place)
        return self.frame.to_patient(place)

    def _middles(self, share: Floats) -> Floats:
        low, high = self.lower.middle[:2], self.upper.middle[:2]
        return np.asarray(low + share[:, None] * (high - low))

    def _wall(self, angle: Floats, share: Floats) -> tuple[Floats, Floats]:
        """The surface's radius and its change with the angle."""
        rows = [np.interp(angle, ANGLES, rim.radii, period=2 * np.pi) for rim in self._rims]
        slopes = [
            np.interp(angle, ANGLES, _slope(rim.radii), period=2 * np.pi) for rim in self._rims
        ]
        return (
            rows[0] + share * (rows[1] - rows[0]),
            slopes[0] + share * (slopes[1] - slopes[0]),
        )

    @property
    def _rims(self) -> tuple[Rim, Rim]:
        return self.lower, self.upper


def ruled_space(spine: Spine, segment: str) -> RuledSpace:
    """The disc's space of a segment whose two vertebrae are modelled.

    Raises:
        AnatomyError: `level-not-there`; `body-unseen` where a rim cannot be followed.

    """
    above, below = (spine[level] for level in segment_levels(segment))
    frame = segment_frame(above, below)
    voxel = float(spine.labels.volume.spacing.max())
    assert above.lower is not None  # noqa: S101
    seen_above = _seen(above, above.lower, frame, -voxel)
    seen_below = _seen(below, below.upper, frame, voxel)
    if np.isfinite(seen_above).sum() < COUNT / 3 or np.isfinite(seen_below).sum() < COUNT / 6:
        raise AnatomyError(
            "body-unseen",
            asked=f"The disc space of {segment} was asked for.",
            found="The outline of an endplate cannot be followed in the label.",
            next="Check the labels of the two bodies, and that the scan holds all of them.",
            at=[segment],
        )
    upper = smoothed(seen_above)
    lower = smoothed(_filled(_trimmed(seen_below), upper))
    return RuledSpace(
        segment, frame, _rim(frame, above.lower, upper), _rim(frame, below.upper, lower)
    )


def _rim(frame: Frame, plate: Endplate, radii: Floats) -> Rim:
    return Rim(frame.to_local(plate.centre), plate.normal @ frame.axes, radii)


def _seen(vertebra: Vertebra, plate: Endplate, frame: Frame, voxel: float) -> Floats:
    """(COUNT,) mm: the body's radii at a rim; NaN where the bone goes on.

    The body is cut twice, and its waist carried on to the rim.

    Args:
        vertebra: its bone.
        plate: the endplate.
        frame: of the segment; radii are along its right and front.
        voxel: the voxel's edge, mm, negative where the body lies above the rim.

    """
    deep = max(_DEEP_MM, _DEEP_VOXELS * abs(voxel))
    near, further = (
        _cut(vertebra, plate, frame, np.sign(voxel) * x) for x in (deep, deep + _WAIST_MM)
    )
    if voxel > 0:
        near[_rooted(vertebra, frame)] = np.nan
    waist = near - further
    if np.isfinite(waist).sum() > COUNT / 4:
        near += np.clip(_fit(_trimmed(waist), 1), 0, _STEEPEST * _WAIST_MM) * deep / _WAIST_MM
    return near


def _cut(vertebra: Vertebra, plate: Endplate, frame: Frame, deep: float) -> Floats:
    """(COUNT,) mm: where rays in a plane so far below the rim leave the body."""
    rays = np.column_stack([np.cos(ANGLES), np.sin(ANGLES)])
    local = plate.normal @ frame.axes
    rise = -(rays @ local[:2]) / local[2]
    half = 1 / np.hypot(rays[:, 0] / (plate.width_mm / 2), rays[:, 1] / (plate.depth_mm / 2))
    ticks = np.arange(_SHARES[0] * half.min(), _SHARES[1] * half.max(), _STEP_MM)
    middle = frame.to_local(plate.centre - deep * plate.normal)
    ways = np.column_stack([rays, rise])
    places = middle + ticks[None, :, None] * ways[:, None, :]
    inside = _bone(vertebra.bone, frame, places)
    shares = ticks[None, :] / half[:, None]
    inside = np.where((shares >= _SHARES[0]) & (shares <= _SHARES[1]), inside, 100.0)
    reach = _longest_end(inside, ticks)
    return np.where(reach < _FAR * half, reach, np.nan)


def _rooted(vertebra: Vertebra, frame: Frame) -> NDArray[np.bool_]:
    """(COUNT,) which rays of an upper rim run out over a pedicle: there is no wall to be seen."""
    rooted = np.zeros(COUNT, dtype=bool)
    middle = frame.to_local(vertebra.upper.centre)[:2]
    for pedicle in vertebra.pedicles.values():
        place = frame.to_local(pedicle.outline)[:, :2] - middle
        spread = np.angle(np.exp(1j * (ANGLES - np.arctan2(place[:, 1], place[:, 0])[:, None])))
        near = np.abs(spread).min(axis=0) < np.pi / 2
        rooted |= near & (spread.min(axis=0) <= _BESIDE) & (spread.max(axis=0) >= -_BESIDE)
    return rooted


def _bone(bone: Volume, frame: Frame, places: Floats) -> Floats:
    flat = frame.to_patient(places.reshape(-1, 3))
    return np.asarray(bone.at(flat, order=1, outside=100)).reshape(places.shape[:-1])


def _longest_end(values: Floats, ticks: Floats) -> Floats:
    """(n,) mm: where the longest run of negative values of each row (n, m) ends, interpolated."""
    inside = values < 0
    run = np.zeros(inside.shape, dtype=int)
    for k in range(inside.shape[1]):
        run[:, k] = np.where(inside[:, k], (run[:, k - 1] if k else 0) + 1, 0)
    last = run.argmax(axis=1)
    rows = np.arange(len(values))
    fine = (run.max(axis=1) > 0) & (last < len(ticks) - 1)
    last = np.where(fine, last, 0)
    low, high = values[rows, last], values[rows, last + 1]
    share = np.where(fine, low / np.where(fine, low - high, 1.0), np.nan)
    return np.asarray(ticks[last] + share * (ticks[1] - ticks[0]))


def waves(angle: Floats, count: int) -> Floats:
    """(n, 2 count + 1): 1 and the cosines and sines of an angle's multiples."""
    turns = angle[:, None] * np.arange(1, count + 1)
    return np.column_stack([np.ones(len(angle)), np.cos(turns), np.sin(turns)])


def _fit(values: Floats, count: int) -> Floats:
    """(COUNT,) a closed curve of few waves through the values that are there."""
    seen = np.isfinite(values)
    design = waves(ANGLES, count)
    order = np.concatenate([[0], np.tile(np.arange(1, count + 1), 2)])
    hold = _STIFF * COUNT * np.diag((order / count) ** 2.0)
    normal = design[seen].T @ design[seen] + hold * (1 - seen.mean())
    return np.asarray(design @ np.linalg.solve(normal, design[seen].T @ values[seen]))


def _trimmed(values: Floats) -> Floats:
    """The values less what stands out of a smooth outline."""
    kept = values.copy()
    for _ in range(_TURNS):
        off = np.abs(kept - _fit(kept, _WAVES // 2)) > _OSTEOPHYTE_MM
        worst = np.nanmax(np.where(np.isfinite(kept), kept - _fit(kept, _WAVES // 2), -np.inf))
        if worst <= _OSTEOPHYTE_MM:
            break
        kept[off & (kept - _fit(kept, _WAVES // 2) > worst / 2)] = np.nan
    return kept


def smoothed(values: Floats) -> Floats:
    """(COUNT,) mm: the smooth outline through radii, osteophytes and gaps left out."""
    return _fit(_trimmed(values), _WAVES)


def _filled(values: Floats, other: Floats) -> Floats:
    """The values, and where there are none the other rim's outline brought to their size."""
    ratio = _fit(values / other, _RATIO_WAVES)
    return np.where(np.isfinite(values), values, ratio * other)


def _slope(radii: Floats) -> Floats:
    step = 2 * np.pi / COUNT
    return np.asarray((np.roll(radii, -1) - np.roll(radii, 1)) / (2 * step))
