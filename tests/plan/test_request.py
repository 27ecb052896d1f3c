"""A user's words: understood, or refused with the next step."""

import attrs
import pytest

from keyhole.errors import CODES, RequestError
from keyhole.plan.request import (
    Words,
    demand_places,
    make_request,
    parse_accept,
    parse_call,
    words,
)

LUMBAR = ("L1", "L2", "L3", "L4", "L5", "S1")


def asked(**other):
    return make_request(Words(**({"goal": "stabilize", "at": ["L3"]} | other)), {})


def code_of(**other):
    with pytest.raises(RequestError) as e:
        asked(**other)
    return e.value.refusal.code


def test_words_may_be_repeated_or_joined_by_commas():
    assert words(["L3, L4/5", "S1", "L3", " ,"]) == ("L3", "L4/5", "S1")


@pytest.mark.parametrize(
    ("at", "levels"),
    [
        (["L3"], ["L3"]),
        (["l4/5"], ["L4", "L5"]),
        (["L4/L5"], ["L4", "L5"]),
        (["L4-5"], ["L4", "L5"]),
        (["L1-S1"], list(LUMBAR)),
        (["L5/S1", "L1"], ["L1", "L5", "S1"]),
        (["S1,L2"], ["L2", "S1"]),
    ],
)
def test_places_become_levels_from_head_to_sacrum(at, levels):
    assert demand_places(asked(at=at), LUMBAR) == levels


@pytest.mark.parametrize("at", [[], [""], ["L9"], ["L5-L3"], ["L4/L4"], ["heart"], ["L3", "??"]])
def test_places_that_are_none_are_refused_before_any_scan_is_read(at):
    assert code_of(at=at) == "at-unreadable"


def test_a_segment_that_is_none_in_this_patient_is_refused():
    with pytest.raises(RequestError) as e:
        demand_places(asked(at=["L3/5"]), LUMBAR)
    assert e.value.refusal.code == "at-unreadable"


def test_a_level_that_the_patient_lacks_is_refused():
    with pytest.raises(RequestError) as e:
        demand_places(asked(at=["T12"]), LUMBAR)
    assert e.value.refusal.code == "level-not-there"


@pytest.mark.parametrize("goal", ["decompress", "discectomy", "fuse", "augment", "cure"])
def test_a_goal_that_cannot_be_planned_is_refused(goal):
    assert code_of(goal=goal) == "goal-not-built"


def test_a_technique_that_is_none_is_refused():
    assert code_of(techniques=["laser"]) == "technique-unknown"


def test_a_goal_in_any_case_is_the_goal():
    assert asked(goal=" Stabilize ").goal == "stabilize"


@pytest.mark.parametrize(
    ("text", "call"),
    [([], {}), (["l5=l4,L4=L3"], {"L5": "L4", "L4": "L3"}), (["L5=L6", "L5 = L6"], {"L5": "L6"})],
)
def test_own_names_are_read(text, call):
    assert parse_call(text) == call


@pytest.mark.parametrize(
    "text", [["L5"], ["L5="], ["=L5"], ["L5=X"], ["L5=L4,L5=L3"], ["L5=L4,L3=L4"], ["disc=L4"]]
)
def test_own_names_that_make_no_sense_are_refused(text):
    with pytest.raises(RequestError) as e:
        parse_call(text)
    assert e.value.refusal.code == "call-unreadable"
    assert code_of(call=text) == "call-unreadable"


def test_acceptable_codes_are_accepted_and_no_others():
    for code, about in CODES.items():
        if about.acceptable:
            assert parse_accept([code.upper()]) == (code,)
            continue
        with pytest.raises(RequestError) as e:
            parse_accept([code])
        assert e.value.refusal.code == "accept-unknown"
        assert "never" in e.value.refusal.found


def test_a_code_that_is_none_is_refused():
    with pytest.raises(RequestError) as e:
        parse_accept(["metal,steel"])
    assert e.value.refusal.code == "accept-unknown"
    assert "no such code" in e.value.refusal.found
    assert "metal" in e.value.refusal.next


def test_the_request_keeps_what_was_asked():
    request = asked(
        at=["l4/5"],
        side="left",
        approach="right",
        techniques=["cortical-screws,percutaneous-screws"],
        seed=3,
    )
    assert request.at == ("L4/5",)
    assert (request.side, request.approach, request.seed) == ("left", "right", 3)
    assert request.techniques == ("cortical-screws", "percutaneous-screws")
    assert request != attrs.evolve(request, seed=4)
