"""Pools from counts, without a half added to anything."""

from math import exp, log

import pytest

from keyhole.evidence.pooled import effects, pool

RARE = {"study": list("abcd"), "n1": [100, 80, 120, 60], "e1": [0, 1, 2, 0],
        "n2": [100, 85, 110, 60], "e2": [3, 2, 5, 0]}  # fmt: skip
RATES = {"study": list("abc"), "e1": [0, 4, 2], "t1": [300, 410.5, 120],
         "e2": [3, 6, 4], "t2": [310, 400, 140]}  # fmt: skip


def twice(n):
    """The same two arms in two studies of the same size."""
    return {"study": ["a", "b"], "n1": [n, n + 1], "e1": [4, 4], "n2": [n, n + 1], "e2": [8, 8]}


def test_mantel_haenszel_sums_over_the_studies():
    odds = pool(effects(RARE, "OR"), "MH")
    up = 1 * 83 / 165 + 2 * 105 / 230
    down = 100 * 3 / 200 + 79 * 2 / 165 + 118 * 5 / 230
    assert odds.estimate == pytest.approx(log(up / down))
    risk = pool(effects(RARE, "RR"), "MH")
    above = 1 * 85 / 165 + 2 * 110 / 230
    below = 3 * 100 / 200 + 2 * 80 / 165 + 5 * 120 / 230
    assert risk.shown["estimate"] == pytest.approx(above / below)
    assert risk.k == 3
    assert risk.dropped == (("d", "no event in either arm"),)
    assert (risk.tau2, risk.pi, risk.test) == (0, None, "z")


def test_mantel_haenszel_differences_use_every_study():
    difference = pool(effects(RARE, "RD"), "MH")
    w = [100 * 100 / 200, 80 * 85 / 165, 120 * 110 / 230, 30]
    d = [-0.03, 1 / 80 - 2 / 85, 2 / 120 - 5 / 110, 0]
    assert difference.k == 4
    assert difference.estimate == pytest.approx(
        sum(a * b for a, b in zip(w, d, strict=True)) / sum(w)
    )


def test_mantel_haenszel_rates():
    ratio = pool(effects(RATES, "IRR"), "MH")
    up = 4 * 400 / 810.5 + 2 * 140 / 260
    down = 3 * 300 / 610 + 6 * 410.5 / 810.5 + 4 * 120 / 260
    assert exp(ratio.estimate) == pytest.approx(up / down)
    assert pool(effects(RATES, "IRD"), "MH").estimate < 0


def test_petos_pool_sums_observed_less_expected():
    pooled = pool(effects(RARE, "OR"), "PETO")
    o = [0 - 1.5, 1 - 3 * 80 / 165, 2 - 7 * 120 / 230]
    v = [3 * 197 * 0.25 / 199, 3 * 162 * (80 / 165) * (85 / 165) / 164,
         7 * 223 * (120 / 230) * (110 / 230) / 229]  # fmt: skip
    assert pooled.estimate == pytest.approx(sum(o) / sum(v))
    assert pooled.se == pytest.approx(sum(v) ** -0.5)
    same = pool(effects(RARE, "PETO"), "EE")
    assert (same.estimate, same.se) == pytest.approx((pooled.estimate, pooled.se))
    assert same.q == pytest.approx(pooled.q)
    assert pool(effects(RARE, "PETO"), "PETO").estimate == pooled.estimate


@pytest.mark.parametrize("measure", ["OR", "RR", "RD"])
def test_alike_studies_are_pooled_to_what_they_say_alike(measure):
    said = effects(twice(200), measure)
    pooled = pool(said, "MH")
    assert said.yi.min() <= pooled.estimate <= said.yi.max()
    assert pooled.se == pytest.approx((1 / (1 / said.vi).sum()) ** 0.5, rel=0.01)
