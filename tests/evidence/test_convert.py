"""Mean and SD from what is printed instead: formulas, and the patients they came from."""

import numpy as np
import pytest

from keyhole.errors import EvidenceError
from keyhole.evidence.pooled.convert import (
    Summary,
    mean_of,
    sd_from_interval,
    sd_from_se,
    sd_of,
)

RANGE = Summary(n=50, median=10, low=2, high=22)
QUARTILES = Summary(n=50, median=10, q1=7, q3=14)
BOTH = Summary(n=50, median=10, low=2, q1=7, q3=14, high=22)


def test_means_by_hand():
    assert mean_of(RANGE, "wan2014") == (2 + 2 * 10 + 22) / 4
    assert mean_of(QUARTILES, "wan2014") == pytest.approx((7 + 10 + 14) / 3)
    assert mean_of(BOTH, "wan2014") == (2 + 2 * 7 + 2 * 10 + 2 * 14 + 22) / 8
    w = 4 / (4 + 50**0.75)
    assert mean_of(RANGE) == pytest.approx(w * 12 + (1 - w) * 10)
    w = 0.7 + 0.39 / 50
    assert mean_of(QUARTILES) == pytest.approx(w * 10.5 + (1 - w) * 10)
    w1, w2 = 2.2 / (2.2 + 50**0.75), 0.7 - 0.72 / 50**0.55
    assert mean_of(BOTH) == pytest.approx(w1 * 12 + w2 * 10.5 + (1 - w1 - w2) * 10)
    assert mean_of(BOTH, "median") == 10


def test_deviations_by_hand():
    """Wan 2014's tables: xi(50) = 4.498 for ranges, eta(50) = 1.307 for quartiles, to 0.5 %."""
    assert sd_of(RANGE) == pytest.approx(20 / 4.498, rel=5e-3)
    assert sd_of(QUARTILES) == pytest.approx(7 / 1.307, rel=5e-3)
    assert sd_of(BOTH, "wan2014") == pytest.approx((20 / 4.498 + 7 / 1.307) / 2, rel=5e-3)
    assert sd_of(QUARTILES, "cochrane") == sd_of(BOTH, "cochrane") == 7 / 1.35


@pytest.mark.parametrize("n", [15, 60, 400])
def test_normal_patients_are_found_again(n):
    rng = np.random.default_rng(n)
    means, deviations = [], []
    for _ in range(400):
        x = rng.normal(50, 8, n)
        low, q1, median, q3, high = np.quantile(x, [0, 0.25, 0.5, 0.75, 1])
        for s in (
            Summary(n=n, median=median, low=low, high=high),
            Summary(n=n, median=median, q1=q1, q3=q3),
            Summary(n=n, median=median, low=low, q1=q1, q3=q3, high=high),
        ):
            means.append(mean_of(s))
            deviations.append(sd_of(s))
    assert np.mean(means) == pytest.approx(50, abs=0.3)
    assert np.reshape(deviations, (-1, 3)).mean(axis=0) == pytest.approx([8, 8, 8], rel=0.05)


def test_shi_is_taken_where_all_five_numbers_are_known():
    assert sd_of(BOTH) == sd_of(BOTH, "shi2020") != sd_of(BOTH, "wan2014")


def test_errors_and_intervals_of_means():
    assert sd_from_se(2, 25) == 10
    assert sd_from_interval(-1.984, 1.984, 101) == pytest.approx(101**0.5, rel=1e-4)


@pytest.mark.parametrize(
    "wrong",
    [
        {"n": 50, "median": 10},
        {"n": 1, "median": 10, "q1": 7, "q3": 14},
        {"n": 50, "median": 10, "q1": 11, "q3": 14},
        {"n": 50, "median": 10, "q1": 7},
        {"n": 50, "median": 10, "low": 8, "high": 22, "q1": 7, "q3": 14},
    ],
)
def test_numbers_out_of_order_are_refused(wrong):
    with pytest.raises(EvidenceError) as e:
        Summary(**wrong)
    assert e.value.refusal.code == "out-of-range"


@pytest.mark.parametrize(
    ("work", "summary", "method"),
    [(sd_of, RANGE, "cochrane"), (sd_of, QUARTILES, "shi2020"), (mean_of, RANGE, "hozo2005")],
)
def test_methods_that_do_not_know_these_numbers_are_refused(work, summary, method):
    with pytest.raises(EvidenceError) as e:
        work(summary, method)
    assert e.value.refusal.code == "method-unfit"
