"""The patient's page: what to do now, what comes, and when to call. One file, no outside parts."""

from datetime import date

from keyhole.recovery.flags import red_flags
from keyhole.recovery.pages import filled
from keyhole.recovery.rehab.dated import Plan

_GROUPS = {
    "exercise": "Exercises",
    "restriction": "For now, do not",
    "milestone": "Milestones",
    "visit": "Visits",
}
_URGENT_H = 2.0
"""Flags to be acted on within so many hours stand on the patient's page."""


def patient_page(plan: Plan, today: date) -> str:
    """The page as HTML. It names no patient."""
    groups = [
        (title, [one for one in plan.items if one.item.kind == kind])
        for kind, title in _GROUPS.items()
    ]
    return filled("rehab", plan=plan, today=today, groups=groups, urgent=_urgent(plan))


def _urgent(plan: Plan) -> list[str]:
    """Signs to call for at once after this operation, in plain words."""
    technique = plan.episode.technique
    flags = [f for f in red_flags() if f.within_h <= _URGENT_H and f.concerns(technique)]
    alone = [sign for flag in flags for sign in flag.any_of]
    together = [" with ".join(group) for flag in flags for group in flag.all_of]
    return [sign.replace("_", " ") for sign in dict.fromkeys((*alone, *together))]
