"""Every warning of a single screw, and that it stays silent without cause."""

import pytest
from attrs import evolve

from keyhole.plan.model import Chance, Smaller, Stress, Vessel
from keyhole.plan.prefer import Pedestal
from keyhole.plan.warn import warned as with_warnings


@pytest.fixture
def calm(a_screw):
    """A screw of which nothing is to be said."""
    screw = a_screw()
    rare = Chance(hits=2, draws=1000, p=0.002, low=0.0, high=0.007)
    usual = evolve(screw.stress.usual, medial_or_caudal=rare)
    return evolve(screw, warnings=(), stress=Stress(usual=usual, large_reason="not drawn"))


@pytest.fixture
def stand(passage, catalogue):
    """A pedicle of the construct's top vertebra."""
    return Pedestal(passage, catalogue, None, top=True)


def warned(screw, stand, settings, **changes):
    return with_warnings(evolve(screw, **changes), stand, settings).warnings


def test_a_calm_screw_is_passed_in_silence(calm, stand, settings):
    assert warned(calm, stand, settings) == ()


def test_a_warning_it_came_with_is_kept(calm, stand, settings, a_screw):
    own = a_screw().warnings
    assert warned(calm, stand, settings, warnings=own) == own


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
def test_each_cause_is_told(calm, stand, settings, changes, code, word):
    (found,) = warned(calm, stand, settings, **changes)
    assert found.code == code
    assert word in found.found
    assert found.at == (stand.passage.name,)


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
def test_no_cause_no_warning(calm, stand, settings, changes):
    assert warned(calm, stand, settings, **changes) == ()


@pytest.mark.parametrize(
    ("thin", "advice"), [(0.01, "6.0 mm on the same line"), (0.3, "No thinner screw")]
)
def test_a_likely_breach_offers_the_thicker_of_the_safe_sizes(calm, stand, settings, thin, advice):
    often = Chance(hits=120, draws=1000, p=0.12, low=0.1, high=0.14)
    usual = evolve(calm.stress.usual, medial_or_caudal=often)
    smaller = tuple(
        Smaller(diameter_mm=mm, p_medial_or_caudal=thin, p_high=thin + 0.02) for mm in (6.0, 5.5)
    )
    stress = Stress(usual=usual, large_reason="not drawn")
    (found,) = warned(calm, stand, settings, stress=stress, smaller=smaller)
    assert found.code == "step-down"
    assert "12%" in found.found
    assert advice in found.next


def near_vessel(calm, stand, settings, shorter):
    vessels = (Vessel(structure="iliac vein left", distance_mm=1.2),)
    screw = with_warnings(evolve(calm, vessels=vessels), stand, settings, shorter=shorter)
    (found,) = screw.warnings
    assert "1.2 mm from the screw of 45 mm" in found.found
    return found.next


def test_a_vessel_in_front_names_the_shorter_screw_that_keeps_away(calm, stand, settings):
    assert near_vessel(calm, stand, settings, (40.0, 6.1)).startswith("40 mm on the same line")
    assert "No shorter screw" in near_vessel(calm, stand, settings, None)


def test_the_joint_above_counts_at_the_top_alone(calm, stand, settings):
    lower = evolve(stand, top=False)
    assert warned(calm, lower, settings, facet_grade=3) == ()
    assert [w.code for w in warned(calm, stand, settings, facet_grade=3)] == ["facet-violated"]


def test_an_in_out_in_screw_is_marked_and_not_called_too_thick(calm, stand, settings):
    breach = evolve(calm.gertzbein_robbins.breach_mm, lateral=3.4)
    grade = evolve(calm.gertzbein_robbins, grade="C", breach_mm=breach)
    changes = {"trajectory": "in-out-in", "fill": 1.2, "gertzbein_robbins": grade}
    (found,) = warned(calm, stand, settings, **changes)
    assert found.code == "in-out-in"
    assert "3.4 mm" in found.found
