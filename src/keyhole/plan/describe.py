"""All that a plan says of one screw, from its line and diameter (CONTRACT's SCREW)."""

import numpy as np
from attrs import evolve

from keyhole.errors import Refusal
from keyhole.kernels.field import position_error
from keyhole.kernels.screw_search import head_end
from keyhole.plan.catalogue import Catalogue
from keyhole.plan.density import NO_IMAGE, OUTSIDE, hu_meaning, mean_hu
from keyhole.plan.grade import NO_LATERAL, by_direction, grade_of, sides
from keyhole.plan.measure import TOLERANCE_MM, against_bone, body_rooms
from keyhole.plan.model import ByDirection, Point, Screw, SkinEntry
from keyhole.plan.obstacles import vessel_room, vessels_near
from keyhole.plan.passage import Passage
from keyhole.plan.prefer import Pedestal
from keyhole.plan.scene import Scene
from keyhole.plan.search import Fits, usual_error
from keyhole.plan.settings import Settings
from keyhole.plan.skin_path import CORTICAL, Way, blocked, skin_entry
from keyhole.plan.stress import Placed, attained_margins, drawn, smaller_sizes, stressed
from keyhole.plan.warn import warned
from keyhole.space import Floats

VOXEL_SHARE = 0.3
"""Error of a distance field in voxels (CONTRACT, Kernels)."""
NO_JOINT = "the joint above is not in the model, or not seen"
_NOT_AHEAD = "ahead of the body's back only the guaranteed margin is reckoned"


def point(values: Floats) -> Point:
    """(3,) mm RAS as plain numbers."""
    a, b, c = (float(value) for value in values)
    return a, b, c


def describe(scene: Scene, stand: Pedestal, which: int) -> Screw:
    """The screw that is candidate `which` of a pedicle, its rod not yet known."""
    passage, settings = stand.passage, scene.settings
    fits = against_bone(passage, stand.fits[slice(which, which + 1)], settings)
    ahead = fits.found.lines.ahead[0]
    walls = float(body_rooms(passage, fits)[0, 0])
    entry, tip = fits.found.entry[0], fits.tip[0]
    placed = Placed(passage, entry, ahead, fits.diameter_mm)
    attained = _attained(placed, fits, settings)
    # a sampled distance may fall a little faster than 1 mm a mm: what was attained counts
    margin = np.minimum(fits.margin[0], attained)
    draws = drawn(passage, scene.seed, settings.error.draws)
    hu, hu_reason = _hu(scene, passage, fits)
    grades = evolve(stand, fits=fits).grades(settings)
    way = Way(entry, ahead, fits.diameter_mm / 2)
    skin, skin_reason, in_the_way = _skin(scene, passage, stand.catalogue, way)
    fill = None if passage.sacral else fits.diameter_mm / passage.pedicle.width_mm
    screw = Screw(
        level=passage.vertebra.level,
        side=passage.side,
        trajectory="in-out-in" if passage.room else stand.catalogue.trajectory,
        entry=point(entry),
        tip=point(tip),
        diameter_mm=fits.diameter_mm,
        length_mm=float(fits.length[0]),
        convergence_deg=float(passage.convergence(ahead[None])[0]),
        tilt_deg=float(passage.tilt(ahead[None])[0]),
        gertzbein_robbins=grade_of(passage, fits.clearance[0], ahead, settings.error),
        clearance_mm=by_direction(passage, fits.clearance[0], walls),
        clearance_error_mm=VOXEL_SHARE * float(passage.vertebra.bone.spacing.max()) + TOLERANCE_MM,
        margin_mm=by_direction(passage, margin, walls - _tip_error(fits, settings)),
        margin_attained_mm=_by_side(passage, attained),
        pedicle_width_mm=passage.pedicle.width_mm,
        fill=fill,
        fill_reason="fill does not apply to S1" if passage.sacral else None,
        hu=hu,
        hu_meaning=hu_meaning(hu, hu_reason, settings),
        facet_grade=None if grades is None else int(grades[0]),
        facet_grade_reason=NO_JOINT if grades is None else None,
        head=point(fits.head(stand.catalogue.head_behind_mm)[0]),
        vessels=vessels_near(scene.vessels, entry, tip, fits.diameter_mm / 2),
        smaller=smaller_sizes(placed, stand.catalogue.diameter_mm, draws, settings),
        stress=stressed(placed, draws, settings),
        skin_entry=skin,
        skin_entry_reason=skin_reason,
        warnings=tuple(in_the_way),
    )
    return warned(screw, stand, settings, shorter=_shorter(scene, stand.catalogue, fits))


def _shorter(scene: Scene, catalogue: Catalogue, fits: Fits) -> tuple[float, float] | None:
    """The longest shorter screw on this line that keeps away from every seen vessel.

    Its length and that distance, mm; None where no length of the catalogue does.
    """
    lengths = [mm for mm in catalogue.length_mm if mm < fits.length[0]]
    past_wall = fits.found.wall[0] - fits.found.dock[0]
    for length in sorted((mm for mm in lengths if mm > past_wall), reverse=True):
        cut = fits.cut(length)
        ends = (cut.found.entry, cut.tip)
        room = float(vessel_room(scene.vessels, ends, fits.diameter_mm / 2)[0])
        if room >= scene.settings.screws.vessel_near_mm:
            return length, room
    return None


def _tip_error(fits: Fits, settings: Settings) -> float:
    """How far, mm, the usual position error moves the tip at most."""
    shift, turn = usual_error(settings.error)
    return float(position_error(float(fits.length[0]), 0.0, shift, turn))


def _attained(placed: Placed, fits: Fits, settings: Settings) -> Floats:
    """(4,) mm: the upper bound of the margin, by DIRECTIONS."""
    passage, dock = placed.passage, float(fits.found.dock[0])
    bone, line = passage.walls.values, passage.in_voxels(fits.found.lines)[0]
    _, start = head_end(bone, line, dock, placed.diameter_mm / 2)
    stretch = (start - dock, float(fits.found.wall[0]) - dock)
    return attained_margins(placed, stretch, settings.error)


def _by_side(passage: Passage, values: Floats) -> ByDirection:
    reason = f"{NO_LATERAL}; {_NOT_AHEAD}" if passage.sacral else _NOT_AHEAD
    return ByDirection(**sides(passage, values), anterior=None, reason=reason)


def _hu(scene: Scene, passage: Passage, fits: Fits) -> tuple[float | None, str]:
    """Mean HU within the screw, or None and why."""
    if scene.image is None:
        return None, NO_IMAGE
    ends = (fits.found.entry, fits.tip)
    hu = float(mean_hu(scene.image, passage.vertebra, ends, fits.diameter_mm)[0])
    return (hu, "") if hu == hu else (None, OUTSIDE)  # noqa: PLR0124  (nan differs from itself)


def _skin(
    scene: Scene, passage: Passage, catalogue: Catalogue, way: Way
) -> tuple[SkinEntry | None, str | None, list[Refusal]]:
    """The skin entry, or why there is none, and what stands in its way."""
    if catalogue.trajectory == "cortical":
        return None, CORTICAL, []
    rules = scene.settings.screws
    entry, reason = skin_entry(scene.spine, passage, way, rules)
    return entry, reason, blocked(scene.spine, passage, way, scene.wings, rules)
