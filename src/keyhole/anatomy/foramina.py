"""The neural foramina, each in its own plane (DEFINITIONS 16).

What is free of bone and labelled disc round the plane's middle, once facet joints' gaps are
closed; nothing behind the tip of the lower vertebra's articular process belongs to it. Where no
disc is labelled its place is closed in front from body to body.
"""

import numpy as np
from attrs import field, frozen
from contourpy import contour_generator
from numpy.typing import NDArray
from scipy import ndimage

from keyhole.anatomy.canal_solids import Solids, first_entry
from keyhole.anatomy.foramina_plane import ForamenPlane, foramen_plane
from keyhole.anatomy.spine import Spine, Vertebra
from keyhole.errors import AnatomyError
from keyhole.levels import segment_levels
from keyhole.space import Floats, Side, fixed, same, shaped

_STEP_MM = 0.25
_HALF_MM = (14.0, 22.0)
_JOINT_MM = 1.6
"""Gaps up to twice this wide are closed: facet joints."""
_BODY_MM, _BEHIND_MM = 4.0, 3.0
_PROBE_MM, _EDGE_MM = 6.0, 1.5
"""Where along front a body's end is asked for, and how much of its rounded rim is left out."""


@frozen
class Foramen:
    """One foramen, mm and mm2.

    `widths` are the greatest in the lower, the middle and the upper third. `roof` and `floor`
    (3,) mm RAS are where the line between the pedicles' middles leaves them, `outline` (n, 3)
    the opening's edge.
    """

    segment: str
    side: Side
    plane: ForamenPlane
    height: float
    widths: tuple[float, float, float]
    area: float
    perimeter: float
    roof: Floats = field(converter=fixed, validator=shaped(3), eq=same)
    floor: Floats = field(converter=fixed, validator=shaped(3), eq=same)
    outline: Floats = field(converter=fixed, validator=shaped(-1, 3), eq=same, repr=False)


def find_foramen(spine: Spine, name: str, side: Side, solids: Solids) -> Foramen:
    """The foramen of a segment on one side.

    `solids` are what bounds it: both bones and the disc, where that is labelled.

    Raises:
        AnatomyError: `level-not-there`; `pedicle-unseen` where a bordering pedicle is missing;
            `body-unseen` where bone does not close round it, or leaves nothing open.

    """
    upper, lower = (spine[level] for level in segment_levels(name))
    for vertebra in (upper, lower):
        if side not in vertebra.pedicles:
            raise _no_pedicle(name, side, vertebra.level)
    plane = foramen_plane(upper, lower, side)
    front, along, points = _grid(plane)
    room = -solids.at(points)
    processes = Solids((lower.bone,)).at(points) < 0
    room[front < _process_tip(processes, front)] = _JOINT_MM
    if f"disc {name}" not in spine.labels:
        backs = _backs(room > 0, front)
        held = _beside_bodies(upper, lower, points[np.abs(front - _PROBE_MM).argmin()])
        room[front[:, None] > _ruled(backs, held)] = _JOINT_MM
    opening = _middle_piece(_opened(room))
    if not opening.any():
        raise _boundless(name, side, "Nothing wider than a joint's gap is left open there.")
    if opening[[0, -1]].any() or opening[:, [0, -1]].any():
        raise _boundless(name, side, "Bone does not close round it in its own plane.")
    shares = np.where(ndimage.binary_dilation(opening), np.clip(0.5 - room / _STEP_MM, 0, 1), 0)
    roof, floor = _between(plane, Solids((upper.bone,)), Solids((lower.bone,)))
    outline, perimeter = _edge(plane, room, opening, front, along)
    return Foramen(
        segment=name,
        side=side,
        plane=plane,
        height=float(np.linalg.norm(roof - floor)),
        widths=_widths(shares),
        area=float(shares.sum()) * _STEP_MM**2,
        perimeter=perimeter,
        roof=roof,
        floor=floor,
        outline=outline,
    )


def _no_pedicle(name: str, side: Side, level: str) -> AnatomyError:
    return AnatomyError(
        "pedicle-unseen",
        asked=f"The {side} foramen of {name} was asked for.",
        found=f"The {side} pedicle of {level} cannot be found in the label.",
        next="Check the label: the pedicle may be missing, cut or destroyed.",
        at=[f"{name} {side}"],
    )


def _boundless(name: str, side: Side, found: str) -> AnatomyError:
    return AnatomyError(
        "body-unseen",
        asked=f"The {side} foramen of {name} was asked for.",
        found=found,
        next="Check the labels of bodies, pedicles and articular processes on that side.",
        at=[f"{name} {side}"],
    )


def _grid(plane: ForamenPlane) -> tuple[Floats, Floats, Floats]:
    """Ticks along the patient's front and up, and the points (m, n, 3) mm RAS."""
    wide, tall = (round(half / _STEP_MM) for half in _HALF_MM)
    front = np.linspace(-_HALF_MM[0], _HALF_MM[0], 2 * wide + 1)
    along = np.linspace(-_HALF_MM[1], _HALF_MM[1], 2 * tall + 1)
    a, b = np.meshgrid(front, along, indexing="ij")
    local = np.stack([a, b, np.zeros_like(a)], axis=-1)
    return front, along, plane.frame.to_patient(local)


def _process_tip(lower: NDArray[np.bool_], front: Floats) -> float:
    """Where, along front, the lower vertebra's process is highest."""
    behind = lower[front < 0]
    if not behind.any():
        return -np.inf
    tops = np.where(behind.any(axis=1), behind.shape[1] - behind[:, ::-1].argmax(axis=1), -1)
    return float(front[front < 0][np.flatnonzero(tops >= tops.max() - 1)[-1]])


def _backs(bone: NDArray[np.bool_], front: Floats) -> Floats:
    """(n,) mm: where, along front, bone begins at each height that goes on; else not a number."""
    deep = round(_BODY_MM / _STEP_MM)
    solid = ndimage.minimum_filter1d(bone.astype(np.uint8), deep, axis=0, origin=-(deep // 2)) > 0
    solid[front < -_BEHIND_MM] = False
    return np.where(solid.any(axis=0), front[solid.argmax(axis=0)], np.nan)


def _beside_bodies(upper: Vertebra, lower: Vertebra, places: Floats) -> NDArray[np.bool_]:
    """(n,) which of the places (n, 3) mm RAS, one at each height, lie beside one of the bodies."""
    assert upper.lower is not None  # noqa: S101
    above = (places - upper.lower.centre) @ upper.lower.normal
    below = (lower.upper.centre - places) @ lower.upper.normal
    return np.asarray(np.maximum(above, below) > _EDGE_MM)


def _ruled(backs: Floats, held: NDArray[np.bool_]) -> Floats:
    """(n,) mm: the bodies' back at each height; across the disc's place straight between them.

    Infinite, so that nothing is closed, where one of the two bodies is not met.
    """
    rows, seen = np.arange(len(backs)), held & np.isfinite(backs)
    gap = np.flatnonzero(~held)
    if len(gap) == 0 or not seen[: gap[0]].any() or not seen[gap[-1] :].any():
        return np.full(len(backs), np.inf)
    return np.interp(rows, rows[seen], backs[seen])


def _opened(room: Floats) -> NDArray[np.bool_]:
    """What stays free when gaps narrower than a joint's are filled."""
    free = np.pad(room < 0, 1)
    kept = ndimage.distance_transform_edt(free) * _STEP_MM > _JOINT_MM
    if not kept.any():
        return np.zeros(room.shape, dtype=np.bool_)
    near = ndimage.distance_transform_edt(~kept) * _STEP_MM <= _JOINT_MM
    return np.asarray((near & free)[1:-1, 1:-1])


def _middle_piece(opening: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The connected piece nearest to the plane's middle."""
    pieces, count = ndimage.label(opening)
    if count == 0:
        return opening
    places = np.argwhere(pieces > 0)
    nearest = places[((places - np.array(opening.shape) / 2) ** 2).sum(axis=1).argmin()]
    return np.asarray(pieces == pieces[tuple(nearest)])


def _widths(shares: Floats) -> tuple[float, float, float]:
    """The greatest width in the lower, middle and upper third of the opening's height, mm."""
    rows = shares.sum(axis=0) * _STEP_MM
    held = np.flatnonzero(rows > _STEP_MM)
    if len(held) == 0:
        return 0.0, 0.0, 0.0
    thirds = np.array_split(rows[held[0] : held[-1] + 1], 3)
    low, middle, high = (float(third.max(initial=0.0)) for third in thirds)
    return low, middle, high


def _between(plane: ForamenPlane, upper: Solids, lower: Solids) -> tuple[Floats, Floats]:
    """Where the line between the pedicles' middles leaves the upper and the lower one."""
    step, span = 0.25, plane.below - plane.above
    length = float(np.linalg.norm(span))
    way = span / length
    ticks = np.arange(0.0, length, step)[:, None]
    roof = first_entry(-upper.at((plane.above + ticks * way)[None]), step)[0]
    floor = first_entry(-lower.at((plane.below - ticks * way)[None]), step)[0]
    top, foot = min(roof, length / 2), min(floor, length / 2)
    return plane.above + top * way, plane.below - foot * way


def _edge(
    plane: ForamenPlane, room: Floats, opening: NDArray[np.bool_], front: Floats, along: Floats
) -> tuple[Floats, float]:
    """The opening's edge (n, 3) mm RAS, and its length, mm; nothing where it is closed."""
    picture = np.where(ndimage.binary_dilation(opening), room, _STEP_MM)
    lines = contour_generator(front, along, picture.T).lines(0.0)
    if not lines:
        return np.empty((0, 3)), 0.0
    flat = max((np.asarray(line, dtype=np.float64) for line in lines), key=len)
    length = float(np.linalg.norm(np.diff(flat, axis=0), axis=1).sum())
    return plane.frame.to_patient(np.column_stack([flat, np.zeros(len(flat))])), length
