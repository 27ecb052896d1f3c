"""Published courses of a score: its mean and spread by day, on a scale that has ends.

Scores pile up at the ends of their scale (no pain at all), so a normal band would reach beyond
them. A score is taken as a normal value that the scale cuts off (a censored normal, Tobin 1958):
its own mean and SD, `latent`, are those whose cut-off value has the published mean and SD.
"""

from functools import cache, cached_property
from typing import Literal

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray
from scipy.optimize import root
from scipy.special import ndtr

from keyhole.shipped import shipped
from keyhole.space import Floats

_INVERSE_ROOT_2PI = 1 / np.sqrt(2 * np.pi)


@frozen(kw_only=True)
class Knot:
    """The published mean and SD on one day after the operation; day 0 is before it."""

    day: int
    mean: float
    sd: float


@frozen(kw_only=True)
class Curve:
    """A published course, for operations with one of the words `techniques` in their name."""

    name: str
    unit: str
    low: float = -np.inf
    high: float = np.inf
    better: Literal["lower", "higher"]
    techniques: tuple[str, ...]
    source: str
    knots: tuple[Knot, ...] = field(converter=tuple)
    kept: float

    @property
    def last_day(self) -> int:
        """The last day of which anything was published."""
        return self.knots[-1].day

    @cached_property
    def _latent_knots(self) -> NDArray[np.float64]:
        """(knots, 2): mean and SD of the value that the scale cuts off."""
        return np.array([_uncut(knot.mean, knot.sd, self.low, self.high) for knot in self.knots])

    def latent(self, days: Floats) -> tuple[Floats, Floats]:
        """(n,) mean and SD of the uncut value on each day, held beyond the last knot."""
        at = np.log1p(np.clip(days, 0, self.last_day))
        ticks = np.log1p([float(knot.day) for knot in self.knots])
        mean, sd = (np.interp(at, ticks, column) for column in self._latent_knots.T)
        return mean, sd


def cut_moments(mean: float, sd: float, low: float, high: float) -> tuple[float, float]:
    """Mean and SD of a normal value once it is held between `low` and `high`."""
    a, b = (low - mean) / sd, (high - mean) / sd
    below, above = ndtr(a), ndtr(-b)
    inside = 1 - below - above
    pa, pb = (_INVERSE_ROOT_2PI * np.exp(-x * x / 2) if np.isfinite(x) else 0.0 for x in (a, b))
    ends = sum(x * p for x, p in ((low, below), (high, above)) if np.isfinite(x))
    first = ends + mean * inside + sd * (pa - pb)
    tail = sum(s * x * p for s, x, p in ((1, a, pa), (-1, b, pb)) if np.isfinite(x))
    squares = mean * mean * inside + 2 * mean * sd * (pa - pb) + sd * sd * (inside + tail)
    squares += sum(x * x * p for x, p in ((low, below), (high, above)) if np.isfinite(x))
    return float(first), float(np.sqrt(max(squares - first * first, 0.0)))


def _uncut(mean: float, sd: float, low: float, high: float) -> tuple[float, float]:
    """The normal value whose cut-off has this mean and SD."""

    def off(x: Floats) -> list[float]:
        found = cut_moments(x[0], float(np.exp(x[1])), low, high)
        return [found[0] - mean, found[1] - sd]

    solved = root(off, [mean, np.log(sd)])
    if not solved.success:
        raise ValueError(f"No normal value cut at {low:g} and {high:g} has mean {mean}, SD {sd}.")
    return float(solved.x[0]), float(np.exp(solved.x[1]))


@cache
def curves() -> tuple[Curve, ...]:
    """Every published course of the package."""
    data = shipped("keyhole.recovery.road", "curves.toml")
    return tuple(
        Curve(
            **{
                **row,
                "techniques": tuple(row["techniques"]),
                "knots": [Knot(**knot) for knot in row["knots"]],
                "kept": data["kept"],
            }
        )
        for row in data["curve"]
    )


def curves_for(technique: str) -> tuple[Curve, ...]:
    """The published courses after an operation, one for each score of which one was read."""
    words = technique.lower()
    found: dict[str, Curve] = {}
    for one in curves():
        if any(word in words for word in one.techniques):
            found.setdefault(one.name, one)
    return tuple(found.values())


def curve_for(name: str, technique: str) -> Curve | None:
    """The published course of a score after an operation; None where none with a spread was read."""
    return next((one for one in curves_for(technique) if one.name == name), None)
