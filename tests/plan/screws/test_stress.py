"""Screws under position error: seeded draws, intervals, and bounds that hold."""

import itertools

import numpy as np
import pytest
from attrs import evolve

from keyhole.plan.passage import Lines, Passage
from keyhole.plan.search import usual_error
from keyhole.plan.stress import (
    Placed,
    attained_margins,
    chance,
    chances,
    drawn,
    drawn_outside,
    smaller_sizes,
    stressed,
)


@pytest.fixture(scope="module")
def screw(passage):
    """A 6 mm screw along the axis of a 9 mm pedicle: 1.5 mm free on either side."""
    pedicle = passage.pedicle
    return Placed(passage, pedicle.centre - 19 * pedicle.axis, pedicle.axis, 6.0)


def test_draws_are_the_seeds_the_levels_and_the_sides_alone(passage, vertebra):
    one, again = drawn(passage, 7, 50), drawn(passage, 7, 50)
    np.testing.assert_array_equal(one.shift, again.shift)
    for other in (drawn(passage, 8, 50), drawn(Passage(passage.vertebra, "left"), 7, 50)):
        assert not np.array_equal(one.shift, other.shift)
    assert np.abs(one.breath).max() <= 1


def test_without_error_every_draw_is_the_screw_itself(screw, settings):
    still = evolve(settings.error, label_sd_mm=0.0, breathing_mm=0.0)
    outside = drawn_outside(screw, drawn(screw.passage, 1, 5), still, 0.0, 0.0)
    assert outside[:, [0, 2]] == pytest.approx(np.full((5, 2), -1.5), abs=0.1)


def test_the_draws_match_the_normal_law(screw, settings):
    """With shifts alone a breach over 2 mm to one side has the normal law's chance."""
    still = evolve(settings.error, label_sd_mm=0.0, breathing_mm=0.0)
    outside = drawn_outside(screw, drawn(screw.passage, 1, 4000), still, 4.5, 0.0)
    over = (outside[:, 0] > 1.0).mean()
    # medial of the axis: sigma 4.5 / 2.8 mm; over 1 mm outside is a shift of more than 2.5 mm
    from scipy import stats

    assert over == pytest.approx(stats.norm.sf(2.5 / (4.5 / 2.8)), abs=0.02)


def test_thinner_screws_and_smaller_errors_are_never_likelier_to_breach(screw, settings, catalogue):
    draws = drawn(screw.passage, 3, 400)
    found = stressed(screw, draws, settings)
    assert found.usual.a.p > found.large.a.p
    assert found.usual.medial_or_caudal.p <= found.large.medial_or_caudal.p
    thin = smaller_sizes(screw, catalogue.diameter_mm, draws, settings)
    assert [s.diameter_mm for s in thin] == [5.5, 5.0, 4.5]
    p = [found.usual.medial_or_caudal.p, *(s.p_medial_or_caudal for s in thin)]
    assert all(a >= b for a, b in itertools.pairwise(p))
    assert all(s.p_high > s.p_medial_or_caudal for s in thin)


def test_chances_have_their_clopper_pearson_interval():
    never, some, always = chance(0, 1000), chance(30, 1000), chance(1000, 1000)
    assert (never.low, round(never.high, 4)) == (0.0, 0.0037)
    assert (round(some.low, 4), round(some.high, 4)) == (0.0203, 0.0426)  # R: binom.test(30, 1000)
    assert always.high == 1.0
    assert always.low == pytest.approx(1 - never.high)


def test_s1_counts_no_lateral_breach(passage):
    sacral = Passage(evolve(passage.vertebra, level="S1"), "right")
    outside = np.array([[-1.0, -1, 3, -1], [2.5, -1, -1, -1], [-1, -1, -1, 2.0], [-1, 1, -1, -1]])
    assert chances(passage, outside, 2.0).a.hits == 0
    found = chances(sacral, outside, 2.0)
    assert (found.a.hits, found.a_or_b.hits, found.medial_or_caudal.hits) == (1, 2, 2)


def test_the_attained_margin_bounds_the_guaranteed_one_from_above(screw, settings):
    stretch = (14.0, 23.0)
    found = attained_margins(screw, stretch, settings.error)
    shift, turn = usual_error(settings.error)
    worst = shift + 2 * stretch[1] * np.sin(turn / 2)
    nominal = 1.5
    assert (found[[0, 2]] >= nominal - worst - 0.1).all()
    assert (found[[0, 2]] <= nominal - shift).all()
    lines = Lines(screw.dock[None], screw.ahead[None])
    assert len(lines) == 1
    none = evolve(settings.error, usual_shift_mm=0.0, usual_turn_deg=0.0)
    assert attained_margins(screw, stretch, none)[[0, 2]] == pytest.approx([1.5, 1.5], abs=0.1)
