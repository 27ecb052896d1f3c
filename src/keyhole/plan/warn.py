"""What a plan warns of at one screw: nothing here forbids it."""

from attrs import evolve

from keyhole.errors import Refusal
from keyhole.plan.model import Screw
from keyhole.plan.passage import Passage
from keyhole.plan.settings import Settings

TOUCHES = 2
"""The facet grade from which the shaft, or the head, is in the joint."""


def screw_warnings(screw: Screw, passage: Passage, thickest_mm: float, settings: Settings) -> Screw:
    """The same screw with every warning that concerns it alone.

    `thickest_mm` is the technique's thickest screw: where that is used, fill is not to blame.
    """
    cap = min(settings.screws.max_diameter_mm, thickest_mm)
    found = [
        _fill(screw, passage, cap, settings),
        _step_down(screw, passage, settings),
        _soft(screw, passage, settings),
        _vessel(screw, passage, settings),
        _facet(screw, passage),
    ]
    return evolve(screw, warnings=(*screw.warnings, *(w for w in found if w is not None)))


def _asked(passage: Passage) -> str:
    return f"A screw was asked for at {passage.name}."


def _fill(screw: Screw, passage: Passage, cap: float, settings: Settings) -> Refusal | None:
    rules = settings.screws
    if screw.fill is None:
        return None
    thick_enough = screw.fill >= rules.least_fill or screw.diameter_mm >= cap
    if thick_enough and screw.fill <= rules.max_fill + 1e-9:
        return None
    return Refusal(
        "fill-off",
        asked=_asked(passage),
        found=f"{screw.diameter_mm:.1f} mm fills {screw.fill:.0%} of the pedicle's "
        f"{passage.pedicle.width_mm:.1f} mm.",
        next=f"Aim at {rules.least_fill:.0%} to {rules.max_fill:.0%}, if the path allows.",
        at=(passage.name,),
    )


def _step_down(screw: Screw, passage: Passage, settings: Settings) -> Refusal | None:
    usual, rules = screw.stress.usual, settings.screws
    if usual is None or usual.medial_or_caudal.p <= rules.p_mark:
        return None
    thinner = [
        s.diameter_mm
        for s in screw.smaller
        if s.p_medial_or_caudal is not None and s.p_medial_or_caudal <= rules.p_mark
    ]
    advice = (
        f"{max(thinner):.1f} mm on the same line would stay below {rules.p_mark:.0%}."
        if thinner
        else "No thinner screw of the catalogue stays below that on this line."
    )
    return Refusal(
        "step-down",
        asked=_asked(passage),
        found=f"Under the usual position error {usual.medial_or_caudal.p:.0%} of draws breach "
        f"{rules.breach_mark_mm:.0f} mm or more medially or caudally.",
        next=advice,
        at=(passage.name,),
    )


def _soft(screw: Screw, passage: Passage, settings: Settings) -> Refusal | None:
    limit = settings.screws.soft_bone_hu
    if screw.hu is None or screw.hu >= limit:
        return None
    return Refusal(
        "bone-soft",
        asked=_asked(passage),
        found=f"The bone along it has {screw.hu:.0f} HU on average, below {limit:.0f}.",
        next="Consider a longer or thicker screw, or cement; mind tube voltage and contrast.",
        at=(passage.name,),
    )


def _vessel(screw: Screw, passage: Passage, settings: Settings) -> Refusal | None:
    near = settings.screws.vessel_near_mm
    if not screw.vessels or screw.vessels[0].distance_mm >= near:
        return None
    first = screw.vessels[0]
    return Refusal(
        "vessel-near",
        asked=_asked(passage),
        found=f"The {first.structure} lies {first.distance_mm:.1f} mm from the screw.",
        next=f"Keep {near:.0f} mm: a shorter screw or another direction.",
        at=(passage.name,),
    )


def _facet(screw: Screw, passage: Passage) -> Refusal | None:
    if screw.facet_grade is None or screw.facet_grade < TOUCHES:
        return None
    return Refusal(
        "facet-violated",
        asked=_asked(passage),
        found=f"Shaft or head reaches the joint above (grade {screw.facet_grade} of 3).",
        next="Enter further laterally or caudally, or extend the construct by one level.",
        at=(passage.name,),
    )
