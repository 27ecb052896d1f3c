"""300 random sets of studies, the same on every machine: 30 of each measure, 2 to 200 studies.

They hold what real ones hold: small arms, rare events, zero cells, double zeros, effects that
differ much, little or not at all, and units from thousandths to thousands. The draws come from
`random.random`, which Python promises never to change, and are rounded.
"""

import csv
import functools
import hashlib
import io
from random import Random
from statistics import NormalDist

MEASURES = ("MD", "SMD", "RR", "OR", "RD", "PETO", "IRR", "IRD", "GEN", "HR")
STUDIES = (2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 60, 100, 200)
SPREADS = (0.0, 0.05, 0.3, 1.0)
RISKS = (0.01, 0.04, 0.15, 0.4)
UNITS = (0.001, 1.0, 10.0, 1000.0)
COLUMNS = ("study", "n1", "m1", "sd1", "e1", "t1", "n2", "m2", "sd2", "e2", "t2", "oe", "v",
           "yi", "vi", "x")  # fmt: skip
EACH = 30
Table = dict[str, list[str]]


def normal(draw: Random, mean: float = 0.0, sd: float = 1.0) -> float:
    """A normal number."""
    return mean + sd * NormalDist().inv_cdf(min(max(draw.random(), 1e-9), 1 - 1e-9))


def binomial(draw: Random, n: int, p: float) -> int:
    """How many of n have it."""
    return sum(draw.random() < p for _ in range(n))


def means(draw: Random, effect: float, unit: float) -> dict[str, float]:
    """Two arms measured in some unit."""
    sd, base = unit * (0.5 + draw.random()), unit * 5 * draw.random()
    n1, n2 = 5 + int(60 * draw.random()), 5 + int(60 * draw.random())
    row = {"n1": n1, "n2": n2}
    for arm, n, mean in (("1", n1, base + effect * unit), ("2", n2, base)):
        row[f"m{arm}"] = float(f"{normal(draw, mean, sd / n**0.5):.6g}")
        row[f"sd{arm}"] = float(f"{sd * (0.7 + 0.6 * draw.random()):.6g}")
    return row


def events(draw: Random, effect: float, risk: float) -> dict[str, float]:
    """Two arms with counted events."""
    n1, n2 = 10 + int(120 * draw.random()), 10 + int(120 * draw.random())
    odds = risk / (1 - risk) * 2.718281828459045**effect
    return {"n1": n1, "e1": binomial(draw, n1, odds / (1 + odds)),
            "n2": n2, "e2": binomial(draw, n2, risk)}  # fmt: skip


def rates(draw: Random, effect: float, risk: float) -> dict[str, float]:
    """Two arms followed for some person-time."""
    row = events(draw, effect, risk)
    t1 = round(row.pop("n1") * (0.5 + 4 * draw.random()), 1)
    return row | {"t1": t1, "t2": round(row.pop("n2") * (0.5 + 4 * draw.random()), 1)}


def given(draw: Random, effect: float, unit: float) -> dict[str, float]:
    """An effect and its variance."""
    vi = float(f"{unit**2 * (0.01 + 0.5 * draw.random() ** 2):.6g}")
    return {"yi": float(f"{normal(draw, effect * unit, vi**0.5):.6g}"), "vi": vi}


def hazards(draw: Random, effect: float) -> dict[str, float]:
    """Log-rank observed less expected events, and their variance."""
    v = round(1 + 20 * draw.random(), 3)
    return {"oe": round(normal(draw, effect * v, v**0.5), 3), "v": v}


def study(draw: Random, measure: str, effect: float, size: float) -> dict[str, float]:
    """One study's numbers; `size` is its unit, or the risk in the second arm."""
    if measure in {"MD", "SMD"}:
        return means(draw, effect, size)
    if measure == "GEN":
        return given(draw, effect, size)
    if measure == "HR":
        return hazards(draw, effect)
    return (rates if measure in {"IRR", "IRD"} else events)(draw, effect, size)


def one_set(number: int) -> tuple[str, Table]:
    """The measure and the table of one set."""
    draw = Random(9000 + number)  # noqa: S311 - numbers for a comparison, no secrets
    measure = MEASURES[number // EACH]
    k = STUDIES[number % len(STUDIES)]
    spread = SPREADS[int(len(SPREADS) * draw.random())]
    middle = normal(draw, 0, 0.5)
    counted = measure in {"RR", "OR", "RD", "PETO", "IRR", "IRD"}
    size = (RISKS if counted else UNITS)[int(4 * draw.random())]
    rows = []
    for i in range(k):
        row = study(draw, measure, normal(draw, middle, spread), size)
        rows.append(row | {"x": round(10 * draw.random(), 2), "study": f"s{i + 1}"})
    return measure, {c: [f"{row.get(c, '')}" for row in rows] for c in COLUMNS}


@functools.cache
def all_sets() -> list[tuple[str, Table]]:
    """All sets, in order."""
    return [one_set(number) for number in range(EACH * len(MEASURES))]


def as_csv(sets: list[tuple[str, Table]]) -> str:
    """All sets as one table for R."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("set", "measure", *COLUMNS))
    for number, (measure, table) in enumerate(sets):
        for row in zip(*(table[c] for c in COLUMNS), strict=True):
            writer.writerow((number, measure, *row))
    return text.getvalue()


def digest(text: str) -> str:
    """What tells one state of the sets or of the script from another."""
    return hashlib.sha256(text.encode()).hexdigest()
