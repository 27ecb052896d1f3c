"""Pools of published studies, to the last digit that was printed of them."""

import pytest

from keyhole.evidence.pooled import effects, pool
from keyhole.evidence.pooled.heterogeneity import tau2_interval

METHODS = {
    "equal-effects IV": ("EE", "z"),
    "RE DerSimonian-Laird": ("DL", "z"),
    "RE REML": ("REML", "z"),
    "RE REML + Hartung-Knapp": ("REML", "knha"),
    "RE Paule-Mandel": ("PM", "z"),
    "RE DL 95% prediction interval t(k-2)": ("DL", "z"),
    "RE DL and REML": ("REML", "z"),
    "Mantel-Haenszel fixed": ("MH", "z"),
    "Peto": ("PETO", "z"),
}
ELSEWHERE = {
    "conditional logistic GLMM exact (CM.EL)",  # no such model here
    "Egger regression (RE + SE predictor)",
    "Begg rank test",
    "Rosenthal fail-safe N",
}
PROFILES = {"Q-profile CI of tau2 (DL point)", "Q-profile CI of I2"}


def measure_of(row):
    words = row["measure"]
    if words == "log OR" or row["dataset"] == "hackshaw1998":
        return "GEN", {}
    return words.split()[0], {
        "variance": "pooled"
    } if "pooled SD)" in words and "un" not in words else {}


def value_of(row, pooled):
    what = row["quantity"]
    if what in {"tau2", "I2", "Q"}:
        return getattr(pooled, what.lower())
    if what == "tau":
        return pooled.tau2**0.5
    return pooled.shown["estimate"] if what in {"RR", "OR"} else pooled.estimate


def interval_of(row, pooled):
    if "prediction" in row["method"]:
        return pooled.pi_t
    return pooled.shown["ci"] if row["quantity"] in {"RR", "OR"} else pooled.ci


def close(printed, value, scale=1.0):
    digits = len(printed.partition(".")[2])
    return scale * value == pytest.approx(float(printed), abs=0.5001 * 10**-digits)


def test_every_printed_pool_is_reproduced(published, printed):
    compared, wrong = 0, []
    for row in printed:
        if row["method"] in ELSEWHERE | PROFILES:
            continue
        measure, how = measure_of(row)
        method, test = METHODS[row["method"]]
        pooled = pool(effects(published(row["dataset"]), measure, **how), method, test=test)
        scale = (100 if row["quantity"] == "estimate" else 1e4) if "x100" in row["measure"] else 1.0
        fits = [close(row["value"], value_of(row, pooled), scale)]
        if row["value_lo"]:
            ends = interval_of(row, pooled)
            fits += [
                close(row[f"value_{end}"], x, scale)
                for end, x in zip(("lo", "hi"), ends, strict=True)
            ]
        compared += len(fits)
        if not all(fits):
            wrong.append((row["dataset"], row["method"], row["quantity"]))
    assert wrong == []
    assert compared == 78


def test_the_interval_of_tau2_is_the_printed_one(published):
    low, high = tau2_interval(effects(published("bcg"), "RR"))
    assert (round(low, 4), round(high, 4)) == (0.1197, 1.1115)


def test_lidocaine_does_not_differ_between_trials_beyond_chance(published):
    for method in ("DL", "REML"):
        assert pool(effects(published("hine1989"), "RD"), method).tau2 == 0
