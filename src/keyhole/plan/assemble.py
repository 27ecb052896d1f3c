"""A whole plan from its parts: what it was made on, what was asked, what was found."""

from collections.abc import Sequence

from attrs import frozen

from keyhole import __version__
from keyhole.anatomy.spine import Spine
from keyhole.errors import Refusal
from keyhole.plan.model import (
    Accuracy,
    Confirmation,
    FrameInfo,
    LevelInfo,
    Plan,
    Point,
    Request,
    ScanInfo,
    SpineInfo,
    StructureInfo,
    Target,
)
from keyhole.plan.request import demand_places
from keyhole.plan.settings import ErrorSettings, Settings
from keyhole.plan.stabilize import stabilize
from keyhole.progress import Progress, silent
from keyhole.scan.checks import CheckReport
from keyhole.scan.labels import Labels
from keyhole.scan.read import Scan
from keyhole.scan.volume import Volume
from keyhole.space import Floats, Frame


@frozen(kw_only=True)
class Patient:
    """What a plan is made on. Without an image, `scan` stands for the label map."""

    scan: Scan
    image: Volume | None
    labels: Labels
    checks: CheckReport
    spine: Spine
    warnings: tuple[Refusal, ...] = ()
    """What reading scan and labels warned of."""

    @property
    def hounsfield(self) -> Volume | None:
        """The image, where its values are Hounsfield units."""
        return self.image if self.scan.modality == "CT" else None


def make_plan(
    patient: Patient, request: Request, settings: Settings, progress: Progress = silent
) -> Plan:
    """Carry the request out in this patient.

    Raises:
        RequestError: `at-unreadable`, `level-not-there`.

    """
    levels = demand_places(request, patient.labels.levels)
    options = stabilize(
        patient.spine,
        patient.hounsfield,
        request,
        settings=settings,
        levels=levels,
        refusals=refusals_of(levels, patient),
        progress=progress,
    )
    return Plan(
        keyhole=__version__,
        request=request,
        scan=scan_info(patient, settings.error),
        spine=_spine_info(patient),
        targets=_targets(levels, request),
        options=options,
        confirmations=_confirmations(request),
    )


def refusals_of(levels: Sequence[str], patient: Patient) -> dict[str, Refusal]:
    """Why a level cannot be planned on: the checks speak first, then the spine model."""
    found = {level: patient.checks.against(level) for level in levels}
    for refusal in patient.spine.refusals:
        for level in refusal.at:
            if level in found and level not in patient.spine:
                found[level] = found[level] or refusal
    return {level: refusal for level, refusal in found.items() if refusal}


def neighbours(levels: Sequence[str], present: Sequence[str]) -> list[str]:
    """The levels and those next to them: their facets, processes and towers are in the way."""
    places = [n for n, level in enumerate(present) if level in levels]
    near = {n + step for n in places for step in (-1, 0, 1)}
    return [level for n, level in enumerate(present) if n in near]


def scan_info(patient: Patient, rules: ErrorSettings) -> ScanInfo:
    """What a plan, or a sheet of findings, says of the scan it was made on."""
    scan, silent_scan = patient.scan, "the scan does not say"
    warnings = (*patient.warnings, *patient.checks.warnings)
    return ScanInfo(
        id=scan.volume.id,
        labels_id=patient.labels.volume.id,
        modality=scan.modality,
        posture=scan.posture,
        posture_reason=None if scan.posture else silent_scan,
        kvp=scan.kvp,
        kvp_reason=None if scan.kvp else silent_scan,
        contrast=scan.contrast,
        contrast_reason=silent_scan if scan.contrast is None else None,
        spacing_mm=_point(scan.volume.spacing),
        accuracy=_accuracy(patient, warnings, rules),
        schemes=patient.labels.schemes,
        warnings=tuple(dict.fromkeys(warnings)),
    )


def _accuracy(patient: Patient, warnings: Sequence[Refusal], rules: ErrorSettings) -> Accuracy:
    """The class of DEFINITIONS 5, by the largest voxel edge of scan and labels."""
    edge = float(max(*patient.scan.volume.spacing, *patient.labels.volume.spacing))
    if edge > rules.usable_voxel_mm or any(w.code == "coarse-voxels" for w in warnings):
        return "indicative"
    return "usable" if edge > rules.fine_voxel_mm else "fine"


def _spine_info(patient: Patient) -> SpineInfo:
    return SpineInfo(
        levels=tuple(
            LevelInfo(level=vertebra.level, frame=_frame_info(vertebra.frame))
            for vertebra in patient.spine.vertebrae
        ),
        structures=tuple(
            StructureInfo(
                name=name,
                seen=True,
                margin_mm_reason="seen: its surface is the label's",
                rule="in the label map",
            )
            for name in sorted(patient.labels.boxes)
        ),
    )


def _frame_info(frame: Frame) -> FrameInfo:
    return FrameInfo(
        origin=_point(frame.origin),
        right=_point(frame.right),
        front=_point(frame.front),
        up=_point(frame.up),
    )


def _point(values: Floats) -> Point:
    a, b, c = (float(value) for value in values)
    return a, b, c


def _targets(levels: Sequence[str], request: Request) -> tuple[Target, ...]:
    return tuple(
        Target(
            id=f"t{n}",
            kind=request.goal,
            at=level,
            side=request.side,
            goal_reason="a level to be held has no number to reach",
            finding_reason="asked for, not made from a finding",
        )
        for n, level in enumerate(levels, start=1)
    )


def _confirmations(request: Request) -> tuple[Confirmation, ...]:
    """What the user's own words confirm."""
    by = "the user, by the request"
    names = (
        Confirmation(what="level", at=(called,), text=f"the map's {found} is {called}", by=by)
        for found, called in request.call.items()
    )
    accepted = (Confirmation(what="accept", at=(), text=code, by=by) for code in request.accept)
    return (*names, *accepted)
