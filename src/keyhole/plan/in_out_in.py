"""In-out-in: a screw through the lateral wall, offered where none fits the pedicle (decision 0004).

Only at the levels of `in_out_in_levels` (T10 to L1). The pedicle's ordinary refusal stays; the
offer is a warning with the path's numbers, and `--accept in-out-in` plans it.
"""

from attrs import evolve

from keyhole.errors import Refusal
from keyhole.plan.beside import in_the_way, with_room
from keyhole.plan.catalogue import Catalogue
from keyhole.plan.choose import candidates
from keyhole.plan.grade import grade_of
from keyhole.plan.measure import against_bone
from keyhole.plan.model import Screw
from keyhole.plan.obstacles import Around
from keyhole.plan.passage import Passage
from keyhole.plan.scene import Scene
from keyhole.plan.search import Fits

CODE = "in-out-in"
_NAMED = 3
_INSTEAD_OF = ("pedicle-too-narrow", "no-clear-path")


def may_run(why: Refusal, passage: Passage, catalogue: Catalogue, scene: Scene) -> bool:
    """Whether an in-out-in path may be looked for where the pedicle was refused."""
    usual = catalogue.trajectory == "traditional"
    levels = scene.settings.screws.in_out_in_levels
    return usual and why.code in _INSTEAD_OF and passage.vertebra.level in levels


def beside_pedicle(passage: Passage, scene: Scene) -> Passage:
    """The pedicle with the room beside it."""
    rules = scene.settings.screws
    return with_room(passage, scene.spine.labels, rules.in_out_in_room_mm, rules.in_out_in_back_mm)


def in_out_in(
    passage: Passage, catalogue: Catalogue, scene: Scene, around: Around
) -> tuple[Passage, Fits] | None:
    """The pedicle with the room beside it and the screws that tie for the first place, or None."""
    beside = beside_pedicle(passage, scene)
    fits = candidates(beside, catalogue, scene.settings, around)
    return None if isinstance(fits, Refusal) else (beside, fits)


def offer(beside: Passage, fits: Fits, scene: Scene) -> Refusal:
    """What the path would be, and how to take it up."""
    first = against_bone(beside, fits[:1], scene.settings)
    ahead = first.found.lines.ahead[0]
    graded = grade_of(beside, first.clearance[0], ahead, scene.settings.error)
    out = max(graded.breach_mm.lateral or 0.0, 0.0)
    others = float(first.clearance[0, [0, 1, 3]].min())
    return Refusal(
        CODE,
        asked=f"A pedicle screw was asked for at {beside.name}.",
        found=f"None fits the pedicle, but one of {first.diameter_mm:.1f} x {first.length[0]:.0f} "
        f"mm runs in-out-in: {out:.1f} mm out of the lateral wall (grade {graded.grade}), "
        f"{others:.1f} mm clear medially, cranially and caudally.",
        next="Add --accept in-out-in to have it planned and marked.",
        at=(beside.name,),
    )


def looked_for(why: Refusal, passage: Passage, scene: Scene) -> Refusal:
    """The pedicle's refusal, saying that there is no in-out-in path either, and what is there."""
    names = in_the_way(
        beside_pedicle(passage, scene), scene.spine.labels, scene.settings.screws.in_out_in_room_mm
    )
    held = f" Beside the pedicle the map holds {', '.join(names[:_NAMED])}." if names else ""
    return evolve(why, next=f"{why.next} An in-out-in path was looked for; there is none.{held}")


def not_allowed(screw: Screw, scene: Scene) -> Refusal | None:
    """Why a planned in-out-in screw may not stand."""
    if screw.trajectory != CODE:
        return None
    levels, name = scene.settings.screws.in_out_in_levels, f"{screw.level} {screw.side}"
    if screw.level not in levels:
        found = f"In-out-in is for {', '.join(levels)} alone."
    elif CODE not in scene.accept:
        found = "The request does not accept it."
    else:
        return None
    return Refusal(
        "wall-breached",
        asked=f"An in-out-in screw was asked for at {name}.",
        found=found,
        next="Take a screw that its pedicle holds, or plan with --accept in-out-in.",
        at=(name,),
    )
