"""Clean rows as the literature prints them: simulated patients, pooled and rounded.

Ranges are those of the library's own undoubted rows (`ranges`), and not the checker's limits.
"""

import math
from typing import NamedTuple

import numpy as np
from scipy import stats

from keyhole.evidence.library.figures import figure
from keyhole.evidence.library.rows import Arm, PoolRow, StudyRow

Z95 = 1.959963984540054


class Ranges(NamedTuple):
    """What clean rows of an outcome look like, from the library's rows."""

    outcome: str
    unit: str
    mean: tuple[float, float]
    top: float
    share: tuple[float, float]
    difference: tuple[float, float]
    half: tuple[float, float]
    factor: float
    """By what a wrong unit multiplies: mL as L, days as hours, min as h, 0-10 as mm, % as shares."""


RANGES = (
    Ranges("blood loss", "mL", (50, 1500), math.inf, (0.2, 0.95), (-300, 0), (7, 180), 1 / 1000),
    Ranges("hospital stay", "days", (1.2, 14), math.inf, (0.17, 0.6), (-6.5, 0.5), (0.2, 3.2), 24),
    Ranges(
        "operative time", "min", (36, 400), math.inf, (0.08, 0.35), (-30, 25), (4.4, 70), 1 / 60
    ),
    Ranges("VAS", "0-10", (1.2, 5), 10, (0.18, 0.8), (-1.1, 0.1), (0.07, 1.5), 10),
    Ranges("ODI", "%", (6, 40), 100, (0.17, 1.2), (-3, 3), (0.7, 4.1), 1 / 100),
)


def within(draw: np.random.Generator, ends: tuple[float, float]) -> float:
    """A number between two positive ends, even on the log scale."""
    return float(np.exp(draw.uniform(np.log(ends[0]), np.log(ends[1]))))


def p_text(p: float) -> str:
    """A p as papers print it."""
    if p < 0.001:
        return "<0.001"
    return f"{p:.3f}" if p < 0.01 else f"{p:.2f}"


def p_of(halves: float, k: int, *, student: bool) -> float:
    """The p of an effect as large as so many half-widths, by the normal or by Student's t."""
    if student:
        return float(2 * stats.t.sf(abs(halves) * stats.t.ppf(0.975, k - 1), k - 1))
    return float(2 * stats.norm.sf(abs(halves) * Z95))


def pool(draw: np.random.Generator, number: int) -> tuple[PoolRow, dict[str, float]]:
    """A clean printed pool and the truth behind it."""
    return (_ratio if number % 2 else _difference)(draw, number)


def _difference(draw: np.random.Generator, number: int) -> tuple[PoolRow, dict[str, float]]:
    kind = RANGES[number // 2 % len(RANGES)]
    estimate, half = float(draw.uniform(*kind.difference)), within(draw, kind.half)
    k = int(draw.integers(3, 30))
    p = p_of(estimate / half, k, student=number % 10 == 0)
    unit = "" if kind.unit == "0-10" else f" {kind.unit}"
    truth = {"estimate": estimate, "half": half, "kind": float(RANGES.index(kind))}
    texts = [f"{x:.2f}" for x in (estimate, estimate - half, estimate + half)]
    return pool_row(number, f"{kind.outcome}{unit}", "MD", texts, p_text(p), (k, draw)), truth


def _ratio(draw: np.random.Generator, number: int) -> tuple[PoolRow, dict[str, float]]:
    n, m = (int(x) for x in draw.integers(150, 900, size=2))
    share = draw.uniform(0.04, 0.25)
    a, b = draw.binomial(n, share * draw.uniform(0.35, 1.6)), draw.binomial(m, share)
    a, b = max(int(a), 1), max(int(b), 1)
    crude = (a / n) / (b / m)
    se = math.sqrt(1 / a - 1 / n + 1 / b - 1 / m) * draw.uniform(1.0, 1.4)
    log = math.log(crude) + draw.normal(0, 0.15 * se)
    k = int(draw.integers(3, 30))
    p = p_of(log / se / Z95, k, student=number % 10 == 1)
    texts = [f"{math.exp(log + d):.2f}" for d in (0, -Z95 * se, Z95 * se)]
    truth = {"log": log, "half": Z95 * se, "crude": crude}
    outcome = f"complications (events {a}/{n} vs {b}/{m}; p het 0.5)"
    return pool_row(number, outcome, "RR", texts, p_text(p), (k, draw)), truth


def pool_row(
    number: int,
    outcome: str,
    label: str,
    texts: list[str],
    p: str,
    more: tuple[int, np.random.Generator],
) -> PoolRow:
    """A pool's row from what is printed: estimate, lower and upper end."""
    k, draw = more
    estimate, low, high = (figure(text) for text in texts)
    return PoolRow(
        id=f"P{number}",
        origin="pool",
        key="simulated",
        who=f"simulated {number}",
        where="",
        design="review",
        comparison=f"MIS-TLIF vs open TLIF ({k} studies)",
        condition="",
        outcome=outcome,
        when="",
        unit="",
        seen="",
        confidence="",
        note="",
        label=label,
        direction="yes",
        k=str(k),
        n="",
        estimate=estimate,
        low=low,
        high=high,
        i2=f"{draw.uniform(0, 99):.0f}",
        model="random",
        p=figure(p),
    )


def study(draw: np.random.Generator, number: int) -> tuple[StudyRow, dict[str, float]]:
    """A clean study row and the truth behind it: means or events, with or without an effect."""
    return (_events if number % 4 == 3 else _means)(draw, number)


def _means(draw: np.random.Generator, number: int) -> tuple[StudyRow, dict[str, float]]:
    kind = RANGES[int(draw.integers(len(RANGES)))]
    n, m = (int(x) for x in draw.integers(15, 150, size=2))
    other = within(draw, kind.mean)
    one = float(np.clip(other * draw.uniform(0.6, 1.1), *kind.mean))
    digits = 2 if kind.unit in {"0-10", "days"} else 1
    shares = [within(draw, kind.share) for _ in range(2)]
    sds = [s * min(x, kind.top - x) for s, x in zip(shares, (one, other), strict=True)]
    texts = [f"{x:.{digits}f}" for x in (one, sds[0], other, sds[1])]
    a, s, b, t = (float(text) for text in texts)
    test = stats.ttest_ind_from_stats(a, s, n, b, t, m, equal_var=bool(number % 3))
    half = stats.t.ppf(0.975, n + m - 2) * abs((a - b) / test.statistic) if a != b else 0.0
    effect = f"MD {a - b:.{digits}f} ({a - b - half:.{digits}f} to {a - b + half:.{digits}f})"
    p = f"p={p_text(test.pvalue)}".replace("=<", "<")
    printed = ("", p, f"{effect} {p}")[int(draw.integers(3))]
    if a == b:
        printed = ""
    arms = [arm("MIS", n, texts[0], texts[1]), arm("open", m, texts[2], texts[3])]
    truth = {"kind": float(RANGES.index(kind)), "p": float(test.pvalue), "gap": a - b}
    return study_row(number, kind.outcome, kind.unit, arms, printed), truth


def _events(draw: np.random.Generator, number: int) -> tuple[StudyRow, dict[str, float]]:
    n, m = (int(x) for x in draw.integers(20, 300, size=2))
    a, b = int(draw.binomial(n, draw.uniform(0.02, 0.2))), int(draw.binomial(m, 0.15))
    printed = f"{100 * a / n:.1f}% vs {100 * b / m:.1f}%"
    arms = [arm("MIS", n, events=a), arm("open", m, events=b)]
    return study_row(number, "complications", "patients", arms, printed), {"a": a / n, "b": b / m}


def arm(name: str, n: int, mean: str = "", sd: str = "", events: int | None = None) -> Arm:
    """An arm as printed."""
    return Arm(
        name=name,
        n=figure(str(n)),
        mean_text=mean,
        sd_text=sd,
        mean=figure(mean),
        sd=figure(sd),
        events=None if events is None else figure(str(events)),
    )


def study_row(number: int, outcome: str, unit: str, arms: list[Arm], printed: str) -> StudyRow:
    """A study's row from what is printed."""
    return StudyRow(
        id=f"S{number}",
        origin="study",
        key=f"simulated{number}",
        who=f"simulated {number}",
        where="",
        design="cohort",
        comparison="MIS-TLIF vs open TLIF",
        condition="",
        outcome=outcome,
        when="op",
        unit=unit,
        seen="",
        confidence="",
        note="",
        mis=arms[0],
        open=arms[1],
        printed=printed,
    )
