"""What becomes a target, with its rule and source, and what a list of targets ends with."""

import pytest

from keyhole.errors import Refusal
from keyhole.findings.model import NO_INDICATION, Finding
from keyhole.findings.target import ASKED, Quantity, Target
from keyhole.findings.targets import asked_target, common_note, in_words, rules, targets_from

UNSEEN = Refusal("not-seen", asked="a", found="b", next="c")


def _finding(name, value, *, at="L4/5", side=None, se=0.1):
    seen = {"not_seen": UNSEEN} if value is None else {}
    return Finding(name=name, at=at, side=side, value=value, unit="mm", se=se, **seen)


@pytest.mark.parametrize(
    ("name", "within", "beyond"),
    [
        ("dural_sac_area", 100.0, 99.0),
        ("canal_ap", 10.0, 9.9),
        ("lateral_recess_height", 3.0, 2.5),
        ("foramen_height", 15.1, 15.0),
        ("herniation_volume", 0.0, 200.0),
        ("slip_percentage", 24.9, 25.0),
        ("dynamic_translation", 4.4, 4.5),
    ],
)
def test_a_finding_is_a_target_from_its_threshold_on(name, within, beyond):
    assert targets_from([_finding(name, within)]) == ()
    (target,) = targets_from([_finding(name, beyond, side="left")])
    assert (target.at, target.side, target.finding) == ("L4/5", "left", name)
    assert target.goal is not None
    assert target.rule in {rule.name for rule in rules()}


def test_an_unseen_or_unruled_finding_is_no_target():
    assert targets_from([_finding("canal_ap", None), _finding("facet_angle", 90.0)]) == ()


def test_every_rule_says_its_source_and_what_is_enough():
    for rule in rules():
        assert rule.source
        assert rule.what
        assert rule.enough


def test_targets_are_numbered_in_the_findings_order():
    found = [_finding("canal_ap", 8.0), _finding("herniation_volume", 300.0, side="right")]
    assert [(t.id, t.kind) for t in targets_from(found)] == [
        ("t1", "decompress"),
        ("t2", "discectomy"),
    ]


def test_all_of_a_herniation_is_to_be_removed_and_a_recess_to_be_three_mm():
    (herniation,) = targets_from([_finding("herniation_volume", 312.4)])
    assert herniation.goal == Quantity(value=312.4, unit="mm3")
    (recess,) = targets_from([_finding("lateral_recess_height", 1.2)])
    assert recess.goal == Quantity(value=3.0, unit="mm")


def test_a_value_within_its_error_of_the_threshold_is_not_sure():
    (near,) = targets_from([_finding("canal_ap", 9.9, se=0.5)])
    (far,) = targets_from([_finding("canal_ap", 7.0, se=0.5)])
    assert any("not sure" in note for note in near.notes)
    assert not any("not sure" in note for note in far.notes)


def test_what_is_common_without_symptoms_says_so_with_its_source():
    (target,) = targets_from([_finding("herniation_volume", 300.0)])
    assert common_note("protrusion") in target.notes
    assert "10.3174/ajnr.A4173" in common_note("protrusion")


def test_what_is_asked_for_without_a_finding_says_so():
    (target,) = asked_target("discectomy", "L4/5", "left", [_finding("canal_ap", 15.0)])
    assert (target.rule, target.finding, target.finding_reason) == (ASKED, None, ASKED)


@pytest.mark.parametrize(("side", "count"), [("left", 1), ("both", 2)])
def test_what_is_asked_for_where_findings_say_so_is_the_findings_target(side, count):
    found = [
        _finding("herniation_volume", 300.0, side="left"),
        _finding("herniation_volume", 90.0, side="right"),
        _finding("herniation_volume", 90.0, at="L5/S1", side="left"),
    ]
    given = asked_target("discectomy", "L4/5", side, found)
    assert len(given) == count
    assert all(target.finding == "herniation_volume" for target in given)


@pytest.mark.parametrize("found", [[], [_finding("canal_ap", 8.0)]])
def test_every_list_ends_with_no_indication(found):
    lines = list(in_words(targets_from(found)))
    assert len(lines) == len(found) + 1
    assert lines[-1] == NO_INDICATION
    assert all("rule: " in line for line in lines[:-1])


def test_a_target_without_a_goal_or_a_finding_says_why():
    with pytest.raises(ValueError, match="goal is unknown without goal_reason"):
        Target(id="t1", kind="fuse", at="L4/5", side="both", finding="slip_percentage")
    with pytest.raises(ValueError, match="finding is unknown without finding_reason"):
        Target(id="t1", kind="fuse", at="L4/5", side="both", goal_reason="none")
