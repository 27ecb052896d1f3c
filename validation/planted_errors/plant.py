"""One error planted in a clean row, and whether anybody could see it from the row alone.

`detectable` is judged from the truth behind the row and what print hides, not by the checker.
"""

import math
from typing import NamedTuple

import attrs
import clean
import numpy as np
from scipy import stats

from keyhole.evidence.library.figures import Figure, figure
from keyhole.evidence.library.rows import AnyRow, PoolRow, StudyRow


class Planted(NamedTuple):
    """A row with one error, its kind and whether it can be seen."""

    row: AnyRow
    kind: str
    detectable: bool


def _number(figure_: Figure | None) -> float:
    if figure_ is None:
        raise ValueError("A clean row has all its figures.")
    return figure_.value


def _printed(row: PoolRow, estimate: float, low: float, high: float) -> PoolRow:
    texts = [figure(f"{x:.2f}") for x in (estimate, low, high)]
    return attrs.evolve(row, estimate=texts[0], low=texts[1], high=texts[2])


def _blur(row: PoolRow) -> float:
    """How far rounding to 2 digits can move a ratio off its log middle, twice over."""
    est, low, high = _number(row.estimate), _number(row.low), _number(row.high)
    if min(est, low, high) <= 0.005:
        return math.inf
    return 0.01 / est + 0.01 / low / 2 + 0.01 / high / 2


def off_midpoint(draw: np.random.Generator, number: int) -> Planted:
    """The estimate moved within its interval; the p stays."""
    row, truth = clean.pool(draw, number)
    shift = float(draw.choice([-1, 1]) * draw.uniform(0.02, 0.6))
    if "log" in truth:
        moved = math.exp(truth["log"] + shift * truth["half"])
        seen = abs(shift * truth["half"]) > _blur(row)
    else:
        moved = truth["estimate"] + shift * truth["half"]
        seen = abs(shift * truth["half"]) > 0.02
    wrong = attrs.evolve(row, estimate=figure(f"{moved:.2f}"))
    return Planted(wrong, "estimate off the midpoint", seen)


def with_errors(row: StudyRow) -> StudyRow:
    """The row with standard errors where its SDs stood."""
    arms = []
    for arm in (row.mis, row.open):
        text = f"{_number(arm.sd) / math.sqrt(_number(arm.n)):.2f}"
        arms.append(attrs.evolve(arm, sd_text=text, sd=figure(text)))
    return attrs.evolve(row, mis=arms[0], open=arms[1])


def se_as_sd(draw: np.random.Generator, number: int) -> Planted:
    """Standard errors in the place of SDs; p and effect are of the true SDs."""
    row, truth = clean.study(draw, 4 * number)
    ranges = clean.RANGES[int(truth["kind"])]
    wrong = with_errors(row)
    shares = [
        _number(arm.sd) / min(_number(arm.mean), ranges.top - _number(arm.mean))
        for arm in (wrong.mis, wrong.open)
    ]
    small = math.sqrt(shares[0] * shares[1]) < ranges.share[0]
    return Planted(wrong, "SE as SD", small or _p_differs(wrong, truth["p"]))


def _p_differs(row: StudyRow, true_p: float) -> bool:
    """Whether the p of the arms as printed is printed otherwise than the true one."""
    if "p" not in row.printed:
        return False
    values = [_number(x) for a in (row.mis, row.open) for x in (a.mean, a.sd, a.n)]
    if min(values[1], values[4]) <= 0:
        return False
    p = float(stats.ttest_ind_from_stats(*values, equal_var=True).pvalue)
    return clean.p_text(p) != clean.p_text(true_p) and not (p < 0.001 and true_p < 0.001)


def wrong_unit(draw: np.random.Generator, number: int) -> Planted:
    """Figures of another unit under the name of the usual one."""
    return (_unit_pool if number % 2 else _unit_study)(draw, number)


def _unit_pool(draw: np.random.Generator, number: int) -> Planted:
    row, truth = clean.pool(draw, number - number % 2)
    ranges = clean.RANGES[int(truth["kind"])]
    estimate, half = truth["estimate"] * ranges.factor, truth["half"] * ranges.factor
    digits = 4 if ranges.factor < 1 else 2
    texts = [figure(f"{x:.{digits}f}") for x in (estimate, estimate - half, estimate + half)]
    wrong = attrs.evolve(row, estimate=texts[0], low=texts[1], high=texts[2])
    low, high = ranges.difference
    seen = not ranges.half[0] <= half <= ranges.half[1] or not low <= estimate <= high
    return Planted(wrong, "wrong unit", seen)


def _unit_study(draw: np.random.Generator, number: int) -> Planted:
    row, truth = clean.study(draw, 4 * number)
    ranges = clean.RANGES[int(truth["kind"])]
    arms = []
    for arm in (row.mis, row.open):
        mean, sd = (f"{_number(x) * ranges.factor:.4g}" for x in (arm.mean, arm.sd))
        arms.append(attrs.evolve(arm, mean_text=mean, sd_text=sd, mean=figure(mean), sd=figure(sd)))
    wrong = attrs.evolve(row, mis=arms[0], open=arms[1], printed="")
    means = [_number(arm.mean) for arm in arms]
    seen = any(not ranges.mean[0] <= mean <= ranges.mean[1] for mean in means)
    return Planted(wrong, "wrong unit", seen)


def swapped_arms(draw: np.random.Generator, number: int) -> Planted:
    """The arms exchanged against the printed effect, percentages or events."""
    return (_swapped_pool if number % 3 == 0 else _swapped_study)(draw, number)


def _swapped_pool(draw: np.random.Generator, number: int) -> Planted:
    row, truth = clean.pool(draw, 2 * number + 1)
    log, half = truth["log"], truth["half"]
    wrong = _printed(row, math.exp(-log), math.exp(-log - half), math.exp(-log + half))
    outside = abs(math.log(truth["crude"]) + log) > half + _blur(wrong)
    return Planted(wrong, "swapped arms", outside)


def _swapped_study(draw: np.random.Generator, number: int) -> Planted:
    row, truth = clean.study(draw, number)
    wrong = attrs.evolve(row, mis=row.open, open=row.mis)
    if "a" in truth:
        seen = abs(truth["a"] - truth["b"]) > 0.001
    else:
        seen = "MD" in row.printed and abs(truth["gap"]) > 0.2
    return Planted(wrong, "swapped arms", seen)


def log_not_taken(draw: np.random.Generator, number: int) -> Planted:
    """A ratio's interval made without the log, or its logs printed as the ratio."""
    row, truth = clean.pool(draw, 2 * number + 1)
    log, half = truth["log"], truth["half"]
    if number % 2:
        wrong = _printed(row, log, log - half, log + half)
    else:
        ratio = math.exp(log)
        wrong = _printed(row, ratio, ratio * (1 - half), ratio * (1 + half))
    est, low, high = (_number(x) for x in (wrong.estimate, wrong.low, wrong.high))
    if min(est, low, high) <= 0:
        return Planted(wrong, "log not taken", True)
    off = abs(math.log(est) - (math.log(low) + math.log(high)) / 2)
    return Planted(wrong, "log not taken", off > _blur(wrong))


KINDS = (off_midpoint, se_as_sd, wrong_unit, swapped_arms, log_not_taken)
