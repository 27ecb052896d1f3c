"""Rods: the smoothest set, the arc through the heads, and what is said of heads that lie off."""

import itertools

import numpy as np
import pytest

from keyhole.plan.rod import bend_rod, broken_rod, choose_set, fit_arc

LEVELS = ("L2", "L3", "L4", "L5")


def on_circle(degrees, radius=200.0, tilt=0.3):
    """(n, 3) points on a circle in a leaning plane."""
    angles = np.radians(degrees)
    flat = np.column_stack(
        [np.zeros(len(angles)), radius * np.cos(angles), radius * np.sin(angles)]
    )
    c, s = np.cos(tilt), np.sin(tilt)
    return flat @ np.array([[c, s, 0], [-s, c, 0], [0, 0, 1.0]]).T + [10, -300, 40]


def bending(chain, places):
    total = 0.0
    gaps = np.linalg.norm(np.diff(places, axis=0), axis=1)
    for n in range(1, len(chain) - 1):
        share = gaps[n - 1] / (gaps[n - 1] + gaps[n])
        total += ((chain[n] - chain[n - 1] * (1 - share) - chain[n + 1] * share) ** 2).sum()
    return total


def test_the_chosen_set_is_the_smoothest_of_all():
    rng = np.random.default_rng(4)
    places = np.array([[0, 0, -35.0 * n] for n in range(4)])
    heads = [place + rng.normal(0, 4, (5, 3)) for place in places]
    worth = [rng.uniform(0, 2, 5) for _ in heads]
    found = choose_set(heads, places, worth)

    def cost(choice):
        chain = np.array([heads[n][k] for n, k in enumerate(choice)])
        return bending(chain, places) + sum(worth[n][k] for n, k in enumerate(choice))

    assert cost(found) == pytest.approx(min(map(cost, itertools.product(range(5), repeat=4))))


def test_alone_the_worthiest_is_chosen():
    assert choose_set([np.zeros((3, 3))], np.zeros((1, 3)), [np.array([2.0, 0.5, 1.0])]) == [1]


def test_heads_on_a_circle_lie_on_their_arc():
    heads = on_circle([-12, -4, 3, 11])
    arc = fit_arc(heads)
    assert arc.radius_mm == pytest.approx(200, rel=1e-3)
    np.testing.assert_allclose(arc.nearest, heads, atol=1e-4)
    ends = np.linalg.norm(arc.points[[0, -1]] - heads[[0, -1]], axis=1)
    assert ends == pytest.approx([5, 5], abs=0.1)
    assert np.abs(np.linalg.norm(arc.points - [10, -300, 40], axis=1) - 200).max() < 1e-3
    assert ((heads[1:] - heads[:-1]) * arc.tangent[:-1]).sum(axis=1).min() > 0


@pytest.mark.parametrize("count", [2, 4])
def test_heads_on_a_line_get_a_straight_rod(count):
    heads = np.array([[1.0, 2.0, -30.0 * n] for n in range(count)])
    arc = fit_arc(heads)
    assert arc.radius_mm == np.inf
    np.testing.assert_allclose(arc.nearest, heads, atol=1e-9)
    assert arc.points[:, 2].max() == pytest.approx(5.0)


def square_to(heads):
    """Directions across a rod that runs headward to tailward."""
    return np.repeat([[0, 1.0, 0]], len(heads), axis=0)


def test_a_head_that_lies_off_is_named(settings):
    heads = np.array([[0, 0, -35.0 * n] for n in range(4)])
    rod, off = bend_rod("left", LEVELS, heads, square_to(heads), settings.screws)
    assert (rod.largest_head_distance_mm, off) == (pytest.approx(0, abs=1e-6), [])
    heads[2, 0] = 14.0
    heads[1, 0] = -2.0
    rod, off = bend_rod("left", LEVELS, heads, square_to(heads), settings.screws)
    assert rod.largest_head_distance_mm > 3
    assert "head-off-rod" in {r.code for r in off}
    assert ("L4 left",) in [r.at for r in off]


def test_a_screw_too_far_off_square_is_named(settings):
    heads = np.array([[0, 0, -35.0 * n] for n in range(3)])
    aheads = square_to(heads)
    lean = np.radians(40)
    aheads[1] = [0, np.cos(lean), np.sin(lean)]
    _, off = bend_rod("right", LEVELS[:3], heads, aheads, settings.screws)
    assert [r.at for r in off] == [("L3 right",)]
    assert "40 degrees" in off[0].found


def test_a_broken_rod_names_the_levels_without_a_screw():
    found = broken_rod("left", ["L3", "L4"])
    assert (found.code, found.at) == ("rod-broken", ("L3 left", "L4 left"))
