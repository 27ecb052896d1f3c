"""The lateral recess: between the articular process and the body, just above the lower pedicle.

Steurer 2011 (fig. 7): the shortest distance from the most anterior point of the superior
articular process to the posterior body border, in the axial plane at the top of the pedicle. The
angle lies between floor (body, disc) and roof (process) in the same plane.
"""

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from keyhole.anatomy.canal_ring import Ring
from keyhole.anatomy.canal_solids import Solids
from keyhole.anatomy.spine import Vertebra
from keyhole.errors import AnatomyError
from keyhole.space import Floats, Side, fixed, same, shaped

_ABOVE_MM = 1.0
_MEDIAL, _LATERAL_MM = 0.55, 3.0
"""From this share of the way to the pedicle's medial border, to this far beyond the border."""
_EVERY_MM, _STEP_MM = 0.5, 0.25
_AHEAD_MM, _BEHIND_MM = 5.0, 25.0
_SLIVER_MM, _DEEPEST_MM = 0.8, 8.0
_LEAST_COLUMNS = 5


@frozen
class Recess:
    """A lateral recess: depth mm, angle degrees; floor and roof (n, 3) mm RAS, from medial out.

    `narrowest` is which of them the depth was read at.
    """

    height: float
    angle: float
    narrowest: int
    floor: Floats = field(converter=fixed, validator=shaped(-1, 3), eq=same, repr=False)
    roof: Floats = field(converter=fixed, validator=shaped(-1, 3), eq=same, repr=False)


def find_recess(solids: Solids, bones: Solids, lower: Vertebra, ring: Ring, side: Side) -> Recess:
    """The recess that leads to a vertebra's own root, at the upper border of its pedicle.

    Args:
        solids: both vertebrae of the segment and the disc, where that is labelled.
        bones: the vertebrae alone.
        lower: the lower vertebra.
        ring: its closed ring.
        side: which.

    Raises:
        AnatomyError: `pedicle-unseen`, also where no process stands behind the body.

    """
    if side not in lower.pedicles:
        raise _unseen(lower.level, side, "Its pedicle cannot be found in the label.")
    disc = len(solids.fields) > len(bones.fields)
    columns = _columns(lower, ring, side, disc=disc)
    starts, ends = _gaps(bones.at(columns), solids.at(columns))
    held = np.isfinite(ends) & ~_pedicle(starts, ends)
    if held.sum() < _LEAST_COLUMNS:
        raise _unseen(lower.level, side, "No articular process stands behind the body there.")
    lines, starts, ends = columns[held], starts[held], ends[held]
    backward = (lines[0, -1] - lines[0, 0]) / (_STEP_MM * (lines.shape[1] - 1))
    floor, roof = (lines[:, 0] + deep[:, None] * backward for deep in (starts, ends))
    depth = ends - starts
    least = int(depth.argmin())
    return Recess(float(depth[least]), _angle(depth, least), least, floor, roof)


def _columns(lower: Vertebra, ring: Ring, side: Side, *, disc: bool) -> Floats:
    """Lines (m, n, 3) mm RAS from ahead of the body's back backward, from medial outward."""
    frame, pedicle = lower.frame, lower.pedicles[side]
    middle = float(frame.to_local(ring.frame.origin)[0])
    sign = 1 if side == "right" else -1
    medial = float(((frame.to_local(pedicle.outline)[:, 0] - middle) * sign).min())
    asides = np.arange(_MEDIAL * medial, medial + _LATERAL_MM, _EVERY_MM)
    back = float(frame.to_local(lower.posterior_wall)[1])
    fronts = back + np.arange(_AHEAD_MM, -_BEHIND_MM, -_STEP_MM)
    height = _height(lower, side, disc=disc)
    local = np.empty((len(asides), len(fronts), 3))
    local[..., 0] = (middle + sign * asides)[:, None]
    local[..., 1] = fronts
    local[..., 2] = height
    return frame.to_patient(local)


def _height(lower: Vertebra, side: Side, *, disc: bool) -> float:
    """Just above the pedicle; above the S1 endplate where the disc is labelled, else below it."""
    if lower.level == "S1":
        top = float(lower.frame.to_local(lower.upper.centre)[2])
        return top + (_ABOVE_MM if disc else -_ABOVE_MM)
    return float(lower.frame.to_local(lower.pedicles[side].outline)[:, 2].max()) + _ABOVE_MM


def _gaps(bone: Floats, taken: Floats) -> tuple[Floats, Floats]:
    """(m,), (m,) mm from each line's start: where body or disc ends, where the arch begins.

    Infinite where no arch stands behind. Where bone runs on from the body far backward the line
    goes through the pedicle: both are the same.
    """
    found = [_gap(one, other) for one, other in zip(bone, taken, strict=True)]
    starts, ends = np.array(found).T
    return starts, ends


def _gap(bone: Floats, taken: Floats) -> tuple[float, float]:
    turns = _turns(bone)
    exits, entries = (turns[0::2], turns[1::2]) if bone[0] < 0 else (np.zeros(1), turns[0::2])
    if len(exits) and exits[0] > _AHEAD_MM + _DEEPEST_MM:
        return float(exits[0]), float(exits[0])
    for leave, enter in zip(exits, entries, strict=False):
        if enter - leave >= _SLIVER_MM:
            before = _turns(taken)[1 - int(taken[0] < 0) :: 2]
            before = before[before <= enter]
            return float(before[-1]) if len(before) else 0.0, float(enter)
    return np.inf, np.inf


def _turns(line: Floats) -> Floats:
    """(n,) mm from a line's start to where it goes into or out of something."""
    at = np.flatnonzero(np.diff((line < 0).astype(np.int8)))
    return np.asarray((at + line[at] / (line[at] - line[at + 1])) * _STEP_MM)


def _pedicle(starts: Floats, ends: Floats) -> NDArray[np.bool_]:
    """(m,) which of the outermost lines run through bone all the way: the pedicle's own."""
    closed = ~(ends > starts)
    return np.logical_and.accumulate(closed[::-1])[::-1]


def _angle(depth: Floats, least: int) -> float:
    """Degrees at which floor and roof close in on one another, medially of the narrowest place."""
    first = max(0, least - 12)
    part = depth[first : least + 1] if least - first >= _LEAST_COLUMNS else depth
    rise = np.polyfit(_EVERY_MM * np.arange(len(part)), part, 1)[0]
    return float(np.degrees(np.arctan(abs(rise))))


def _unseen(level: str, side: Side, found: str) -> AnatomyError:
    return AnatomyError(
        "pedicle-unseen",
        asked=f"The {side} lateral recess of {level} was asked for.",
        found=found,
        next="Check the label of the arch on that side.",
        at=[f"{level} {side}"],
    )
