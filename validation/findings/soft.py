"""What a phantom's own shapes say of skin, muscle, crest and spongy bone about one segment.

As the findings' definitions have it, on the equations: depths along rays from back to front, areas
by counting a fine grid. Frames are those of the phantom's own truth.
"""

import numpy as np

from keyhole.levels import LEVELS, order, segment_levels
from keyhole.simulate import Phantom
from keyhole.simulate.engine.shapes import Shape
from keyhole.space import SIDES, Floats, Frame, Side

MUSCLES = ("multifidus", "longissimus", "iliocostalis", "quadratus lumborum", "psoas")
ASIDE_MM = np.arange(10.0, 20.1, 2.0)
"""Where skin to facet is looked for, mm beside the midline; the nearest bone counts."""
_RAY_STEP_MM, _CELL_MM, _REACH_MM = 0.1, 0.5, 110.0
_SKIN_MM = 200.0


def soft_truths(patient: Phantom, segment: str) -> dict[tuple[str, str | None], dict[str, float]]:
    """By place: depths, muscle areas, crests' heights and the bodies' density."""
    frame = disc_frame(patient, segment)
    found: dict[tuple[str, str | None], dict[str, float]] = {}
    for side in SIDES:
        there = {"skin.to_facet_mm": _to_facet(patient, segment, frame, side)}
        for muscle in MUSCLES:
            if f"{muscle} {side}" in patient.structures:
                there[f"muscle.{muscle}_mm2"] = _area(patient, frame, f"{muscle} {side}")
        if segment == "L4/5":
            there["crest.height_mm"] = patient.design.body.crest_mm
        found[segment, side] = there
    for level in patient.levels:
        found[level, None] = {"bone.trabecular_hu": patient.design.level(level).trabecular_hu}
    return found


def disc_frame(patient: Phantom, segment: str) -> Frame:
    """The segment's frame by the truth of its two vertebrae (DEFINITIONS 2)."""
    upper, lower = (patient.truth[level] for level in segment_levels(segment))
    above, below = upper.lower or upper.upper, lower.upper
    return Frame.from_up(
        (above.centre + below.centre) / 2,
        above.normal + below.normal,
        upper.frame.right + lower.frame.right,
    )


def _to_facet(patient: Phantom, segment: str, frame: Frame, side: Side) -> float:
    """The shortest way in from the skin, mm, straight from back to front."""
    ends = [patient.truth[level] for level in segment_levels(segment)]
    nearest = min(ends, key=lambda one: abs(LEVELS.index(one.level) - order("L3")))
    ahead = nearest.frame.front
    canal = frame.to_local((ends[0].canal_centre + ends[1].canal_centre) / 2)[1]
    bones = [bone for one in patient.levels for bone in patient.left_of(_bone(one))]
    skin = patient.solid("body").shape
    aside = ASIDE_MM if side == "right" else -ASIDE_MM
    starts = [frame.to_patient([x, canal, 0.0]) for x in aside]
    return min(_way_in(skin, bones, start, ahead) for start in starts)


def _bone(level: str) -> str:
    return "sacrum" if level == "S1" else f"vertebra {level}"


def _way_in(skin: Shape, bones: list[Shape], start: Floats, ahead: Floats) -> float:
    """From the skin behind a place to the first bone before it, mm; infinite without bone."""
    back = np.arange(0.0, _SKIN_MM, _RAY_STEP_MM)
    line = start - back[:, None] * ahead
    out = int(np.argmax(skin(line) > 0))
    solid = np.min([bone(line[:out]) for bone in bones], axis=0) < 0
    met = np.flatnonzero(solid)
    return float(back[out] - back[met[-1]]) if len(met) else float("inf")


def _area(patient: Phantom, frame: Frame, name: str) -> float:
    """Mm2 of a structure in the frame's transverse plane."""
    ticks = np.arange(-_REACH_MM, _REACH_MM, _CELL_MM)
    right, front = (x.ravel() for x in np.meshgrid(ticks, ticks, indexing="ij"))
    points = frame.to_patient(np.column_stack([right, front, np.zeros(len(right))]))
    inside = np.min([shape(points) for shape in patient.left_of(name)], axis=0) < 0
    return float(inside.sum()) * _CELL_MM**2
