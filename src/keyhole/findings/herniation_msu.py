"""MSU: how deep a displaced piece reaches towards the line between the facet joints, and where.

Plane: axial, where the piece is largest. Depth from the disc's hind border over the way from that
border to the line between the two joints' medial edges, both where the piece reaches deepest.
Letters: A within the line's two middle quarters, B in the outer ones, C beyond the joint's edge.
"""

import numpy as np

from keyhole.anatomy.disc_margin import ANGLES
from keyhole.anatomy.displaced import Displaced
from keyhole.findings.model import ScaleGrade
from keyhole.space import Floats

SOURCE = (
    "unsourced (recalled: Mysliwiec LW et al 2010 Eur Spine J 19:1087-1093 "
    "doi 10.1007/s00586-009-1274-4)"
)
_LETTER_SHARE = 0.25
"""A zone with less of the piece than this is not named beside another (unsourced)."""


def msu_percent(piece: Displaced, edges: tuple[Floats, Floats]) -> tuple[float, float]:
    """Depth over the way to the line, per cent, and that way, mm.

    Args:
        piece: in its segment's frame.
        edges: the left and the right joint's medial edge, (3,) mm in the segment's frame.

    """
    most = piece.local[piece.mm3 > piece.mm3.max() / 2]
    slices = np.round(most[:, 2] / piece.voxel_mm).astype(int)
    values, counts = np.unique(slices, return_counts=True)
    here = most[slices == values[counts.argmax()]]
    deepest = here[here[:, 1].argmin()]
    border = _border(piece, float(deepest[0]))
    left, right = edges
    line = np.interp(deepest[0], [left[0], right[0]], [left[1], right[1]])
    way = max(border - float(line), 1.0)
    depth = border - float(deepest[1]) + piece.voxel_mm / 4
    return 100 * max(depth, 0.0) / way, way


def msu_zone(piece: Displaced, edges: tuple[Floats, Floats]) -> ScaleGrade:
    """The letter, or two where the piece spans two zones."""
    half = np.where(piece.local[:, 0] > 0, abs(edges[1][0]), abs(edges[0][0]))
    ranks = np.digitize(np.abs(piece.local[:, 0]) / half, [0.5, 1.0])
    share = np.bincount(ranks, weights=piece.mm3, minlength=3) / piece.mm3.sum()
    letters = "".join(x for x, part in zip("ABC", share, strict=True) if part >= _LETTER_SHARE)
    return ScaleGrade(scale="MSU zone", grade=letters, source=SOURCE, may_be=(letters,))


def _border(piece: Displaced, aside: float) -> float:
    """Local front-coordinate of the disc's hind border so far from the midline."""
    space = piece.margin.space
    wall = space.wall(ANGLES, np.full(len(ANGLES), 0.5))
    behind = wall[wall[:, 1] < wall[:, 1].mean()]
    ranked = behind[np.argsort(behind[:, 0])]
    return float(np.interp(aside, ranked[:, 0], ranked[:, 1]))
