"""The joint above a screw: does the shaft or the head reach it (Babu, Park; DEFINITIONS 8).

The joint is the room between two neighbouring vertebrae behind the canal's middle, on the
screw's side, where their surfaces face each other over no more than 4 mm (DEFINITIONS 12).
"""

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from keyhole.anatomy.spine import Vertebra
from keyhole.plan.passage import Passage
from keyhole.space import Floats

FACING_MM = 4.0
_DEEP_MM = 0.75
"""How far within a bone a point may lie and still count as its joint surface."""
RUNS_MM = 5.0
"""A shaft that lies in the joint over this length runs in it rather than crosses it [P]."""
_STEP_MM = 1.0
_REACH = {"right": (3.0, 34.0), "front": (-32.0, 2.0), "up": (-25.0, 32.0)}
"""Where the joint is looked for, mm from the canal's centre, in the lower vertebra's frame."""


def joint_above(passage: Passage, above: Vertebra) -> Floats:
    """(n, 3) mm RAS: the joint space with the vertebra above; empty where none is seen."""
    own = passage.vertebra
    sign = 1 if passage.side == "right" else -1
    ticks = [np.arange(*_REACH[name], _STEP_MM) for name in ("right", "front", "up")]
    local = np.stack(np.meshgrid(*ticks, indexing="ij"), axis=-1).reshape(-1, 3)
    local[:, 0] *= sign
    points = own.canal_centre + local @ own.frame.axes.T
    below, top = (v.bone.at(points, order=1, outside=100) for v in (own, above))
    facing = (below + top <= FACING_MM) & (below >= -_DEEP_MM) & (top >= -_DEEP_MM)
    return points[facing]


def facet_grades(
    joint: Floats,
    ends: tuple[Floats, Floats],
    heads: Floats,
    radii: tuple[float, float],
    near_mm: float,
) -> NDArray[np.int_]:
    """(n,) grades 0 to 3 of n screws.

    Args:
        joint: (m, 3) mm RAS, the joint space.
        ends: entries and tips, (n, 3) mm RAS.
        heads: (n, 3) mm RAS, the heads' centres.
        radii: of shaft and head, mm.
        near_mm: within this a screw is beside the joint: grade 1.

    """
    tree = cKDTree(joint)
    entries, tips = ends
    length = np.linalg.norm(tips - entries, axis=1).max()
    steps = np.linspace(0, 1, max(int(np.ceil(length)), 2) + 1)
    axis = entries[:, None] + steps[None, :, None] * (tips - entries)[:, None]
    shaft = np.asarray(tree.query(axis.reshape(-1, 3))[0]).reshape(len(entries), -1) - radii[0]
    runs = (shaft < 0).sum(axis=1) * length / (len(steps) - 1) >= RUNS_MM
    head = np.asarray(tree.query(heads)[0]) - radii[1]
    least = shaft.min(axis=1)
    grades = np.where(least <= near_mm, 1, 0)
    grades = np.where(least < 0, 2, grades)
    return np.where(runs | (head < 0), 3, grades)
