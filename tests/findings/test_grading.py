"""Published thresholds and norms: inclusive where they say so, each with a source."""

import pytest

from keyhole.errors import Refusal
from keyhole.findings.catalogue import MEASURES
from keyhole.findings.grading import bands, grades_of
from keyhole.findings.model import Finding
from keyhole.findings.normal import normal_of, norms
from keyhole.findings.quantity import Quantity

NAMES = {quantity.name for one in MEASURES for quantity in one.quantities}


def grade(quantity, at, value, se=0.0):
    return {g.scale: g.grade for g in grades_of(quantity, at, value, se)}


def test_at_most_holds_its_limit_and_under_does_not():
    assert grade("foramen_height", "L4/5", 15.0)["Foramen height (Hasegawa)"] == "critical"
    assert grade("foramen_height", "L4/5", 15.1)["Foramen height (Hasegawa)"] != "critical"
    assert grade("canal_ap", "L4/5", 10.0)["Canal AP (Verbiest)"] == "relative stenosis"
    assert grade("canal_ap", "L4/5", 9.9)["Canal AP (Verbiest)"] == "absolute stenosis"


def test_every_scale_is_told_with_all_grades_within_the_interval():
    found = {g.scale: g for g in grades_of("slip_percentage", "L4/5", 24.0, 1.0)}
    assert found["Meyerding"].grade == "I"
    assert found["Meyerding"].may_be == ("I", "II")
    assert "recalled" in found["Meyerding"].source
    assert grade("slip_percentage", "L4/5", 4.0) == {
        "Meyerding": "I",
        "Meyerding above the noise floor": "0",
    }
    assert grade("slip_percentage", "L4/5", -4.0)["Meyerding"] == "0"


def test_a_scale_of_some_places_is_silent_elsewhere():
    assert grade("dynamic_translation_percent", "L5/S1", 7.0)["Instability (Posner)"] == "unstable"
    upper = grade("dynamic_translation_percent", "L4/5", 7.0)
    assert upper["Instability (Posner)"] == "below the threshold"
    assert grade("trabecular_hu", "L1", 100.0)
    assert not grade("trabecular_hu", "L3", 100.0)


def test_the_bands_of_a_scale_do_not_overlap():
    for one in bands():
        for value in (one.low, one.up_to):
            if abs(value) == float("inf"):
                continue
            at = one.at[0] if one.at else "L4/5"
            scales = [g.scale for g in grades_of(one.quantity, at, value, 0.0)]
            assert len(scales) == len(set(scales)), (one.quantity, value)


def test_a_value_stands_beside_its_norm():
    found = normal_of("segmental_lordosis", "L4/5", 17.8)
    assert found.z == pytest.approx(1.0, abs=0.01)
    assert normal_of("segmental_lordosis", "C3/4", 17.8) is None


def test_every_row_has_a_source_and_a_spread():
    assert all(band.source for band in bands())
    assert all(norm.source and norm.sd > 0 for norm in norms().values())


def test_a_finding_is_a_value_or_a_reason():
    quantity = Quantity(name="x", unit="mm", definition="d", source="s")
    with pytest.raises(ValueError, match="not_seen"):
        Finding(name="x", at="L4/5", value=None, unit="mm")
    missing = quantity.unseen("L4/5", "Nothing is there.", "Look elsewhere.", side="left")
    assert isinstance(missing.not_seen, Refusal)
    assert missing.interval is None
    low, high = quantity.found("L4/5", 10.0, 0.5).interval
    assert (low, high) == pytest.approx((9.02, 10.98))
