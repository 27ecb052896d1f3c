"""The funnel plot: effects against their standard errors, the largest studies on top."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Patch
from scipy.stats import norm

from keyhole.evidence.pooled import plots_words as words
from keyhole.evidence.pooled.again import demand_same
from keyhole.evidence.pooled.bias_trim_fill import Filled
from keyhole.evidence.pooled.effect import Effects
from keyhole.evidence.pooled.plots_axis import axis_title, draw_axis
from keyhole.evidence.pooled.plots_svg import DIAMOND, FAINT, INK, SQUARE, as_svg, figure, style
from keyhole.evidence.pooled.pooled import Pooled

_SHADES = ((0.10, "#e9e9e9"), (0.05, "#d3d3d3"), (0.01, "#bdbdbd"))
"""Two-sided p, and the shade of what is less significant than the next."""
_WIDE = 92.0
"""Of the axis, mm."""


def funnel(
    effects: Effects,
    pooled: Pooled,
    *,
    outcome: str = "",
    contours: bool = False,
    filled: Filled | None = None,
) -> str:
    """The funnel plot of a pool as SVG.

    Dashed lines hold 95 % of studies about the pool were there no heterogeneity. With `contours`,
    shades show where a study alone would have p over 0.10, 0.05 and 0.01 against no difference
    (Peters 2008, 10.1016/j.jclinepi.2007.11.010): studies missing in the white only speak for
    suppression. Studies filled in by trim and fill are open circles.
    """
    demand_same(effects, pooled)
    drawn_effects = effects if filled is None else filled.effects
    with style():
        legend = contours or (filled is not None and filled.missing > 0)
        width = 145 if legend else 110
        drawn = figure(width, 88)
        axes = drawn.add_axes((14 / width, 0.14, _WIDE / width, 0.82))
        bottom = float(1.06 * np.sqrt(drawn_effects.vi.max()))
        axes.set_ylim(bottom, 0)
        draw_axis(axes, effects, _ends(drawn_effects, pooled, bottom), _WIDE)
        if contours:
            _contours(axes, bottom)
        _lines(axes, pooled, bottom)
        _points(axes, effects, filled)
        axes.set_xlabel(axis_title(effects))
        axes.set_ylabel("Standard error")
        if legend:
            _legend(axes, contours=contours)
        title = f"Funnel plot: {outcome or words.NAMES[effects.measure]}"
        return as_svg(drawn, title=title, description=_description(effects, pooled, filled))


def _ends(effects: Effects, pooled: Pooled, bottom: float) -> tuple[float, float]:
    """Wide enough for all points and for the funnel's foot."""
    foot = 1.96 * bottom
    low = min(float(effects.yi.min()), pooled.estimate - foot)
    high = max(float(effects.yi.max()), pooled.estimate + foot)
    margin = 0.04 * (high - low)
    return low - margin, high + margin


def _contours(axes: Axes, bottom: float) -> None:
    """The regions of p, the widest first, each laid over the last."""
    for p, shade in reversed(_SHADES):
        foot = norm.isf(p / 2) * bottom
        axes.fill([-foot, 0, foot], [bottom, 0, bottom], color=shade, linewidth=0, zorder=0)
    axes.plot([0, 0], [bottom, 0], color=INK, linewidth=0.5, zorder=1)


def _lines(axes: Axes, pooled: Pooled, bottom: float) -> None:
    center, foot = pooled.estimate, norm.isf(0.025) * bottom
    axes.plot([center, center], [bottom, 0], color=DIAMOND, linewidth=0.8, zorder=2)
    for side in (-1, 1):
        ends = [center + side * foot, center]
        axes.plot(ends, [bottom, 0], color=DIAMOND, linewidth=0.7, dashes=(4, 3), zorder=2)


def _points(axes: Axes, effects: Effects, filled: Filled | None) -> None:
    kind: dict[str, Any] = {"markersize": 4, "linestyle": "none", "marker": "o", "zorder": 3}
    axes.plot(
        effects.yi, np.sqrt(effects.vi), color=SQUARE, markeredgecolor="white", label="study",
        markeredgewidth=0.4, **kind,
    )  # fmt: skip
    if filled is not None and filled.missing:
        rest = filled.effects.take(range(len(effects), len(filled.effects)))
        axes.plot(
            rest.yi, np.sqrt(rest.vi), color="white", markeredgecolor=SQUARE,
            markeredgewidth=0.8, label="filled in (trim and fill)", **kind,
        )  # fmt: skip


def _legend(axes: Axes, *, contours: bool) -> None:
    """What the marks and the shades mean, beside the plot so that it hides no study."""
    handles = axes.get_legend_handles_labels()[0]
    if contours:
        shades = [*_SHADES, (0.0, "white")]
        texts = ("p > 0.10", "p 0.05 to 0.10", "p 0.01 to 0.05", "p < 0.01")
        for (_, shade), text in zip(shades, texts, strict=True):
            handles.append(Patch(facecolor=shade, edgecolor=FAINT, linewidth=0.4, label=text))
    axes.legend(
        handles=handles, loc="upper left", bbox_to_anchor=(1.02, 1), fontsize=6.5, frameon=False
    )


def _description(effects: Effects, pooled: Pooled, filled: Filled | None) -> str:
    points = "; ".join(
        f"{name}: {words.number(words.shown(effects, y), words.decimals(effects))}, "
        f"standard error {v**0.5:.3g}"
        for name, y, v in zip(effects.names, effects.yi, effects.vi, strict=True)
    )
    center = words.result(effects, pooled.estimate, pooled.ci)
    text = f"{len(effects)} studies about {center}. {points}."
    if filled is not None:
        text += f" Trim and fill ({filled.estimator}) adds {filled.missing} on the {filled.side}."
    return text
