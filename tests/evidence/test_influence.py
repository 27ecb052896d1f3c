"""Pools without each study in turn: metafor's numbers, study by study."""

import numpy as np
import pytest

from keyhole.errors import EvidenceError
from keyhole.evidence.pooled import (
    Effects,
    baujat,
    cumulative,
    effects,
    influence,
    leave_one_out,
    pool,
)

SETS = {"bcg": "RR", "egger2001": "OR", "hackshaw1998": "GEN"}
FITS = pytest.mark.parametrize(
    ("name", "method", "test"),
    [
        ("bcg", "EE", "z"),
        ("bcg", "REML", "z"),
        ("bcg", "REML", "knha"),
        ("egger2001", "DL", "knha"),
        ("hackshaw1998", "DL", "z"),
    ],
)


@pytest.fixture
def fitted(published):
    def fit(name, method, test):
        said = effects(published(name), SETS[name])
        return said, pool(said, method, test=test)

    return fit


def close(ours, theirs):
    assert np.asarray(ours, dtype=float) == pytest.approx(np.array(theirs), rel=1e-7, abs=1e-10)


@FITS
def test_leaving_out_is_metafors(fitted, metafor, name, method, test):
    rests = leave_one_out(*fitted(name, method, test))
    theirs = metafor(name, method, test, "leave1out")
    close([rest.estimate for rest in rests], theirs["estimate"])
    close([rest.se for rest in rests], theirs["se"])
    close([rest.ci for rest in rests], np.column_stack([theirs["ci.lb"], theirs["ci.ub"]]))
    close([rest.q for rest in rests], theirs["Q"])
    close([rest.i2 for rest in rests], theirs["I2"])
    if method != "EE":
        close([rest.tau2 for rest in rests], theirs["tau2"])


@FITS
def test_influence_is_metafors(fitted, metafor, name, method, test):
    found = influence(*fitted(name, method, test))
    theirs = metafor(name, method, test, "influence")
    close(found.residual, theirs["rstudent"])
    close(found.dffits, theirs["dffits"])
    close(found.cook, theirs["cook.d"])
    close(found.covariance_ratio, theirs["cov.r"])
    close(found.tau2, theirs["tau2.del"])
    close(found.q, theirs["QE.del"])
    close(found.hat, theirs["hat"])
    close(found.dfbetas, theirs["dfbs"])
    assert list(found.influential) == [bool(flag) for flag in theirs["flag"]]


def test_influence_as_printed(fitted):
    """The first BCG trial in metafor's own test, REML run to 1e-5."""
    found = influence(*fitted("bcg", "REML", "z"))
    printed = (-0.2181425, -0.0407076, 0.0017165, 1.1164489, 0.3361567, 151.5825727, 0.0505948)
    ours = (
        found.residual, found.dffits, found.cook, found.covariance_ratio, found.tau2, found.q,
        found.hat,
    )  # fmt: skip
    assert [column[0] for column in ours] == pytest.approx(printed, rel=2e-4)


@FITS
def test_cumulative_pools_are_metafors(fitted, metafor, name, method, test):
    steps = cumulative(*fitted(name, method, test))
    theirs = metafor(name, method, test, "cumul")
    close([step.estimate for step in steps], theirs["estimate"])
    close([step.se for step in steps], theirs["se"])
    close([step.ci for step in steps], np.column_stack([theirs["ci.lb"], theirs["ci.ub"]]))
    assert steps[0].pooled is None


@FITS
def test_baujat_is_metafors(fitted, metafor, name, method, test):
    found = baujat(*fitted(name, method, test))
    theirs = metafor(name, method, test, "baujat")
    close(found.heterogeneity, theirs["x"])
    close(found.influence, theirs["y"])


def test_baujats_parts_make_up_q(fitted):
    said, pooled = fitted("bcg", "EE", "z")
    assert baujat(said, pooled).heterogeneity.sum() == pytest.approx(pooled.q)


def test_the_order_of_growth_is_the_askers(fitted):
    said, pooled = fitted("bcg", "REML", "knha")
    back = list(range(len(said)))[::-1]
    steps = cumulative(said, pooled, order=back)
    assert [step.name for step in steps] == list(said.names[::-1])
    assert steps[-1].estimate == pytest.approx(pooled.estimate)
    with pytest.raises(ValueError, match="each study once"):
        cumulative(said, pooled, order=[0, 0])


def test_counted_pools_can_be_left_out_of(fitted):
    said, pooled = fitted("bcg", "MH", "z")
    assert leave_one_out(said, pooled)[0].estimate == pytest.approx(-0.451379469928476)
    with pytest.raises(EvidenceError) as error:
        influence(said, pooled)
    assert error.value.refusal.code == "method-unfit"


def test_too_few_and_too_like_are_refused():
    def code(make):
        with pytest.raises(EvidenceError) as error:
            make()
        return error.value.refusal.code

    two = Effects(measure="MD", names=("a", "b"), yi=[1, 2], vi=[1, 1])
    assert code(lambda: leave_one_out(two, pool(two))) == "one-study"
    assert code(lambda: baujat(two, pool(two))) == "one-study"
    same = Effects(measure="MD", names=("a", "b", "c"), yi=[2, 2, 3], vi=[1, 1, 1])
    assert code(lambda: influence(same, pool(same))) == "variance-not-positive"
    assert code(lambda: baujat(same, pool(same))) == "variance-not-positive"
    assert len(influence(same, pool(same, test="z")).names) == 3
