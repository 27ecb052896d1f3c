"""What is known of how a phantom's vertebrae stand to one another (DEFINITIONS 2, 16).

From the design's frames and the flat rims of the endplates alone. A *corner* is where a rim's
plane meets the body's outline in the midline. Angles are between lines in which endplates meet a
segment's planes: lordosis is positive where the front is the wider, coronal where the left is.
"""

import itertools

import numpy as np
from attrs import field, frozen

from keyhole.simulate.bones.sacrum import sacral_body
from keyhole.simulate.bones.vertebra import body_form
from keyhole.simulate.design.model import Design, Segment
from keyhole.simulate.engine.column import BodyForm, End
from keyhole.space import Floats, Frame, fixed, same, shaped, unit


@frozen
class Endplate:
    """A rim in the world: its front and hind corner and the plate's deepest place (3,) mm."""

    front: Floats = field(converter=fixed, validator=shaped(3), eq=same)
    middle: Floats = field(converter=fixed, validator=shaped(3), eq=same)
    back: Floats = field(converter=fixed, validator=shaped(3), eq=same)
    normal: Floats = field(converter=fixed, validator=shaped(3), eq=same)

    @property
    def depth_mm(self) -> float:
        """From corner to corner."""
        return float(np.linalg.norm(self.front - self.back))

    @property
    def centre(self) -> Floats:
        """Midway between the corners."""
        return np.asarray((self.front + self.back) / 2)


@frozen
class BodyTruth:
    """A body's heights between the six points of its midsagittal outline."""

    level: str
    anterior_mm: float
    middle_mm: float
    posterior_mm: float


@frozen
class SegmentTruth:
    """A segment's disc heights, slip and angles.

    `lordosis_deg` is from the upper plate of the upper vertebra to that of the lower one,
    `disc_deg` between the plates that face the disc. `slip_mm` is positive where the upper body
    lies too far forward; `rotation_deg` where it is turned to the left on the lower one.
    """

    name: str
    disc_anterior_mm: float
    disc_middle_mm: float
    disc_posterior_mm: float
    slip_mm: float
    slip_percent: float
    disc_deg: float
    lordosis_deg: float
    coronal_deg: float
    rotation_deg: float


@frozen
class AlignmentTruth:
    """The whole spine. The Cobb angle is the greatest of any two levels, `cobb_levels`.

    `sacral_slope_deg` is against the world's axial plane, so it is a supine value; the lordosis
    is None where the design has no L1.
    """

    bodies: tuple[BodyTruth, ...]
    segments: tuple[SegmentTruth, ...]
    lordosis_deg: float | None
    cobb_deg: float
    cobb_levels: tuple[str, str]
    sacral_slope_deg: float


def find_alignment(design: Design, frames: dict[str, Frame]) -> AlignmentTruth:
    """The alignment of a whole design whose levels stand in these frames."""
    plates = {level: _plates(design, level, frames[level]) for level in design.names}
    cobb, ends = _cobb(design, plates, frames)
    lordosis = None
    if "L1" in plates:
        view = _between(frames["L1"], frames["S1"], plates["L1"][0], plates["S1"][0])
        lordosis = _sagittal(view, plates["L1"][0]) - _sagittal(view, plates["S1"][0])
    return AlignmentTruth(
        tuple(_body(level, *both) for level, both in plates.items() if level != "S1"),
        tuple(_segment(part, plates, frames) for part in design.segments),
        lordosis,
        cobb,
        ends,
        _sacral_slope(plates["S1"][0], frames["S1"]),
    )


def _plates(design: Design, level: str, frame: Frame) -> tuple[Endplate, Endplate]:
    """The upper and the lower endplate in the world (S1's lower one is that of its body)."""
    if level == "S1":
        form = sacral_body(design.size(level))
    else:
        form = body_form(design.size(level), design.level(level).biconcave)
    return _plate(form, form.upper, +1, frame), _plate(form, form.lower, -1, frame)


def _plate(form: BodyForm, end: End, upward: int, frame: Frame) -> Endplate:
    reach = form.outline.half_depth
    front, back = ([0, y, end.height + end.slope * y] for y in (reach, -reach))
    middle = [0, 0, end.height - upward * end.dish_mm]
    return Endplate(
        frame.to_patient(front),
        frame.to_patient(middle),
        frame.to_patient(back),
        frame.axes @ end.normal(),
    )


def _body(level: str, upper: Endplate, lower: Endplate) -> BodyTruth:
    heights = (
        float(np.linalg.norm(a - b))
        for a, b in (
            (upper.front, lower.front),
            (upper.middle, lower.middle),
            (upper.back, lower.back),
        )
    )
    return BodyTruth(level, *heights)


def _segment(
    part: Segment, plates: dict[str, tuple[Endplate, Endplate]], frames: dict[str, Frame]
) -> SegmentTruth:
    above, below = plates[part.upper][1], plates[part.lower][0]
    view = _between(frames[part.upper], frames[part.lower], above, below)
    along = unit(below.front - below.back)
    slip = float((above.back - below.back) @ along)
    whole = _between(frames[part.upper], frames[part.lower], plates[part.upper][0], below)
    turn = frames[part.lower].axes.T @ frames[part.upper].right
    return SegmentTruth(
        part.name,
        float(np.linalg.norm(above.front - below.front)),
        float(np.linalg.norm(above.middle - below.middle)),
        float(np.linalg.norm(above.back - below.back)),
        slip,
        100 * slip / below.depth_mm,
        _sagittal(view, above) - _sagittal(view, below),
        _sagittal(whole, plates[part.upper][0]) - _sagittal(whole, below),
        _coronal(view, below) - _coronal(view, above),
        float(np.degrees(np.arctan2(turn[1], turn[0]))),
    )


def _between(upper: Frame, lower: Frame, above: Endplate, below: Endplate) -> Frame:
    """The frame of a pair: `up` the mean of two plates' normals, `right` of both vertebrae's."""
    return Frame.from_up(
        (above.centre + below.centre) / 2, above.normal + below.normal, upper.right + lower.right
    )


def _sagittal(view: Frame, plate: Endplate) -> float:
    """How far the plate rises to the front in the pair's midsagittal plane, degrees."""
    line = np.cross(plate.normal, view.right)
    return float(np.degrees(np.arctan2(line @ view.up, line @ view.front)))


def _coronal(view: Frame, plate: Endplate) -> float:
    """How far the plate rises to the right in the pair's coronal plane, degrees."""
    line = np.cross(view.front, plate.normal)
    return float(np.degrees(np.arctan2(line @ view.up, line @ view.right)))


def _cobb(
    design: Design, plates: dict[str, tuple[Endplate, Endplate]], frames: dict[str, Frame]
) -> tuple[float, tuple[str, str]]:
    """The greatest angle of an upper plate to a lower one further down, and their levels."""
    best, ends = -1.0, (design.names[0], design.names[0])
    for upper, lower in itertools.combinations(design.names, 2):
        above, below = plates[upper][0], plates[lower][0 if lower == "S1" else 1]
        view = _between(frames[upper], frames[lower], above, below)
        angle = abs(_coronal(view, above) - _coronal(view, below))
        if angle > best + 1e-9:
            best, ends = angle, (upper, lower)
    return best, ends


def _sacral_slope(plate: Endplate, frame: Frame) -> float:
    """Against the world's axial plane, in the sacrum's midsagittal plane, degrees."""
    view = Frame.from_up(frame.origin, [0, 0, 1.0], frame.right)
    return -_sagittal(view, plate)
