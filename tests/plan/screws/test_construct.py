"""The set of one side: chosen again where the rod needs it; vessels and density give way in turn."""

import numpy as np
import pytest
from attrs import evolve

from keyhole.plan.choose import candidates
from keyhole.plan.construct import choose_screws
from keyhole.plan.obstacles import Obstacle
from keyhole.plan.passage import Passage
from keyhole.plan.prefer import Pedestal, pedestal
from keyhole.plan.rod import fit_arc, off_square
from keyhole.plan.scene import Scene

LEVELS = ("L2", "L3", "L4", "L5")
"""Through three heads there is always an arc."""


@pytest.fixture(scope="module")
def model(spine):
    return spine(LEVELS)


@pytest.fixture(scope="module")
def stands(model, catalogue, settings):
    """The right pedicles with all their candidates."""
    passages = [Passage(model[level], "right") for level in LEVELS]
    return [Pedestal(p, catalogue, candidates(p, catalogue, settings)) for p in passages]


def off(chosen):
    arc = fit_arc(chosen.heads)
    away = np.linalg.norm(chosen.heads - arc.nearest, axis=1)
    return away.max(), off_square(chosen.aheads, arc.tangent).max()


def test_a_pinned_head_off_the_rod_is_let_go_for_a_spare_one(stands, settings):
    tight = evolve(settings, screws=evolve(settings.screws, rod_distance_mm=0.3))
    row = [evolve(s, fits=s.fits[[0]], spare=None) for s in stands]
    odd = stands[1]
    right = odd.passage.vertebra.frame.to_local(odd.heads)[:, 0]
    pinned = evolve(odd, fits=odd.fits[[int(right.argmax())]])
    stuck = choose_screws([row[0], pinned, *row[2:]], tight)
    free = choose_screws([row[0], evolve(pinned, spare=odd.fits), *row[2:]], tight)
    assert off(stuck)[0] > 0.3 >= off(free)[0]
    assert [len(s.fits) for s in free.stands] == [1, len(odd.fits), 1, 1]


def test_nothing_is_let_go_where_the_rod_is_good(stands, settings):
    row = [evolve(s, fits=s.fits[:3], spare=s.fits) for s in stands]
    assert [len(s.fits) for s in choose_screws(row, settings).stands] == [3, 3, 3, 3]


def test_screws_too_far_off_square_are_chosen_again(stands, settings):
    strict = evolve(settings, screws=evolve(settings.screws, rod_angle_deg=3.0))
    usual, square = choose_screws(stands, settings), choose_screws(stands, strict)
    assert off(square)[1] <= off(usual)[1]
    assert off(square)[1] <= 3.0


def test_one_screw_alone_or_none_needs_no_rod(stands, settings):
    assert choose_screws([], settings).which == ()
    assert choose_screws(stands[:1], settings).which == (int(stands[0].worth(settings).argmin()),)


def tree(points):
    from scipy.spatial import cKDTree

    return Obstacle("aorta", cKDTree(points), 0.5)


def test_a_vessel_in_front_breaks_the_tie(model, catalogue, settings):
    passage = Passage(model["L4"], "right")
    fits = candidates(passage, catalogue, settings)
    tip = fits.tip[:1] + 4.0 * fits.found.lines.ahead[:1]
    scene = Scene(spine=model, image=None, settings=settings, vessels=(tree(tip),))
    stand = pedestal(scene, catalogue, (passage, fits), None, top=False)
    before, after = stand.widened.vessel_room(), stand.vessel_room()
    assert before.max() > before.min() + 1.0
    assert 0 < len(after) < len(before)
    assert after.min() >= min(5.0, before.max() - 0.5)
    far = evolve(scene, vessels=(tree(tip + 60.0),))
    assert len(pedestal(far, catalogue, (passage, fits), None, top=False).fits) == len(
        pedestal(evolve(scene, vessels=()), catalogue, (passage, fits), None, top=False).fits
    )


def test_nearer_to_a_vessel_than_need_be_costs(model, catalogue, settings):
    passage = Passage(model["L4"], "right")
    fits = candidates(passage, catalogue, settings)
    tip = fits.tip[:1] + 4.0 * fits.found.lines.ahead[:1]
    plain = Pedestal(passage, catalogue, fits)
    near = evolve(plain, vessels=(tree(tip),))
    more = near.worth(settings) - plain.worth(settings)
    room = np.minimum(near.vessel_room(), 5.0)
    assert more == pytest.approx(10.0 * (room.max() - room) ** 2)
    assert more[0] > 0
