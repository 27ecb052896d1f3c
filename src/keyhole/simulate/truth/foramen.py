"""The foramina and lateral recesses, from the equations (DEFINITIONS 16).

A foramen is judged in the plane across the line from its medial to its lateral opening, which
passes midway between the pedicles; bone and disc bound it, joint gaps are closed, and what lies
behind the tip of the lower vertebra's articular process is no part of it. A recess is
judged at the upper border of the lower pedicle, medial to it: from the articular process to the
body or disc.
"""

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import NDArray
from scipy import ndimage

from keyhole.simulate.bones.joints import sign
from keyhole.simulate.bones.pedicle import pedicle_frame
from keyhole.simulate.design.curve import SACRAL_DEPTHS_MM
from keyhole.simulate.design.model import LevelSize
from keyhole.simulate.engine.shapes import Shape, evaluated
from keyhole.simulate.soft.canal_contents import Contents
from keyhole.simulate.soft.canal_zones import borders
from keyhole.simulate.soft.nerves_path import pedicle_borders
from keyhole.simulate.truth.section import Section, bounded, plane
from keyhole.space import SIDES, Floats, Frame, Side, fixed, same, shaped, unit

_STEP_MM = 0.25
_HALF_MM = (14.0, 22.0)
_JOINT_MM = 1.6
"""Gaps up to twice this wide are closed: facet joints."""
_LATERAL_MM = 3.0
"""The recess is judged from the facet's medial edge to this far lateral of the pedicle's border."""
_ABOVE_PEDICLE_MM = 1.0
_AHEAD_MM, _BEHIND_MM, _FINE_MM = 5.0, 25.0, 0.05
_SLIVER_MM = 0.8
_DEEPEST_MM = 4.0
"""How far behind the body's back the gap may begin: a bulge may lie before it."""


@frozen
class ForamenTruth:
    """One foramen and the recess that leads to the root below. Lengths mm, area mm2.

    `centre` (3,) mm RAS midway between the pedicles, `normal` along the foramen, outward.
    `height` lies between the pedicles, `width` is the greatest from disc or body to pars or
    articular process; so it is in the upper, the middle and the lower third (at the disc), where
    it is least. Published widths are those of one height or another: compare like with like.
    """

    segment: str
    side: Side
    centre: Floats = field(converter=fixed, validator=shaped(3), eq=same)
    normal: Floats = field(converter=fixed, validator=shaped(3), eq=same)
    height: float
    width: float
    width_upper: float
    width_middle: float
    width_lower: float
    area: float
    recess_depth: float

    def moved(self, to: Frame) -> "ForamenTruth":
        """The truth carried from a frame's own coordinates to its world."""
        return evolve(self, centre=to.to_patient(self.centre), normal=to.axes @ self.normal)


def foramen_truths(contents: Contents) -> dict[tuple[str, Side], ForamenTruth]:
    """Both foramina of every segment, in the world of the contents' frames."""
    return {
        (part.name, side): _foramen(contents, part.name, side)
        for part in contents.segments
        for side in SIDES
    }


def _foramen(contents: Contents, name: str, side: Side) -> ForamenTruth:
    part = contents.design.segment(name)
    upper, lower = (
        _pedicle(contents, level, side, part.upper) for level in (part.upper, part.lower)
    )
    normal = unit(upper[1] + lower[1] - upper[0] - lower[0])
    above, below = upper.mean(axis=0), lower.mean(axis=0)
    centre = (above + below) / 2
    up = above - below - ((above - below) @ normal) * normal
    rightward = normal if side == "right" else -normal
    axes = Frame.from_up(centre, rightward, np.cross(up, rightward))
    bones = [contents.bones[level] for level in (part.upper, part.lower)]
    section = _opening(contents, name, axes, bones)
    thirds = _widths(section)
    return ForamenTruth(
        name,
        side,
        centre,
        normal,
        _gap(above, below, bones),
        max(thirds),
        thirds[2],
        thirds[1],
        thirds[0],
        section.area,
        recess_depth(contents, name, side),
    )


def _pedicle(contents: Contents, level: str, side: Side, like: str) -> Floats:
    """(2, 3) mm: a pedicle's medial and lateral border at mid-height; S1's as wide as the one above."""
    size, s = contents.design.size(level), sign(side)
    if level == "S1":
        medial = size.canal_width / 2
        other = pedicle_borders(contents.design.size(like), side)[0]
        rows = [[s * x, size.back - 3, -SACRAL_DEPTHS_MM["S1"]] for x in (medial, other[1])]
    else:
        centre = pedicle_frame(size, side).origin
        rows = [[s * x, centre[1], centre[2]] for x in pedicle_borders(size, side)[0]]
    return contents.frames[level].to_patient(rows)


def _opening(contents: Contents, name: str, axes: Frame, bones: list[Shape]) -> Section:
    """The foramen's opening: what is free round its middle once joint gaps are closed.

    Of the section's frame right is the patient's front, front is up along the spine.
    """
    across, along, points = plane(axes, _HALF_MM, _STEP_MM)
    free = bounded(
        np.full(len(points), -9.0), points, [*bones, contents.discs[name].shape], 9.0
    ).reshape(len(across), len(along))
    tip = _process_tip(evaluated(bones[1], points).reshape(free.shape) < 0, across)
    free[across < tip] = 9.0
    open_room = _middle_piece(_closed(free))
    near = ndimage.binary_dilation(open_room, iterations=1)
    return Section(axes, _STEP_MM, across, along, np.where(near, free, 9.0))


def _process_tip(lower: NDArray[np.bool_], front: Floats) -> float:
    """Where, along front, the lower vertebra's process is highest: nothing behind is foramen."""
    behind = lower[front < 0]
    tops = np.where(behind.any(axis=1), behind.shape[1] - behind[:, ::-1].argmax(axis=1), -1)
    return float(front[front < 0][np.flatnonzero(tops >= tops.max() - 1)[-1]])


def _closed(free: Floats) -> NDArray[np.bool_]:
    """What stays free when gaps narrower than a joint's are filled."""
    apart = ndimage.distance_transform_edt(free < 0) * _STEP_MM
    kept = apart > _JOINT_MM
    away = ndimage.distance_transform_edt(~kept) * _STEP_MM
    return np.asarray((away <= _JOINT_MM) & (free < 0))


def _middle_piece(open_room: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The connected piece nearest to the plane's middle."""
    pieces, count = ndimage.label(open_room)
    if count == 0:
        return open_room
    places = np.argwhere(pieces > 0)
    middle = np.array(open_room.shape) / 2
    nearest = places[((places - middle) ** 2).sum(axis=1).argmin()]
    return np.asarray(pieces == pieces[tuple(nearest)])


def _widths(section: Section) -> list[float]:
    """The greatest width in the lower, middle and upper third of the opening's height, mm."""
    rows = section.shares.sum(axis=0) * section.step
    held = np.flatnonzero(rows > section.step)
    if len(held) == 0:
        return [0.0, 0.0, 0.0]
    thirds = np.array_split(rows[held[0] : held[-1] + 1], 3)
    return [float(third.max()) if len(third) else 0.0 for third in thirds]


def _gap(above: Floats, below: Floats, bones: list[Shape]) -> float:
    """Mm free of bone between two pedicles, along the line from middle to middle."""
    length = float(np.linalg.norm(above - below))
    share = np.linspace(0, 1, int(np.ceil(length / 0.05)) + 1)
    line = above + share[:, None] * (below - above)
    inside = np.min([evaluated(bone, line) for bone in bones], axis=0) < 0
    free = np.flatnonzero(~inside)
    return 0.0 if len(free) == 0 else float((free[-1] - free[0] + 1) * 0.05)


def recess_depth(contents: Contents, name: str, side: Side) -> float:
    """Mm from the articular process forward to body or disc, where that is least.

    Judged just above the lower pedicle, from the facet's medial edge to a little beyond the
    pedicle's medial border.
    """
    part, s = contents.design.segment(name), sign(side)
    size, place = contents.design.size(part.lower), contents.frames[part.lower]
    top = _ABOVE_PEDICLE_MM + (0.0 if part.lower == "S1" else pedicle_top(size, side))
    zone = borders(contents.design, part, side)
    taken = [contents.bones[level] for level in (part.upper, part.lower)]
    taken.append(contents.discs[name].shape)
    front = size.back + np.arange(_AHEAD_MM, -_BEHIND_MM, -_FINE_MM)
    columns = []
    for aside in np.arange(zone.facet, size.canal_width / 2 + _LATERAL_MM, 0.5).tolist():
        line = np.column_stack([np.full(len(front), s * aside), front, np.full(len(front), top)])
        columns.append(_first_gap(place.to_patient(line), taken))
    return min(columns)


def _first_gap(line: Floats, taken: list[Shape]) -> float:
    """Mm of the first gap behind body and disc on a line of fine steps backward; 0 for none.

    Slivers, as between a rim's rounded edge and the disc, are no gaps, nor is what begins only
    behind the articular process.
    """
    inside = np.min([shape(line) for shape in taken], axis=0) < 0
    turns = np.flatnonzero(np.diff(inside.astype(np.int8), prepend=1, append=1))
    for start, end in zip(turns[::2], turns[1::2], strict=True):
        if start * _FINE_MM > _AHEAD_MM + _DEEPEST_MM:
            break
        if (end - start) * _FINE_MM >= _SLIVER_MM:
            return float(end - start) * _FINE_MM
    return 0.0


def pedicle_top(size: LevelSize, side: Side) -> float:
    """The height of a pedicle's upper border in its level's own coordinates, mm."""
    return 2 * float(pedicle_frame(size, side).origin[2]) - pedicle_borders(size, side)[1]
