"""Effects of measurements: difference of means, and the same in standard deviations."""

from collections.abc import Mapping
from typing import Literal

import numpy as np
from scipy.special import gammaln

from keyhole.space import Floats

Variance = Literal["unpooled", "pooled"]
Columns = Mapping[str, Floats]


def mean_difference(c: Columns, variance: Variance) -> tuple[Floats, Floats]:
    """(k,) m1 - m2 and its variance in the square of the unit.

    `unpooled` gives each arm its own spread, as Cochrane's RevMan does; `pooled` holds the spreads
    of both arms equal, as Normand 1999 (Stat Med 18:321) does.
    """
    if variance == "unpooled":
        return c["m1"] - c["m2"], c["sd1"] ** 2 / c["n1"] + c["sd2"] ** 2 / c["n2"]
    return c["m1"] - c["m2"], _common_variance(c) * (1 / c["n1"] + 1 / c["n2"])


def standardized_difference(c: Columns) -> tuple[Floats, Floats]:
    """(k,) Hedges' g and its large-sample variance 1/n1 + 1/n2 + g² / 2(n1 + n2).

    The correction of Cohen's d is Hedges' exact one by gamma functions (1981,
    10.3102/10769986006002107), not the approximation 1 - 3 / (4m - 1).
    """
    n1, n2 = c["n1"], c["n2"]
    with np.errstate(divide="ignore", invalid="ignore"):  # no spread: refused as variance
        g = hedges_correction(n1 + n2 - 2) * (c["m1"] - c["m2"]) / np.sqrt(_common_variance(c))
    return g, 1 / n1 + 1 / n2 + g**2 / (2 * (n1 + n2))


def hedges_correction(m: Floats) -> Floats:
    """Gamma(m/2) / (sqrt(m/2) Gamma((m-1)/2)), m degrees of freedom above 1."""
    return np.exp(gammaln(m / 2) - np.log(m / 2) / 2 - gammaln((m - 1) / 2))


def _common_variance(c: Columns) -> Floats:
    """The square of both arms' common standard deviation."""
    left, right = c["n1"] - 1, c["n2"] - 1
    return (left * c["sd1"] ** 2 + right * c["sd2"] ** 2) / (left + right)
