"""What every pedicle asked for has to choose from, or why it has nothing."""

from collections.abc import Mapping

from attrs import field, frozen

from keyhole.anatomy.spine import Spine, Vertebra
from keyhole.errors import Refusal
from keyhole.plan import in_out_in
from keyhole.plan.catalogue import Catalogue
from keyhole.plan.choose import candidates
from keyhole.plan.obstacles import Around, wing_distance
from keyhole.plan.passage import Passage
from keyhole.plan.prefer import Pedestal, pedestal
from keyhole.plan.scene import Scene
from keyhole.plan.search import Fits
from keyhole.progress import Progress
from keyhole.scan.volume import Volume
from keyhole.space import Side


@frozen
class Asked:
    """Where screws are asked for: levels from head to sacrum, sides, and levels refused."""

    levels: tuple[str, ...]
    sides: tuple[Side, ...]
    refusals: Mapping[str, Refusal]


@frozen
class Stood:
    """The pedicles that have candidates, why others have none, and what is offered instead."""

    stands: tuple[Pedestal, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    offers: tuple[Refusal, ...] = ()


@frozen
class _Found:
    """One pedicle's search: candidates, refusal, offer; two of them for an in-out-in path."""

    tied: tuple[Passage, Fits] | None = None
    refusal: Refusal | None = None
    offer: Refusal | None = None


@frozen
class _Search:
    """The search with one technique; the iliac wings matter to percutaneous ones."""

    scene: Scene
    catalogue: Catalogue
    wings: Volume | None = field(repr=False)

    def at(self, level: str, side: Side) -> _Found:
        """What one pedicle has."""
        vertebra = self.scene.spine[level]
        if side not in vertebra.pedicles:
            return _Found(refusal=_no_pedicle(vertebra, side))
        passage = Passage(vertebra, side)
        around = Around(self.wings, self.scene.hardware_for(vertebra))
        fits = candidates(passage, self.catalogue, self.scene.settings, around)
        if not isinstance(fits, Refusal):
            return _Found((passage, fits))
        if not in_out_in.may_run(fits, passage, self.catalogue, self.scene):
            return _Found(refusal=fits)
        return self._beside(passage, fits, around)

    def _beside(self, passage: Passage, why: Refusal, around: Around) -> _Found:
        """The in-out-in path of a pedicle that holds no screw: planned where accepted."""
        found = in_out_in.in_out_in(passage, self.catalogue, self.scene, around)
        if found is None:
            return _Found(refusal=in_out_in.looked_for(why, passage, self.scene))
        if in_out_in.CODE in self.scene.accept:
            return _Found(found, why)
        return _Found(refusal=why, offer=in_out_in.offer(*found, self.scene))


def find_stands(scene: Scene, catalogue: Catalogue, asked: Asked, progress: Progress) -> Stood:
    """The candidates of every pedicle, and why others have none."""
    whole = [_why_not(scene.spine, level, asked.refusals) for level in asked.levels]
    sound = [level for level, why in zip(asked.levels, whole, strict=True) if why is None]
    places = [(level, side) for level in sound for side in asked.sides]
    wings = wing_distance(scene.spine.labels) if catalogue.kind == "mis" else None
    search, found = _Search(scene, catalogue, wings), []
    for n, (level, side) in enumerate(places):
        progress(f"screw {level} {side}", n / len(places))
        found.append(search.at(level, side))
    refusals = (*whole, *(f.refusal for f in found))
    return Stood(
        _pedestals(scene, catalogue, [f.tied for f in found if f.tied]),
        tuple(r for r in refusals if r is not None),
        tuple(f.offer for f in found if f.offer is not None),
    )


def _pedestals(
    scene: Scene, catalogue: Catalogue, tied: list[tuple[Passage, Fits]]
) -> tuple[Pedestal, ...]:
    """What facets, vessels and density leave; only the joint above the top screws counts."""
    if not tied:
        return ()
    top = tied[0][0].vertebra.level
    return tuple(
        pedestal(
            scene,
            catalogue,
            (passage, fits),
            above_of(scene.spine, passage.vertebra.level),
            top=passage.vertebra.level == top,
        )
        for passage, fits in tied
    )


def _why_not(spine: Spine, level: str, refusals: Mapping[str, Refusal]) -> Refusal | None:
    """Why a level cannot be planned at all."""
    if level in refusals:
        return refusals[level]
    if level in spine:
        return None
    about = [r for r in spine.refusals if level in r.at]
    return about[0] if about else _not_there(spine, level)


def _not_there(spine: Spine, level: str) -> Refusal:
    return Refusal(
        "level-not-there",
        asked=f"Screws at {level} were asked for.",
        found=f"The model holds {', '.join(spine.levels) or 'no vertebra'}.",
        next="Ask for one of these.",
        at=(level,),
    )


def _no_pedicle(vertebra: Vertebra, side: Side) -> Refusal:
    name = f"{vertebra.level} {side}"
    about = [r for r in vertebra.warnings if name in r.at]
    if about:
        return about[0]
    return Refusal(
        "pedicle-unseen",
        asked=f"A screw was asked for at {name}.",
        found="That pedicle is not in the model.",
        next="Check the label: the pedicle may be missing, cut or destroyed.",
        at=(name,),
    )


def above_of(spine: Spine, level: str) -> Vertebra | None:
    """The vertebra above a level in the model, if there is one."""
    place = spine.levels.index(level)
    return spine.vertebrae[place - 1] if place else None
