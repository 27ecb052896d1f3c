"""What a plan warns of at one screw: nothing here forbids it."""

from attrs import evolve

from keyhole.errors import Refusal
from keyhole.plan.model import Screw
from keyhole.plan.passage import Passage
from keyhole.plan.prefer import Pedestal
from keyhole.plan.settings import Settings

TOUCHES = 2
"""The facet grade from which the shaft, or the head, is in the joint."""


def warned(
    screw: Screw,
    stand: Pedestal,
    settings: Settings,
    *,
    shorter: tuple[float, float] | None = None,
) -> Screw:
    """The same screw with every warning that concerns it alone.

    Args:
        screw: without warnings but those of its skin path.
        stand: its pedicle. Where the technique's thickest screw is used, fill is not to blame;
            only at the construct's top the joint above counts.
        settings: the numbers.
        shorter: length and distance, mm, of the longest shorter screw on the same line that
            keeps away from every seen vessel, if there is one.

    """
    passage = stand.passage
    cap = min(settings.screws.max_diameter_mm, max(stand.catalogue.diameter_mm))
    found = [
        _in_out_in(screw, passage),
        _fill(screw, passage, cap, settings),
        _step_down(screw, passage, settings),
        _soft(screw, passage, settings),
        _vessel(screw, passage, settings, shorter),
        facet_warning(screw, passage) if stand.top else None,
    ]
    return evolve(screw, warnings=(*screw.warnings, *(w for w in found if w is not None)))


def _asked(passage: Passage) -> str:
    return f"A screw was asked for at {passage.name}."


def _fill(screw: Screw, passage: Passage, cap: float, settings: Settings) -> Refusal | None:
    rules = settings.screws
    if screw.fill is None or screw.trajectory == "in-out-in":
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


def _vessel(
    screw: Screw, passage: Passage, settings: Settings, shorter: tuple[float, float] | None
) -> Refusal | None:
    near = settings.screws.vessel_near_mm
    if not screw.vessels or screw.vessels[0].distance_mm >= near:
        return None
    first = screw.vessels[0]
    advice = (
        f"{shorter[0]:.0f} mm on the same line would keep {shorter[1]:.1f} mm from every seen "
        "vessel."
        if shorter
        else f"No shorter screw on this line keeps {near:.0f} mm: take another direction."
    )
    return Refusal(
        "vessel-near",
        asked=_asked(passage),
        found=f"The {first.structure} lies {first.distance_mm:.1f} mm from the screw of "
        f"{screw.length_mm:.0f} mm.",
        next=advice,
        at=(passage.name,),
    )


def _in_out_in(screw: Screw, passage: Passage) -> Refusal | None:
    """An in-out-in screw is marked wherever it is shown."""
    out = screw.gertzbein_robbins.breach_mm.lateral
    if screw.trajectory != "in-out-in" or out is None:
        return None
    return Refusal(
        "in-out-in",
        asked=_asked(passage),
        found=f"No screw fits the pedicle of {passage.pedicle.width_mm:.1f} mm. This one runs "
        f"in-out-in: it leaves the bone laterally by {max(out, 0):.1f} mm and is wholly back in it "
        f"{passage.back_mm:.0f} mm ahead of the body's back wall.",
        next="Look at rib head, pleura and segmental vessels beside the pedicle; the map may not "
        "show them.",
        at=(passage.name,),
    )


def facet_warning(screw: Screw, passage: Passage) -> Refusal | None:
    """A screw at the construct's top that reaches the joint above."""
    if screw.facet_grade is None or screw.facet_grade < TOUCHES:
        return None
    return Refusal(
        "facet-violated",
        asked=_asked(passage),
        found=f"Shaft, head or rod reaches the joint above (grade {screw.facet_grade} of 3).",
        next="Enter further laterally or caudally, or extend the construct by one level.",
        at=(passage.name,),
    )
