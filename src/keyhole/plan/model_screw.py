"""What a plan says of one screw and of the rod through the heads (DEFINITIONS 6 to 8)."""

import attrs
from attrs import field, frozen

from keyhole.errors import Refusal
from keyhole.plan.model_base import Letter, Point, Reasoned, Side, Trajectory


@frozen(kw_only=True)
class ByDirection:
    """mm in the directions round a screw; None where no wall limits it, and `reason` says so."""

    medial: float | None
    lateral: float | None
    cranial: float | None
    caudal: float | None
    anterior: float | None = None
    reason: str | None = None

    def __attrs_post_init__(self) -> None:
        """A direction without a number says why."""
        sides = (self.medial, self.lateral, self.cranial, self.caudal, self.anterior)
        if None in sides and not self.reason:
            raise ValueError("ByDirection: a direction is unknown without a reason.")


@frozen(kw_only=True)
class Breach:
    """mm of the screw's surface outside its vertebra, by direction; negative is inside."""

    medial: float | None
    lateral: float | None
    cranial: float | None
    caudal: float | None
    reason: str | None = None

    def __attrs_post_init__(self) -> None:
        """A direction without a number says why."""
        if None in (self.medial, self.lateral, self.cranial, self.caudal) and not self.reason:
            raise ValueError("Breach: a direction is unknown without a reason.")


@frozen(kw_only=True)
class Grade:
    """Gertzbein and Robbins: the letter, and every letter within breach +- 1.96 se."""

    grade: Letter
    may_be: tuple[Letter, ...]
    breach_mm: Breach
    se_mm: float


@frozen(kw_only=True)
class Chance:
    """`hits` of `draws`, with the 95 % Clopper-Pearson interval from `low` to `high`."""

    hits: int
    draws: int
    p: float
    low: float
    high: float


@frozen(kw_only=True)
class Chances:
    """What becomes of a screw under a position error (DEFINITIONS 6 and 8)."""

    a: Chance
    a_or_b: Chance
    medial_or_caudal: Chance
    """Medial or caudal breach of 2 mm or more."""


@frozen(kw_only=True)
class Stress(Reasoned):
    """Chances under the usual and under the large position error."""

    usual: Chances | None = None
    usual_reason: str | None = None
    large: Chances | None = None
    large_reason: str | None = None


@frozen(kw_only=True)
class Smaller(Reasoned):
    """A smaller screw that the surgeon may step down to."""

    diameter_mm: float
    p_medial_or_caudal: float | None
    p_medial_or_caudal_reason: str | None = None
    p_high: float | None = None
    """Added: the interval's upper end, for 0 of 1,000 is not never."""
    p_high_reason: str | None = field(
        default=attrs.Factory(lambda self: self.p_medial_or_caudal_reason, takes_self=True)
    )


@frozen(kw_only=True)
class SkinEntry(Reasoned):
    """Where the screw's line meets the supine skin (DEFINITIONS 7): a range, not a promise."""

    point: Point
    from_midline_mm: float
    from_midline_range_mm: tuple[float, float]
    incision_mm: float
    depth_mm: float
    """From the skin to the bone, along the line."""
    inward_deg: float | None = None
    """Added: to the scan's sagittal plane; holds only if the vertebra lies as in the scan."""
    inward_deg_reason: str | None = "see convergence_deg, to the vertebra's own plane"
    headward_deg: float | None = None
    """Added: to the scan's axial plane; holds only if the vertebra lies as in the scan."""
    headward_deg_reason: str | None = "see tilt_deg, to the vertebra's own endplate"
    from_palpable: str = "orientation only"


@frozen(kw_only=True)
class Vessel:
    """The free distance from the screw's surface to a seen vessel."""

    structure: str
    distance_mm: float


@frozen(kw_only=True)
class Screw(Reasoned):
    """One screw as planned. Convergence: tip inward positive; tilt: tip cranial positive."""

    level: str
    side: Side
    trajectory: Trajectory = "traditional"
    entry: Point
    """Where the shaft enters the bone."""
    tip: Point
    diameter_mm: float
    length_mm: float
    convergence_deg: float
    tilt_deg: float
    gertzbein_robbins: Grade
    clearance_mm: ByDirection
    clearance_error_mm: float
    """Added: CONTRACT's kernels print it."""
    margin_mm: ByDirection
    margin_attained_mm: ByDirection | None = None
    """Added: the upper bound of `margin_mm`; both agree within 0.1 mm or it is not exact."""
    margin_attained_mm_reason: str | None = "not searched"
    pedicle_width_mm: float | None = None
    """Added: the width that `fill` refers to."""
    pedicle_width_mm_reason: str | None = "not measured"
    fill: float | None = None
    fill_reason: str | None = None
    hu: float | None = None
    hu_meaning: str
    """Added: what `hu` says and its source, or why there is none."""
    facet_grade: int | None = None
    facet_grade_reason: str | None = None
    head: Point | None = None
    """Added: the centre of the head, which the rod passes."""
    head_reason: str | None = "not placed"
    vessels: tuple[Vessel, ...] = ()
    """Added: every seen vessel near, the nearest first; empty where none is in the map."""
    smaller: tuple[Smaller, ...] = ()
    stress: Stress
    skin_entry: SkinEntry | None = None
    skin_entry_reason: str | None = None
    warnings: tuple[Refusal, ...] = ()
    """Added: what concerns this screw alone."""


@frozen(kw_only=True)
class Rod:
    """One side's rod through the screw heads."""

    side: Side
    levels: tuple[str, ...]
    points: tuple[Point, ...]
    diameter_mm: float
    largest_head_distance_mm: float
