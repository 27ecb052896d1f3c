"""The forest plot: every study, its weight, the pool, and where a new study may fall."""

from typing import Any, Final

import numpy as np
from attrs import field, frozen
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.stats import norm

from keyhole.evidence.pooled import plots_words as words
from keyhole.evidence.pooled.again import demand_same
from keyhole.evidence.pooled.effect import Effects
from keyhole.evidence.pooled.plots_axis import (
    axis_title,
    draw_axis,
    draw_no_difference,
    draw_sides,
    limits,
)
from keyhole.evidence.pooled.plots_forest_layout import ROW, Layout, lay_out
from keyhole.evidence.pooled.plots_svg import DIAMOND, INK, SQUARE, as_svg, figure, style
from keyhole.evidence.pooled.plots_words import PLAIN_ARMS, Arms
from keyhole.evidence.pooled.pooled import Pooled
from keyhole.space import Floats

BOLD: Final[dict[str, Any]] = {"va": "center_baseline", "fontweight": "bold"}
_LARGEST, _SMALLEST = 42.0, 2.5
"""Areas of squares, square points; a smaller one would be lost in its line."""


@frozen
class _Forest:
    effects: Effects
    pooled: Pooled
    arms: Arms
    outcome: str
    unit: str
    layout: Layout
    reach: Floats = field()
    """(k,) half the width of each study's interval."""

    def written(self, estimate: float, interval: tuple[float, float]) -> str:
        return words.result(self.effects, estimate, interval)

    def interval(self, i: int) -> tuple[float, float]:
        return float(self.effects.yi[i] - self.reach[i]), float(self.effects.yi[i] + self.reach[i])


def forest(
    effects: Effects, pooled: Pooled, *, outcome: str = "", unit: str = "", arms: Arms = PLAIN_ARMS
) -> str:
    """The forest plot of a pool as SVG.

    A square's area goes with the study's weight, its line is the interval at the pool's level by
    the normal; the diamond is the pool's interval, the bar under it the prediction interval.
    """
    demand_same(effects, pooled)
    reach = norm.isf((1 - pooled.level) / 2) * np.sqrt(effects.vi)
    plan = _Forest(effects, pooled, arms, outcome, unit, lay_out(effects, pooled), reach)
    with style():
        drawn = figure(plan.layout.width, plan.layout.height)
        _table(drawn, plan)
        _plot(drawn, plan)
        return as_svg(drawn, title=_title(plan), description=_description(plan))


def _title(plan: _Forest) -> str:
    what = words.NAMES[plan.effects.measure]
    arms = f"{plan.arms.first} against {plan.arms.second}"
    return f"Forest plot: {plan.outcome or what}, {arms}"


def _description(plan: _Forest) -> str:
    """All numbers of the plot in sentences."""
    pooled = plan.pooled
    lines = [
        f"{name}: {plan.written(plan.effects.yi[i], plan.interval(i))}, "
        f"weight {pooled.weights[i]:.1f} %."
        for i, name in enumerate(plan.effects.names)
    ]
    lines.append(f"Pooled ({words.model(pooled)}): {plan.written(pooled.estimate, pooled.ci)}.")
    if pooled.pi is not None:
        lines.append(f"Prediction interval: {plan.written(pooled.estimate, pooled.pi)}.")
    return " ".join([*lines, f"{words.heterogeneity(pooled)}. {words.overall(pooled)}."])


def _table(drawn: Figure, plan: _Forest) -> None:
    """Everything that is written."""
    layout = plan.layout
    axes = drawn.add_axes((0, 0, 1, 1), frameon=False, xticks=[], yticks=[])
    axes.set_xlim(0, layout.width)
    axes.set_ylim(layout.height, 0)
    _heading(axes, plan)
    for i, y in enumerate(layout.rows):
        axes.text(layout.name, y, layout.names[i], va="center_baseline")
        _counts(axes, plan, i)
        axes.text(
            layout.weight,
            y,
            words.number(plan.pooled.weights[i], 1),
            ha="right",
            va="center_baseline",
        )
        result = plan.written(plan.effects.yi[i], plan.interval(i))
        axes.text(layout.result, y, result, ha="right", va="center_baseline")
    _summary(axes, plan)
    for y, line in layout.foot:
        axes.text(layout.name, y, line, va="center_baseline", fontsize=7)


def _heading(axes: Axes, plan: _Forest) -> None:
    layout, bold = plan.layout, BOLD
    percent = f"{100 * plan.pooled.level:g} % CI"
    axes.text(
        layout.name, 4, plan.outcome or words.NAMES[plan.effects.measure], fontsize=8.5, **bold
    )
    axes.text(layout.name, 10, "Study", **bold)
    if layout.counts:
        for right, arm in zip(layout.counts, (plan.arms.first, plan.arms.second), strict=True):
            axes.text(right, 8.4, arm, ha="right", **bold)
            axes.text(right, 11.4, "events / n", ha="right", va="center_baseline", fontsize=6.5)
    axes.text(layout.weight, 10, "Weight, %", ha="right", **bold)
    short = plan.effects.measure if plan.effects.measure not in {"GEN", "PETO"} else "Effect"
    axes.text(layout.result, 10, f"{short} [{percent}]", ha="right", **bold)
    axes.plot([layout.name, layout.result], [13.2, 13.2], color=INK, linewidth=0.6)


def _counts(axes: Axes, plan: _Forest, i: int) -> None:
    layout, cells = plan.layout, plan.effects.cells
    if layout.counts is None or cells is None:
        return
    for right, arm in zip(layout.counts, (cells[i, :2], cells[i, 2:]), strict=True):
        axes.text(right, layout.rows[i], words.events(arm), ha="right", va="center_baseline")


def _summary(axes: Axes, plan: _Forest) -> None:
    layout, pooled = plan.layout, plan.pooled
    bold = BOLD
    label = words.model(pooled)
    axes.text(layout.name, layout.diamond, label[0].upper() + label[1:], **bold)
    axes.text(layout.weight, layout.diamond, "100.0", ha="right", **bold)
    axes.text(
        layout.result, layout.diamond, plan.written(pooled.estimate, pooled.ci), ha="right", **bold
    )
    if pooled.pi is not None:
        kind = f"t, df = {pooled.k - 2}" if pooled.pi_kind == "t" else "z"
        axes.text(
            layout.name, layout.prediction, f"Prediction interval ({kind})", va="center_baseline"
        )
        low, high = (words.told(plan.effects, x) for x in pooled.pi)
        text = f"[{low} to {high}]"
        axes.text(layout.result, layout.prediction, text, ha="right", va="center_baseline")


def _plot(drawn: Figure, plan: _Forest) -> None:
    """Everything that is drawn on the axis of effects."""
    layout, pooled = plan.layout, plan.pooled
    left, right = layout.plot
    top, bottom = 13.2, layout.axis
    place = (
        left / layout.width,
        1 - bottom / layout.height,
        (right - left) / layout.width,
        (bottom - top) / layout.height,
    )
    axes = drawn.add_axes(place, facecolor="none", yticks=[])
    axes.spines["left"].set_visible(False)
    axes.set_ylim(bottom, top)
    ends = limits(plan.effects, plan.reach, (pooled.estimate, *pooled.ci, *(pooled.pi or ())))
    draw_axis(axes, plan.effects, ends, right - left)
    axes.set_xlabel(axis_title(plan.effects, plan.unit), fontsize=7, labelpad=2)
    draw_no_difference(axes, bottom, top)
    axes.plot(
        [pooled.estimate] * 2, [top, layout.diamond], color=DIAMOND, linewidth=0.6, dashes=(4, 3)
    )
    for i in range(len(plan.effects)):
        _study(axes, plan, i)
    _pool(axes, plan)
    draw_sides(axes, plan.arms, layout.sides)


def _study(axes: Axes, plan: _Forest, i: int) -> None:
    y = plan.layout.rows[i]
    _line(axes, plan.interval(i), y, color=SQUARE, linewidth=0.9, zorder=2)
    area = max(_LARGEST * plan.pooled.weights[i] / plan.pooled.weights.max(), _SMALLEST)
    axes.scatter(
        [plan.effects.yi[i]], [y], s=area, marker="s", color=SQUARE, linewidths=0, zorder=3
    )


def _line(axes: Axes, interval: tuple[float, float], y: float, **look: Any) -> None:
    """An interval; what goes beyond the axis ends in an arrow."""
    (low, high), ends = interval, axes.get_xlim()
    inside = max(low, ends[0]), min(high, ends[1])
    axes.plot(inside, [y, y], solid_capstyle="butt", **look)
    for cut, end, mark in ((low < ends[0], ends[0], "<"), (high > ends[1], ends[1], ">")):
        if cut:
            axes.plot([end], [y], marker=mark, color=look["color"], markersize=3, clip_on=False)


def _pool(axes: Axes, plan: _Forest) -> None:
    layout, pooled = plan.layout, plan.pooled
    (low, high), y, half = pooled.ci, layout.diamond, 0.32 * ROW
    corners = [(low, y), (pooled.estimate, y - half), (high, y), (pooled.estimate, y + half)]
    axes.fill(*zip(*corners, strict=True), color=DIAMOND, linewidth=0, zorder=3)
    _line(axes, pooled.ci, y, color=DIAMOND, linewidth=0.9, zorder=2)
    if pooled.pi is not None:
        y = layout.prediction
        _line(axes, pooled.pi, y, color=DIAMOND, linewidth=2.2, zorder=3)
        axes.plot([pooled.estimate], [y], marker="|", color="white", markersize=3, zorder=4)
