"""An edited plan checked again: everything derived anew from entry, tip and diameter.

A surgeon moves a screw and cannot know what follows from it; `recheck` gives the same plan with
the numbers that its geometry gives, beside what does not hold.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from attrs import evolve, field, frozen

from keyhole import __version__
from keyhole.anatomy.spine import Spine
from keyhole.errors import Refusal, RequestError
from keyhole.levels import order
from keyhole.plan import in_out_in
from keyhole.plan.catalogue import Catalogue, read_catalogue
from keyhole.plan.compare import Correction, corrections, differs
from keyhole.plan.facet import joint_above
from keyhole.plan.hardware import metal_struck, shaft_room
from keyhole.plan.holds import broken_rules
from keyhole.plan.measure import made_exact
from keyhole.plan.model import Option, Plan, Screw
from keyhole.plan.option import carried_out
from keyhole.plan.passage import Passage
from keyhole.plan.prefer import Pedestal
from keyhole.plan.scene import Scene
from keyhole.plan.search import LEAST_WALL_MM, Fits, Surveyed, survey_lines
from keyhole.plan.settings import Settings
from keyhole.plan.stands import above_of
from keyhole.scan.volume import Volume


@frozen
class Recheck:
    """What became of a plan.

    `found` is what does not hold or is warned of, `corrections` every number that differs, and
    `plan` the same plan with the numbers that its geometry gives.
    """

    found: tuple[Refusal, ...]
    corrections: tuple[Correction, ...]
    plan: Plan = field(repr=False)

    @property
    def stale(self) -> bool:
        """Whether stale numbers stand against the plan, and nothing else."""
        told = {r for r in self.found if r.severity == "refusal"}
        return bool(told) and told <= set(differs(self.corrections))


def verify_plan(
    plan: Plan, spine: Spine, image: Volume | None, settings: Settings
) -> tuple[Refusal, ...]:
    """What of a plan does not hold, and what it warns of: `recheck` without the numbers."""
    return recheck(plan, spine, image, settings).found


def recheck(plan: Plan, spine: Spine, image: Volume | None, settings: Settings) -> Recheck:
    """A plan derived anew from entry, tip and diameter of its screws.

    Args:
        plan: the plan, as read.
        spine: the model of the scan it was made on, with the levels beside its own.
        image: the CT, or None.
        settings: the numbers in force.

    Returns:
        Refusals `wall-breached`, `tip-too-deep`, `tip-crosses`, `metal-struck`,
        `numbers-differ`, `level-not-there`, `pedicle-unseen`, `technique-unknown`; warnings of
        screws, rods and towers; and the plan rewritten.

    """
    scene = Scene.of(spine, image, settings, plan.request)
    levels = tuple(target.at for target in plan.targets)
    looks = [_Look(scene, option, levels).done() for option in plan.options]
    rewritten = evolve(
        plan,
        keyhole=__version__,
        request=evolve(plan.request, settings=settings.as_data()),
        scan=evolve(plan.scan, labels_id=spine.labels.volume.id),
        options=tuple(look.option for look in looks),
    )
    found = tuple(dict.fromkeys(r for look in looks for r in look.found))
    return Recheck(found, tuple(c for look in looks for c in look.corrections), rewritten)


@frozen
class _Looked:
    """One option looked at: what was found, and the option as its geometry gives it."""

    option: Option
    found: tuple[Refusal, ...] = ()
    corrections: tuple[Correction, ...] = ()


@frozen
class _Look:
    """A look at one option of a plan."""

    scene: Scene
    option: Option
    levels: tuple[str, ...]

    def done(self) -> _Looked:
        """What does not hold of the option."""
        if not self.option.screws:
            return _Looked(self.option)
        try:
            catalogue = read_catalogue(self.option.technique)
        except RequestError as error:
            return _Looked(self.option, (error.refusal,))
        unseen = [r for s in self.option.screws if (r := _missing(self.scene.spine, s))]
        unseen += _doubled(self.option.screws)
        if unseen:
            return _Looked(self.option, tuple(unseen))
        return self._derived(catalogue)

    def _derived(self, catalogue: Catalogue) -> _Looked:
        """The option carried out again, and what is not as stated."""
        scene, screws = self.scene, self.option.screws
        top = min((s.level for s in screws), key=order)
        stands = [_stand(scene, catalogue, s, top=s.level == top) for s in screws]
        broken: list[Refusal] = []
        for screw, stand in zip(screws, stands, strict=True):
            broken += [r for r in (in_out_in.not_allowed(screw, scene),) if r]
            broken += [*broken_rules(stand, scene.settings), *_struck(scene, stand)]
        offers = tuple(w for w in self.option.warnings if _still_offered(w, screws))
        levels = self.levels or tuple(sorted({s.level for s in screws}, key=order))
        placed = [(stand, 0) for stand in stands]
        anew = carried_out(scene, placed, levels, evolve(self.option, warnings=offers))
        odd = corrections(self.option, anew)
        told = [*anew.warnings, *(w for s in anew.screws for w in s.warnings)]
        return _Looked(anew, (*broken, *differs(odd), *told), tuple(odd))


def _still_offered(warning: Refusal, screws: Sequence[Screw]) -> bool:
    """Whether an option's warning is an in-out-in offer that nobody took up."""
    held = {f"{s.level} {s.side}" for s in screws}
    return warning.code == in_out_in.CODE and not held & set(warning.at)


def _stand(scene: Scene, catalogue: Catalogue, screw: Screw, *, top: bool) -> Pedestal:
    """The pedicle of a planned screw, which is its only candidate."""
    passage = Passage(scene.spine[screw.level], screw.side)
    if screw.trajectory == in_out_in.CODE:
        passage = in_out_in.beside_pedicle(passage, scene)
    joint = joint_above(passage, above_of(scene.spine, screw.level))
    return Pedestal(passage, catalogue, as_planned(passage, screw, scene.settings), joint, top)


def _struck(scene: Scene, stand: Pedestal) -> list[Refusal]:
    """The screw does not run into anything implanted."""
    head = (stand.catalogue.head_behind_mm, stand.catalogue.head_radius_mm)
    around = scene.hardware_for(stand.passage.vertebra)
    room = float(shaft_room(around, stand.fits, head)[0])
    return [metal_struck(stand.passage.name, room)] if room < 0 else []


def _doubled(screws: Sequence[Screw]) -> list[Refusal]:
    """Two screws in one pedicle."""
    counts = Counter(f"{s.level} {s.side}" for s in screws)
    return [
        Refusal(
            "numbers-differ",
            asked=f"The screw at {name} was to be checked.",
            found=f"There are {count} of them.",
            next="Leave one of them in the plan.",
            at=(name,),
        )
        for name, count in counts.items()
        if count > 1
    ]


def _missing(spine: Spine, screw: Screw) -> Refusal | None:
    """Why a screw's pedicle cannot be looked at."""
    if screw.level in spine and screw.side in spine[screw.level].pedicles:
        return None
    name = f"{screw.level} {screw.side}"
    about = [r for r in spine.refusals if screw.level in r.at]
    if about:
        return about[0]
    return Refusal(
        "pedicle-unseen" if screw.level in spine else "level-not-there",
        asked=f"The screw at {name} was to be checked.",
        found="Its pedicle is not in the model of the scan given.",
        next="Give the scan and the labels that the plan was made on.",
        at=(name,),
    )


def as_planned(passage: Passage, screw: Screw, settings: Settings) -> Fits:
    """The screw as the plan places it, its clearances exact.

    `far` is nan where the line does not run through the bone as a screw's does.
    """
    entry, tip = np.array(screw.entry), np.array(screw.tip)
    lines = passage.through(entry, tip)
    dock = (entry - lines.crossing[0]) @ lines.ahead[0]
    run = survey_lines(passage, lines)
    far = run.far if len(run) else np.array([np.nan])
    wall = np.maximum(passage.wall(lines), LEAST_WALL_MM)
    found = Surveyed(lines, np.array([dock]), far, wall)
    length = np.array([np.linalg.norm(tip - entry)])
    none = np.zeros((1, 4))
    return made_exact(passage, Fits(screw.diameter_mm, found, length, none, none), settings)
