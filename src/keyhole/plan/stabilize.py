"""Pedicle screws and rods at the levels asked for: one option for each technique."""

from collections.abc import Mapping, Sequence

import numpy as np

from keyhole.anatomy.spine import Spine, Vertebra
from keyhole.errors import Refusal
from keyhole.plan.catalogue import Catalogue, catalogues
from keyhole.plan.choose import body_rooms, candidates
from keyhole.plan.describe import Scene, describe
from keyhole.plan.model import Clearance, Incision, Option, Request, Rod, Screw
from keyhole.plan.obstacles import wing_distance
from keyhole.plan.pairs import in_one_body, towers
from keyhole.plan.passage import Passage
from keyhole.plan.prefer import Pedestal, pedestal
from keyhole.plan.rod import bend_rod, broken_rod, choose_set
from keyhole.plan.search import Fits
from keyhole.plan.settings import ScrewSettings, Settings
from keyhole.progress import Progress, part_of, silent
from keyhole.scan.volume import Volume
from keyhole.space import SIDES, Side

NOT_CHECKED = (
    "symptoms and indication",
    "stability and the need for fusion",
    "infection, scar and earlier operations",
    "nerve roots and dura (not seen on CT)",
    "segmental vessels",
    "a conjoined root",
    "the spine bending between scan and operation",
)


def stabilize(  # noqa: PLR0913  (CONTRACT's plan needs all of them)
    spine: Spine,
    image: Volume | None,
    request: Request,
    *,
    settings: Settings,
    levels: Sequence[str],
    refusals: Mapping[str, Refusal],
    progress: Progress = silent,
) -> tuple[Option, ...]:
    """Plan pedicle screws at the levels, an option for each technique asked for.

    Args:
        spine: the model; neighbours of the levels should be in it (facets, processes).
        image: the CT for Hounsfield units, or None. An MR is no CT: give None.
        request: side, approach, techniques and seed are read.
        settings: the numbers.
        levels: the levels asked for, from head to sacrum.
        refusals: levels that may not be planned, and why.
        progress: told how far the work is.

    Returns:
        One option a technique; `feasible` where at least one screw could be planned.

    Raises:
        RequestError: `technique-unknown`.

    """
    wanted = catalogues(request.techniques)
    scene = Scene.of(spine, image, settings, request.seed)
    sides = _sides(request)
    options = []
    for n, catalogue in enumerate(wanted):
        part = part_of(progress, n / len(wanted), (n + 1) / len(wanted))
        stands, refused = _stands(scene, catalogue, levels, sides, refusals, part)
        options.append(_option(f"o{n + 1}", scene, catalogue, stands, (levels, sides, refused)))
    return tuple(options)


def _sides(request: Request) -> list[Side]:
    """Left and right, unless side or approach leave one out."""
    return [s for s in SIDES if {request.side, request.approach} <= {s, "both"}]


def _stands(
    scene: Scene,
    catalogue: Catalogue,
    levels: Sequence[str],
    sides: Sequence[Side],
    refusals: Mapping[str, Refusal],
    progress: Progress,
) -> tuple[list[Pedestal], list[Refusal]]:
    """The candidates of every pedicle, and why others have none."""
    refused = [_why_not(scene.spine, level, refusals) for level in levels]
    why = [r for r in refused if r is not None]
    open_levels = [level for level, r in zip(levels, refused, strict=True) if r is None]
    places = [(level, side) for level in open_levels for side in sides]
    found: list[tuple[Passage, Fits]] = []
    wings = wing_distance(scene.spine.labels) if catalogue.kind == "mis" else None
    for n, (level, side) in enumerate(places):
        progress(f"screw {level} {side}", n / len(places))
        fits = _search(scene, catalogue, (level, side), wings)
        if isinstance(fits, Refusal):
            why.append(fits)
        else:
            found.append((Passage(scene.spine[level], side), fits))
    return _pedestals(scene, catalogue, found), why


def _pedestals(
    scene: Scene, catalogue: Catalogue, found: Sequence[tuple[Passage, Fits]]
) -> list[Pedestal]:
    """What facets and density leave; only the joint above the top screws counts."""
    top = found[0][0].vertebra.level if found else ""
    above = above_of(scene.spine, top) if found else None
    return [
        pedestal(
            passage,
            catalogue,
            fits,
            scene.image,
            above if passage.vertebra.level == top else None,
            scene.settings,
        )
        for passage, fits in found
    ]


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


def _search(
    scene: Scene, catalogue: Catalogue, place: tuple[str, Side], wings: Volume | None
) -> Fits | Refusal:
    """The candidates of one pedicle, or why it has none."""
    level, side = place
    vertebra = scene.spine[level]
    if side not in vertebra.pedicles:
        return _no_pedicle(vertebra, side)
    return candidates(Passage(vertebra, side), catalogue, scene.settings, wings)


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


def _option(
    name: str,
    scene: Scene,
    catalogue: Catalogue,
    stands: Sequence[Pedestal],
    asked: tuple[Sequence[str], Sequence[Side], Sequence[Refusal]],
) -> Option:
    """The option: on each side the set of screws that joins the smoothest rod."""
    levels, sides, refused = asked
    rules = scene.settings.screws
    screws: list[Screw] = []
    rods: list[Rod] = []
    warnings: list[Refusal] = []
    rows: list[Clearance] = []
    for side in sides:
        row = [stand for stand in stands if stand.passage.side == side]
        chosen = _chosen(row, scene.settings)
        joined = [describe(scene, stand, n) for stand, n in zip(row, chosen, strict=True)]
        rows += [_endplates(stand, n) for stand, n in zip(row, chosen, strict=True)]
        rod, off = _rod(side, joined, levels, rules)
        screws, rods, warnings = screws + joined, rods + rod, warnings + off
    apart, touching = in_one_body(screws, rules)
    return Option(
        id=name,
        technique=catalogue.technique,
        kind=catalogue.kind,
        feasible=bool(screws),
        refusals=tuple(refused),
        incisions=_incisions(screws),
        screws=tuple(sorted(screws, key=lambda s: (levels.index(s.level), s.side))),
        rods=tuple(rods),
        clearances=(*rows, *apart, *_vessels(screws, rules)),
        warnings=(*warnings, *touching, *towers(screws, rules)),
        not_checked=NOT_CHECKED,
        stress=_worst(screws),
    )


def _chosen(row: Sequence[Pedestal], settings: Settings) -> list[int]:
    """For each pedicle of one side the number of its chosen candidate."""
    if not row:
        return []
    places = np.array([stand.passage.pedicle.centre for stand in row])
    return choose_set(
        [stand.heads for stand in row], places, [stand.worth(settings) for stand in row]
    )


def _rod(
    side: Side, screws: Sequence[Screw], levels: Sequence[str], rules: ScrewSettings
) -> tuple[list[Rod], list[Refusal]]:
    """The rod of one side with its warnings; none for fewer than two screws."""
    held = [screw.level for screw in screws]
    missing = [level for level in levels if level not in held]
    broken = [broken_rod(side, missing)] if missing and held else []
    if len(screws) < 2:
        return [], broken
    heads = np.array([screw.head for screw in screws])
    ways = np.array([screw.tip for screw in screws]) - [screw.entry for screw in screws]
    aheads = ways / np.linalg.norm(ways, axis=1, keepdims=True)
    rod, off = bend_rod(side, held, heads, aheads, rules)
    return [rod], broken + off


def _incisions(screws: Sequence[Screw]) -> tuple[Incision, ...]:
    """A stab for every screw whose skin entry is known."""
    return tuple(
        Incision(
            at=(s.level,),
            side=s.side,
            centre=s.skin_entry.point,
            length_mm=s.skin_entry.incision_mm,
        )
        for s in screws
        if s.skin_entry is not None
    )


def _endplates(stand: Pedestal, which: int) -> Clearance:
    """How far a screw keeps from the endplates."""
    passage = stand.passage
    free = float(body_rooms(passage, stand.fits[slice(which, which + 1)])[0, 1])
    faces = bool(np.isfinite(free))
    return Clearance(
        part=f"screw {passage.name}",
        structure=f"endplates {passage.vertebra.level}",
        clearance_mm=free if faces else None,
        clearance_mm_reason=None if faces else "a wall is nearer everywhere",
        required_mm=0.0,
        seen=True,
    )


def _vessels(screws: Sequence[Screw], rules: ScrewSettings) -> list[Clearance]:
    """The nearest seen vessel of each screw."""
    return [
        Clearance(
            part=f"screw {s.level} {s.side}",
            structure=s.vessels[0].structure,
            clearance_mm=s.vessels[0].distance_mm,
            required_mm=rules.vessel_near_mm,
            seen=True,
        )
        for s in screws
        if s.vessels
    ]


def _worst(screws: Sequence[Screw]) -> dict[str, float]:
    """The likeliest medial or caudal breach of 2 mm among the screws, by size of error."""
    found: dict[str, float] = {}
    for name in ("usual", "large"):
        chances = [c for s in screws if (c := getattr(s.stress, name)) is not None]
        if chances:
            found[f"worst_p_medial_or_caudal_{name}"] = max(c.medial_or_caudal.p for c in chances)
    return found
