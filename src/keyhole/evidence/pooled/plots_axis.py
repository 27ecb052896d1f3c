"""The horizontal axis of effects: its limits, its ticks, its words."""

import math
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, MaxNLocator

from keyhole.evidence.pooled.effect import Effects
from keyhole.evidence.pooled.plots_svg import FAINT, INK
from keyhole.evidence.pooled.plots_words import NAMES, Arms, shown

_STEPS = tuple(step * 10.0**power for power in range(-6, 7) for step in (1, 2, 5))


def limits(effects: Effects, reach: np.ndarray, must: list[float]) -> tuple[float, float]:
    """The ends of the axis on the analysis scale.

    All points of `must` and all effects fit, and most intervals (effects -+ `reach`); one that is
    so long that it would leave the others no room is drawn with an arrow.
    """
    points = np.concatenate([effects.yi, must, [0.0]])
    low, high = float(points.min()), float(points.max())
    room = max(high - low, 2 * float(np.median(reach)))
    low = max(float((effects.yi - reach).min()), low - 0.6 * room)
    high = min(float((effects.yi + reach).max()), high + 0.6 * room)
    low, high = min(low, float(points.min())), max(high, float(points.max()))
    margin = 0.04 * (high - low)
    return low - margin, high + margin


def ticks(effects: Effects, ends: tuple[float, float]) -> list[float]:
    """Round numbers within the ends, on the analysis scale."""
    low, high = ends
    if effects.scale == "plain":
        return [
            t
            for t in MaxNLocator(nbins=6, steps=[1, 2, 5, 10]).tick_values(*ends)
            if low <= t <= high
        ]
    inside = [step for step in _STEPS if low <= math.log(step) <= high]
    if len(inside) > 8:
        inside = [step for step in inside if f"{step:e}".startswith("1")]
    if len(inside) < 3:
        fine = MaxNLocator(nbins=5, steps=[1, 2, 5, 10]).tick_values(math.exp(low), math.exp(high))
        inside = [step for step in fine if step > 0 and low <= math.log(step) <= high]
    return [math.log(step) for step in inside]


def draw_axis(axes: Axes, effects: Effects, ends: tuple[float, float]) -> None:
    """Ticks with the numbers that people read, and nothing else of a frame."""
    places = ticks(effects, ends)
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
