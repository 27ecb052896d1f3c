"""The hip bones, in a pelvic frame that stands upright on the sacrum.

A hip is a bowed plate within an outline, thick at the joint with the sacrum and round the
socket, with pubis and ischium as far as a field of view may see them.
"""

from functools import cache
from typing import Any

import numpy as np
from attrs import frozen
from scipy.interpolate import CubicSpline, RectBivariateSpline

from keyhole.shipped import shipped
from keyhole.simulate.bones.joints import sign
from keyhole.simulate.design.model import Design
from keyhole.simulate.design.stack import rims
from keyhole.simulate.engine.chain import chain
from keyhole.simulate.engine.shapes import Shape, carved, ellipsoid, joined, placed, smooth_max
from keyhole.space import Floats, Frame, Side, turned

_SLOPE_DEG = 40.0
"""How far the S1 endplate leans forward in a pelvis that stands upright."""
_GAP_MM = 2.0
"""The width of the sacroiliac joint."""
_BLEND_MM = 6.0
"""Of plate and branches; a wider fillet would reach beyond where shapes are true distances."""


@cache
def _numbers() -> dict[str, Any]:
    return shipped("keyhole.simulate.bones", "hip.toml")


def pelvis(frames: dict[str, Frame]) -> Frame:
    """The upright frame at the middle of the S1 endplate."""
    base = frames["S1"]
    return Frame.from_up(base.origin, turned(base.up, base.right, _SLOPE_DEG), base.right)


def crest_height(design: Design, frames: dict[str, Frame]) -> float:
    """How high the crests stand above the S1 endplate's middle in the pelvic frame, mm."""
    part = design.segments[-2]
    upper, lower = rims(design, frames, part)
    middle = (upper.origin + lower.origin) / 2
    return float(pelvis(frames).to_local(middle)[2]) + design.body.crest_mm


def hip(design: Design, frames: dict[str, Frame], side: Side, sacrum: Shape) -> Shape:
    """A hip bone in the world, cut back from the sacrum (also in the world) by the joint's gap."""
    numbers, s = _numbers(), sign(side)
    scale = design.size("S1").body_width / numbers["width"]
    plate = _Plate.of(s, scale, crest_height(design, frames))
    branches = [
        chain(
            np.array(numbers[name]) * [s, 1, 1] * scale, np.array(numbers[f"{name}_radii"]) * scale
        )
        for name in ("pubis", "ischium")
    ]
    socket = ellipsoid(
        np.array(numbers["socket"]) * [s, 1, 1] * scale,
        np.full(3, numbers["socket_radius"] * scale),
    )
    bone = carved(joined([plate.shape(), *branches], _BLEND_MM), socket, blend_mm=3)
    return carved(placed(bone, pelvis(frames)), sacrum, gap_mm=_GAP_MM)


@frozen(eq=False)
class _Plate:
    """The plate: `stretch` lengthens what is above the endplate so that the crest is in place."""

    s: int
    scale: float
    stretch: float
    out: RectBivariateSpline
    thick: RectBivariateSpline
    edge: CubicSpline

    @classmethod
    def of(cls, s: int, scale: float, crest: float) -> "_Plate":
        numbers = _numbers()
        nets = [
            RectBivariateSpline(
                numbers["front"], numbers["up"], np.transpose(numbers[k]), kx=3, ky=2
            )
            for k in ("out", "thick")
        ]
        off = np.array(numbers["outline"]) - numbers["centre"]
        angles = np.unwrap(np.arctan2(off[:, 1], off[:, 0]))
        radii = np.hypot(*off.T)
        closed = np.append(angles, angles[0] + 2 * np.pi), np.append(radii, radii[0])
        edge = CubicSpline(*closed, bc_type="periodic")
        turns = np.linspace(0, 2 * np.pi, 721)
        highest = (edge(turns) * np.sin(turns)).max() + numbers["centre"][1]
        return cls(s, scale, crest / (highest * scale), nets[0], nets[1], edge)

    def shape(self) -> Shape:
        """The plate in the pelvic frame."""
        outline = np.array(_numbers()["outline"])
        (back, low), (front, high) = outline.min(axis=0) - 3, outline.max(axis=0) + 3
        near, far = sorted((self.s * 30.0, self.s * 150.0))
        box = np.array([[near, back, low], [far, front, high * max(self.stretch, 0.1)]])
        return Shape(self._distance, *(box * self.scale))

    def _distance(self, points: Floats) -> Floats:
        x, y, z = points.T / self.scale
        z = np.where(z > 0, z / self.stretch, z)
        numbers = _numbers()
        front, up = numbers["front"], numbers["up"]
        at = np.clip(y, front[0], front[-1]), np.clip(z, up[0], up[-1])
        out = self.out.ev(*at)
        slope = 1 + self.out.ev(*at, dx=1) ** 2 + self.out.ev(*at, dy=1) ** 2
        side = (np.abs(self.s * x - out) - self.thick.ev(*at)) / np.sqrt(slope)
        off = np.stack([y, z]) - np.array(numbers["centre"])[:, None]
        reach, turn = np.maximum(np.hypot(*off), 1.0), np.arctan2(off[1], off[0])
        radius, swing = self.edge(turn), self.edge(turn, 1)
        rim = (reach - radius) / np.sqrt(1 + (swing / np.maximum(reach, radius / 2)) ** 2)
        return self.scale * smooth_max(side, rim, 6)
