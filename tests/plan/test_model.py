"""An unknown never stands without its reason."""

import attrs
import pytest

from keyhole.plan import model as m

UNKNOWABLE = [
    name.removesuffix("_reason") for name in attrs.fields_dict(m.Screw) if name.endswith("_reason")
]


@pytest.mark.parametrize("name", UNKNOWABLE)
def test_a_screw_refuses_an_unknown_without_its_reason(a_screw, name):
    with pytest.raises(ValueError, match=f"{name} is unknown without {name}_reason"):
        attrs.evolve(a_screw(), **{name: None, f"{name}_reason": None})


@pytest.mark.parametrize("name", UNKNOWABLE)
def test_a_screw_takes_an_unknown_with_its_reason(a_screw, name):
    screw = attrs.evolve(a_screw(), **{name: None, f"{name}_reason": "not seen"})
    assert getattr(screw, name) is None


def test_the_unknowable_parts_of_a_screw_are_these():
    assert {"fill", "facet_grade", "skin_entry", "head", "pedicle_width_mm"} <= set(UNKNOWABLE)


@pytest.mark.parametrize("kind", [m.ByDirection, m.Breach])
def test_a_direction_without_a_number_says_why(kind):
    known = {"medial": 1.0, "lateral": None, "cranial": 1.0, "caudal": 1.0}
    with pytest.raises(ValueError, match="without a reason"):
        kind(**known)
    assert kind(**known, reason="S1 has no lateral limit").lateral is None


def test_a_finding_without_a_value_says_why():
    with pytest.raises(ValueError, match="not_seen"):
        m.Finding(name="canal_ap", at="L4/5", value=None, unit="mm")


def test_a_plan_cannot_be_changed(a_plan):
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        a_plan.keyhole = "9"


def test_two_screws_that_differ_in_one_number_are_not_equal(a_screw):
    assert a_screw() == a_screw()
    assert attrs.evolve(a_screw(), tilt_deg=-2.1) != a_screw()
