"""Tests and intervals of a mean effect, and where the effect of a new study will lie."""

from math import sqrt

from attrs import frozen
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from keyhole.errors import EvidenceError
from keyhole.evidence.pooled.pooled import Interval
from keyhole.evidence.words import Test


@frozen
class Judged:
    """One coefficient judged: its error, statistic, degrees of freedom (None: z), p, interval."""

    se: float
    statistic: float
    df: float | None
    p: float
    ci: Interval


def judge(estimate: float, se: float, df: float | None, level: float) -> Judged:
    """The estimate against zero, by Student's t with `df`, by the normal without."""
    far = quantile(df, level) * se
    statistic = estimate / se
    tail = ndtr(-abs(statistic)) if df is None else stdtr(df, -abs(statistic))
    return Judged(
        se=se, statistic=statistic, df=df, p=float(2 * tail), ci=(estimate - far, estimate + far)
    )


def quantile(df: float | None, level: float) -> float:
    """The standard errors from the middle to either end of an interval at `level`."""
    tail = (1 + level) / 2
    return float(ndtri(tail) if df is None else stdtrit(df, tail))


def scale_of(test: Test, rss: float, df: int) -> float:
    """By what a test multiplies the variance of the mean.

    Hartung and Knapp 2001 (10.1002/sim.1009) take the studies' own scatter about the mean, `rss`
    weighted by 1 / (vi + tau2), for its size.

    Raises:
        EvidenceError: `variance-not-positive` where the studies do not scatter at all.

    """
    if test != "knha":
        return 1.0
    if rss <= 0:
        raise EvidenceError(
            "variance-not-positive",
            asked="The interval was to come from the studies' scatter (Hartung-Knapp).",
            found="All studies report the same effect.",
            next="Look for a study that was copied twice, or use --test z.",
        )
    return rss / df


def predicted(estimate: float, se: float, tau2: float, df: float | None, level: float) -> Interval:
    """Where the effect in a new study lies: by Student's t with `df`, by the normal without."""
    far = quantile(df, level) * sqrt(se**2 + tau2)
    return estimate - far, estimate + far


def demand_level(level: float) -> None:
    """Refuse a level that is no probability.

    Raises:
        EvidenceError: `out-of-range`.

    """
    if not 0 < level < 1:
        raise EvidenceError(
            "out-of-range",
            asked=f"Intervals at the level {level} were asked for.",
            found="A level lies between 0 and 1.",
            next="Give 0.95 for intervals of 95 %.",
        )
