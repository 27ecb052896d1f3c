"""Baujat's plot: to the right studies that make the heterogeneity, up those that make the result."""

import numpy as np
from attrs import frozen
from matplotlib.axes import Axes

from keyhole.evidence.pooled import plots_words as words
from keyhole.evidence.pooled.baujat import Baujat, baujat
from keyhole.evidence.pooled.effect import Effects
from keyhole.evidence.pooled.plots_svg import GRID, SQUARE, as_svg, figure, style
from keyhole.evidence.pooled.pooled import Pooled
from keyhole.space import Floats

_WIDTH, _HEIGHT = 125, 92
_SIZE = np.array([0.82 * _WIDTH, 0.82 * _HEIGHT]) * 72 / 25.4
"""Of the axes, typographic points."""
_LETTER, _OFF, _MOST_NAMES = 6.5, 2.5, 12


def baujat_plot(effects: Effects, pooled: Pooled, *, outcome: str = "") -> str:
    """Baujat's plot of a pool as SVG; the studies farthest out are named.

    Raises:
        EvidenceError: `one-study` under 3 studies.

    """
    points = baujat(effects, pooled)
    with style():
        drawn = figure(_WIDTH, _HEIGHT)
        axes = drawn.add_axes((0.13, 0.13, 0.82, 0.82))
        axes.grid(color=GRID, linewidth=0.4)
        axes.set_axisbelow(True)
        axes.plot(points.heterogeneity, points.influence, "o", color=SQUARE, markersize=3.5)
        axes.set_xlim(0, 1.12 * float(points.heterogeneity.max()) or 1)
        axes.set_ylim(0, 1.12 * float(points.influence.max()) or 1)
        _name(axes, points)
        axes.set_xlabel(_across(pooled))
        axes.set_ylabel("Influence on the pooled result")
        title = f"Baujat plot: {outcome or words.NAMES[effects.measure]}"
        return as_svg(drawn, title=title, description=_description(points))


def _across(pooled: Pooled) -> str:
    return "Part of Q" if pooled.method == "EE" else "Squared Pearson residual"


def _name(axes: Axes, points: Baujat) -> None:
    """Names beside the points, the farthest out first, where they hide neither point nor name."""
    places = _in_points(axes, points)
    far = np.linalg.norm(places, axis=1)
    taken = [_Box(x - 2, y - 2, x + 2, y + 2) for x, y in places]
    for i in np.argsort(-far)[:_MOST_NAMES]:
        for side, up in ((1, 1), (-1, 1), (1, -1), (-1, -1)):
            box = _Box.of(points.names[i], places[i], side, up)
            if box.within() and not any(box.meets(other) for other in taken):
                taken.append(box)
                _write(axes, points, int(i), (side, up))
                break


def _in_points(axes: Axes, points: Baujat) -> Floats:
    """(k, 2) places from the lower left corner of the axes, in typographic points."""
    high = np.array([axes.get_xlim()[1], axes.get_ylim()[1]])
    return np.column_stack([points.heterogeneity, points.influence]) / high * _SIZE


def _write(axes: Axes, points: Baujat, i: int, side: tuple[int, int]) -> None:
    axes.annotate(
        points.names[i],
        (points.heterogeneity[i], points.influence[i]),
        xytext=(_OFF * side[0], _OFF * side[1]),
        textcoords="offset points",
        ha="left" if side[0] > 0 else "right",
        va="bottom" if side[1] > 0 else "top",
        fontsize=_LETTER,
    )


@frozen
class _Box:
    """A place that a name or a point takes, in points."""

    left: float
    low: float
    right: float
    high: float

    @classmethod
    def of(cls, name: str, point: Floats, side: int, up: int) -> "_Box":
        x, y = point + _OFF * np.array([side, up])
        across, tall = side * 0.58 * _LETTER * len(name), up * 1.2 * _LETTER
        return cls(min(x, x + across), min(y, y + tall), max(x, x + across), max(y, y + tall))

    def meets(self, other: "_Box") -> bool:
        apart = self.right < other.left or other.right < self.left
        return not (apart or self.high < other.low or other.high < self.low)

    def within(self) -> bool:
        return (
            self.left >= 0
            and self.low >= 0
            and self.right <= _SIZE[0] + 8
            and self.high <= _SIZE[1]
        )


def _description(points: Baujat) -> str:
    rows = zip(points.names, points.heterogeneity, points.influence, strict=True)
    return (
        "; ".join(f"{name}: heterogeneity {a:.3g}, influence {b:.3g}" for name, a, b in rows) + "."
    )
