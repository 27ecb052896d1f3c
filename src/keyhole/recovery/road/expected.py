"""What a score is expected to be on a day: of all patients, and of this one.

A patient's uncut value on day t is mean(t) + sd(t) (a + e): `a` stays with the patient, with the
share `kept` of the variance, `e` is new at every visit. Each point the patient gives, a value cut
off at the scale's end included, narrows what `a` can be; the rest is arithmetic on a fine grid.
"""

from collections.abc import Sequence

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray
from scipy.special import log_ndtr, ndtr

from keyhole.recovery.road.curves import Curve
from keyhole.space import Floats, fixed, same, shaped

_NODES = np.linspace(-4.0, 4.0, 161)
_PRIOR = np.exp(-(_NODES**2) / 2) / np.exp(-(_NODES**2) / 2).sum()
_HALVINGS = 40


@frozen(kw_only=True)
class Band:
    """What is expected on each day: arrays (n,). `level` of the values lie from low to high.

    Where a good share of patients lies at the scale's end, the band begins there.
    """

    days: Floats = field(converter=fixed, validator=shaped(-1), eq=same)
    low: Floats = field(converter=fixed, validator=shaped(-1), eq=same)
    middle: Floats = field(converter=fixed, validator=shaped(-1), eq=same)
    high: Floats = field(converter=fixed, validator=shaped(-1), eq=same)
    level: float


def reference(curve: Curve, days: Sequence[float], level: float = 0.90) -> Band:
    """The band of all patients."""
    return _band(curve, np.asarray(days, dtype=float), _PRIOR, level)


def expected(
    curve: Curve,
    points: Sequence[tuple[float, float]],
    days: Sequence[float],
    level: float = 0.90,
) -> Band:
    """The band of a patient who has given points: (day after the operation, value)."""
    return _band(curve, np.asarray(days, dtype=float), _posterior(curve, points), level)


def _posterior(curve: Curve, points: Sequence[tuple[float, float]]) -> NDArray[np.float64]:
    """(nodes,) the chance of each node of `a` after the points."""
    log = np.log(_PRIOR)
    if points:
        days, values = np.asarray(points, dtype=float).T
        mean, sd = curve.latent(days)
        centre = mean[:, None] + np.sqrt(curve.kept) * sd[:, None] * _NODES
        spread = np.sqrt(1 - curve.kept) * sd[:, None]
        z = (values[:, None] - centre) / spread
        below, above = values <= curve.low, values >= curve.high
        each = np.where(
            below[:, None], log_ndtr(z), np.where(above[:, None], log_ndtr(-z), -z * z / 2)
        )
        log = log + each.sum(axis=0)
    weight = np.exp(log - log.max())
    return np.asarray(weight / weight.sum())


def _band(curve: Curve, days: Floats, weight: NDArray[np.float64], level: float) -> Band:
    """The band by quantiles of the mixture of nodes, the ends of the scale reckoned with."""
    below = _share(curve, days, weight, np.full(len(days), curve.low))
    above = 1 - _share(curve, days, weight, np.full(len(days), curve.high))
    tail = (1 - level) / 2
    from_top = (above >= tail) & (above >= below)
    from_bottom = (below >= tail) & ~from_top
    low = np.where(from_top, 1 - level, tail)
    high = np.where(from_bottom, level, 1 - tail)
    return Band(
        days=days,
        low=_quantile(curve, days, weight, low),
        middle=_quantile(curve, days, weight, np.full(len(days), 0.5)),
        high=_quantile(curve, days, weight, high),
        level=level,
    )


def _share(
    curve: Curve, days: Floats, weight: NDArray[np.float64], values: Floats
) -> NDArray[np.float64]:
    """(n,) the share of uncut values below `values` on each day."""
    mean, sd = curve.latent(days)
    centre = mean[:, None] + np.sqrt(curve.kept) * sd[:, None] * _NODES
    z = (values[:, None] - centre) / (np.sqrt(1 - curve.kept) * sd[:, None])
    return np.asarray(ndtr(z) @ weight)


def _quantile(
    curve: Curve, days: Floats, weight: NDArray[np.float64], share: Floats
) -> NDArray[np.float64]:
    """(n,) the value that this share lies below, held to the scale; by halving."""
    mean, sd = curve.latent(days)
    low, high = mean - 8 * sd, mean + 8 * sd
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        under = _share(curve, days, weight, middle) < share
        low, high = np.where(under, middle, low), np.where(under, high, middle)
    return np.clip((low + high) / 2, curve.low, curve.high)
