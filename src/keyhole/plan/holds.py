"""The rules that a planned screw must keep; contact refuses, DEFINITIONS 8 sets the rest."""

import numpy as np

from keyhole.errors import Refusal
from keyhole.plan.measure import body_rooms
from keyhole.plan.passage import DIRECTIONS, Passage
from keyhole.plan.prefer import Pedestal
from keyhole.plan.search import Fits
from keyhole.plan.settings import Settings

SLACK_MM = 0.05
"""Rounding of a plan's numbers, and the tolerance of an exact minimum."""
_ENTRY_MM = 1.0
"""How far a screw's entry may lie off the bone's surface: one step of a hand-edited number."""


def broken_rules(stand: Pedestal, settings: Settings) -> list[Refusal]:
    """The rules that one screw, the pedestal's only candidate, does not keep."""
    passage, fits = stand.passage, stand.fits
    found = [
        _entry(passage, fits),
        _walls(passage, fits),
        _tip(passage, fits, settings),
        _midline(passage, fits),
    ]
    return [refusal for refusal in found if refusal is not None]


def _entry(passage: Passage, fits: Fits) -> Refusal | None:
    """The entry lies on the bone's surface."""
    off = float(passage.vertebra.bone.at(fits.found.entry, order=1, outside=99)[0])
    if abs(off) <= _ENTRY_MM:
        return None
    side = "in front of" if off > 0 else "within"
    return Refusal(
        "numbers-differ",
        asked=f"The entry of the screw at {passage.name} was to be checked.",
        found=f"It lies {abs(off):.1f} mm {side} the bone's surface.",
        next="Move the entry to where the screw's line meets the bone.",
        at=(passage.name,),
    )


def _walls(passage: Passage, fits: Fits) -> Refusal | None:
    """No medial, cranial or caudal breach of the pedicle; in-out-in, none of the room's end."""
    out = {DIRECTIONS[k]: -float(fits.clearance[0, k]) for k in passage.hard}
    out = {name: mm for name, mm in out.items() if mm > SLACK_MM}
    if not out:
        return None
    sides = ", ".join(f"{mm:.1f} mm on the {name} side" for name, mm in out.items())
    return Refusal(
        "wall-breached",
        asked=f"A screw within its pedicle was asked for at {passage.name}.",
        found=f"It leaves the {'bone' if passage.room is None else 'room allowed'} by {sides}.",
        next="Move the entry, turn the screw, or take a thinner one.",
        at=(passage.name,),
    )


def _tip(passage: Passage, fits: Fits, settings: Settings) -> Refusal | None:
    """The tip keeps behind the far cortex, and the body's walls hold the shaft."""
    rules = settings.screws
    dock, far, length = (float(x[0]) for x in (fits.found.dock, fits.found.far, fits.length))
    if np.isnan(far):
        return _tip_too_deep(passage, "Its line does not run through pedicle and body once.")
    behind, share = far - dock - length, length / (far - dock)
    if behind < rules.tip_behind_cortex_mm - SLACK_MM or share > rules.max_path_share + 0.005:
        return _tip_too_deep(
            passage,
            f"The tip ends {behind:.1f} mm behind the far cortex, after {share:.0%} of the way "
            f"(allowed: {rules.tip_behind_cortex_mm:.0f} mm, {rules.max_path_share:.0%}).",
        )
    room = float(body_rooms(passage, fits).min())
    if room < -SLACK_MM:
        return _tip_too_deep(passage, f"The shaft leaves the body by {-room:.1f} mm.")
    return None


def _tip_too_deep(passage: Passage, found: str) -> Refusal:
    return Refusal(
        "tip-too-deep",
        asked=f"A tip inside the bone was asked for at {passage.name}.",
        found=found,
        next="Take a shorter screw or another direction.",
        at=(passage.name,),
    )


def _midline(passage: Passage, fits: Fits) -> Refusal | None:
    """The tip is on its own side."""
    over = float((fits.tip[0] - passage.vertebra.frame.origin) @ passage.inward)
    if over <= SLACK_MM:
        return None
    return Refusal(
        "tip-crosses",
        asked=f"A tip on its own side was asked for at {passage.name}.",
        found=f"It lies {over:.1f} mm beyond the midline.",
        next="Take a shorter screw, or converge less.",
        at=(passage.name,),
    )
