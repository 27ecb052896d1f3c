"""The facet joints of a segment, from its two vertebrae alone (DEFINITIONS 12).

Joint: where the surfaces of the upper vertebra's inferior process and the lower one's superior
process face each other over no more than 4 mm. Where a map holds the two processes as parts of
their own, their surfaces alone are asked; else those of the whole vertebrae, behind the canal's
middle. Its surface is the one midway between the bones.
"""

import itertools
from collections.abc import Mapping, Sequence

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray
from scipy import ndimage

from keyhole.anatomy.grid import LocalGrid, local_grid
from keyhole.anatomy.pair_frame import segment_frame
from keyhole.anatomy.spine import Spine, Vertebra
from keyhole.anatomy.tried import tried
from keyhole.errors import AnatomyError
from keyhole.kernels.distance import signed_distance
from keyhole.levels import segment_levels
from keyhole.scan.labels import Labels
from keyhole.scan.volume import Volume
from keyhole.space import SIDES, Floats, Frame, Side, fixed, same, shaped

FACING_MM = 4.0
_DEEP_MM = 0.75
"""How far within a bone a point may lie and still count as its joint surface."""
_OPPOSED = -0.4
"""Cosine between the two bones' outward directions above which they do not face each other."""
_STEP_MM, _PLANE_MM = 0.8, 0.4
_OUT_MM, _BACK_MM, _REACH_MM = 20.0, 14.0, (16.0, 18.0, 25.0)
"""Where a joint is looked for: round a place so far out of the canal's middle and behind it."""
_LEAST_MM, _LEAST_MM2 = 4.0, 20.0
"""A shorter line or smaller surface is no joint."""


@frozen
class FacetJoint:
    """One facet joint. `space` (n, 3) mm RAS are points of its surface, about 1 mm apart.

    `line` (m, 3) mm RAS is the joint in the axial plane through the middle of the disc, from its
    medial to its lateral end; without points where the joint does not reach that plane. `gap_mm`
    is the middle distance between the bones. `parts` tells whether the processes' own labels
    were used.
    """

    segment: str
    side: Side
    frame: Frame
    space: Floats = field(converter=fixed, validator=shaped(-1, 3), eq=same, repr=False)
    line: Floats = field(converter=fixed, validator=shaped(-1, 3), eq=same, repr=False)
    area_mm2: float
    gap_mm: float
    parts: bool

    @property
    def angle_deg(self) -> float | None:
        """Between the line through the joint's two ends and the sagittal midline."""
        if len(self.line) == 0:
            return None
        across, along, _ = self.frame.to_local(self.line[-1]) - self.frame.to_local(self.line[0])
        return float(np.degrees(np.arctan2(abs(across), abs(along))))

    @property
    def chord_mm(self) -> float:
        """From end to end of the line."""
        return float(np.linalg.norm(self.line[-1] - self.line[0])) if len(self.line) else 0.0

    @property
    def medial_edge(self) -> Floats:
        """(3,) mm RAS: the joint's medial end at the disc, or nearest to it."""
        if len(self.line):
            return np.asarray(self.line[0])
        return np.asarray(self.space[np.abs(self.frame.to_local(self.space)[:, 0]).argmin()])


def facet_joint(spine: Spine, segment: str, side: Side) -> FacetJoint:
    """The facet joint of a side.

    Raises:
        AnatomyError: `level-not-there`; `not-seen` where the bones face each other nowhere.

    """
    above, below = (spine[level] for level in segment_levels(segment))
    frame = segment_frame(above, below)
    own = _parts(spine.labels, above, below, side)
    top, bottom = own or (above.bone, below.bone)
    canal = frame.to_local((above.canal_centre + below.canal_centre) / 2)
    out = canal[0] + (_OUT_MM if side == "right" else -_OUT_MM)
    here = Frame(frame.to_patient([out, canal[1] - _BACK_MM, 0.0]), frame.axes)
    space, area, gap = _surface(here, (top, bottom))
    if area < _LEAST_MM2:
        raise AnatomyError(
            "not-seen",
            asked=f"The {side} facet joint {segment} was asked for.",
            found=f"Nowhere do the two vertebrae face each other over {FACING_MM:.0f} mm or less.",
            next="Check the labels of the articular processes; one may have been removed.",
            at=[f"{segment} {side}"],
        )
    line = _line(here, (top, bottom), side)
    return FacetJoint(segment, side, frame, space, line, area, gap, own is not None)


def _parts(
    labels: Labels, above: Vertebra, below: Vertebra, side: Side
) -> tuple[Volume, Volume] | None:
    """Signed distances to the two processes, where the map holds both as parts."""
    upper = _part(labels, above.level, f"inferior articular process {side}")
    lower = _part(labels, below.level, f"superior articular process {side}")
    return None if upper is None or lower is None else (upper, lower)


def _part(labels: Labels, level: str, name: str) -> Volume | None:
    if labels.parts is None or name not in labels.parts.names:
        return None
    vertebra = f"vertebra {level}"
    if vertebra not in labels:
        return None
    pad = np.ceil(FACING_MM / labels.volume.spacing).astype(int) + 1
    box = labels.boxes[vertebra]
    low = np.array([s.start for s in box]) - pad
    high = np.array([s.stop for s in box]) + pad
    whole, parts = labels.volume.crop(low, high), labels.parts.volume.crop(low, high)
    code = labels.parts.names.index(name) + 1
    mask = (whole.values == labels.code(vertebra)) & (parts.values == code)
    if not mask.any():
        return None
    return Volume(signed_distance(mask, whole.spacing), whole.affine)


def _between(
    bones: tuple[Volume, Volume], frame: Frame, reach: tuple[float, float, float], step: float
) -> tuple[LocalGrid, Floats, Floats, NDArray[np.bool_]]:
    """On a grid: the upper bone, its lead over the lower one, their distance, where they face."""
    upper, lower = (local_grid(bone, frame, reach, step) for bone in bones)
    top, bottom = (grid.distances.astype(np.float64) for grid in (upper, lower))
    facing = (top + bottom <= FACING_MM) & (top >= -_DEEP_MM) & (bottom >= -_DEEP_MM)
    axes = [axis for axis in range(3) if top.shape[axis] > 1]
    slopes = [np.array(np.gradient(bone, step, axis=axes)) for bone in (top, bottom)]
    sizes = [np.maximum(np.linalg.norm(slope, axis=0), 1e-6) for slope in slopes]
    facing &= (slopes[0] * slopes[1]).sum(axis=0) <= _OPPOSED * sizes[0] * sizes[1]
    return upper, bottom - top, top + bottom, _largest(facing)


def _largest(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    pieces, count = ndimage.label(mask, structure=np.ones((3,) * mask.ndim))
    if count <= 1:
        return mask
    return np.asarray(pieces == np.bincount(pieces.ravel())[1:].argmax() + 1)


def _surface(frame: Frame, bones: tuple[Volume, Volume]) -> tuple[Floats, float, float]:
    """Points (n, 3) mm RAS of the joint's surface, its area mm2 and the bones' distance mm."""
    grid, lead, gap, facing = _between(bones, frame, _REACH_MM, _STEP_MM)
    steep = np.linalg.norm(np.gradient(lead, _STEP_MM), axis=0)
    near = facing & (np.abs(lead) < steep * _STEP_MM / 2 + 1e-9)
    rows = np.argwhere(near)
    if len(rows) == 0:
        return np.zeros((0, 3)), 0.0, 0.0
    ticks = (grid.right, grid.front, grid.up)
    local = np.column_stack([t[rows[:, k]] for k, t in enumerate(ticks)])
    band = facing & (np.abs(lead) < 2 * _STEP_MM)
    area = float(steep[band].sum()) * _STEP_MM**3 / (4 * _STEP_MM)
    return frame.to_patient(local), area, float(np.median(gap[near]))


def _line(frame: Frame, bones: tuple[Volume, Volume], side: Side) -> Floats:
    """(m, 3) mm RAS: the joint in the axial plane through the disc's middle, medial end first."""
    from contourpy import contour_generator

    grid, lead, _, facing = _between(bones, frame, (*_REACH_MM[:2], 0.0), _PLANE_MM)
    picture = np.ma.masked_array(lead[:, :, 0], ~facing[:, :, 0])
    lines = contour_generator(grid.right, grid.front, picture.T).lines(0.0)
    if not lines:
        return np.zeros((0, 3))
    longest = max((np.asarray(line, dtype=np.float64) for line in lines), key=_length)
    if _length(longest) < _LEAST_MM:
        return np.zeros((0, 3))
    outward = longest[:, 0] if side == "right" else -longest[:, 0]
    ordered = longest if outward[0] < outward[-1] else longest[::-1]
    return frame.to_patient(np.column_stack([ordered, np.zeros(len(ordered))]))


def _length(line: Floats) -> float:
    return float(np.linalg.norm(np.diff(line, axis=0), axis=1).sum())


JointsBySide = Mapping[tuple[str, Side], FacetJoint | AnatomyError]


def all_joints(spine: Spine, segments: Sequence[str]) -> JointsBySide:
    """By segment and side: the facet joint, or the refusal that stands for it."""
    return {
        (segment, side): tried(facet_joint, spine, segment, side)
        for segment, side in itertools.product(segments, SIDES)
    }
