"""One lumbar or thoracic vertebra from its label: frame, endplates, pedicles (DEFINITIONS 2, 4)."""

from collections.abc import Mapping

import numpy as np

from keyhole.anatomy.endplates import find_endplate
from keyhole.anatomy.grid import LocalGrid, local_grid
from keyhole.anatomy.landmarks import find_landmarks
from keyhole.anatomy.pedicles import find_pedicle, pedicle_seed
from keyhole.anatomy.rough import rough_frame
from keyhole.anatomy.spine import Endplate, Pedicle, Vertebra
from keyhole.errors import AnatomyError, Refusal
from keyhole.scan.volume import Volume
from keyhole.space import SIDES, Floats, Frame, Side, angle_between, unit

REACH_MM = (52.0, 76.0, 44.0)
STEP_MM = 0.75
_STEADY_DEG, _STEADY_MM, _MOST_TURNS = 0.2, 0.2, 6
_ROUGH_RMS_MM, _WEDGED_DEG = 2.0, 15.0


def build_vertebra(level: str, bone: Volume, up: Floats) -> Vertebra:
    """Model a vertebra from its signed distance field.

    Args:
        level: its name.
        bone: signed distance, mm, negative inside, float32.
        up: (3,) roughly cranial, from the neighbours.

    Raises:
        AnatomyError: `body-unseen` or `pedicle-unseen` (only where both pedicles are missing).

    """
    frame, canal = rough_frame(bone, up, level)
    for _ in range(_MOST_TURNS):
        grid = local_grid(bone, frame, REACH_MM, STEP_MM)
        seeds = {side: pedicle_seed(grid, canal, side) for side in SIDES}
        after = _frame(frame, *_ends(grid, canal, level), seeds)
        steady = _at_rest(frame, after)
        frame = after
        if steady:
            break
    grid = local_grid(bone, frame, REACH_MM, STEP_MM)
    pedicles, missing = _pedicles(bone, grid, canal, level)
    centres = {side: pedicle.centre for side, pedicle in pedicles.items()}
    upper, lower = _ends(grid, canal, level)
    frame = _frame(frame, upper, lower, centres)
    grid = local_grid(bone, frame, REACH_MM, STEP_MM)
    back = _posterior_wall(grid, canal)
    return Vertebra(
        level=level,
        frame=frame,
        upper=upper,
        lower=lower,
        pedicles=pedicles,
        bone=bone,
        canal_centre=canal,
        posterior_wall=frame.to_patient([0, back, frame.to_local(canal)[2]]),
        landmarks=find_landmarks(grid, frame.to_local(canal), back),
        warnings=(*missing, *_flags(level, upper, lower)),
    )


def _at_rest(before: Frame, after: Frame) -> bool:
    """Whether the frame has come to rest."""
    turn = max(angle_between(before.axes[:, i], after.axes[:, i]) for i in range(3))
    shift = float(np.linalg.norm(before.origin - after.origin))
    return turn < _STEADY_DEG and shift < _STEADY_MM


def _ends(grid: LocalGrid, canal: Floats, level: str) -> tuple[Endplate, Endplate]:
    """The upper and the lower endplate."""
    back = _posterior_wall(grid, canal)
    return find_endplate(grid, back, "upper", level), find_endplate(grid, back, "lower", level)


def _posterior_wall(grid: LocalGrid, canal: Floats) -> float:
    """Local front-coordinate, mm, where the bone ahead of the canal's middle begins."""
    local = grid.frame.to_local(canal)
    columns = np.abs(grid.right - local[0]) <= 4
    rows = np.abs(grid.up - local[2]) <= 4
    ahead = grid.front > local[1]
    inside = grid.inside[np.ix_(columns, ahead, rows)]
    first = np.where(inside.any(axis=1), inside.argmax(axis=1), -1)
    found = first[first > 0]
    return float(np.median(grid.front[ahead][found])) if found.size else float(local[1] + 8)


def _pedicles(
    bone: Volume, grid: LocalGrid, canal: Floats, level: str
) -> tuple[dict[Side, Pedicle], tuple[Refusal, ...]]:
    """Both pedicles, and a refusal for one that is missing. Raises where both are."""
    found: dict[Side, Pedicle] = {}
    missing = []
    for side in SIDES:
        try:
            found[side] = find_pedicle(bone, grid, canal, side, level)
        except AnatomyError as refusal:
            missing.append(refusal)
    if not found:
        raise missing[0]
    return found, tuple(refusal.refusal for refusal in missing)


def _frame(
    before: Frame, upper: Endplate, lower: Endplate, isthmus: Mapping[Side, Floats | None]
) -> Frame:
    """`up` from both endplates, `right` from left to right isthmus, origin midway."""
    up = unit(upper.normal + lower.normal)
    right = before.right
    left, other = isthmus.get("left"), isthmus.get("right")
    if left is not None and other is not None:
        right = other - left
    return Frame.from_up((upper.centre + lower.centre) / 2, up, right)


def _flags(level: str, upper: Endplate, lower: Endplate) -> tuple[Refusal, ...]:
    """`endplate-rough` and `wedged`, where they hold."""
    flags = []
    worst = max(upper.rms_mm, lower.rms_mm)
    if worst > _ROUGH_RMS_MM:
        flags.append(
            Refusal(
                "endplate-rough",
                asked=f"The endplates of {level} were asked for.",
                found=f"A rim lies {worst:.1f} mm RMS off its plane.",
                next="Treat angles at this level with care.",
                at=(level,),
            )
        )
    wedge = angle_between(upper.normal, lower.normal)
    if wedge > _WEDGED_DEG:
        flags.append(
            Refusal(
                "wedged",
                asked=f"The endplates of {level} were asked for.",
                found=f"They are {wedge:.0f} degrees apart.",
                next="Screw tilt refers to the upper endplate; look for a fracture.",
                at=(level,),
            )
        )
    return tuple(flags)
