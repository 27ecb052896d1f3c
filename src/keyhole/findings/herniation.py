"""Herniation: disc material beyond the fitted margin, its volume, zone, migration and depth.

Definition: DEFINITIONS 11 (after Fardon 2014); planes and landmarks: the segment's frame, the two
rims' outlines, the pedicles' and the joints' medial edges. Only from a labelled disc: CT `total`
maps hold none, and then it cannot be judged. Cannot see: an annular fissure, whether the
ligament holds, material with the label's own mistakes; a calcified disc looks like any other.
"""

import math
from collections.abc import Iterable

import numpy as np
from attrs import frozen

from keyhole.anatomy.canal import SegmentCanal
from keyhole.anatomy.displaced import LEAST_MM, DiscEdge, Displaced
from keyhole.anatomy.joints import FacetJoint
from keyhole.anatomy.zones import ZONES, Borders, zone_borders
from keyhole.errors import AnatomyError
from keyhole.findings.error import point_error
from keyhole.findings.herniation_canal import canal_share
from keyhole.findings.herniation_height import height_grade
from keyhole.findings.herniation_msu import msu_percent, msu_zone
from keyhole.findings.herniation_shape import SOURCE, beyond_endplates, shape_grade
from keyhole.findings.model import Finding, ScaleGrade
from keyhole.findings.quantity import Measure, Quantity, Seen
from keyhole.findings.subject import Subject
from keyhole.findings.take import unseen
from keyhole.findings.targets import common_note
from keyhole.space import SIDES, Floats, Side

VOLUME = Quantity(
    name="herniation_volume",
    unit="mm3",
    definition=(
        "Disc material beyond the disc's fitted margin; 0 where nothing lies more than 1 mm or a "
        "voxel beyond it."
    ),
    source="DEFINITIONS 11 after " + SOURCE,
)
MIGRATION = Quantity(
    name="herniation_migration",
    unit="mm",
    definition=(
        "How far displaced material reaches beyond the plane of the nearer endplate's rim; "
        "cranial positive, 0 within the disc's height."
    ),
    source="unsourced",
)
OCCUPIED = Quantity(
    name="canal_occupied",
    unit="%",
    definition="The greatest share of a section of the bony canal that displaced material fills.",
    source="unsourced",
)
MSU = Quantity(
    name="msu",
    unit="%",
    definition=(
        "Depth of the displaced material over the way from the disc's hind border to the line "
        "between the facet joints' medial edges, in the axial plane where it is largest."
    ),
    source="unsourced (recalled: Mysliwiec LW et al 2010 Eur Spine J 19:1087-1093)",
)
QUANTITIES = (VOLUME, MIGRATION, OCCUPIED, MSU)
_BASE_SD, _FINE_SD_MM = 0.12, 0.06
"""SD of the fitted margin, as a share of the voxel and at least, mm (phantoms)."""
_EDGE_SHARE = 0.5
"""What share of a place's error is left of an outermost place's."""
_MIDLINE_MM = 2.0


@frozen
class _Case:
    """What is measured: the piece, its zones' borders, the joints' edges, the canal."""

    at: str
    piece: Displaced
    borders: dict[Side, Borders]
    edges: tuple[Floats, Floats] | AnatomyError
    canal: SegmentCanal | AnatomyError

    @property
    def side(self) -> Side:
        """Where the middle of the material lies."""
        return "right" if self.piece.centre[0] > 0 else "left"


def zone_shares(piece: Displaced, borders: dict[Side, Borders]) -> Floats:
    """(4,) the share of the material in each of `ZONES`."""
    shares = np.zeros(len(ZONES))
    for side in SIDES:
        here = (piece.local[:, 0] > 0) == (side == "right")
        np.add.at(shares, borders[side].ranks(piece.local[here, 0]), piece.mm3[here])
    return shares / shares.sum()


def volume_sd(subject: Subject, piece: Displaced) -> float:
    """Mm3: the margin's error over the base, the labels' over the free surface."""
    near = piece.out < piece.voxel_mm
    base = float(piece.mm3[near].sum()) / piece.voxel_mm
    margin = base * max(_FINE_SD_MM, _BASE_SD * piece.voxel_mm)
    counted = 0.3 * piece.voxel_mm**2 * math.sqrt(piece.surface_mm2)
    return math.hypot(margin, counted, subject.label_sd_mm * piece.surface_mm2)


def _take(subject: Subject, at: str) -> Iterable[Finding]:
    edge = subject.disc_edges[at]
    if isinstance(edge, AnatomyError):
        return unseen(QUANTITIES, at, edge)
    if not edge.pieces:
        return _nothing(subject, at, edge)
    try:
        case = _case(subject, at, edge.pieces[0])
    except AnatomyError as refusal:
        return unseen(QUANTITIES, at, refusal)
    return [
        _volume(subject, case, edge),
        _migration(subject, case),
        _occupied(subject, case),
        _msu(subject, case),
    ]


def _case(subject: Subject, at: str, piece: Displaced) -> _Case:
    joints = {side: subject.joints[at, side] for side in SIDES}
    borders = {s: zone_borders(subject.spine, at, s, joint) for s, joint in joints.items()}
    return _Case(at, piece, borders, _edges(piece, joints), subject.canals[at])


def _edges(
    piece: Displaced, joints: dict[Side, FacetJoint | AnatomyError]
) -> tuple[Floats, Floats] | AnatomyError:
    """Both joints' medial edges in the segment's frame, or why there are none."""
    left, right = joints["left"], joints["right"]
    if isinstance(left, AnatomyError):
        return left
    if isinstance(right, AnatomyError):
        return right
    frame = piece.margin.space.frame
    return frame.to_local(left.medial_edge), frame.to_local(right.medial_edge)


def _nothing(subject: Subject, at: str, edge: DiscEdge) -> list[Finding]:
    """The disc is seen and nothing is displaced: volume 0; the rest does not exist."""
    least = max(LEAST_MM, subject.voxel_mm)
    note = f"Nothing lies more than {least:.1f} mm beyond the disc's margin."
    sd = 20.0 * point_error(subject)
    outline = edge.margin.space
    seen = Seen(notes=(note,), outlines={"margin": outline.frame.to_patient(_margin(edge))})
    rest = [q.unseen(at, "No disc material is displaced.", "Nothing.") for q in QUANTITIES[1:]]
    return [VOLUME.found(at, 0.0, sd, seen=seen), *rest]


def _margin(edge: DiscEdge) -> Floats:
    from keyhole.anatomy.disc_margin import ANGLES

    return edge.margin.space.wall(ANGLES, np.full(len(ANGLES), 0.5))


def _volume(subject: Subject, case: _Case, edge: DiscEdge) -> Finding:
    piece = case.piece
    shares = zone_shares(piece, case.borders)
    told = ", ".join(
        f"{zone} {100 * part:.0f} %" for zone, part in zip(ZONES, shares, strict=True) if part > 0
    )
    notes = [f"Zones: {told}.", common_note("protrusion")]
    if abs(float(piece.centre[0])) < _MIDLINE_MM:
        notes.append("It lies about the midline: the side is not sure.")
    others = [f"{other.volume_mm3:.0f} mm3" for other in edge.pieces[1:]]
    if others:
        notes.append(f"Further displaced pieces, not counted: {', '.join(others)}.")
    zone = ScaleGrade(scale="Zone", grade=ZONES[int(shares.argmax())], source=SOURCE)
    frame = piece.margin.space.frame
    seen = Seen(
        landmarks={"middle": frame.to_patient(piece.centre)},
        outlines={"margin": frame.to_patient(_margin(edge)), "material": piece.points},
        notes=notes,
        grades=(shape_grade(piece), zone),
    )
    sd = volume_sd(subject, piece)
    return VOLUME.found(case.at, piece.volume_mm3, sd, side=case.side, seen=seen)


def _migration(subject: Subject, case: _Case) -> Finding:
    over, under = beyond_endplates(case.piece)
    value = over if over >= under else -under
    sd = _reach_error(subject, over, under)
    grade = height_grade(subject.spine, case.at, case.piece, value, sd)
    return MIGRATION.found(case.at, value, sd, side=case.side, seen=Seen(grades=(grade,)))


def _reach_error(subject: Subject, over: float, under: float) -> float:
    """Mm: of a tip, which a voxel may hide; both ways, where it is unsure which way reaches further."""
    tip = math.hypot(point_error(subject), subject.voxel_mm / 2)
    unsure = abs(over - under) < 2 * math.sqrt(2) * tip
    return math.hypot(tip, (over + under) / 1.96) if unsure else tip


def _occupied(subject: Subject, case: _Case) -> Finding:
    if isinstance(case.canal, AnatomyError):
        return OCCUPIED.unseen(
            case.at, case.canal.refusal.found, case.canal.refusal.next, side=case.side
        )
    widest = max(border.medial for border in case.borders.values())
    share, whole = canal_share(case.piece, case.canal, widest)
    width = 2 * math.sqrt(max(share * whole, 1.0))
    sd = 100 * width * point_error(subject) / max(whole, 1.0)
    return OCCUPIED.found(case.at, 100 * share, sd, side=case.side)


def _msu(subject: Subject, case: _Case) -> Finding:
    if isinstance(case.edges, AnatomyError):
        why = case.edges.refusal
        return MSU.unseen(case.at, why.found, why.next, side=case.side)
    value, way = msu_percent(case.piece, case.edges)
    sd = 100 * math.hypot(1.0, value / 100) * point_error(subject) / way
    frame = case.piece.margin.space.frame
    marks = dict(zip(("left joint", "right joint"), map(frame.to_patient, case.edges), strict=True))
    seen = Seen(grades=(msu_zone(case.piece, case.edges),), landmarks=marks)
    return MSU.found(case.at, value, sd, side=case.side, seen=seen)


MEASURE = Measure(where="segment", quantities=QUANTITIES, take=_take)
