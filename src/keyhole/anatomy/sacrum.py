"""S1: upper endplate, canal, pedicles and alae, found from the L5 above it (DEFINITIONS 2, 4).

The endplate is what lines parallel to its own normal first meet below the L5 lower endplate, no
wider than that one, which leaves out the alae. An S1 pedicle has a canal on its inner side and
the roof of the S1 foramen below; it has no lateral limit, so its place is set by rule, midway
between canal and the ala 18 mm further out, and fill does not apply.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from keyhole.anatomy.caliper import area_of, calipers, inscribed_diameter, span_along
from keyhole.anatomy.endplates import endplate_through
from keyhole.anatomy.grid import LocalGrid, local_grid
from keyhole.anatomy.spine import Endplate, Pedicle, Vertebra
from keyhole.errors import AnatomyError, Refusal
from keyhole.scan.volume import Volume
from keyhole.space import SIDES, Floats, Frame, Side, across, turned, unit

REACH_MM = (70.0, 80.0, 60.0)
STEP_MM = 0.75
WIDE_MM = 18.0
"""How far out from the canal an S1 screw may cross [P], unsourced."""
INWARD_DEG = 25.0
"""Usual convergence of an S1 screw towards the promontory, taught, unsourced."""
_DOMED_MM = 2.0


def build_s1(bone: Volume, above: Vertebra) -> Vertebra:
    """Model S1 from the sacrum's signed distance and the vertebra above.

    A pedicle that is not found is left out, with a warning. Raises AnatomyError `body-unseen`.
    """
    endplate = _upper_endplate(bone, above)
    frame = Frame.from_up(
        endplate.centre - 12 * endplate.normal, endplate.normal, above.frame.right
    )
    grid = local_grid(bone, frame, REACH_MM, STEP_MM)
    canal = _canal(grid)
    frame = Frame.from_up(
        frame.to_patient([_middle(grid, canal), 0, 0]), endplate.normal, above.frame.right
    )
    grid = local_grid(bone, frame, REACH_MM, STEP_MM)
    canal = _canal(grid)
    back = _back(grid, canal)
    pedicles, missing = _pedicles(grid, canal, back)
    return Vertebra(
        level="S1",
        frame=frame,
        upper=endplate,
        lower=None,
        pedicles=pedicles,
        bone=bone,
        canal_centre=frame.to_patient(canal),
        posterior_wall=frame.to_patient([0, back, canal[2]]),
        landmarks=_landmarks(grid, canal),
        warnings=(*missing, *_domed(bone, endplate)),
    )


def _upper_endplate(bone: Volume, above: Vertebra) -> Endplate:
    """The plane through the rim of the sacral body, by casting lines down its own normal."""
    seen = above.lower
    if seen is None:
        raise _unseen("There is no endplate above it to start from.")
    outline = above.frame.to_local(seen.rim)
    origin, normal = seen.centre, seen.normal
    endplate = None
    for _ in range(4):
        frame = Frame.from_up(origin, normal, above.frame.right)
        points = _cast(bone, frame, float(np.ptp(outline[:, 0])), float(np.ptp(outline[:, 1])))
        if len(points) < 20:
            raise _unseen("No bone lies below the endplate above it.")
        rim = points[_outer(points)]
        endplate = endplate_through(frame, rim, np.median(points[:, :2], axis=0))
        origin, normal = endplate.centre + 4 * endplate.normal, endplate.normal
    assert endplate is not None  # noqa: S101
    return endplate


def _unseen(found: str) -> AnatomyError:
    return AnatomyError(
        "body-unseen",
        asked="The upper endplate of S1 was asked for.",
        found=found,
        next="Give a map that holds the vertebra above the sacrum, whole.",
        at=["S1"],
    )


def _cast(bone: Volume, frame: Frame, width: float, depth: float) -> Floats:
    """(n, 3) local mm: where lines down `up` within an ellipse first meet the bone."""
    grid = local_grid(bone, frame, (width / 2, depth / 2, 30), STEP_MM)
    inside = grid.inside[:, :, ::-1]
    first = inside.argmax(axis=2)
    height = _surface(grid, first)
    x, y = np.meshgrid(grid.right, grid.front, indexing="ij")
    ellipse = (2 * x / width) ** 2 + (2 * y / depth) ** 2 <= 1
    there = inside.any(axis=2) & ellipse & (first > 0)
    if there.any():
        there &= np.abs(height - np.median(height[there])) < 8
    return np.column_stack([x[there], y[there], height[there]])


def _surface(grid: LocalGrid, first: NDArray[np.intp]) -> Floats:
    """Heights of the surface above each column's topmost bone, which is its `first` from above."""
    values, up = grid.distances[:, :, ::-1], grid.up[::-1]
    above = np.maximum(first - 1, 0)
    high = np.take_along_axis(values, above[..., None], axis=2)[..., 0]
    low = np.take_along_axis(values, first[..., None], axis=2)[..., 0]
    share = np.clip(high / np.maximum(high - low, 1e-6), 0, 1)
    return np.asarray(up[above] + share * (up[first] - up[above]))


def _outer(points: Floats) -> np.ndarray:
    """Which points lie in the outer part of the ellipse they fill."""
    flat = points[:, :2] - np.median(points[:, :2], axis=0)
    return ((2 * flat / np.ptp(points[:, :2], axis=0)) ** 2).sum(axis=1) > 0.45


def _canal(grid: LocalGrid) -> Floats:
    """(3,) local mm: the middle of the sacral canal behind the S1 body, in the frame's midline.

    Going back from the body's middle, through its posterior wall, to the bone behind or, where
    the label leaves the sacral canal open, 16 mm on [P].

    Raises AnatomyError `body-unseen` where no wall is found.
    """
    column = np.abs(grid.right) <= 3
    walls, backs, heights = [], [], []
    for k in np.flatnonzero(np.abs(grid.up) <= 8):
        bone = grid.inside[column, :, k].mean(axis=0) > 0.5
        body = np.flatnonzero(bone & (np.abs(grid.front) <= 6))
        if len(body) == 0:
            continue
        gaps = np.flatnonzero(~bone[: body[0]])
        if len(gaps) == 0:
            continue
        wall = grid.front[gaps[-1]]
        behind = np.flatnonzero(bone[: gaps[-1]])
        back = grid.front[behind[-1]] if len(behind) else -np.inf
        if wall - back >= 6:
            walls.append(wall)
            backs.append(max(back, wall - 16))
            heights.append(grid.up[k])
    if not walls:
        raise _unseen("No posterior wall of the S1 body stands free in the midline.")
    return np.array([0.0, (np.median(walls) + np.median(backs)) / 2, np.mean(heights)])


def _middle(grid: LocalGrid, canal: Floats) -> float:
    """Local right-coordinate of the midline: halfway between the canal's side walls."""
    return float(np.mean([_wall(grid, canal, side) for side in SIDES]))


def _wall(grid: LocalGrid, canal: Floats, side: Side) -> float:
    """Local right-coordinate, mm, of the canal's wall on one side, in the canal's front half."""
    sign = 1 if side == "right" else -1
    walls = []
    for j in np.flatnonzero((grid.front >= canal[1]) & (grid.front <= canal[1] + 3)):
        for k in np.flatnonzero(np.abs(grid.up - canal[2]) <= 4):
            out = (grid.right - canal[0]) * sign
            bone = grid.inside[:, j, k] & (out > 0)
            if bone.any():
                walls.append(float(grid.right[bone][out[bone].argmin()]))
    return float(np.median(walls)) if walls else canal[0] + sign * 15


def _back(grid: LocalGrid, canal: Floats) -> float:
    """Local front-coordinate, mm, of the back of the S1 body."""
    column = int(np.abs(grid.right - canal[0]).argmin())
    row = int(np.abs(grid.up - canal[2]).argmin())
    bone = grid.inside[column, :, row] & (grid.front > canal[1])
    return float(grid.front[bone][0]) if bone.any() else float(canal[1] + 8)


def _pedicles(
    grid: LocalGrid, canal: Floats, back: float
) -> tuple[dict[Side, Pedicle], list[Refusal]]:
    """The pedicles, and a refusal for each that is missing."""
    found: dict[Side, Pedicle] = {}
    missing = []
    for side in SIDES:
        try:
            found[side] = _pedicle(grid, canal, back, side)
        except AnatomyError as refusal:
            missing.append(refusal.refusal)
    return found, missing


def _pedicle(grid: LocalGrid, canal: Floats, back: float, side: Side) -> Pedicle:
    """The S1 pedicle of one side: the coronal cut at the canal's front, beside the canal."""
    sign = 1 if side == "right" else -1
    wall = _wall(grid, canal, side)
    j = int(np.abs(grid.front - (back - 3)).argmin())
    out = (grid.right - wall) * sign
    cut = grid.inside[:, j, :] & ((out >= 0) & (out <= WIDE_MM))[:, None]
    roof = _foramen_roof(grid.inside[:, j, :], out, grid.up)
    cut &= ((grid.up >= roof) & (grid.up <= 14))[None, :]
    pieces, count = ndimage.label(cut)
    if count == 0:
        raise AnatomyError(
            "pedicle-unseen",
            asked=f"The {side} pedicle of S1 was asked for.",
            found="No bone stands beside the sacral canal on that side.",
            next="Check the label of the sacrum.",
            at=[f"S1 {side}"],
        )
    rows = np.argwhere(pieces == np.bincount(pieces.ravel())[1:].argmax() + 1)
    flat = np.column_stack([grid.right[rows[:, 0]], grid.up[rows[:, 1]]])
    return _placed(grid.frame, flat, float(grid.front[j]), side)


def _foramen_roof(bone: NDArray[np.bool_], out: Floats, up: Floats) -> float:
    """Local height, mm, of the S1 foramen's roof beside the canal; -18 where no gap is seen."""
    roof = -18.0
    for column in np.flatnonzero((out >= 2) & (out <= 10)):
        below = up[(up <= 4) & (up >= -18) & ~bone[column]]
        if len(below):
            roof = max(roof, float(below.max()))
    return min(roof, 0.0)


def _placed(frame: Frame, flat: Floats, front: float, side: Side) -> Pedicle:
    """The pedicle round the points (n, 2) right, up of its coronal cut."""
    from scipy.spatial import ConvexHull

    hull = flat[ConvexHull(flat).vertices]
    width, height, direction = calipers(hull)
    axis = turned(frame.front, frame.up, INWARD_DEG if side == "right" else -INWARD_DEG)
    medial = across(-frame.lateral(side), axis)
    middle = flat.mean(axis=0)
    return Pedicle(
        side=side,
        centre=frame.to_patient([middle[0], front, middle[1]]),
        axis=axis,
        medial=medial,
        cranial=unit(across(frame.up - (frame.up @ medial) * medial, axis)),
        minor=direction[0] * frame.right + direction[1] * frame.up,
        outline=frame.to_patient(
            np.column_stack([hull[:, 0], np.full(len(hull), front), hull[:, 1]])
        ),
        width_mm=width,
        height_mm=height,
        inscribed_mm=inscribed_diameter(hull),
        area_mm2=area_of(hull),
        transverse_width_mm=span_along(hull, np.array([1.0, 0.0])),
    )


def _landmarks(grid: LocalGrid, canal: Floats) -> dict[str, Floats]:
    """Alae (`ala left`, `ala right`), `promontory` and `lamina`, mm RAS."""
    rows = np.argwhere(grid.inside)
    points = np.column_stack([grid.right[rows[:, 0]], grid.front[rows[:, 1]], grid.up[rows[:, 2]]])
    high = points[np.abs(points[:, 2] - canal[2]) < 12]
    found = {}
    for side, sign in (("left", -1), ("right", 1)):
        wing = high[high[:, 0] * sign > 20]
        if len(wing):
            found[f"ala {side}"] = wing.mean(axis=0)
    middle = points[(np.abs(points[:, 0]) < 4) & (points[:, 2] > 0)]
    if len(middle):
        found["promontory"] = middle[middle[:, 1].argmax()]
    roof = points[(np.abs(points[:, 0]) < 3) & (points[:, 1] < canal[1])]
    if len(roof):
        found["lamina"] = roof[np.abs(roof[:, 2] - canal[2]).argmin()]
    return {name: grid.frame.to_patient(point) for name, point in found.items()}


def _domed(bone: Volume, endplate: Endplate) -> tuple[Refusal, ...]:
    """`endplate-domed` where bone bulges over 2 mm above the plane's middle."""
    ticks = endplate.centre + np.arange(0, 8, 0.25)[:, None] * endplate.normal
    inside = bone.at(ticks, order=1, outside=100) < 0
    bulge = 0.25 * float(np.flatnonzero(inside).max(initial=0))
    if bulge <= _DOMED_MM:
        return ()
    return (
        Refusal(
            "endplate-domed",
            asked="The upper endplate of S1 was asked for.",
            found=f"Its middle bulges {bulge:.1f} mm above the rim.",
            next="Treat angles at L5/S1 with care.",
            at=("S1",),
        ),
    )
