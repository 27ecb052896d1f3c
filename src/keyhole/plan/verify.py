"""An edited plan checked again: everything derived anew from entry, tip and diameter."""

from collections.abc import Iterator, Sequence
from typing import Any

import attrs
import numpy as np
from attrs import frozen

from keyhole.anatomy.spine import Spine
from keyhole.errors import Refusal, RequestError
from keyhole.levels import order
from keyhole.plan.catalogue import read_catalogue
from keyhole.plan.choose import made_exact
from keyhole.plan.describe import Scene, describe
from keyhole.plan.facet import joint_above
from keyhole.plan.holds import broken_rules
from keyhole.plan.model import Option, Plan, Rod, Screw
from keyhole.plan.pairs import in_one_body
from keyhole.plan.passage import Passage
from keyhole.plan.prefer import Pedestal
from keyhole.plan.rod import bend_rod
from keyhole.plan.search import LEAST_WALL_MM, Fits, Surveyed, survey_lines
from keyhole.plan.settings import Settings
from keyhole.plan.stabilize import above_of
from keyhole.scan.volume import Volume

SAME = 0.1
"""mm, degrees or Hounsfield units by which a number may differ from its derivation."""
SAME_HITS = 5
"""Draws of 1,000 that may fall otherwise: a file holds entry and tip to 0.001 mm."""
_NOT_DERIVED = {"warnings", "trajectory", "level", "side"}


def verify_plan(
    plan: Plan, spine: Spine, image: Volume | None, settings: Settings
) -> tuple[Refusal, ...]:
    """What of a plan does not hold, and what it warns of.

    Args:
        plan: the plan, as read.
        spine: the model of the scan it was made on, with the levels beside its own.
        image: the CT, or None.
        settings: the numbers in force.

    Returns:
        Refusals `wall-breached`, `tip-too-deep`, `tip-crosses`, `numbers-differ`,
        `level-not-there`, `pedicle-unseen`, `technique-unknown`; warnings of screws and rods.

    """
    scene = Scene.of(spine, image, settings, plan.request.seed)
    found: list[Refusal] = []
    for option in plan.options:
        found += _option(scene, option)
    return tuple(dict.fromkeys(found))


def _option(scene: Scene, option: Option) -> list[Refusal]:
    """What does not hold of one option."""
    if not option.screws:
        return []
    try:
        catalogue = read_catalogue(option.technique)
    except RequestError as error:
        return [error.refusal]
    top = min((s.level for s in option.screws), key=order)
    found, again = [], []
    for screw in option.screws:
        missing = _missing(scene.spine, screw)
        if missing is not None:
            found.append(missing)
            continue
        passage = Passage(scene.spine[screw.level], screw.side)
        above = above_of(scene.spine, screw.level) if screw.level == top else None
        joint = None if above is None else joint_above(passage, above)
        stand = Pedestal(passage, catalogue, as_planned(passage, screw, scene.settings), joint)
        anew = describe(scene, stand, 0)
        again.append(anew)
        found += [*broken_rules(stand, scene.settings), *_differs(screw, anew), *anew.warnings]
    rules = scene.settings.screws
    found += in_one_body(again, rules)[1]
    for rod in option.rods:
        found += _rod(rod, again, scene.settings)
    return found


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


def _differs(screw: Screw, anew: Screw) -> list[Refusal]:
    """The stated numbers that are not what the geometry gives."""
    odd = [
        f"{name} is {_short(stated)}, derived {_short(derived)}"
        for name, stated, derived in _pairs("", screw, anew)
        if not _same(name, stated, derived)
    ]
    if not odd:
        return []
    more = f", and {len(odd) - 5} more" if len(odd) > 5 else ""
    name = f"{screw.level} {screw.side}"
    return [
        Refusal(
            "numbers-differ",
            asked=f"The screw at {name} was to be checked.",
            found="; ".join(odd[:5]) + f"{more}.",
            next="Correct these numbers, or plan again.",
            at=(name,),
        )
    ]


def _pairs(name: str, stated: Any, derived: Any) -> Iterator[tuple[str, Any, Any]]:
    """All leaves of two screws, side by side."""
    if attrs.has(type(stated)) and type(stated) is type(derived):
        for a in attrs.fields(type(stated)):
            if a.name not in _NOT_DERIVED and not a.name.endswith("reason"):
                pair = getattr(stated, a.name), getattr(derived, a.name)
                yield from _pairs(f"{name}.{a.name}".lstrip("."), *pair)
    elif isinstance(stated, tuple) and isinstance(derived, tuple) and len(stated) == len(derived):
        for n, pair in enumerate(zip(stated, derived, strict=True)):
            yield from _pairs(f"{name}[{n}]", *pair)
    else:
        yield name, stated, derived


def _same(name: str, stated: Any, derived: Any) -> bool:
    if not all(isinstance(x, int | float) for x in (stated, derived)):
        return bool(stated == derived)
    return bool(abs(stated - derived) <= (SAME_HITS if name.endswith(".hits") else SAME))


def _short(value: Any) -> str:
    return f"{value:.2f}" if isinstance(value, float) else str(value)


@frozen
class _Row:
    """The screws of one rod."""

    levels: tuple[str, ...]
    screws: tuple[Screw, ...]


def _rod(rod: Rod, screws: Sequence[Screw], settings: Settings) -> list[Refusal]:
    """What does not hold of a rod through the screws as derived."""
    joined = sorted((s for s in screws if s.side == rod.side), key=lambda s: order(s.level))
    row = _Row(tuple(s.level for s in joined), tuple(joined))
    if row.levels != rod.levels or len(joined) < 2:
        return [
            _rod_differs(
                rod,
                f"It names {', '.join(rod.levels)}; there are screws at "
                f"{', '.join(row.levels) or 'none'}.",
            )
        ]
    heads = np.array([s.head for s in row.screws])
    ways = np.array([s.tip for s in row.screws]) - [s.entry for s in row.screws]
    aheads = ways / np.linalg.norm(ways, axis=1, keepdims=True)
    anew, off = bend_rod(rod.side, row.levels, heads, aheads, settings.screws)
    change = abs(anew.largest_head_distance_mm - rod.largest_head_distance_mm)
    if change > SAME:
        off.append(
            _rod_differs(
                rod,
                f"largest_head_distance_mm is {rod.largest_head_distance_mm:.2f}, "
                f"derived {anew.largest_head_distance_mm:.2f}.",
            )
        )
    return off


def _rod_differs(rod: Rod, found: str) -> Refusal:
    return Refusal(
        "numbers-differ",
        asked=f"The {rod.side} rod was to be checked.",
        found=found,
        next="Correct the rod, or plan again.",
        at=tuple(f"{level} {rod.side}" for level in rod.levels),
    )
