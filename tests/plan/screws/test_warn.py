"""Every warning of a single screw, and that it stays silent without cause."""

import pytest
from attrs import evolve

from keyhole.plan.model import Chance, Smaller, Stress, Vessel
from keyhole.plan.warn import screw_warnings

THICKEST = 8.5


@pytest.fixture
def calm(a_screw):
    """A screw of which nothing is to be said."""
    screw = a_screw()
    rare = Chance(hits=2, draws=1000, p=0.002, low=0.0, high=0.007)
    usual = evolve(screw.stress.usual, medial_or_caudal=rare)
    return evolve(screw, warnings=(), stress=Stress(usual=usual, large_reason="not drawn"))


def warned(screw, passage, settings, **changes):
    found = screw_warnings(evolve(screw, **changes), passage, THICKEST, settings)
    return found.warnings


def test_a_calm_screw_is_passed_in_silence(calm, passage, settings):
    assert warned(calm, passage, settings) == ()


def test_a_warning_it_came_with_is_kept(calm, passage, settings, a_screw):
    own = a_screw().warnings
    assert warned(calm, passage, settings, warnings=own) == own


@pytest.mark.parametrize(
    ("changes", "code", "word"),
    [
        ({"fill": 0.5}, "fill-off", "50%"),
        ({"fill": 0.86, "diameter_mm": 8.5}, "fill-off", "86%"),
        ({"hu": 90.0}, "bone-soft", "90 HU"),
        ({"vessels": (Vessel(structure="aorta", distance_mm=3.2),)}, "vessel-near", "3.2 mm"),
        ({"facet_grade": 2}, "facet-violated", "grade 2"),
    ],
)
def test_each_cause_is_told(calm, passage, settings, changes, code, word):
    (found,) = warned(calm, passage, settings, **changes)
    assert found.code == code
    assert word in found.found
    assert found.at == (passage.name,)


@pytest.mark.parametrize(
    "changes",
    [
        {"fill": 0.5, "diameter_mm": 7.5},
        {"fill": None, "fill_reason": "S1"},
        {"hu": None},
        {"facet_grade": 1},
        {"vessels": ()},
    ],
)
def test_no_cause_no_warning(calm, passage, settings, changes):
    assert warned(calm, passage, settings, **changes) == ()


@pytest.mark.parametrize(
    ("thin", "advice"), [(0.01, "6.0 mm on the same line"), (0.3, "No thinner screw")]
)
def test_a_likely_breach_offers_the_thicker_of_the_safe_sizes(
    calm, passage, settings, thin, advice
):
    often = Chance(hits=120, draws=1000, p=0.12, low=0.1, high=0.14)
    usual = evolve(calm.stress.usual, medial_or_caudal=often)
    smaller = tuple(
        Smaller(diameter_mm=mm, p_medial_or_caudal=thin, p_high=thin + 0.02) for mm in (6.0, 5.5)
    )
    stress = Stress(usual=usual, large_reason="not drawn")
    (found,) = warned(calm, passage, settings, stress=stress, smaller=smaller)
    assert found.code == "step-down"
    assert "12%" in found.found
    assert advice in found.next
