"""Corners of a vertebral body: where an endplate's rim plane meets the body's outline.

In the vertebra's midsagittal plane (DEFINITIONS 2). The rounded edge itself is no place to
measure: front and hind wall are fitted a little away from it and carried on to the rim plane.
"""

from typing import Literal

import numpy as np
from attrs import field, frozen

from keyhole.anatomy.lattice import lattice_scatter
from keyhole.anatomy.spine import Endplate, Vertebra
from keyhole.anatomy.surface_fit import Fit, carried_on, last_crossing, voxel_edge
from keyhole.errors import AnatomyError
from keyhole.scan.volume import Volume
from keyhole.space import Floats, Frame, across, fixed, same, shaped

End = Literal["upper", "lower"]
ENDS: tuple[End, End] = ("upper", "lower")

_ASIDE_MM = np.arange(-6.0, 6.1, 1.0)
_TALL_MM, _SACRAL_MM = 7.4, 4.2
"""How far to the side, and how far along, a wall is looked at; S1's goes over into the column."""
_EDGE_MM, _EDGE_VOXELS = 1.6, 1.4
"""A wall is left out down to here: the edge is round, and in a label map by voxels more so
(measured on phantoms)."""
_OUT_MM = np.arange(-6.0, 6.1, 0.25)
"""How far outward of the rim's own end a wall is looked for."""
_PATCH_MM = 4.0
"""Radius of the piece of the endplate that is its middle."""
_UP_MM = np.arange(-9.0, 4.1, 0.25)
"""Where the endplate's surface is looked for, above and below the rim plane."""
_NEAR_MM = 8.0
"""How far from the midline a piece of rim still tells where a wall begins."""
_HOLLOW_WALL = 0.008
"""How much a wall is hollowed, per mm: 1.5 mm in a body of 27 mm, unsourced."""
_BORDER_VOXELS, _BORDER_SHARE = 0.6, 0.15
"""How near to the outermost voxels' centres, and how much of a rim, is the scan's border."""


@frozen(kw_only=True)
class VoxelScatter:
    """SDs that voxels alone give an endplate: of its corners and middle, mm, and of its tilt.

    `along` is in the rim plane, forward; `up` across it.
    """

    front_along_mm: float
    back_along_mm: float
    front_up_mm: float
    back_up_mm: float
    middle_up_mm: float
    sagittal_deg: float
    coronal_deg: float


@frozen(kw_only=True)
class Corners:
    """An endplate in the midline, mm RAS: hind and front corner, the surface midway between.

    `normal` is the rim plane's, cranial. `hollow_mm` is how far the surface midway lies within
    the rim's plane, towards the body's own middle; negative where it is domed.
    """

    front: Floats = field(converter=fixed, validator=shaped(3), eq=same)
    back: Floats = field(converter=fixed, validator=shaped(3), eq=same)
    middle: Floats = field(converter=fixed, validator=shaped(3), eq=same)
    normal: Floats = field(converter=fixed, validator=shaped(3), eq=same)
    hollow_mm: float
    scatter: VoxelScatter

    @property
    def depth_mm(self) -> float:
        """From corner to corner."""
        return float(np.linalg.norm(self.front - self.back))

    @property
    def centre(self) -> Floats:
        """Midway between the corners."""
        return np.asarray((self.front + self.back) / 2)


def body_corners(vertebra: Vertebra, voxels: Volume) -> dict[End, Corners]:
    """The corners of the ends that are there; S1 has only an upper one.

    An end at which the scan itself ends is not there: its plane would be the scan's border.

    Args:
        vertebra: its endplates and bone.
        voxels: the label map, whose voxels limit what can be known.

    Raises:
        AnatomyError: `body-unseen` where a wall of the body cannot be followed to its rim.

    """
    plates: dict[End, Endplate | None] = {"upper": vertebra.upper, "lower": vertebra.lower}
    return {
        end: _corners(vertebra, end, plate, voxels.affine)
        for end, plate in plates.items()
        if plate is not None and not _at_border(plate, voxels)
    }


def _at_border(plate: Endplate, voxels: Volume) -> bool:
    """Whether a good part of an endplate's rim lies on the scan's border."""
    places = voxels.to_voxels(plate.rim)
    beyond = (places < _BORDER_VOXELS) | (places > np.array(voxels.shape) - 1 - _BORDER_VOXELS)
    return bool(beyond.any(axis=1).mean() > _BORDER_SHARE)


def _corners(vertebra: Vertebra, end: End, plate: Endplate, affine: Floats) -> Corners:
    view = _rim_view(vertebra.frame, plate, 1 if end == "upper" else -1)
    rim = view.to_local(plate.rim)
    near = rim[np.abs(rim[:, 0]) < _NEAR_MM, 1]
    if len(near) == 0:
        raise _unseen(vertebra.level, end)
    tall = _TALL_MM if vertebra.lower is not None else _SACRAL_MM
    front = _wall(vertebra.bone, view, (float(near.max()), 1), tall, affine)
    back = _wall(vertebra.bone, view, (float(near.min()), -1), tall, affine)
    if front is None or back is None:
        raise _unseen(vertebra.level, end)
    middle = (front.value + back.value) / 2
    surface = _surface(vertebra.bone, view, middle, affine)
    if surface is None:
        raise _unseen(vertebra.level, end)
    return Corners(
        front=view.to_patient([0, front.value, 0]),
        back=view.to_patient([0, back.value, 0]),
        middle=view.to_patient([0, middle, surface.value]),
        normal=plate.normal,
        hollow_mm=-surface.value,
        scatter=_scatter(view, rim, front, back, surface, affine),
    )


def _scatter(
    view: Frame, rim: Floats, front: Fit, back: Fit, surface: Fit, affine: Floats
) -> VoxelScatter:
    """What voxels do to the rim's plane, and to what was fitted beside it."""
    design = np.column_stack([np.ones(len(rim)), rim[:, :2]])
    plane = lattice_scatter(view.to_patient(rim), view.up, design, affine)

    def height(reach: float) -> float:
        place = np.array([1, 0, reach])
        return float(np.sqrt(place @ plane @ place))

    return VoxelScatter(
        front_along_mm=front.sd,
        back_along_mm=back.sd,
        front_up_mm=height(front.value),
        back_up_mm=height(back.value),
        middle_up_mm=surface.sd,
        sagittal_deg=float(np.degrees(np.sqrt(plane[2, 2]))),
        coronal_deg=float(np.degrees(np.sqrt(plane[1, 1]))),
    )


def _rim_view(frame: Frame, plate: Endplate, sign: int) -> Frame:
    """The rim plane's own frame: origin in the midsagittal plane, `up` out of the body."""
    aside = across(frame.right, plate.normal)
    off = (plate.centre - frame.origin) @ frame.right / (aside @ frame.right)
    return Frame.from_up(plate.centre - off * aside, sign * plate.normal, sign * aside)


def _wall(
    bone: Volume, view: Frame, rim: tuple[float, int], tall: float, affine: Floats
) -> Fit | None:
    """Where a wall, carried on to the rim plane, meets the midline: local front, mm.

    Args:
        bone: signed distance, mm.
        view: the rim plane's frame.
        rim: where it ends on that side, local front, mm, and +1 in front, -1 behind.
        tall: how much of the wall is looked at, mm.
        affine: (4, 4) of the label map.

    """
    edge, out = rim
    first = max(_EDGE_MM, _EDGE_VOXELS * voxel_edge(affine))
    depths = np.arange(first, first + tall, 0.6)
    aside, deep, step = np.meshgrid(_ASIDE_MM, depths, _OUT_MM, indexing="ij")
    ticks = np.stack([aside, edge + out * step, -deep], axis=-1)
    found = last_crossing(bone, view, ticks)
    reach = edge + out * (_OUT_MM[0] + found * (_OUT_MM[1] - _OUT_MM[0]))
    x, d = aside[..., 0], deep[..., 0]
    design = np.stack([np.ones_like(x), x, x**2, d, d**2], axis=-1)
    points = np.stack([x, reach, -d], axis=-1)
    return carried_on(design, points, 1, view, affine, out * _HOLLOW_WALL)


def _surface(bone: Volume, view: Frame, middle: float, affine: Floats) -> Fit | None:
    """How high the surface round a place in the midline lies over the rim plane, mm."""
    ticks = np.arange(-_PATCH_MM, _PATCH_MM + 0.1, 0.8)
    x, y, up = np.meshgrid(ticks, ticks, _UP_MM, indexing="ij")
    found = last_crossing(bone, view, np.stack([x, middle + y, up], axis=-1))
    height = _UP_MM[0] + found * (_UP_MM[1] - _UP_MM[0])
    x, y = x[..., 0], y[..., 0]
    height = np.where(np.hypot(x, y) <= _PATCH_MM, height, np.nan)
    design = np.stack([np.ones_like(x), x, y, x**2 + y**2], axis=-1)
    points = np.stack([x, middle + y, height], axis=-1)
    return carried_on(design, points, 2, view, affine)


def _unseen(level: str, end: End) -> AnatomyError:
    return AnatomyError(
        "body-unseen",
        asked=f"The corners of the {end} endplate of {level} were asked for.",
        found="A wall of the body cannot be followed to its rim in the label.",
        next="Check the label of the body, and that the scan holds all of it.",
        at=[level],
    )
