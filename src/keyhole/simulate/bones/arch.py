"""Behind the body: canal, laminae, pars and spinous process of one vertebra."""

import numpy as np

from keyhole.simulate.bones.joints import sign
from keyhole.simulate.bones.limb import Ring, limb
from keyhole.simulate.bones.pedicle import pedicle_frame
from keyhole.simulate.bones.site import LEAN, Site
from keyhole.simulate.design.model import LevelSize
from keyhole.simulate.engine.shapes import Shape, slab, smooth_max
from keyhole.space import Floats, Frame, Side, unit

_UP: Floats = np.array([0, 0, 1.0])
_AHEAD = 0.27
"""The share of the canal's depth that lies before its widest place."""
_POWERS = (3.0, 1.3)
"""Of the canal's outline before and behind: a rounded triangle, its tip behind."""
_CORNER, _CORNER_INNER = 0.6, 0.36
_CORNER_BELOW_MM, _CORNER_BEHIND_MM = 4.0, 5.0
"""Of a back corner: thickness / a lamina's; inner end / canal's width; how far below the rim and
behind the pedicle's waist it stays."""
_RISE_MM = 3.0
"""How much higher a lamina lies outside, where it runs into the superior process."""
_BREAK_MM, _BREAK_AT, _BREAK_REACH_MM = 2.6, 0.6, (11.0, 13.0)
"""A broken pars: the gap, where on the way from junction to pars, half the gap's reach."""


def canal(size: LevelSize, half_height: float = 60) -> Shape:
    """The room that the arch leaves: as wide and deep as asked at the laminae's upper edge.

    Its front wall is straight; its back leans backward as the laminae do further down.
    """
    ahead, behind = _AHEAD * size.canal_ap, (1 - _AHEAD) * size.canal_ap
    middle, top = size.back - ahead, size.height_posterior / 2 - 9.5
    half = size.canal_width / 2

    def distance(points: Floats) -> Floats:
        x, y, z = points.T
        off = y - middle
        deeper = behind + LEAN * np.clip(top - z, 0, 40)
        deep, power = np.where(off > 0, ahead, deeper), np.where(off > 0, *_POWERS)
        u, v = np.abs(x) / half, np.abs(off) / deep
        reach = np.maximum((u**power + v**power) ** (1 / power), 1e-6)
        du, dv = (u / reach) ** (power - 1) / half, (v / reach) ** (power - 1) / deep
        side = (reach - 1) / np.maximum(np.sqrt(du**2 + dv**2), 1e-6)
        return np.maximum(side, np.abs(z) - half_height)

    deepest = middle - behind - 40 * LEAN
    return Shape(
        distance, np.array([-half, deepest, -half_height]), np.array([half, size.back, half_height])
    )


def lamina(site: Site, side: Side) -> Shape:
    """A plate from the midline to the pars, its upper edge leaning forward.

    Taken away medially by a laminectomy: then its stump beside the pars is left.
    """
    top, foot = site.lamina_edges
    inner, outer = np.array([0, site.arch_back, (top + foot) / 2]), site.pars(side)
    thick, tall = site.size.lamina_thickness / 2, (top - foot) / 2
    rise = 0.0 if side in site.level.pars_defect else _RISE_MM
    if site.level.laminectomy:
        inner = outer + (inner - outer) * 0.15
    rings = (
        Ring(0, thick, tall),
        Ring(0.45, thick + 0.9, tall * 0.97, lift=rise / 4),
        Ring(1, thick + 1.4, min(tall * 0.85, 9.0), lift=rise),
    )
    return limb(inner, outer, [0, LEAN, 1.0], rings, power=2.6)


def pars(site: Site, side: Side) -> Shape:
    """The bridge from the junction down to the lamina's outer end."""
    thick = site.size.lamina_thickness / 2
    rings = (Ring(0, 5.4, 5.4), Ring(0.6, 4.6, thick + 1.4), Ring(1, 4.6, thick + 1.2))
    return limb(site.junction(side), site.pars(side), [0, -1.0, 0.3], rings)


def corner(site: Site, side: Side) -> Shape:
    """What closes the canal's back corner behind a pedicle, as thick as a lamina is by half."""
    size, s, waist = site.size, sign(side), pedicle_frame(site.size, side).origin
    room, thick = canal(size), size.lamina_thickness * _CORNER
    tall = site.rim[2] - waist[2] - _CORNER_BELOW_MM
    inner, front = _CORNER_INNER * size.canal_width, waist[1] - _CORNER_BEHIND_MM

    def distance(points: Floats) -> Floats:
        outside = room.distance(points) - thick
        ends = np.maximum(np.abs(points[:, 2] - waist[2]) - tall, points[:, 1] - front)
        return smooth_max(outside, np.maximum(ends, inner - s * points[:, 0]), 2.0)

    low, high = sorted((s * inner, s * (size.canal_width / 2 + thick)))
    return Shape(
        distance,
        np.array([low, room.low[1], waist[2] - tall]),
        np.array([high, front, waist[2] + tall]),
    )


def spinous_process(site: Site) -> Shape:
    """A hatchet blade in the midline: low at its root, high behind, its hind edge thick."""
    size = site.size
    top, foot = site.lamina_edges
    start = np.array([0, site.arch_back + 1, (top + foot) / 2 + 1.5])
    cap, half = 5.5, size.spinous_height / 2
    back = size.back - size.spinous_reach - site.left_behind
    end = np.array([0, back + cap, start[2] - site.traits.spinous_drop])
    rings = (
        Ring(0, 4.6, half * 0.70),
        Ring(0.3, 3.3, half * 0.78),
        Ring(0.6, 2.9, half * 0.97),
        Ring(0.85, 3.5, half),
        Ring(1, 3.6, half * 0.9),
    )
    return limb(start, end, _UP, rings, power=2.3, cap_mm=cap)


def pars_break(site: Site, side: Side) -> Shape:
    """The gap of a broken pars: it parts lamina and lower process from the pedicle's piece."""
    start, end = site.junction(side), site.pars(side)
    normal = unit([-sign(side) * 0.45, -0.35, -0.85])
    frame = Frame.from_up(start + _BREAK_AT * (end - start), normal, [1, 0, 0])
    return slab(frame, np.array([*_BREAK_REACH_MM, _BREAK_MM / 2]), 0.3)
