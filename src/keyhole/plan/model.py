"""What a plan says: one class for each object of `plan.json`, with plain Python values.

Vocabulary: *option*, a technique carried out in this patient, or the refusals that forbid it;
*clearance*, free distance as planned; *margin*, the same after the usual position error;
*fill*, diameter over the pedicle's width; *seen*, in the label map.

Keys are CONTRACT.md's, in its order; what is added stands here with its reason. Points are
mm RAS. Unknown is None, and where a field `x` may be unknown, `x_reason` says why; a class
refuses (ValueError) an unknown without its reason. `keyhole.plan.plan_file` reads and writes.
"""

from typing import Literal

from attrs import field, frozen

from keyhole.errors import Refusal
from keyhole.findings.model import Finding, Normal, ScaleGrade
from keyhole.findings.target import Quantity, Target
from keyhole.plan.model_base import (
    Accuracy,
    NotBuilt,
    Point,
    Reasoned,
    Setting,
    Side,
    Sides,
    Trajectory,
)
from keyhole.plan.model_screw import (
    Breach,
    ByDirection,
    Chance,
    Chances,
    Grade,
    Rod,
    Screw,
    SkinEntry,
    Smaller,
    Stress,
    Vessel,
)

__all__ = [
    "DISCLAIMER",
    "SCHEMA",
    "Accuracy",
    "Breach",
    "ByDirection",
    "Chance",
    "Chances",
    "Clearance",
    "Comparison",
    "ComparisonRow",
    "Confirmation",
    "Finding",
    "FrameInfo",
    "Grade",
    "Incision",
    "LedgerRow",
    "LevelInfo",
    "Normal",
    "Option",
    "Plan",
    "Point",
    "Quantity",
    "Request",
    "Rod",
    "ScaleGrade",
    "ScanInfo",
    "Screw",
    "Side",
    "Sides",
    "SkinEntry",
    "Smaller",
    "SpineInfo",
    "Stress",
    "StructureInfo",
    "Target",
    "Trajectory",
    "Vessel",
]

SCHEMA: Literal["keyhole.plan/0"] = "keyhole.plan/0"
DISCLAIMER = "Research software: not a medical device. A surgeon decides."


@frozen(kw_only=True)
class Request:
    """What was asked. `settings` holds the effective values, table by table."""

    goal: str
    at: tuple[str, ...]
    side: Sides = "both"
    approach: Sides = "both"
    """Added: `--approach` limits the search, so that a plan cannot be repeated without it."""
    techniques: tuple[str, ...] = ()
    accept: tuple[str, ...] = ()
    call: dict[str, str] = field(factory=dict)
    """Added: the user's own names, as found in the map -> as called."""
    seed: int = 0
    settings: dict[str, dict[str, Setting]] = field(factory=dict)


@frozen(kw_only=True)
class ScanInfo(Reasoned):
    """What the plan was made on. Without an image the label map stands as the scan."""

    id: str
    labels_id: str
    """Added: `check` says when another label map is given than the one planned on."""
    modality: Literal["CT", "MR", "none"]
    posture: str | None = None
    posture_reason: str | None = None
    kvp: float | None = None
    kvp_reason: str | None = None
    contrast: bool | None = None
    contrast_reason: str | None = None
    spacing_mm: Point
    accuracy: Accuracy
    """Added: the class of DEFINITIONS 5, by the largest voxel edge; every page shows it."""
    schemes: tuple[str, ...] = ()
    warnings: tuple[Refusal, ...] = ()


@frozen(kw_only=True)
class FrameInfo:
    """Where a vertebra lies: origin (mm RAS) and the unit vectors right, front, up."""

    origin: Point
    right: Point
    front: Point
    up: Point


@frozen(kw_only=True)
class LevelInfo:
    """One modelled vertebra."""

    level: str
    frame: FrameInfo


@frozen(kw_only=True)
class StructureInfo(Reasoned):
    """A structure that was reckoned with: in the label map, or placed by `rule`."""

    name: str
    seen: bool
    margin_mm: float | None = None
    margin_mm_reason: str | None = None
    rule: str


@frozen(kw_only=True)
class SpineInfo:
    """The levels modelled and the structures reckoned with."""

    levels: tuple[LevelInfo, ...] = ()
    structures: tuple[StructureInfo, ...] = ()


@frozen(kw_only=True)
class Incision:
    """One cut of the skin."""

    at: tuple[str, ...]
    side: Sides
    centre: Point
    length_mm: float


@frozen(kw_only=True)
class Clearance(Reasoned):
    """How far one part keeps from one structure."""

    part: str
    structure: str
    clearance_mm: float | None
    clearance_mm_reason: str | None = None
    required_mm: float | None
    required_mm_reason: str | None = None
    seen: bool


@frozen(kw_only=True)
class LedgerRow(Reasoned):
    """What an option does to one tissue."""

    measure: str
    structure: str
    side: Sides | None = None
    side_reason: str | None = "midline"
    value: float | None
    value_reason: str | None = None
    unit: str
    seen: bool


@frozen(kw_only=True)
class Option:
    """A technique carried out in this patient, or the refusals that forbid it."""

    id: str
    technique: str
    kind: Literal["mis", "open"]
    feasible: bool
    refusals: tuple[Refusal, ...] = ()
    incisions: tuple[Incision, ...] = ()
    corridors: NotBuilt = ()
    screws: tuple[Screw, ...] = ()
    rods: tuple[Rod, ...] = ()
    cages: NotBuilt = ()
    resections: NotBuilt = ()
    clearances: tuple[Clearance, ...] = ()
    ledger: tuple[LedgerRow, ...] = ()
    warnings: tuple[Refusal, ...] = ()
    not_checked: tuple[str, ...] = ()
    stress: dict[str, float] = field(factory=dict)
    shots: NotBuilt = ()


@frozen(kw_only=True)
class ComparisonRow(Reasoned):
    """One measure of a keyhole option beside the range of its open counterpart."""

    measure: str
    structure: str
    side: Sides | None = None
    side_reason: str | None = "midline"
    mis: float | None
    mis_reason: str | None = None
    open_low: float | None
    open_low_reason: str | None = None
    open_high: float | None
    open_high_reason: str | None = None
    unit: str


@frozen(kw_only=True)
class Comparison:
    """A keyhole option beside its open counterpart, by their ids."""

    mis: str
    open: str
    rows: tuple[ComparisonRow, ...] = ()


@frozen(kw_only=True)
class Confirmation:
    """What a user has confirmed."""

    what: Literal["level", "side", "accept"]
    at: tuple[str, ...]
    text: str
    by: str


@frozen(kw_only=True)
class Plan:
    """All of `plan.json`."""

    schema: Literal["keyhole.plan/0"] = SCHEMA
    keyhole: str
    request: Request
    scan: ScanInfo
    spine: SpineInfo
    findings: tuple[Finding, ...] = ()
    targets: tuple[Target, ...] = ()
    options: tuple[Option, ...] = ()
    comparison: tuple[Comparison, ...] = ()
    confirmations: tuple[Confirmation, ...] = ()
    disclaimer: str = DISCLAIMER
