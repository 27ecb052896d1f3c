"""Which levels are modelled beside those asked for."""

import pytest

from keyhole.plan.assemble import neighbours

PRESENT = ["T12", "L1", "L2", "L3", "L5", "S1"]


@pytest.mark.parametrize(
    ("levels", "near"),
    [
        (["L2"], ["L1", "L2", "L3"]),
        (["S1"], ["L5", "S1"]),
        (["T12", "S1"], ["T12", "L1", "L5", "S1"]),
        (["L3"], ["L2", "L3", "L5"]),
        ([], []),
    ],
)
def test_the_levels_next_to_those_asked_for_belong_to_them(levels, near):
    assert neighbours(levels, PRESENT) == near
