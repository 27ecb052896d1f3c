"""The joint above a screw: does the shaft, the head or the rod reach it (DEFINITIONS 8).

The joint is the room between two neighbouring vertebrae behind the canal's middle, on the
screw's side, where their surfaces face each other over no more than 4 mm (DEFINITIONS 12). The
process beside it is this vertebra's bone within 5 mm of that room, at its height. Grades after
Babu and Park: 0 free; 1 within 1 mm of the joint or in the process beside it; 2 the shaft
crosses the joint; 3 the shaft runs in it, or head or rod lie in it.
"""

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from keyhole.anatomy.spine import Vertebra
from keyhole.plan.passage import Passage
from keyhole.space import Floats, fixed, same, shaped

FACING_MM = 4.0
_DEEP_MM = 0.75
"""How far within a bone a point may lie and still count as its joint surface."""
PROCESS_MM = 5.0
"""Own bone this near to the joint is the process beside it [P]."""
RUNS_MM = 5.0
"""A shaft that lies in the joint over this length runs in it rather than crosses it [P]."""
WORST = 3
_STEP_MM = 1.0
_REACH = {"right": (3.0, 34.0), "front": (-32.0, 2.0), "up": (-25.0, 32.0)}
"""Where the joint is looked for, mm from the canal's centre, in the lower vertebra's frame."""


@frozen
class Joint:
    """Points (n, 3) mm RAS, 1 mm apart: the joint's space, and the process beside it."""

    space: Floats = field(converter=fixed, validator=shaped(-1, 3), eq=same, repr=False)
    process: Floats = field(converter=fixed, validator=shaped(-1, 3), eq=same, repr=False)


def joint_above(passage: Passage, above: Vertebra | None) -> Joint | None:
    """The joint with the vertebra above; None where none is seen."""
    if above is None:
        return None
    own = passage.vertebra
    sign = 1 if passage.side == "right" else -1
    ticks = [np.arange(*_REACH[name], _STEP_MM) for name in ("right", "front", "up")]
    local = np.stack(np.meshgrid(*ticks, indexing="ij"), axis=-1).reshape(-1, 3)
    local[:, 0] *= sign
    points = own.canal_centre + local @ own.frame.axes.T
    below, top = (v.bone.at(points, order=1, outside=100) for v in (own, above))
    facing = (below + top <= FACING_MM) & (below >= -_DEEP_MM) & (top >= -_DEEP_MM)
    if not facing.any():
        return None
    height = local[facing, 2]
    level = (local[:, 2] >= height.min()) & (local[:, 2] <= height.max())
    bone = points[(below < -_DEEP_MM) & level]
    near = np.asarray(cKDTree(points[facing]).query(bone)[0]) <= PROCESS_MM
    return Joint(points[facing], bone[near])


def facet_grades(
    joint: Joint,
    ends: tuple[Floats, Floats],
    heads: Floats,
    radii: tuple[float, float],
    near_mm: float,
) -> NDArray[np.int_]:
    """(n,) grades 0 to 3 of n screws, their rods not yet known.

    Args:
        joint: the joint above.
        ends: entries and tips, (n, 3) mm RAS.
        heads: (n, 3) mm RAS, the heads' centres.
        radii: of shaft and head, mm.
        near_mm: within this a screw is beside the joint: grade 1.

    """
    tree = cKDTree(joint.space)
    entries, tips = ends
    length = float(np.linalg.norm(tips - entries, axis=1).max())
    steps = np.linspace(0, 1, max(int(np.ceil(length / _STEP_MM)), 2) + 1)
    axis = (entries[:, None] + steps[:, None] * (tips - entries)[:, None]).reshape(-1, 3)
    shaft = _away(tree, axis).reshape(len(entries), -1) - radii[0]
    runs = (shaft < 0).sum(axis=1) * length / (len(steps) - 1) >= RUNS_MM
    least = shaft.min(axis=1)
    beside = least <= near_mm
    if len(joint.process):
        process = _away(cKDTree(joint.process), axis).reshape(len(entries), -1)
        beside |= process.min(axis=1) < radii[0]
    grades = np.where(least < 0, 2, np.where(beside, 1, 0))
    return np.where(runs | (_away(tree, heads) < radii[1]), WORST, grades)


def lies_in(joint: Joint, axis: Floats, radius_mm: float) -> bool:
    """Whether a rod, by its axis (n, 3) mm RAS, lies in the joint."""
    return bool(_away(cKDTree(joint.space), axis).min() < radius_mm)


def _away(tree: cKDTree, points: Floats) -> Floats:
    return np.asarray(tree.query(points)[0], dtype=np.float64)
