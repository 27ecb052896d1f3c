"""One pedicle as a screw meets it: its place, its directions, and lines through it.

Vocabulary: *line*, a tool's axis: the point where it crosses the isthmus' plane and a unit
direction ahead; *s*, mm ahead of that crossing along the line; *dock*, where the tool coming
from behind first meets this vertebra's bone; *wall*, where the line passes the plane of the
posterior body wall; *far*, where it leaves the bone in front; *room*, that beside a pedicle, which
an in-out-in path may take (`keyhole.plan.beside`).
"""

from typing import Self

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import NDArray

from keyhole.anatomy.spine import Pedicle, Vertebra
from keyhole.scan.volume import Volume
from keyhole.space import Floats, Side, fixed, same, shaped, unit

DIRECTIONS = ("medial", "cranial", "lateral", "caudal")
"""The order of every (n, 4) array of directions; sectors of 90 degrees, medial first."""
Mask = NDArray[np.bool_]


@frozen
class Lines:
    """n lines: crossings (n, 3) mm RAS and unit directions ahead (n, 3)."""

    crossing: Floats = field(converter=fixed, validator=shaped(-1, 3), eq=same)
    ahead: Floats = field(converter=fixed, validator=shaped(-1, 3), eq=same)

    def __len__(self) -> int:
        """How many lines."""
        return len(self.crossing)

    def __getitem__(self, which: Mask | NDArray[np.intp] | slice) -> Self:
        """Some of them."""
        return evolve(self, crossing=self.crossing[which], ahead=self.ahead[which])

    def at(self, s: Floats) -> Floats:
        """(n, 3) mm RAS: the place `s` (n,) mm ahead of each crossing."""
        return self.crossing + np.asarray(s)[:, None] * self.ahead


@frozen
class Passage:
    """One pedicle of one vertebra."""

    vertebra: Vertebra
    side: Side
    room: Volume | None = field(default=None, repr=False)
    """For an in-out-in path: distance to the surface of the bone and the room beside the pedicle."""
    back_mm: float = 0.0
    """In-out-in: how far ahead of the posterior body wall the screw may be back in the bone."""

    @property
    def walls(self) -> Volume:
        """The distance, mm, to the walls that a screw must keep; negative where it may be."""
        return self.vertebra.bone if self.room is None else self.room

    @property
    def back_wall(self) -> Floats:
        """(3,) mm RAS: on the plane from which on the body must hold the screw.

        The posterior body wall; in-out-in, `back_mm` ahead of it.
        """
        return self.vertebra.posterior_wall + self.back_mm * self.vertebra.frame.front

    @property
    def bone_alone(self) -> Self:
        """The same pedicle without the room beside it."""
        return evolve(self, room=None)

    @property
    def pedicle(self) -> Pedicle:
        """The pedicle itself."""
        return self.vertebra.pedicles[self.side]

    @property
    def name(self) -> str:
        """Such as `L4 left`."""
        return f"{self.vertebra.level} {self.side}"

    @property
    def sacral(self) -> bool:
        """Whether it has no lateral limit and fill does not apply (DEFINITIONS 4)."""
        return self.vertebra.level == "S1"

    @property
    def inward(self) -> Floats:
        """Towards the vertebra's midsagittal plane."""
        return -self.vertebra.frame.lateral(self.side)

    @property
    def limits(self) -> list[int]:
        """Which of DIRECTIONS limit a screw here: all four, at S1 not the lateral one."""
        return [0, 1, 3] if self.sacral else [0, 1, 2, 3]

    @property
    def hard(self) -> list[int]:
        """Which of DIRECTIONS no screw may leave: all but lateral; in-out-in, the room's end too."""
        return [0, 1, 3] if self.room is None else [0, 1, 2, 3]

    @property
    def to_voxels(self) -> Floats:
        """(3, 4) mm RAS -> the bone field's voxel coordinates."""
        return np.ascontiguousarray(np.linalg.inv(self.vertebra.bone.affine)[:3])

    def round_axis(self, ahead: Floats) -> tuple[Floats, Floats]:
        """(n, 3) medial and cranial across each direction (n, 3) (DEFINITIONS 4)."""
        medial = _across(self.inward, ahead)
        up = np.broadcast_to(self.vertebra.frame.up, ahead.shape)
        up = up - (up * medial).sum(axis=1, keepdims=True) * medial
        return medial, _across(up, ahead)

    def in_voxels(self, lines: Lines) -> Floats:
        """(n, 4, 3) lines as the kernels read them (`keyhole.kernels.field`)."""
        turn, start = self.to_voxels[:, :3], self.to_voxels[:, 3]
        medial, cranial = self.round_axis(lines.ahead)
        parts = [lines.crossing @ turn.T + start, lines.ahead @ turn.T]
        parts += [medial @ turn.T, cranial @ turn.T]
        return np.ascontiguousarray(np.stack(parts, axis=1))

    def wall(self, lines: Lines) -> Floats:
        """(n,) s where each line passes the plane of the posterior body wall."""
        front = self.vertebra.frame.front
        way = (self.back_wall - lines.crossing) @ front
        return way / (lines.ahead @ front)

    def own_side(self, lines: Lines, keep_mm: float) -> Floats:
        """(n,) s up to which each line keeps `keep_mm` from the midsagittal plane."""
        frame = self.vertebra.frame
        room = (frame.origin - lines.crossing) @ self.inward - keep_mm
        pace = lines.ahead @ self.inward
        return np.where(pace > 1e-9, room / np.maximum(pace, 1e-9), np.where(room > 0, 1e9, -1e9))

    def convergence(self, ahead: Floats) -> Floats:
        """(n,) degrees to the own midsagittal plane, tip inward positive."""
        return np.degrees(np.arcsin(np.clip(ahead @ self.inward, -1, 1)))

    def tilt(self, ahead: Floats) -> Floats:
        """(n,) degrees to the own upper endplate, tip cranial positive."""
        return np.degrees(np.arcsin(np.clip(ahead @ self.vertebra.upper.normal, -1, 1)))

    def through(self, entry: Floats, tip: Floats) -> Lines:
        """The one line from an entry to a tip, crossing this isthmus' plane."""
        ahead = unit(np.asarray(tip) - entry)
        way = (self.pedicle.centre - entry) @ self.pedicle.axis / (ahead @ self.pedicle.axis)
        return Lines((entry + way * ahead)[None], ahead[None])

    def aimed(self, convergence_deg: float, tilt_deg: float) -> Floats:
        """The unit direction of that convergence and tilt."""
        normal = self.vertebra.upper.normal
        inward = self.inward - (self.inward @ normal) * normal
        inward = unit(inward)
        forward = np.cross(normal, self.vertebra.frame.right)
        a, b = np.sin(np.radians([convergence_deg, tilt_deg]))
        return unit(a * inward + b * normal + np.sqrt(max(1 - a * a - b * b, 0)) * unit(forward))


def _across(vector: Floats, axes: Floats) -> Floats:
    """(n, 3) unit parts of a vector, or of (n, 3), perpendicular to unit axes (n, 3)."""
    vectors = np.broadcast_to(vector, axes.shape)
    part = vectors - (vectors * axes).sum(axis=1, keepdims=True) * axes
    return part / np.linalg.norm(part, axis=1, keepdims=True)
