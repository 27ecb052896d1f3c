"""The construct in space: one distance field for the bones, round cones for what is implanted."""

from collections.abc import Sequence

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray
from scipy import ndimage

from keyhole.anatomy.spine import Spine, Vertebra
from keyhole.scan.volume import Volume
from keyhole.space import Floats, Frame, unit
from keyhole.view.implants import Rod, Screw
from keyhole.view.palette import ROD, SKIN_ENTRY, Colour, grade_colour

STEP_MM = 1.0
"""Edge of the scene's voxels."""
_ABOVE_MM, _BELOW_MM = 42.0, 62.0
"""How much is shown at most above and below the implants."""
_EDGE_MM = 12.0
"""How much is shown above and below all that is drawn."""


@frozen
class Scene:
    """Bones (signed distance, mm, cubic voxels along `frame`) and implants in one place.

    `cones` (n, 8) as `keyhole.kernels.cast.cast_cones` takes them, with `colours` (n, 3) and
    `threads` (n,), true where a thread is hinted at. `heights` names levels and where they lie.
    """

    frame: Frame
    bones: Volume = field(repr=False)
    cones: NDArray[np.float64] = field(repr=False)
    colours: NDArray[np.uint8] = field(repr=False)
    threads: NDArray[np.bool_] = field(repr=False)
    heights: dict[str, Floats]
    extent: tuple[float, float, float]
    """What a picture shows, mm: reach from the long axis, lowest and highest place along it."""


def construct_frame(vertebrae: Sequence[Vertebra]) -> Frame:
    """The construct's own frame: up along its row of vertebrae, right their mean right."""
    origins = np.array([v.frame.origin for v in vertebrae])
    right = np.mean([v.frame.right for v in vertebrae], axis=0)
    along = np.mean([v.frame.up for v in vertebrae], axis=0)
    up = origins[0] - origins[-1] if len(origins) > 1 else along
    return Frame.from_up(origins.mean(axis=0), up, right)


def shown_vertebrae(spine: Spine, levels: Sequence[str]) -> tuple[Vertebra, ...]:
    """The construct's vertebrae and one neighbour above and below, where there is one."""
    found = [n for n, level in enumerate(spine.levels) if level in levels]
    first, last = max(min(found) - 1, 0), min(max(found) + 1, len(spine.vertebrae) - 1)
    return spine.vertebrae[first : last + 1]


def build_scene(spine: Spine, screws: Sequence[Screw], rods: Sequence[Rod]) -> Scene:
    """The scene of one option. `screws` must not be empty; their levels must be modelled."""
    levels = [screw.level for screw in screws]
    vertebrae = shown_vertebrae(spine, levels)
    frame = construct_frame([v for v in vertebrae if v.level in levels])
    cones: list[NDArray[np.float64]] = []
    colours: list[Colour] = []
    threads: list[bool] = []
    for screw in screws:
        cones.append(screw.cones())
        colours += [grade_colour(screw.grade)] * 3
        threads += [True, True, False]
    for rod in rods:
        cones.append(rod.cones())
        colours += [ROD] * len(cones[-1])
        threads += [False] * len(cones[-1])
    for screw in screws:
        if screw.skin is not None:
            cones.append(_skin_mark(screw.skin, screw.head))
            colours += [SKIN_ENTRY] * 2
            threads += [False] * 2
    bones, shapes = bones_in(frame, vertebrae), np.concatenate(cones)
    return Scene(
        frame=frame,
        bones=bones,
        cones=shapes,
        colours=np.array(colours, dtype=np.uint8),
        threads=np.array(threads),
        heights={v.level: v.frame.origin for v in vertebrae},
        extent=_extent(frame, bones, shapes),
    )


def _extent(frame: Frame, bones: Volume, cones: NDArray[np.float64]) -> tuple[float, float, float]:
    """All implants, with a margin of bone above and below."""
    ends = cones.reshape(-1, 4)
    implants = frame.to_local(ends[:, :3])
    low = float((implants[:, 2] - ends[:, 3]).min()) - _BELOW_MM
    high = float((implants[:, 2] + ends[:, 3]).max()) + _ABOVE_MM
    inside = np.argwhere(bones.values[::3, ::3, ::3] < 0) * 3
    bone = frame.to_local(bones.to_patient(inside))
    ends_mm = [*bone[:, 2], *implants[:, 2]]
    low, high = max(low, min(ends_mm) - _EDGE_MM), min(high, max(ends_mm) + _EDGE_MM)
    bone = bone[(bone[:, 2] > low) & (bone[:, 2] < high)]
    reach = float((np.hypot(*implants[:, :2].T) + ends[:, 3]).max())
    return max(reach, float(np.hypot(*bone[:, :2].T).max())) + 10, low, high


def _skin_mark(skin: Floats, head: Floats) -> NDArray[np.float64]:
    """A bead where the screw's line meets the skin, and a thread from it to the head."""
    return np.array([[*skin, 3.2, *skin, 3.2], [*skin, 0.7, *head, 0.7]])


def bones_in(frame: Frame, vertebrae: Sequence[Vertebra], step: float = STEP_MM) -> Volume:
    """The least of the vertebrae's distance fields on cubic voxels along a frame, float32 mm.

    A vertebra's own grid ends a few mm off its surface. Beyond it stands the distance to the grid
    and from there on, which is never too large: a ray does not step past a surface. Where the
    scan's border cuts the bone, it ends at that border.
    """
    boxes = [_box(frame, v.bone) for v in vertebrae]
    low = np.min([a for a, _ in boxes], axis=0)
    shape = np.ceil((np.max([b for _, b in boxes], axis=0) - low) / step).astype(int) + 1
    affine = np.eye(4)
    affine[:3, :3] = frame.axes * step
    affine[:3, 3] = frame.to_patient(low)
    values = np.full(shape, np.inf, dtype=np.float32)
    for vertebra, (first, last) in zip(vertebrae, boxes, strict=True):
        a = np.maximum(np.floor((first - low) / step).astype(int), 0)
        b = np.minimum(np.ceil((last - low) / step).astype(int) + 1, shape)
        ticks = [low[n] + step * np.arange(shape[n]) for n in range(3)]
        beyond = _off_box(ticks, first, last) + np.float32(
            max(_border(vertebra.bone.values), 2 * step)
        )
        part = beyond[a[0] : b[0], a[1] : b[1], a[2] : b[2]]
        own = _resampled(vertebra.bone, affine, a, part.shape)
        np.copyto(part, own, where=np.isfinite(own))
        np.minimum(values, beyond, out=values)
    return Volume(values, affine)


def _off_box(ticks: Sequence[Floats], first: Floats, last: Floats) -> NDArray[np.float32]:
    """(i, j, k) mm from voxels at `ticks` along each axis to a box; 0 within it."""
    x, y, z = (
        np.maximum(np.maximum(first[n] - ticks[n], ticks[n] - last[n]), 0).astype(np.float32)
        for n in range(3)
    )
    squared = (x * x)[:, None, None] + (y * y)[None, :, None] + (z * z)[None, None, :]
    return np.asarray(np.sqrt(squared), dtype=np.float32)


def _box(frame: Frame, volume: Volume) -> tuple[Floats, Floats]:
    """Least and largest corner of a volume, mm in a frame."""
    last = np.array(volume.shape) - 1
    corners = np.array(np.meshgrid(*[(0, n) for n in last])).reshape(3, -1).T
    local = frame.to_local(volume.to_patient(corners))
    return local.min(axis=0), local.max(axis=0)


def _resampled(
    volume: Volume, affine: Floats, low: NDArray[np.int_], shape: tuple[int, ...]
) -> NDArray[np.float32]:
    """The volume, trilinear, on a part of the scene's voxels; inf beyond its border."""
    to_there = np.linalg.inv(volume.affine) @ affine
    offset = to_there[:3, :3] @ low + to_there[:3, 3]
    values = volume.values.astype(np.float32, copy=False)
    matrix = to_there[:3, :3]
    return ndimage.affine_transform(
        values, matrix, offset, output_shape=shape, order=1, cval=np.inf
    )


def _border(values: NDArray[np.floating]) -> float:
    """The least value on a grid's border: what lies beyond it is at least so far away."""
    faces = (np.take(values, end, axis) for axis in range(3) for end in (0, -1))
    return float(min(face.min() for face in faces))


def toward(frame: Frame, degrees: float) -> Floats:
    """(3,) unit: where the viewer looks when the camera has gone `degrees` round from behind.

    At 0 the viewer stands behind the patient and looks forward; at 90 on the patient's left,
    looking right; at 180 in front.
    """
    turn = np.radians(degrees)
    return unit(np.cos(turn) * frame.front + np.sin(turn) * frame.right)
