"""What a user may write for levels and segments, and what it means in this patient."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keyhole.errors import RequestError
from keyhole.levels import LEVELS, order, places, segment, segment_levels

PRESENT = ("T12", "L1", "L2", "L3", "L4", "L5", "S1")


def refused(*wishes, present=PRESENT):
    with pytest.raises(RequestError) as e:
        places(wishes, present)
    return e.value.refusal


@pytest.mark.parametrize(
    ("wishes", "levels", "segments"),
    [
        (["L3"], ["L3"], []),
        (["l3", "L1"], ["L1", "L3"], []),
        (["L4/5"], ["L4", "L5"], ["L4/5"]),
        (["L5/S1"], ["L5", "S1"], ["L5/S1"]),
        (["t12/l1"], ["T12", "L1"], ["T12/L1"]),
        (["L4/L5"], ["L4", "L5"], ["L4/5"]),
        (["L4-5"], ["L4", "L5"], ["L4/5"]),
        (["L4-L5"], ["L4", "L5"], ["L4/5"]),
        (["L3-L5"], ["L3", "L4", "L5"], ["L3/4", "L4/5"]),
        (["L3-5"], ["L3", "L4", "L5"], ["L3/4", "L4/5"]),
        (["T12-L2"], ["T12", "L1", "L2"], ["T12/L1", "L1/2"]),
        (["L5-S1, L2"], ["L2", "L5", "S1"], ["L5/S1"]),
        (["L1,L3-4", "L3-L5"], ["L1", "L3", "L4", "L5"], ["L3/4", "L4/5"]),
    ],
)
def test_what_words_mean(wishes, levels, segments):
    assert places(wishes, PRESENT) == (levels, segments)


def test_segments_join_neighbours_of_this_patient():
    six = (*PRESENT[:-1], "L6", "S1")
    assert places(["L5-S1"], six) == (["L5", "L6", "S1"], ["L5/6", "L6/S1"])
    assert places(["L5/6"], six) == (["L5", "L6"], ["L5/6"])
    assert places(["T12-L1"], ("T12", "T13", "L1"))[1] == ["T12/13", "T13/L1"]
    assert places(["L4/S1"], ("L3", "L4", "S1"))[1] == ["L4/S1"]


@pytest.mark.parametrize(
    "wish",
    ["", ",", "L9", "X3", "L4/", "L5/4", "L4/4", "S1-L1", "L3/5", "L4 L5", "L4//5", "4/5", "L4/5/6"],
)  # fmt: skip
def test_what_cannot_be_understood_is_refused(wish):
    assert refused(wish).code == "at-unreadable"


def test_no_wish_at_all_is_refused():
    assert refused().code == "at-unreadable"


def test_a_segment_that_skips_a_vertebra_is_refused():
    assert refused("L5/S1", present=(*PRESENT[:-1], "L6", "S1")).code == "at-unreadable"


@pytest.mark.parametrize(
    ("wish", "missing"), [("T10", ("T10",)), ("L6", ("L6",)), ("T11-L2", ("T11",))]
)
def test_what_is_not_there_is_refused_with_what_is(wish, missing):
    found = refused(wish)
    assert (found.code, found.at) == ("level-not-there", missing)
    assert "T12, L1" in found.found


def test_nothing_there_is_said_so():
    assert "none" in refused("L3", present=()).found


@given(st.sampled_from(list(itertools.pairwise(LEVELS))))
def test_a_segments_name_is_read_back(pair):
    assert segment_levels(segment(*pair)) == pair


@pytest.mark.parametrize("name", ["L4-5", "L4", "L5/4", "disc"])
def test_only_a_segment_is_a_segment(name):
    with pytest.raises(RequestError) as e:
        segment_levels(name)
    assert e.value.refusal.code == "at-unreadable"


@given(st.lists(st.sampled_from(PRESENT), min_size=1))
def test_levels_come_once_and_from_head_to_sacrum(wishes):
    levels, segments = places(wishes, PRESENT)
    assert levels == sorted(set(wishes), key=order)
    assert segments == []


def test_a_name_that_is_no_level_has_no_rank():
    assert order("T12") < order("T13") < order("L1") < order("L6") < order("S1")
    with pytest.raises(ValueError, match="not in tuple"):
        order("L7")
