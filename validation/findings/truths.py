"""What a phantom knows of itself, by place: the truth's own files, and sums of their numbers.

A truth's name is the kind and the number, as in `segment.disc_anterior_mm`, `canal.least.ap`;
`quantities.toml` says which of them a finding's quantity is held to. Of the findings' own code
nothing is used.
"""

import math
from collections import defaultdict
from collections.abc import Mapping

import numpy as np
from attrs import asdict

from keyhole.levels import segment_levels
from keyhole.simulate import Phantom
from keyhole.simulate.bones.sacrum import sacral_body
from keyhole.simulate.bones.vertebra import body_form
from keyhole.simulate.engine.column import BodyForm, End
from keyhole.simulate.truth.alignment import AlignmentTruth, BodyTruth, SegmentTruth, find_alignment
from keyhole.simulate.truth.canal import canal_truths
from keyhole.simulate.truth.foramen import foramen_truths
from keyhole.simulate.truth.herniation import HerniationTruth, herniation_truths

Place = tuple[str, str | None]
"""A level, segment or `L1-S1`, and a side or None."""
Truths = dict[Place, dict[str, float | str]]
WHOLE = "L1-S1"


def truths_of(patient: Phantom, levels: tuple[str, ...]) -> Truths:
    """All that is known of these levels and the segments between them."""
    found: Truths = defaultdict(dict)
    alignment = find_alignment(patient.design, patient.frames)
    _bones(found, patient, alignment, levels)
    _canal(found, patient)
    for (name, side), one in foramen_truths(patient.contents).items():
        found[name, side] |= _numbers("foramen", asdict(one))
    for part in patient.contents.segments:
        found[part.name, None] |= {"herniation.volume_mm3": 0.0}
    for name, lump in herniation_truths(patient.contents).items():
        found[name, None] |= _herniation(lump)
    if patient.window is None:
        found[WHOLE, None] |= _spine(alignment, levels)
    return dict(found)


def _bones(
    found: Truths, patient: Phantom, alignment: AlignmentTruth, levels: tuple[str, ...]
) -> None:
    """Bodies, endplates and how they stand to one another."""
    depths = {level: _depths(patient, level) for level in levels}
    for level, (upper, _) in depths.items():
        found[level, None]["plate.depth_superior_mm"] = upper
    bodies = [body for body in alignment.bodies if body.level in depths]
    for n, body in enumerate(bodies):
        beside = [other.posterior_mm for other in bodies[max(n - 1, 0) : n + 2] if other != body]
        found[body.level, None] |= _body(body, beside)
        found[body.level, None]["plate.depth_inferior_mm"] = depths[body.level][1]
    for part in alignment.segments:
        if set(segment_levels(part.name)) <= depths.keys():
            found[part.name, None] |= _segment(part, depths)


def _numbers(kind: str, values: Mapping[str, object]) -> dict[str, float | str]:
    return {f"{kind}.{k}": v for k, v in values.items() if isinstance(v, float | str)}


def _spine(alignment: AlignmentTruth, levels: tuple[str, ...]) -> dict[str, float | str]:
    """Of the whole; the Cobb angle only where its end vertebrae are measured."""
    found: dict[str, float | str] = {"spine.sacral_slope_deg": alignment.sacral_slope_deg}
    if alignment.lordosis_deg is not None:
        found["spine.lordosis_deg"] = alignment.lordosis_deg
    if set(alignment.cobb_levels) <= set(levels):
        found["spine.cobb_deg"] = alignment.cobb_deg
    return found


def _body(body: BodyTruth, beside: list[float]) -> dict[str, float | str]:
    """Its heights, and by how much the one that is lost most falls short of its reference."""
    kept = [body.anterior_mm / body.posterior_mm, body.middle_mm / body.posterior_mm]
    if beside:
        kept.append(body.posterior_mm / float(np.mean(beside)))
    return _numbers("body", asdict(body)) | {"body.height_lost_percent": 100 * (1 - min(kept))}


def _depths(patient: Phantom, level: str) -> tuple[float, float]:
    """Of the upper and the lower endplate in the midline, corner to corner, mm."""
    form = _form(patient, level)
    upper, lower = (_depth(form, end) for end in (form.upper, form.lower))
    return upper, lower


def _form(patient: Phantom, level: str) -> BodyForm:
    size = patient.design.size(level)
    if level == "S1":
        return sacral_body(size)
    return body_form(size, patient.design.level(level).biconcave)


def _depth(form: BodyForm, end: End) -> float:
    return 2 * form.outline.half_depth * math.hypot(1, end.slope)


def _segment(part: SegmentTruth, depths: dict[str, tuple[float, float]]) -> dict[str, float | str]:
    upper, lower = segment_levels(part.name)
    front, middle, back = part.disc_anterior_mm, part.disc_middle_mm, part.disc_posterior_mm
    depth = (depths[upper][1] + depths[lower][0]) / 2
    return _numbers("segment", asdict(part)) | {
        "segment.disc_mean_mm": (front + middle + back) / 3,
        "segment.dabbs_mm": (front + back) / 2,
        "segment.farfan": (front + back) / depth,
    }


def _canal(found: Truths, patient: Phantom) -> None:
    """The least and the disc's section of each segment, and the sections at mid-pedicle."""
    for name, one in canal_truths(patient.contents).items():
        for kind, values in (("canal.least", one.least), ("canal.at_disc", one.at_disc)):
            found[name, None] |= _numbers(kind, values)
        upper, lower = segment_levels(name)
        for level, n in ((lower, 0), (upper, -1)):
            ends = {k: float(np.asarray(getattr(one, k))[n]) for k in ("bony_area", "ap", "width")}
            found[level, None] |= _numbers("canal.mid_pedicle", ends)


def _herniation(lump: HerniationTruth) -> dict[str, float | str]:
    return _numbers("herniation", asdict(lump)) | {
        "herniation.canal_taken_percent": 100 * lump.canal_taken
    }
