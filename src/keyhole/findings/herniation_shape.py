"""Protrusion, extrusion or sequester: what the shape of displaced material says (Fardon 2014).

Extrusion: in any plane wider than its base, or far beyond the disc's height; sequester: without
continuity with the disc; else protrusion. A piece that takes over a quarter of the outline is a
bulge. Widths are along the margin and along the spine, at every distance from the margin; the base
is taken just beyond it.
"""

from typing import Literal

import numpy as np

from keyhole.anatomy.displaced import LEAST_MM, Displaced
from keyhole.findings.model import ScaleGrade
from keyhole.space import Floats

Shape = Literal["protrusion", "extrusion", "sequester", "bulge"]
SOURCE = "Fardon DF et al 2014 Spine J 14:2525-2545 doi 10.1016/j.spinee.2014.04.022"
BULGE_SHARE = 0.25
_BASE_MM = 1.0
_WIDER_MM, _WIDER_VOXELS = 0.8, 0.8
"""So much more than the base counts as wider (unsourced; set on phantoms)."""
_BEYOND_MM, _BEYOND_VOXELS = 2.5, 1.5
"""So far beyond the endplates' planes is beyond the disc's height (unsourced)."""


def shape_of(piece: Displaced) -> Shape:
    """The name of a displaced piece's shape."""
    if outline_share(piece) > BULGE_SHARE:
        return "bulge"
    if not piece.joined:
        return "sequester"
    wider = any(wider_than_base(piece, way) for way in _ways(piece))
    return "extrusion" if wider or _beyond_disc(piece) else "protrusion"


def shape_grade(piece: Displaced) -> ScaleGrade:
    """The shape as a grade; `may_be` where the widths do not settle it."""
    shape = shape_of(piece)
    doubtful = shape in ("protrusion", "extrusion") and _doubtful(piece)
    both = ("protrusion", "extrusion")
    return ScaleGrade(
        scale="Displaced disc (Fardon)",
        grade=shape,
        source=SOURCE,
        may_be=both if doubtful else (shape,),
    )


def outline_share(piece: Displaced) -> float:
    """The share of the disc's outline that the piece takes."""
    far = piece.out > max(LEAST_MM, piece.voxel_mm)
    turns = piece.margin.space.angles(piece.local[far])
    count = int(np.ceil(110.0 / max(piece.voxel_mm, 1.0)))
    return len(np.unique(np.floor(turns / (2 * np.pi) * count))) / count


def beyond_endplates(piece: Displaced) -> tuple[float, float]:
    """How far the material reaches above the upper and below the lower rim's plane, mm."""
    most = piece.local[piece.mm3 > piece.mm3.max() / 2]
    space = piece.margin.space
    over = most[:, 2] - space.upper.height(most)
    under = space.lower.height(most) - most[:, 2]
    return max(float(over.max()), 0.0), max(float(under.max()), 0.0)


def widths(piece: Displaced, way: Floats) -> tuple[float, float]:
    """The base's width and the greatest width further out, mm, along a direction (3,)."""
    along = piece.local @ way
    start = piece.voxel_mm / 2
    edges = np.arange(start, max(float(piece.out.max()), start) + _BASE_MM, _BASE_MM)
    spans = []
    for low in edges.tolist():
        here = along[(piece.out >= low) & (piece.out < low + max(_BASE_MM, piece.voxel_mm))]
        spans.append(float(np.ptp(here)) + piece.voxel_mm if len(here) else 0.0)
    return spans[0], max(spans[1:], default=0.0)


def wider_than_base(piece: Displaced, way: Floats) -> bool:
    """Whether the material is wider further out than at its base."""
    base, most = widths(piece, way)
    return most > base + max(_WIDER_MM, _WIDER_VOXELS * piece.voxel_mm)


def _ways(piece: Displaced) -> Floats:
    """(2, 3) along the margin at the piece's middle, and up."""
    turn = piece.turn
    return np.array([[-np.sin(turn), np.cos(turn), 0.0], [0.0, 0.0, 1.0]])


def _beyond_disc(piece: Displaced) -> bool:
    return max(beyond_endplates(piece)) > max(_BEYOND_MM, _BEYOND_VOXELS * piece.voxel_mm)


def _doubtful(piece: Displaced) -> bool:
    """Whether the widths lie within a voxel of what tells the two apart."""
    limit = max(_WIDER_MM, _WIDER_VOXELS * piece.voxel_mm)
    more = max(most - base for base, most in (widths(piece, way) for way in _ways(piece)))
    return abs(more - limit) < piece.voxel_mm / 2 and not _beyond_disc(piece)
