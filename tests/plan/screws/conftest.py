"""A spine of exact shapes, in a crooked scan: the screws' truth is arithmetic.

Each vertebra, in its own frame (right, front, up; mm): a round body, radius 20, height 28; two
pedicles, stadium-shaped bars along `front` turned inward; a block of bone behind each; between
the bars the canal.
"""

import functools

import numpy as np
import pytest
from attrs import evolve, frozen

from keyhole.anatomy.spine import Endplate, Pedicle, Spine, Vertebra
from keyhole.plan.catalogue import read_catalogue
from keyhole.plan.passage import Passage
from keyhole.plan.settings import Settings
from keyhole.scan.labels import Labels
from keyhole.scan.volume import Volume
from keyhole.space import SIDES, Frame, turned

BODY, HALF_HEIGHT = 20.0, 14.0
ISTHMUS = np.array([15.0, -24.0, 4.0])
"""Of the right pedicle; the left one is its mirror image."""
BACK = -20.0
TALL = 15.0
APART = 32.0


@frozen
class Shape:
    """What a test may choose: pedicle width (left, right), its turn inward, the bars' reach."""

    widths: tuple[float, float] = (9.0, 9.0)
    inward_deg: float = 8.0
    block_mm: float = 9.0
    joined: bool = True
    """Whether the bars meet the body; a shape without has no path."""


@frozen
class Lie:
    """How the patient lies in the scan: a turn, a shift, the voxels."""

    turn: tuple[float, float, float] = (12.0, -20.0, 35.0)
    shift: tuple[float, float, float] = (31.0, -44.0, 120.0)
    spacing: tuple[float, float, float] = (1.3, 1.1, 1.4)
    flip: bool = True
    oblique_deg: float = 14.0
    """How far the voxels stand askew to the vertebrae."""

    @property
    def axes(self):
        axes = np.eye(3)
        for k, degrees in enumerate(self.turn):
            axes = np.column_stack([turned(axes[:, n], np.eye(3)[k], degrees) for n in range(3)])
        return axes


STRAIGHT = Lie((0, 0, 0), (0, 0, 0), (1.2, 1.2, 1.2), flip=False, oblique_deg=0)


def _bar(points, shape, side):
    """Distance to a pedicle's bar: a stadium's sweep along its axis."""
    sign = 1 if side == "right" else -1
    width = shape.widths[SIDES.index(side)]
    centre, axis = ISTHMUS * [sign, 1, 1], pedicle_axis(shape, side)
    lateral = np.cross(axis, [0, 0, 1.0])
    local = points - centre
    u, w, s = local @ lateral, local[:, 2], local @ axis
    half = max(TALL - width, 0) / 2
    cut = np.hypot(u, np.maximum(np.abs(w) - half, 0)) - width / 2
    reach = 20.0 if shape.joined else 0.0
    ends = np.maximum(s - reach, -12.0 - s)
    return _capped(cut, ends)


def _capped(cut, ends):
    return np.minimum(np.maximum(cut, ends), 0) + np.hypot(np.maximum(cut, 0), np.maximum(ends, 0))


def _block(points, shape, side):
    """Distance to the block behind a pedicle."""
    sign = 1 if side == "right" else -1
    half = np.array([shape.block_mm, 5.0, 14.5])
    centre = (ISTHMUS + np.array([3.0, -14.0, 0.0])) * [sign, 1, 1]
    off = np.abs(points - centre) - half
    return np.linalg.norm(np.maximum(off, 0), axis=1) + np.minimum(off.max(axis=1), 0)


def distance(points, shape):
    """Signed distance to the vertebra, mm, at local points (n, 3)."""
    body = _capped(np.hypot(points[:, 0], points[:, 1]) - BODY, np.abs(points[:, 2]) - HALF_HEIGHT)
    parts = [body]
    for side in SIDES:
        parts += [_bar(points, shape, side), _block(points, shape, side)]
    return np.min(parts, axis=0)


def pedicle_axis(shape, side):
    spin = shape.inward_deg if side == "right" else -shape.inward_deg
    return turned([0, 1.0, 0], [0, 0, 1.0], spin)


def sampled(frame, lie, function, reach):
    """A function of local points as a Volume round a frame, in the lie's crooked voxels."""
    skew = np.array([2.0, 1.0, 2.0]) / 3
    askew = np.column_stack([turned(axis, skew, lie.oblique_deg) for axis in lie.axes.T])
    voxels = askew @ np.diag(lie.spacing)
    if lie.flip:
        voxels = voxels @ np.diag([-1.0, 1, 1])
    counts = np.ceil(2 * np.array(reach) / lie.spacing).astype(int) + 1
    affine = np.eye(4)
    affine[:3, :3] = voxels
    affine[:3, 3] = frame.origin - voxels @ ((counts - 1) / 2)
    places = np.indices(counts).reshape(3, -1).T @ voxels.T + affine[:3, 3]
    values = function(frame.to_local(places)).reshape(counts)
    return Volume(values.astype(np.float32), affine)


@functools.cache
def make_vertebra(level="L3", shape=None, lie=None, up_mm=0.0):
    """One vertebra of the lie's patient, `up_mm` above the first."""
    shape, lie = shape or Shape(), lie or Lie()
    frame = Frame(np.array(lie.shift) + lie.axes @ [0, 0, up_mm], lie.axes)
    bone = sampled(frame, lie, lambda points: distance(points, shape), (47, 60, 40))
    ring = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    rim = np.column_stack([BODY * np.cos(ring), BODY * np.sin(ring), np.zeros(40)])
    ends = [
        Endplate(
            centre=frame.to_patient([0, 0, z]),
            normal=frame.up,
            rim=frame.to_patient(rim + np.array([0, 0, z])),
            width_mm=2 * BODY,
            depth_mm=2 * BODY,
            rms_mm=0.0,
        )
        for z in (HALF_HEIGHT, -HALF_HEIGHT)
    ]
    return Vertebra(
        level=level,
        frame=frame,
        upper=ends[0],
        lower=ends[1],
        pedicles={side: _pedicle(frame, shape, side) for side in SIDES},
        bone=bone,
        canal_centre=frame.to_patient([0, -28.0, 4.0]),
        posterior_wall=frame.to_patient([0, BACK, 4.0]),
        landmarks={"spinous tip": frame.to_patient([0, -60.0, 0.0])},
    )


def _pedicle(frame, shape, side):
    sign = 1 if side == "right" else -1
    width = shape.widths[SIDES.index(side)]
    axis = pedicle_axis(shape, side)
    lateral = np.cross(axis, [0, 0, 1.0])
    half = max(TALL - width, 0) / 2
    ring = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    u = width / 2 * np.cos(ring)
    w = width / 2 * np.sin(ring) + np.sign(np.sin(ring)) * half
    centre = ISTHMUS * [sign, 1, 1]
    return Pedicle(
        side=side,
        centre=frame.to_patient(centre),
        axis=frame.axes @ axis,
        medial=frame.axes @ (-sign * lateral),
        cranial=frame.up,
        minor=frame.axes @ lateral,
        outline=frame.to_patient(centre + u[:, None] * lateral + w[:, None] * [0, 0, 1.0]),
        width_mm=width,
        height_mm=TALL,
        inscribed_mm=width,
        area_mm2=np.pi * width**2 / 4 + width * 2 * half,
        transverse_width_mm=width,
    )


def make_spine(levels=("L3", "L4", "L5"), lie=None, shapes=None, skin=True, extra=None):
    """Vertebrae 32 mm apart, with a map of them and of `extra` structures (name -> function)."""
    lie, shapes = lie or Lie(), shapes or {}
    vertebrae = [
        make_vertebra(level, shapes.get(level), lie, -APART * n) for n, level in enumerate(levels)
    ]
    coarse = evolve(lie, spacing=(4.0, 4.0, 4.0))
    middle = Frame(vertebrae[len(levels) // 2].frame.origin, lie.axes)
    reach = (110, 130, 60 + 20 * len(levels))
    names = [f"vertebra {level}" for level in levels]
    where = [_inside(v) for v in vertebrae]
    for name, inside in (extra or {}).items():
        names.append(name)
        where.append(inside)

    def codes(local):
        points, found = middle.to_patient(local), np.zeros(len(local))
        for n, inside in enumerate(where):
            found[inside(points, middle)] = n + 1
        return found

    grid = sampled(middle, coarse, codes, reach)
    labels = Labels(Volume(grid.values.astype(np.uint8), grid.affine), names, ("test",))
    surface = sampled(middle, coarse, lambda local: -90.0 - local[:, 1], reach) if skin else None
    return Spine(tuple(vertebrae), labels, (), surface)


def _inside(vertebra):
    return lambda points, _: vertebra.bone.at(points, order=1, outside=99) < 0


@pytest.fixture(scope="session")
def vertebra():
    return make_vertebra


@pytest.fixture(scope="session")
def spine():
    return make_spine


@pytest.fixture(scope="session")
def shape():
    return Shape


@pytest.fixture(scope="session")
def lie():
    return Lie


@pytest.fixture(scope="session")
def straight():
    return STRAIGHT


@pytest.fixture(scope="session")
def settings():
    return Settings.default()


@pytest.fixture(scope="session")
def catalogue():
    return read_catalogue("percutaneous-screws")


@pytest.fixture(scope="session")
def passage(vertebra):
    """The right pedicle of the usual vertebra."""
    return Passage(vertebra(), "right")


@pytest.fixture(scope="session")
def mild(settings):
    """Settings without label error: exact surfaces have none."""
    return evolve(settings, error=evolve(settings.error, label_sd_mm=0.0))
