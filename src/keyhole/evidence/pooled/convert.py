"""Mean and standard deviation from what papers print instead: medians, ranges, errors, intervals.

All methods suppose that the patients' values are nearly normal: where a median lies far from the
middle of its quartiles the study is better left out than converted.
"""

from collections.abc import Callable, Mapping
from typing import Literal

from attrs import frozen
from scipy import stats

from keyhole.errors import EvidenceError

MeanMethod = Literal["luo2018", "wan2014", "median"]
SpreadMethod = Literal["shi2020", "wan2014", "cochrane"]


@frozen(kw_only=True)
class Summary:
    """What a paper prints of n patients: the median with its range, its quartiles, or both.

    Raises:
        EvidenceError: `out-of-range` where the numbers do not stand in order, n is below 2, or
            neither range nor quartiles are given whole.

    """

    n: int
    median: float
    low: float | None = None
    high: float | None = None
    q1: float | None = None
    q3: float | None = None

    def __attrs_post_init__(self) -> None:
        """Refuse numbers out of order."""
        known = [x for x in (self.low, self.q1, self.median, self.q3, self.high) if x is not None]
        whole = (self.low is None) == (self.high is None) and (self.q1 is None) == (self.q3 is None)
        if self.n < 2 or len(known) < 3 or not whole or known != sorted(known):
            raise EvidenceError(
                "out-of-range",
                asked="A mean and a standard deviation were to be had from a median.",
                found="Range and quartiles are not both ends in order round it, or n is below 2.",
                next="Give low and high, or q1 and q3, or all four, and n.",
            )

    @property
    def kind(self) -> Literal["range", "quartiles", "both"]:
        """Which numbers there are."""
        if self.low is None:
            return "quartiles"
        return "range" if self.q1 is None else "both"


def mean_of(summary: Summary, method: MeanMethod = "luo2018") -> float:
    """The mean, in the unit of the summary.

    luo2018: weights that depend on n (10.1177/0962280216669183). wan2014: fixed weights
    (10.1186/1471-2288-14-135). median: the median itself.

    Raises:
        EvidenceError: `method-unfit`.

    """
    if method == "median":
        return summary.median
    middle, quarter = _middle(summary.low, summary.high), _middle(summary.q1, summary.q3)
    weights = _weights(_MEANS, method, summary)
    of_range, of_quartiles = weights(float(summary.n))
    rest = 1 - of_range - of_quartiles
    return of_range * middle + of_quartiles * quarter + rest * summary.median


def sd_of(summary: Summary, method: SpreadMethod | None = None) -> float:
    """The standard deviation, in the unit of the summary.

    wan2014: expected normal order statistics (10.1186/1471-2288-14-135). shi2020: for range and
    quartiles together, weights that depend on n (10.1002/jrsm.1429). cochrane: quartiles over
    1.35, for large n (Handbook 6.5.2.5). None takes shi2020 where both are known, else wan2014.

    Raises:
        EvidenceError: `method-unfit` for a method that needs numbers which are not there.

    """
    method = method or ("shi2020" if summary.kind == "both" else "wan2014")
    per_range, per_quartiles = _weights(_SPREADS, method, summary)(float(summary.n))
    return per_range * _width(summary.low, summary.high) + per_quartiles * _width(
        summary.q1, summary.q3
    )


def sd_from_se(se: float, n: int) -> float:
    """The standard deviation of n patients from the standard error of their mean."""
    return se * n**0.5


def sd_from_interval(low: float, high: float, n: int, level: float = 0.95) -> float:
    """The standard deviation of n patients from the t interval of their mean."""
    return (high - low) / (2 * float(stats.t.ppf((1 + level) / 2, n - 1))) * n**0.5


Weights = Callable[[float], tuple[float, float]]


def _extreme(n: float) -> float:
    """The expected largest of n standard normal values, nearly (Blom)."""
    return float(stats.norm.ppf((n - 0.375) / (n + 0.25)))


def _quartile(n: float) -> float:
    """The expected upper quartile of n standard normal values, nearly."""
    return float(stats.norm.ppf((0.75 * n - 0.125) / (n + 0.25)))


_MEANS: Mapping[tuple[str, str], Weights] = {
    ("luo2018", "range"): lambda n: (4 / (4 + n**0.75), 0.0),
    ("luo2018", "quartiles"): lambda n: (0.0, 0.7 + 0.39 / n),
    ("luo2018", "both"): lambda n: (2.2 / (2.2 + n**0.75), 0.7 - 0.72 / n**0.55),
    ("wan2014", "range"): lambda _: (0.5, 0.0),
    ("wan2014", "quartiles"): lambda _: (0.0, 2 / 3),
    ("wan2014", "both"): lambda _: (0.25, 0.5),
}
"""What the middles of range and of quartiles weigh beside the median."""

_SPREADS: Mapping[tuple[str, str], Weights] = {
    ("wan2014", "range"): lambda n: (1 / (2 * _extreme(n)), 0.0),
    ("wan2014", "quartiles"): lambda n: (0.0, 1 / (2 * _quartile(n))),
    ("wan2014", "both"): lambda n: (1 / (4 * _extreme(n)), 1 / (4 * _quartile(n))),
    ("shi2020", "both"): lambda n: (
        1 / ((2 + 0.14 * n**0.6) * _extreme(n)),
        1 / ((2 + 2 / (0.07 * n**0.6)) * _quartile(n)),
    ),
    ("cochrane", "quartiles"): lambda _: (0.0, 1 / 1.35),
    ("cochrane", "both"): lambda _: (0.0, 1 / 1.35),
}
"""By what the widths of range and of quartiles are multiplied."""


def _weights(known: Mapping[tuple[str, str], Weights], method: str, summary: Summary) -> Weights:
    if (method, summary.kind) not in known:
        raise EvidenceError(
            "method-unfit",
            asked=f"The summary was to be converted by {method}.",
            found=f"It knows no rule for the {summary.kind} alone, or there is no such method.",
            next=f"Use one of {', '.join(sorted({m for m, kind in known if kind == summary.kind}))}.",
        )
    return known[method, summary.kind]


def _middle(low: float | None, high: float | None) -> float:
    return 0.0 if low is None or high is None else (low + high) / 2


def _width(low: float | None, high: float | None) -> float:
    return 0.0 if low is None or high is None else high - low
