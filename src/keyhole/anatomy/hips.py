"""The hip joints' centres: a sphere fitted to the femur's head or, without one, to the socket.

Surface points vote for the centres that lie a head's radius along their normals; the sphere is
then fitted to the points that agree. Socket and head are concentric, so both give the centre; the
socket is less than half a sphere and fixes it less well.
"""

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from keyhole.anatomy.spine import Spine
from keyhole.errors import AnatomyError
from keyhole.kernels.distance import signed_distance
from keyhole.scan.volume import Volume
from keyhole.space import Floats, Side, fixed, same, shaped

_RADII_MM = np.arange(19.0, 32.1, 1.0)
"""Radii of femoral heads and of sockets, which are wider by the cartilage; unsourced."""
_LOOK_MM = ((40.0, 135.0), (-30.0, 140.0), (-150.0, 30.0))
"""Where the joint is looked for from the S1 endplate: outward, forward, up; unsourced."""
_CELL_MM, _NEAR_MM, _ALIGNED = 3.0, 1.5, 0.9
_MOST_POINTS, _LEAST_POINTS, _TURNS = 20000, 60, 8
_LEAST_SHARE = 0.12
"""Share of a sphere's surface that must be seen."""


@frozen(kw_only=True)
class Head:
    """A hip joint's centre (3,) mm RAS; `of` is the bone that was fitted, `femur` or `hip`.

    `sd_mm` is the centre's own scatter in the sagittal plane from the fit; `share` how much of
    the sphere was seen.
    """

    side: Side
    of: str
    centre: Floats = field(converter=fixed, validator=shaped(3), eq=same)
    radius_mm: float
    rms_mm: float
    share: float
    sd_mm: float


def find_head(spine: Spine, side: Side) -> Head:
    """The hip joint of one side.

    Raises:
        AnatomyError: `level-not-there` without S1, `not-seen` where neither bone is in the map
            or no sphere can be seen in it.

    """
    names = [f"{bone} {side}" for bone in ("femur", "hip")]
    present = [name for name in names if name in spine.labels]
    if not present:
        raise _unseen(side, f"The map holds neither {' nor '.join(names)}.")
    for name in present:
        head = _head(spine, side, name)
        if head is not None:
            return head
    raise _unseen(side, f"No round head or socket is seen in {' or '.join(present)}.")


def _head(spine: Spine, side: Side, name: str) -> Head | None:
    part = _part(spine, side, name)
    if part is None:
        return None
    points, normals = surface_points(part)
    inward = 1.0 if name.startswith("hip") else -1.0
    if len(points) < _LEAST_POINTS:
        return None
    centre, radius = _vote(points, inward * normals)
    kept = np.zeros(len(points), dtype=bool)
    for _ in range(_TURNS):
        kept = _agree(points, inward * normals, centre, radius)
        if kept.sum() < _LEAST_POINTS:
            return None
        centre, radius = _sphere(points[kept])
    rays = points[kept] - centre
    rms = float(np.std(np.linalg.norm(rays, axis=1) - radius))
    share = _share(rays)
    if share < _LEAST_SHARE or not _RADII_MM[0] <= radius <= _RADII_MM[-1] + 1:
        return None
    return Head(
        side=side,
        of=name.split(maxsplit=1)[0],
        centre=centre,
        radius_mm=radius,
        rms_mm=rms,
        share=share,
        sd_mm=_scatter(rays, rms, float(part.spacing.max())),
    )


def _part(spine: Spine, side: Side, name: str) -> Volume | None:
    """The bone's mask where the joint may be; None where the scan does not reach there."""
    frame = spine["S1"].frame
    sign = 1 if side == "right" else -1
    (near, far), front, up = _LOOK_MM
    picks = np.array(np.meshgrid((sign * near, sign * far), front, up)).reshape(3, 8).T
    volume = spine.labels.volume
    low, high = volume.box(spine["S1"].upper.centre + picks @ frame.axes.T, 0)
    box = spine.labels.boxes[name]
    low = np.maximum(low, [s.start - 3 for s in box])
    high = np.minimum(high, [s.stop + 3 for s in box])
    if (high - low < 4).any():
        return None
    part = volume.crop(low, high)
    return Volume(part.values == spine.labels.code(name), part.affine)


def surface_points(part: Volume) -> tuple[Floats, Floats]:
    """Points (n, 3) mm RAS on a mask's surface, and the normals out of it."""
    distance = signed_distance(part.values, part.spacing)
    slope = np.stack(list(np.gradient(distance, *part.spacing)), axis=-1)
    near = np.abs(distance) < 0.75 * float(part.spacing.min())
    near[[0, -1]] = near[:, [0, -1]] = near[:, :, [0, -1]] = False
    turn = part.affine[:3, :3] / part.spacing
    normals = slope[near] @ turn.T
    length = np.linalg.norm(normals, axis=1)
    fine = length > 0.5
    normals = normals[fine] / length[fine, None]
    points = part.to_patient(np.argwhere(near)[fine]) - distance[near][fine, None] * normals
    step = max(1, len(points) // _MOST_POINTS)
    return points[::step], normals[::step]


def _vote(points: Floats, inward: Floats) -> tuple[Floats, float]:
    """The centre and radius on which most points agree."""
    best, found = -1, (points[0], float(_RADII_MM[0]))
    for radius in _RADII_MM:
        centres = points + radius * inward
        cells = np.floor((centres - centres.min(axis=0)) / _CELL_MM).astype(np.int64)
        cell = np.ravel_multi_index(tuple(cells.T), tuple((cells.max(axis=0) + 1).tolist()))
        votes = np.bincount(cell)
        if votes.max() > best:
            best = votes.max()
            found = centres[cell == votes.argmax()].mean(axis=0), float(radius)
    return found


def _agree(points: Floats, inward: Floats, centre: Floats, radius: float) -> NDArray[np.bool_]:
    """Which points lie on the sphere and look at its centre."""
    rays = centre - points
    length = np.linalg.norm(rays, axis=1)
    facing = (rays * inward).sum(axis=1) > _ALIGNED * length
    return facing & (np.abs(length - radius) < _NEAR_MM)


def _sphere(points: Floats) -> tuple[Floats, float]:
    """The least-squares sphere through points: centre and radius."""
    middle = points.mean(axis=0)
    local = points - middle
    design = np.column_stack([2 * local, np.ones(len(local))])
    x = np.linalg.lstsq(design, (local**2).sum(axis=1), rcond=None)[0]
    return middle + x[:3], float(np.sqrt(x[3] + x[:3] @ x[:3]))


def _share(rays: Floats) -> float:
    """How much of the sphere's surface the rays (n, 3) cover."""
    rays = rays / np.linalg.norm(rays, axis=1, keepdims=True)
    angle = np.arctan2(rays[:, 1], rays[:, 0])
    cells = np.floor((angle + np.pi) / (np.pi / 10)).astype(int) * 20
    cells += np.clip(((rays[:, 2] + 1) * 10).astype(int), 0, 19)
    return len(np.unique(cells)) / 400


def _scatter(rays: Floats, rms: float, voxel: float) -> float:
    """The centre's SD, mm, in its worst direction: of points one voxel apart."""
    unit_rays = rays / np.linalg.norm(rays, axis=1, keepdims=True)
    design = np.column_stack([unit_rays, np.ones(len(rays))])
    spread = np.linalg.inv(design.T @ design)[:3, :3]
    apart = max(1.0, len(rays) * voxel**2 / (4 * np.pi * float((rays**2).sum(axis=1).mean())))
    return float(rms * np.sqrt(np.linalg.eigvalsh(spread).max() * apart))


def _unseen(side: Side, found: str) -> AnatomyError:
    return AnatomyError(
        "not-seen",
        asked=f"The {side} hip joint was asked for.",
        found=found,
        next="Give a scan and a map that hold the hips down to the femoral heads.",
        at=["S1"],
    )
