"""Where the slices of a series lie, and whether they make one block of voxels.

All in the patient's LPS millimetres, as DICOM speaks; `scan.dicom` hands the block on to
`Volume.placed(world="LPS")`. *Height*: a slice's place along the normal of its plane. *Slide*:
how far, mm within the plane, the next slice lies off that normal, as it does where the gantry
was tilted.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray
from scipy import ndimage

from keyhole.errors import ScanError
from keyhole.space import Floats, fixed, same, shaped

_ROUNDING_MM = 0.05
"""Positions are often written to a tenth of a millimetre."""
_UNEVEN = 0.02
"""Share of the spacing that a gap may differ by."""
_DOUBLED = 0.1
"""Slices nearer to each other than this share of the usual gap lie in the same place."""
_STRAIGHT = 1e-3
"""Slide per height below which the stack counts as straight: 0.4 mm over 400 mm."""
_BENT_MM = 0.5
_TILT_DEG = 0.5


@frozen
class Plane:
    """One slice's place: `corner` (3,) mm LPS, the centre of the first pixel; unit directions
    of growing column (`along`) and growing row (`down`); spacing, mm, along both.
    """

    number: int | None
    corner: Floats = field(converter=fixed, validator=shaped(3), eq=same)
    along: Floats = field(converter=fixed, validator=shaped(3), eq=same)
    down: Floats = field(converter=fixed, validator=shaped(3), eq=same)
    spacing: Floats = field(converter=fixed, validator=shaped(2), eq=same)
    tilt_deg: float = 0.0


@frozen
class Stack:
    """A series in order. `slide` (2,) is in pixels a slice, along columns and rows."""

    order: tuple[int, ...]
    affine: Floats = field(converter=fixed, validator=shaped(4, 4), eq=same)
    slide: Floats = field(converter=fixed, validator=shaped(2), eq=same)
    tilt_deg: float

    @property
    def straight(self) -> bool:
        """Whether the slices lie squarely behind one another."""
        return not self.slide.any()


def stack_planes(planes: Sequence[Plane]) -> Stack:
    """Sort slices by height and place their block: axes columns, rows, slices; mm LPS.

    Raises:
        ScanError: `not-3d` for fewer than two slices, `slice-doubled`, `slice-missing`,
            `slices-uneven`, `series-broken` where the stack is bent or a tilt is hidden.

    """
    if len(planes) < 2:
        raise _refused("not-3d", "It holds a single slice.", "Give the whole series.")
    first = planes[0]
    normal = np.cross(first.along, first.down)
    corners = np.array([plane.corner for plane in planes])
    heights = corners @ normal
    order = np.argsort(heights, kind="stable")
    gap = _even_gap(heights[order], [planes[n] for n in order])
    basis = np.array([first.along, first.down])
    drift = (corners[order] - corners[order[0]]) @ basis.T
    slide = _steady_slide(drift, gap)
    tilt = float(np.degrees(np.arctan(np.linalg.norm(slide) / gap)))
    _demand_tilt_shown(first, normal, tilt)
    affine = np.eye(4)
    affine[:3, 0] = first.along * first.spacing[0]
    affine[:3, 1] = first.down * first.spacing[1]
    affine[:3, 2] = normal * gap
    affine[:3, 3] = corners[order[0]]
    return Stack(tuple(int(n) for n in order), affine, slide / first.spacing, tilt)


def _even_gap(heights: Floats, planes: Sequence[Plane]) -> float:
    """The spacing of sorted slices, mm, where it is the same throughout."""
    gaps = np.diff(heights)
    usual = float(np.median(gaps))
    doubled = gaps < max(_DOUBLED * usual, 1e-3)
    if doubled.any():
        at = int(doubled.argmax())
        raise _refused(
            "slice-doubled",
            f"{int(doubled.sum())} slices lie where another does, first at {_place(planes[at])}.",
            "Export the series once, or one phase of it only.",
        )
    tolerance = max(_ROUNDING_MM, _UNEVEN * usual)
    off = np.abs(gaps - usual) > tolerance
    if off.any():
        raise _gap_refused(gaps, usual, off, planes)
    return float((heights[-1] - heights[0]) / (len(heights) - 1))


def _gap_refused(
    gaps: Floats, usual: float, off: NDArray[np.bool_], planes: Sequence[Plane]
) -> ScanError:
    lost = np.rint(gaps / usual) - 1
    whole = np.abs(gaps - (lost + 1) * usual) <= (lost + 1) * max(_ROUNDING_MM, _UNEVEN * usual)
    missing = off & whole & (lost >= 1)
    if missing.sum() == off.sum():
        at = int(missing.argmax())
        return _refused(
            "slice-missing",
            f"{int(lost[missing].sum())} slices are missing, first between {_place(planes[at])} "
            f"and {_place(planes[at + 1])}; the others are {usual:.2f} mm apart.",
            "Export the whole series again.",
        )
    return _refused(
        "slices-uneven",
        f"The slices lie {gaps.min():.2f} to {gaps.max():.2f} mm apart.",
        "Give a series with even spacing, or have it reconstructed again.",
    )


def _steady_slide(drift: Floats, gap: float) -> Floats:
    """(2,) mm a slice along columns and rows; zero where the stack is straight."""
    count = len(drift)
    slide = drift[-1] / (count - 1)
    bent = np.abs(drift - np.arange(count)[:, None] * slide).max()
    if bent > _BENT_MM:
        raise _refused(
            "series-broken",
            f"The slices do not lie on one line: one is {bent:.1f} mm beside it.",
            "Export one acquisition only.",
        )
    return slide if np.linalg.norm(slide) / gap > _STRAIGHT else np.zeros(2)


def _demand_tilt_shown(plane: Plane, normal: Floats, tilt: float) -> None:
    """A tilt that the header states must show in the slices: in their slide or their planes."""
    leaning = float(np.degrees(np.arccos(min(1.0, np.abs(normal).max()))))
    if abs(plane.tilt_deg) > _TILT_DEG and max(tilt, leaning) < _TILT_DEG:
        raise _refused(
            "series-broken",
            f"The header states a gantry tilt of {plane.tilt_deg:.1f} degrees that the slices' "
            "positions do not show.",
            "Give the series as the scanner made it, or one without tilt.",
        )


def straighten(values: NDArray[Any], stack: Stack, air: float) -> tuple[NDArray[Any], Floats]:
    """Slide the slices of a tilted stack back behind one another, linearly within each slice.

    Args:
        values: (i, j, k) along columns, rows, slices in order.
        stack: where they lie.
        air: what stands where no slice reaches.

    Returns:
        The block, widened so that nothing is lost, and its affine (4, 4), mm LPS.

    """
    shifts = np.arange(values.shape[2])[:, None] * stack.slide
    low = np.floor(shifts.min(axis=0)).astype(int)
    high = np.ceil(shifts.max(axis=0)).astype(int)
    wide = (*(np.array(values.shape[:2]) + high - low), values.shape[2])
    block = np.full(wide, air, dtype=values.dtype)
    for k, shift in enumerate(shifts - low):
        padded = np.full(wide[:2], air, dtype=np.float32)
        padded[: values.shape[0], : values.shape[1]] = values[:, :, k]
        moved = ndimage.shift(padded, shift, order=1, mode="constant", cval=air)
        block[:, :, k] = moved if block.dtype.kind == "f" else np.rint(moved)
    affine = stack.affine.copy()
    affine[:3, 3] += affine[:3, :2] @ low
    return block, affine


def _place(plane: Plane) -> str:
    """A slice's place in words: `S -203.0 mm (instance 3)`, along the axis it faces."""
    axis = int(np.abs(np.cross(plane.along, plane.down)).argmax())
    number = "" if plane.number is None else f" (instance {plane.number})"
    return f"{'LPS'[axis]} {plane.corner[axis]:.1f} mm{number}"


def _refused(code: str, found: str, next: str) -> ScanError:
    return ScanError(
        code, asked="A series of slices was to be stacked into a volume.", found=found, next=next
    )
