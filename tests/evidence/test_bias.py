"""Small-study effects: metafor's numbers, printed ones, and what cannot be tested."""

import attrs
import numpy as np
import pytest

from keyhole.errors import EvidenceError
from keyhole.evidence.pooled import (
    Effects,
    begg,
    doubts,
    effects,
    egger,
    orwin,
    pool,
    rosenberg,
    rosenthal,
    trim_and_fill,
)
from keyhole.evidence.pooled.bias_regression import MODELS, PREDICTORS

SETS = {"bcg": "RR", "egger2001": "OR", "hackshaw1998": "GEN"}
FITS = [
    ("bcg", "EE", "z"),
    ("bcg", "REML", "z"),
    ("bcg", "REML", "knha"),
    ("egger2001", "EE", "z"),
    ("egger2001", "DL", "knha"),
    ("hackshaw1998", "DL", "z"),
]
VARIANTS = [(model, predictor) for model in MODELS for predictor in PREDICTORS]
FILLINGS = [(how, side) for how in ("L0", "R0") for side in ("left", "right", None)]


@pytest.fixture
def studies(published):
    return lambda name: effects(published(name), SETS[name])


def made(yi, vi, **more):
    names = tuple(f"study {i + 1}" for i in range(len(yi)))
    return Effects(measure="GEN", names=names, yi=yi, vi=vi, **more)


def refused(make):
    with pytest.raises(EvidenceError) as error:
        make()
    return error.value.refusal.code


@pytest.mark.parametrize("fit", FITS, ids=" ".join)
@pytest.mark.parametrize(("model", "predictor"), VARIANTS)
def test_regression_tests_are_metafors(studies, metafor, fit, model, predictor):
    name, method, test = fit
    said = studies(name)
    if said.ni is None and "n" in predictor:
        assert refused(lambda: egger(said, pool(said), predictor=predictor)) == "columns-missing"
        return
    found = egger(said, pool(said, method, test=test), model=model, predictor=predictor)
    theirs = metafor(name, method, test, f"regtest {model} {predictor}")
    assert found.statistic == pytest.approx(theirs["statistic"], rel=1e-7)
    assert found.p == pytest.approx(theirs["p"], rel=1e-6, abs=1e-12)
    if "limit" in theirs:
        ours = (found.limit, *found.limit_ci)
        both = [theirs[key] for key in ("limit", "limit_low", "limit_high")]
        assert ours == pytest.approx(both, rel=1e-6)
    else:
        assert found.limit is None
        assert found.limit_ci is None


def test_egger_as_printed(studies):
    """metafor's own test prints z = -4.6686 for the magnesium trials (mixed effects, REML)."""
    said = studies("egger2001")
    found = egger(said, pool(said, "REML", test="z"), model="rma")
    assert round(found.statistic, 4) == -4.6686
    assert found.df is None
    assert not found.few
    by_size = egger(said, pool(said), model="lm", predictor="sqrtninv")
    assert round(by_size.statistic, 4) == -5.6083


@pytest.mark.parametrize("name", SETS)
def test_rank_test_and_fail_safe_numbers_are_metafors(studies, metafor, name):
    said, mean = studies(name), np.sign(studies(name).yi.mean())
    rank = begg(said)
    assert [rank.tau, rank.p] == pytest.approx(list(metafor(name, "", "", "ranktest").values()))
    for found, what in (
        (rosenthal(said), "Rosenthal"),
        (rosenberg(said), "Rosenberg"),
        (orwin(said, target=0.049 * mean), "Orwin FALSE"),
    ):
        assert found.n == metafor(name, "", "", f"fsn {what}")["n"]
        assert found.n - 1 < found.exact <= found.n


def test_fail_safe_numbers_as_printed(studies):
    """Becker 2005, passive smoking: metafor prints 393, 186, 104 and 202."""
    said = studies("hackshaw1998")
    assert rosenthal(said).n == 393
    assert orwin(said, target=0.049).n == 186
    assert orwin(said, target=0.049, weighted=True).n == 104
    assert rosenberg(said).n == 202
    assert orwin(said).n == len(said)


def test_begg_as_printed(studies):
    rank = begg(studies("egger2001"))
    assert rank.tau == pytest.approx(0.15)
    assert round(rank.p, 4) == 0.4503
    assert rank.kind == "exact"


def test_begg_with_ties_is_normal():
    rank = begg(made([0.1, 0.4, 0.2, 0.9, 0.3], [0.1, 0.1, 0.2, 0.3, 0.2]))
    assert rank.kind == "normal"
    assert -1 <= rank.tau <= 1


@pytest.mark.parametrize("fit", FITS, ids=" ".join)
@pytest.mark.parametrize(("estimator", "side"), FILLINGS)
def test_trim_and_fill_is_metafors(studies, metafor, fit, estimator, side):
    name, method, test = fit
    said = studies(name)
    found = trim_and_fill(said, pool(said, method, test=test), estimator=estimator, side=side)
    theirs = metafor(name, method, test, f"trimfill {estimator} {side or 'auto'}")
    assert found.missing == theirs["k0"]
    assert (found.side == "right") == bool(theirs["right"])
    if np.isnan(theirs["se"]):
        assert found.missing_se is None
    else:
        assert found.missing_se == pytest.approx(theirs["se"])
    if estimator == "R0":
        assert found.p == pytest.approx(theirs["p"])
    else:
        assert found.p is None
    # metafor stops its inner REML at 1e-5 (absolute), and puts the images round that mean
    close = 1e-4 if method == "REML" else 1e-7
    ours = [found.pooled.estimate, *found.pooled.ci]
    assert ours == pytest.approx([theirs[key] for key in ("estimate", "low", "high")], rel=close)


def test_images_lie_as_far_on_the_other_side(studies):
    said = studies("egger2001")
    found = trim_and_fill(said, pool(said, "EE"))
    assert len(found.effects) == len(said) + found.missing
    assert found.effects.names[-1] == f"Filled {found.missing}"
    assert np.array_equal(found.effects.yi[: len(said)], said.yi)
    images = found.effects.yi[len(said) :]
    far = np.sort(said.yi)[: found.missing]
    assert np.ptp(np.sort(images)[::-1] + far) == pytest.approx(0, abs=1e-12)


def test_mirrored_studies_mirror_every_answer(studies):
    said = studies("egger2001")
    other = attrs.evolve(said, yi=-said.yi, cells=None)
    here, there = pool(said), pool(other)
    assert egger(other, there).slope == pytest.approx(-egger(said, here).slope)
    one, two = trim_and_fill(said, here), trim_and_fill(other, there)
    assert (one.side, two.side) == ("right", "left")
    assert one.missing == two.missing
    assert begg(other).tau == pytest.approx(-begg(said).tau)
    assert rosenthal(other).n == rosenthal(said).n


def test_a_symmetric_funnel_lacks_nothing():
    vi = [0.01, 0.04, 0.04, 0.09, 0.09, 0.16, 0.16]
    said = made([0.0, 0.1, -0.11, 0.31, -0.3, 0.5, -0.51], vi)
    mean = pool(said, "EE")
    assert trim_and_fill(said, mean, side="left").missing == 0
    assert trim_and_fill(said, mean, side="right").missing == 0
    assert egger(said, mean).slope == pytest.approx(0, abs=0.1)
    assert egger(said, mean).few


def test_a_planted_gap_is_filled():
    rng = np.random.default_rng(4)
    se = np.linspace(0.05, 0.6, 60)
    yi = rng.normal(0, se)
    seen = yi > np.where(se > 0.2, 0, -9)  # small studies against it stay in the drawer
    found = made(yi[seen], se[seen] ** 2)
    mean = pool(found, "EE")
    filled = trim_and_fill(found, mean)
    assert filled.side == "left"
    assert filled.missing >= 5
    assert filled.pooled.estimate < mean.estimate
    assert egger(found, mean).p < 0.05


def test_what_cannot_be_tested_is_refused():
    two = made([0.1, 0.2], [0.1, 0.2])
    alike = made([0.1, 0.2, 0.4], [0.1, 0.1, 0.1])
    same = made([0.2, 0.2, 0.2], [0.1, 0.2, 0.3])
    assert refused(lambda: egger(two, pool(two))) == "one-study"
    assert refused(lambda: trim_and_fill(two, pool(two))) == "one-study"
    assert refused(lambda: egger(alike, pool(alike))) == "moderators-unfit"
    assert refused(lambda: egger(same, pool(same, "EE"))) == "moderators-unfit"
    assert refused(lambda: begg(alike)) == "moderators-unfit"
    assert refused(lambda: begg(same)) == "moderators-unfit"
    assert refused(lambda: rosenthal(two, alpha=0.7)) == "out-of-range"
    assert refused(lambda: rosenberg(two, alpha=0)) == "out-of-range"
    assert refused(lambda: orwin(two, target=-0.1)) == "out-of-range"
    assert refused(lambda: orwin(two, target=0)) == "out-of-range"


def test_pools_of_counts_have_no_mixed_regression_and_no_filling(studies):
    said = studies("bcg")
    counted = pool(said, "MH")
    assert refused(lambda: egger(said, counted, model="rma")) == "method-unfit"
    assert refused(lambda: trim_and_fill(said, counted)) == "method-unfit"
    assert egger(said, counted).p == pytest.approx(egger(said, pool(said)).p)


def test_an_oscillating_count_is_refused(monkeypatch):
    from keyhole.evidence.pooled import bias_trim_fill

    said = made([0.0, 0.1, -0.1, 0.3, 1.3], [0.01, 0.04, 0.04, 0.09, 0.3])
    monkeypatch.setattr(bias_trim_fill, "_MOST_ROUNDS", 0)
    assert refused(lambda: trim_and_fill(said, pool(said, "EE"))) == "not-converged"


def test_a_pool_of_other_studies_is_our_own_fault(studies):
    with pytest.raises(ValueError, match="not made of"):
        egger(studies("bcg"), pool(studies("egger2001")))


def test_all_doubts_at_once_name_what_is_missing(studies):
    said = studies("bcg")
    found = doubts(said, pool(said, "MH"))
    assert {refusal.code for refusal in found.refusals} == {"method-unfit"}
    assert found.influence is None
    assert set(found.regressions) == {"Egger"}
    assert found.filled == ()
    assert len(found.left_out) == len(said)
    whole = doubts(said, pool(said))
    assert whole.refusals == ()
    data = whole.as_data()
    assert [row["study"] for row in data["leave_one_out"]] == list(said.names)
    assert data["influence"]["influential"] == [False] * len(said)
    few = made([0.1, 0.3], [0.1, 0.2])
    assert {r.code for r in doubts(few, pool(few)).refusals} == {"one-study"}
