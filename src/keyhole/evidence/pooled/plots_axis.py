"""The horizontal axis of effects: its limits, its ticks, its words."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, MaxNLocator

from keyhole.evidence.pooled.effect import Effects
from keyhole.evidence.pooled.plots_svg import FAINT, INK
from keyhole.evidence.pooled.plots_words import NAMES, Arms, shown
from keyhole.space import Floats

_POWERS = range(-12, 13)
_STEPS = (
    tuple(step * 10.0**power for power in _POWERS for step in (1, 2, 5)),
    *(tuple(10.0**power for power in _POWERS if power % by == 0) for by in (1, 2, 3, 4, 6)),
)
"""From fine to coarse."""
_NARROW = 10.0
"""Ends of ratios nearer than this times may need ticks that are not 1, 2 or 5."""
_LETTER, _BETWEEN = 1.5, 1.5
"""Mean width of a digit of 7.5 points, and the least gap between two labels, mm."""


def limits(effects: Effects, reach: Floats, pool: Sequence[float]) -> tuple[float, float]:
    """The ends of the axis on the analysis scale.

    All effects fit, and most intervals, of the studies (effects -+ `reach`) and of the pool; one
    that is so long that it would leave the others no room is drawn with an arrow.
    """
    points = (*effects.yi, 0.0)
    low, high = min(points), max(points)
    room = max(high - low, 2 * float(np.median(reach)))
    single = effects.yi - reach, effects.yi + reach
    left = min(low, max(single[0].min(), low - 0.6 * room), max(min(pool), low - room))
    right = max(high, min(single[1].max(), high + 0.6 * room), min(max(pool), high + room))
    margin = 0.04 * (right - left)
    return float(left - margin), float(right + margin)


def ticks(effects: Effects, ends: tuple[float, float], width: float) -> list[float]:
    """Round numbers within the ends, on the analysis scale, whose labels have room on `width` mm."""
    kinds = _ratios(ends) if effects.scale == "log" else _plain(ends)
    most = [kind for kind in kinds if _apart(effects, kind, ends, width)]
    return next((kind for kind in most if len(kind) > 2), most[0] if most else [])


def _plain(ends: tuple[float, float]) -> list[list[float]]:
    low, high = ends
    found = (MaxNLocator(nbins=n, steps=[1, 2, 5, 10]).tick_values(low, high) for n in (6, 4, 3, 2))
    return [[float(t) for t in places if low <= t <= high] for places in found]


def _ratios(ends: tuple[float, float]) -> list[list[float]]:
    low, high = math.exp(ends[0]), math.exp(ends[1])
    fine = _plain((low, high)) if high < _NARROW * low else []
    kinds = [[step for step in steps if low <= step <= high] for steps in _STEPS]
    return [[math.log(t) for t in kind if t > 0] for kind in (*kinds, *fine)]


def _apart(effects: Effects, places: list[float], ends: tuple[float, float], width: float) -> bool:
    """Whether no two labels touch."""
    scale = width / (ends[1] - ends[0])
    half = [_LETTER * len(_label(effects, place)) / 2 for place in places]
    return all(
        scale * (b - a) >= m + n + _BETWEEN
        for (a, b), (m, n) in zip(pairwise(places), pairwise(half), strict=True)
    )


def draw_axis(axes: Axes, effects: Effects, ends: tuple[float, float], width: float) -> None:
    """Ticks with the numbers that people read, and nothing else of a frame; `width` in mm."""
    places = ticks(effects, ends, width)
    axes.set_xlim(*ends)
    axes.xaxis.set_major_locator(FixedLocator(places))
    axes.set_xticks(places, labels=[_label(effects, place) for place in places])
    axes.tick_params(axis="x", length=2.5, pad=2)


def _label(effects: Effects, place: float) -> str:
    value = float(f"{shown(effects, place):.10g}")
    return f"{value:g}".replace("-", "\N{MINUS SIGN}")


def axis_title(effects: Effects, unit: str = "") -> str:
    """`Risk ratio (log scale)`, `Mean difference, days`."""
    name = NAMES[effects.measure]
    if effects.scale == "log":
        return f"{name} (log scale)"
    return f"{name}, {unit}" if unit else name


def draw_no_difference(axes: Axes, bottom: float, top: float) -> None:
    """The upright line of no difference."""
    axes.plot([0, 0], [bottom, top], color=INK, linewidth=0.7, zorder=1)


def draw_sides(axes: Axes, arms: Arms, y: float) -> None:
    """Which side of no difference speaks for which arm."""
    left, right = arms.sides
    low, high = axes.get_xlim()
    nudge = 0.015 * (high - low)
    kind: dict[str, Any] = {"fontsize": 7, "color": INK, "va": "center", "clip_on": False}
    axes.text(-nudge, y, f"\N{LEFTWARDS ARROW} {left}", ha="right", **kind)
    axes.text(nudge, y, f"{right} \N{RIGHTWARDS ARROW}", ha="left", **kind)
    axes.plot([0, 0], [y - 1.4, y + 1.4], color=FAINT, linewidth=0.5, clip_on=False)
