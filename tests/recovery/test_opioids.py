"""Morphine milligram equivalents: every drug, the guideline's own examples, days to stop."""

from datetime import date, timedelta

import pytest

from keyhole.errors import RecoveryError
from keyhole.recovery.course import Intake
from keyhole.recovery.medicines import mme_of, opioids
from keyhole.recovery.medicines.factors import factors

OPERATION = date(2026, 3, 2)


def took(drug, amount, *, day=0, route="oral", unit="mg"):
    on = OPERATION + timedelta(days=day)
    return Intake(
        on=on, drug=drug, route=route, amount=amount, unit=unit, source="diary", by="patient"
    )


CDC_2022 = {
    ("codeine", "oral", "mg"): 0.15,
    ("fentanyl", "transdermal", "mcg/h"): 2.4,
    ("hydrocodone", "oral", "mg"): 1.0,
    ("hydromorphone", "oral", "mg"): 5.0,
    ("methadone", "oral", "mg"): 4.7,
    ("morphine", "oral", "mg"): 1.0,
    ("oxycodone", "oral", "mg"): 1.5,
    ("oxymorphone", "oral", "mg"): 3.0,
    ("tapentadol", "oral", "mg"): 0.4,
    ("tramadol", "oral", "mg"): 0.2,
}


def test_every_drug_and_route_of_the_guideline_has_its_factor():
    assert {(f.drug, f.route, f.unit): f.mme for f in factors().factor} == CDC_2022
    for (drug, route, unit), factor in CDC_2022.items():
        assert mme_of(took(drug, 10, route=route, unit=unit)) == pytest.approx(10 * factor)


def test_the_guidelines_own_examples():
    assert mme_of(took("hydrocodone", 4 * 5)) == 20
    assert mme_of(took("oxycodone", 2 * 10)) == 30


@pytest.mark.parametrize(
    ("drug", "route"),
    [("buprenorphine", "sublingual"), ("morphine", "iv"), ("hydromorphone", "iv")],
)
def test_an_opioid_without_factor_is_named_and_never_counted_as_nothing(drug, route):
    assert mme_of(took(drug, 8, route=route)) is None
    found = opioids([took(drug, 8, route=route)], OPERATION, OPERATION)
    assert found.unconverted == (f"{drug} {route}",)
    assert found.days_to_stop is None


@pytest.mark.parametrize(
    "wrong", [took("fentanyl", 25), took("oxycodone", 1, unit="g"), took("codeine", 9, route="iv")]
)
def test_another_unit_or_route_is_refused(wrong):
    with pytest.raises(RecoveryError) as caught:
        mme_of(wrong)
    assert caught.value.refusal.code == "dose-unit"


def test_a_course_of_opioids_is_summed_by_day_and_stops():
    taken = [took("oxycodone", amount, day=day) for day, amount in ((0, 40), (1, 30), (2, 10))]
    taken += [took("tramadol", 100, day=1), took("oxycodone", 0, day=3), took("ibuprofen", 600)]
    found = opioids(taken, OPERATION, OPERATION + timedelta(days=30))
    assert [day.mme for day in found.days] == [60, 65, 15, 0]
    assert found.total_mme == 140
    assert found.days_to_stop == 3
    assert found.taper == "stopped"
    assert found.others == ("ibuprofen",)
    assert [words.split()[0] for words in found.warned] == ["50"]


def test_what_lies_before_the_operation_or_after_today_is_not_counted():
    taken = [took("morphine", 10, day=day) for day in (-1, 0, 5)]
    found = opioids(taken, OPERATION, OPERATION + timedelta(days=2))
    assert found.total_mme == 10


@pytest.mark.parametrize(
    ("amounts", "taper"),
    [
        ([20] * 7 + [10] * 7, "falling"),
        ([10] * 7 + [20] * 7, "rising"),
        ([10] * 14, "steady"),
        ([0] * 14, "none taken"),
        ([], "unknown"),
    ],
)
def test_the_taper_is_read_off_two_weeks(amounts, taper):
    taken = [took("morphine", amount, day=day) for day, amount in enumerate(amounts)]
    found = opioids(taken, OPERATION, OPERATION + timedelta(days=13))
    assert found.taper == taper


def test_without_any_entry_nothing_is_known():
    found = opioids([took("morphine", 10)], OPERATION, OPERATION + timedelta(days=40))
    assert found.taper == "unknown"
    assert found.days_to_stop is None
