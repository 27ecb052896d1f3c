"""How much studies differ beyond chance: Q, I2, H2, and the interval of tau2.

I2 is the share of the studies' variance that is not chance (percent), H2 the ratio of all variance
to chance. Both have two definitions that differ: from Q, (Q - df) / Q (Higgins and Thompson 2002,
10.1002/sim.1186), and from tau2, tau2 / (tau2 + s2) with the typical variance s2. With DL they are
one.
"""

from attrs import frozen
from scipy.special import chdtrc, chdtri

from keyhole.evidence.pooled.effect import Effects
from keyhole.evidence.pooled.tau2 import where_q_is
from keyhole.evidence.pooled.weighted import constant, fit, trace_p
from keyhole.space import Floats


@frozen
class Heterogeneity:
    """Q with its degrees of freedom and p, and I2 (percent) and H2 from it."""

    q: float
    df: int
    p: float

    @property
    def i2(self) -> float:
        """I2 from Q, percent."""
        return max(0.0, 100 * (self.q - self.df) / self.q) if self.q > 0 else 0.0

    @property
    def h2(self) -> float:
        """H2 from Q."""
        return self.q / self.df


def heterogeneity(q: float, df: int) -> Heterogeneity:
    """Q judged by the chi-squared distribution."""
    return Heterogeneity(q=max(0.0, q), df=df, p=float(chdtrc(df, max(0.0, q))))


def typical_variance(v: Floats, x: Floats) -> float:
    """The variance of a typical study, by which I2 and H2 from tau2 are measured."""
    k, p = x.shape
    return (k - p) / trace_p(x, 1 / v, fit(v, x, 1 / v).m)


def tau2_interval(effects: Effects, level: float = 0.95) -> tuple[float, float]:
    """The interval of tau2 by Q-profile (Viechtbauer 2007, 10.1002/sim.2514)."""
    k = len(effects)
    x, tail = constant(k), (1 - level) / 2
    most, least = float(chdtri(k - 1, tail)), float(chdtri(k - 1, 1 - tail))
    y, v = effects.yi, effects.vi
    return where_q_is(most, y, v, x), where_q_is(least, y, v, x)


def residual_q(y: Floats, v: Floats, x: Floats) -> Heterogeneity:
    """Q of what the terms of a model leave unexplained."""
    k, p = x.shape
    return heterogeneity(fit(y, x, 1 / v).rss, k - p)
