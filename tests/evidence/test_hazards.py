"""Places where programs and papers differ, each with the numbers of both sides."""

from math import exp

import pytest

from keyhole.evidence.pooled import effects, pool

HART = {  # warfarin against control, strokes and patient-years; Ann Intern Med 1999;131:492
    "study": ["AFASAK", "SPAF", "BAATAF", "CAFA", "SPINAF", "EAFT"],
    "e1": [9, 8, 3, 6, 7, 20],
    "t1": [413, 263, 487, 237, 489, 507],
    "e2": [19, 19, 13, 9, 23, 50],
    "t2": [398, 245, 435, 241, 483, 405],
}
LEE = {  # P6 acupoint stimulation, nausea after surgery; Anesth Analg 2004;98:1246
    "study": [f"trial {i}" for i in range(16)],
    "e1": [18, 5, 9, 32, 9, 11, 69, 3, 1, 11, 7, 4, 1, 24, 16, 28],
    "n1": [100, 50, 20, 135, 23, 18, 122, 25, 30, 30, 44, 47, 30, 40, 50, 110],
    "e2": [20, 18, 7, 31, 10, 12, 80, 12, 1, 19, 16, 6, 13, 71, 53, 25],
    "n2": [100, 50, 20, 139, 23, 18, 122, 25, 30, 30, 39, 47, 30, 80, 88, 111],
}
BLOOD = {  # mL, MIS against open; IJSS and others, rows of miss_vs_open_studies.csv
    "study": ["esj2009", "wu2018", "rahman2025", "ohba2017", "egypt_ted", "ppsf2016"],
    "n1": [15, 79, 14, 46, 32, 93],
    "m1": [318, 163.7, 210.5, 51, 77.33, 65.8],
    "sd1": [215, 49.6, 10.3, 41, 23.14, 40.3],
    "n2": [15, 88, 14, 56, 33, 87],
    "m2": [757, 243.3, 275.2, 206, 170, 183.1],
    "sd2": [255, 70.2, 15.7, 191, 56.06, 77.5],
}


def test_reml_goes_on_until_tau2_rests_relatively():
    pooled = pool(effects(HART, "IRD"), "REML", test="z")
    assert pooled.tau2 == pytest.approx(0.000185, abs=5e-7)  # metafor stops at 0.000192
    assert pooled.estimate == pytest.approx(-0.03380, abs=5e-6)
    assert pooled.ci == pytest.approx((-0.04961, -0.01798), abs=5e-6)


def test_rates_per_day_give_the_same_share_as_rates_per_year():
    per_day = HART | {t: [365.25 * x for x in HART[t]] for t in ("t1", "t2")}
    year, day = (pool(effects(table, "IRD")) for table in (HART, per_day))
    assert day.i2 == pytest.approx(year.i2, rel=1e-6)
    assert day.estimate * 365.25 == pytest.approx(year.estimate, rel=1e-6)


def test_a_prediction_interval_says_which_it_is(published):
    """By z 0.94 to 1.63, as metafor prints it; by t with k - 2 degrees of freedom it is wider."""
    said = effects(published("hackshaw1998"), "GEN")
    pooled, asked = pool(said, "DL", "z"), pool(said, "DL", "z", prediction="z")
    assert [round(exp(x), 2) for x in pooled.pi_z] == [0.94, 1.63]
    assert [round(exp(x), 2) for x in pooled.pi_t] == [0.93, 1.64]
    assert (pooled.pi_kind, pooled.pi) == ("t", pooled.pi_t)
    assert (asked.pi_kind, asked.pi) == ("z", asked.pi_z)
    assert asked.pi != pooled.pi


def test_a_mean_difference_depends_on_whose_spread_is_taken(published):
    table = published("normand1999")
    own, common = (pool(effects(table, "MD", variance=v), "DL") for v in ("unpooled", "pooled"))
    assert round(own.estimate, 4) == -13.9817
    assert round(common.estimate, 4) == -14.0972


def test_i2_from_q_and_from_tau2_differ():
    pooled = pool(effects(LEE, "RR"), "REML")
    assert pooled.i2_from == "tau2"
    assert pooled.i2 == pytest.approx(46.04, abs=0.005)
    assert pooled.i2_q == pytest.approx(100 * (30.2238 - 15) / 30.2238, abs=1e-3)
    common = pool(effects(LEE, "RR"), "EE")
    assert (common.i2_from, common.i2) == ("Q", common.i2_q)


def test_the_estimator_decides_on_blood_loss():
    said = effects(BLOOD, "MD")
    dl, reml = pool(said, "DL", test="z"), pool(said, "REML", test="knha")
    assert (round(dl.tau2), round(reml.tau2)) == (1005, 7432)
    assert (round(dl.estimate, 1), round(reml.estimate, 1)) == (-106.6, -132.5)
    assert tuple(round(x, 1) for x in reml.ci) == (-250.5, -14.5)
