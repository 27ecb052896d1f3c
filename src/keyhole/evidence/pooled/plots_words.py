"""Numbers and arms as figures print them."""

import math

from attrs import frozen

from keyhole.evidence.pooled.effect import Effects
from keyhole.evidence.pooled.pooled import Interval, Pooled
from keyhole.evidence.words import COMMON
from keyhole.space import Floats

NAMES = {
    "MD": "Mean difference",
    "SMD": "Standardised mean difference",
    "RR": "Risk ratio",
    "OR": "Odds ratio",
    "RD": "Risk difference",
    "IRR": "Rate ratio",
    "IRD": "Rate difference",
    "PETO": "Peto odds ratio",
    "HR": "Hazard ratio",
    "GEN": "Effect",
}
_METHODS = {
    "EE": "equal effects",
    "MH": "Mantel-Haenszel",
    "PETO": "Peto",
    "DL": "random effects, DerSimonian-Laird",
    "REML": "random effects, REML",
    "PM": "random effects, Paule-Mandel",
    "ML": "random effects, ML",
    "EB": "random effects, empirical Bayes",
}
_SMALL, _LARGE = 0.01, 1000.0
"""Ratios between these are printed as they are."""
_TESTS = {"z": "z", "t": "t", "knha": "Hartung-Knapp"}


@frozen
class Arms:
    """What the two arms are called, and whether a smaller number is the better one.

    `smaller_is_better` None: the figure says on which side the numbers are smaller, and judges not.
    """

    first: str = "MISS"
    second: str = "open"
    smaller_is_better: bool | None = None

    @property
    def sides(self) -> tuple[str, str]:
        """The labels of the left and the right side of no difference."""
        if self.smaller_is_better is None:
            return f"lower in {self.first}", f"higher in {self.first}"
        both = f"favours {self.first}", f"favours {self.second}"
        return both if self.smaller_is_better else (both[1], both[0])


PLAIN_ARMS = Arms()
"""MISS against open, without a word on which numbers are the better ones."""


def shown(effects: Effects, value: float) -> float:
    """A value of the analysis scale as it is shown."""
    return math.exp(value) if effects.scale == "log" else value


def decimals(effects: Effects) -> int:
    """Digits after the point that say no more than the widest precision of the studies holds."""
    if effects.scale == "log":
        return 2
    se = math.sqrt(float(effects.vi.min()))
    return max(0, min(4, 1 - math.floor(math.log10(se))))


def number(value: float, places: int) -> str:
    """A number with a true minus sign, and no minus before a zero."""
    text = f"{value:.{places}f}"
    if float(text) == 0:
        text = text.lstrip("-")
    return text.replace("-", "\N{MINUS SIGN}")


def told(effects: Effects, value: float) -> str:
    """A value of the analysis scale as people read it; extreme ratios by their bounds."""
    read = shown(effects, value)
    if effects.scale == "log" and not _SMALL <= read < _LARGE:
        return "<0.01" if read < _SMALL else ">1000"
    return number(read, decimals(effects))


def result(effects: Effects, estimate: float, interval: Interval) -> str:
    """`0.49 [0.34 to 0.70]`, of a value and its interval on the analysis scale."""
    low, high = (told(effects, end) for end in interval)
    return f"{told(effects, estimate)} [{low} to {high}]"


def new_study(effects: Effects, pooled: Pooled, pi: Interval) -> str:
    """`95 % prediction 0.13 to 1.79`."""
    low, high = (told(effects, end) for end in pi)
    return f"{100 * pooled.level:g} % prediction {low} to {high}"


def events(cells: Floats) -> str:
    """`4 / 123`, of the events and the rest of one arm."""
    return f"{cells[0]:g} / {cells.sum():g}"


def p_value(p: float) -> str:
    """`p = 0.032`, `p < 0.001`."""
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}" if p < 0.1 else f"p = {p:.2f}"


def model(pooled: Pooled) -> str:
    """How the pool was made: `random effects, REML; Hartung-Knapp`."""
    return f"{_METHODS[pooled.method]}; {_TESTS[pooled.test]}"


def heterogeneity(pooled: Pooled) -> str:
    """The line under a forest: tau2 where the model has one, I2 and its origin, Q, p."""
    q = f"Q = {pooled.q:.2f}, df = {pooled.q_df}, {p_value(pooled.q_p)}"
    i2 = f"I² = {pooled.i2:.1f} % (from {'τ²' if pooled.i2_from == 'tau2' else 'Q'})"
    tau2 = "" if pooled.method in COMMON else f"τ² = {_few_digits(pooled.tau2)}, "
    return f"Heterogeneity: {tau2}{i2}, {q}"


def _few_digits(value: float) -> str:
    return f"{value:.0f}" if value >= 1000 else f"{value:.4g}"


def overall(pooled: Pooled) -> str:
    """The line of the test of no difference."""
    statistic = number(pooled.statistic, 2)
    against = f"z = {statistic}" if pooled.df is None else f"t({pooled.df:g}) = {statistic}"
    return f"Test of no difference: {against}, {p_value(pooled.p)}"
