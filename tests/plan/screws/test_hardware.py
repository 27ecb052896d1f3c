"""Metal and cages already there: screws keep clear of them, rods and towers are told."""

import numpy as np
import pytest
from attrs import evolve

from keyhole.plan.choose import candidates
from keyhole.plan.hardware import hardware, shaft_room, without_own
from keyhole.plan.hardware_near import near_hardware
from keyhole.plan.model import Rod
from keyhole.plan.obstacles import Around
from keyhole.plan.passage import Passage
from keyhole.plan.refine import CANDIDATES
from keyhole.plan.request import Words, make_request
from keyhole.plan.scene import Scene
from keyhole.plan.search import Fits
from keyhole.plan.stabilize import stabilize
from keyhole.plan.verify import verify_plan
from keyhole.scan.volume import Volume

LEVELS = ["L4", "L5"]
HOT = 3000


@pytest.fixture(scope="module")
def model(spine):
    return spine(("L3", *LEVELS))


@pytest.fixture(scope="module")
def ct(model):
    """A CT, of 100 HU; `ct(function)` paints metal where it holds in L4's frame."""
    frame = model["L4"].frame

    def made(inside):
        spacing, counts = np.array([1.4, 1.5, 1.3]), (80, 110, 90)
        affine = np.eye(4)
        affine[:3, :3] = frame.axes @ np.diag(spacing)
        affine[:3, 3] = frame.origin - affine[:3, :3] @ np.array([40, 80, 45])
        places = np.indices(counts).reshape(3, -1).T @ affine[:3, :3].T + affine[:3, 3]
        local = frame.to_local(places)
        values = np.full(counts, 100, np.int16)
        values[inside(local).reshape(counts)] = HOT
        return Volume(values, affine)

    return made


def ball(middle, radius):
    return lambda local: np.linalg.norm(local - np.array(middle), axis=1) < radius


def request(settings, **words):
    return make_request(Words(goal="stabilize", at=["L4-L5"], **words), settings.as_data())


def test_metal_is_found_where_it_is_and_specks_are_not(model, ct):
    (found,) = hardware(model, ct(ball((12.0, -4.0, 3.0), 3.0)))
    points = np.asarray(found.voxels.data)
    centre = model["L4"].frame.to_patient([12.0, -4.0, 3.0])
    assert np.linalg.norm(points.mean(axis=0) - centre) < 0.2
    far = model["L4"].frame.to_patient([12.0, -14.0, 3.0])
    assert found.away(far[None])[0] == pytest.approx(7.0, abs=0.7)
    assert found.away(far[None], 5.0)[0] == np.inf
    assert hardware(model, ct(ball((12.0, -4.0, 3.0), 1.2))) == ()
    assert hardware(model, ct(ball((0, 0, 0), 0))) == ()
    assert hardware(model, None) == ()


def test_a_labelled_cage_counts_without_any_image(spine):
    cage = {"cage L3/4": lambda points, frame: ball((0, 0, 16.0), 8.0)(frame.to_local(points))}
    (found,) = hardware(spine(("L3", "L4"), extra=cage), None)
    assert found.name == "cage L3/4"


def test_metal_elsewhere_in_the_scan_is_none_here(model, ct):
    image = ct(ball((12.0, -4.0, 3.0), 3.0))
    affine = image.affine.copy()
    affine[:3, 3] += 900 * model["L4"].frame.up
    assert hardware(model, evolve(image, affine=affine)) == ()


def test_a_screw_goes_round_metal_in_its_usual_way(model, ct, catalogue, settings):
    passage = Passage(model["L4"], "right")
    head = (catalogue.head_behind_mm, catalogue.head_radius_mm)
    usual = candidates(passage, catalogue, settings)
    local = passage.vertebra.frame.to_local(usual.tip[:1])[0]
    around = hardware(model, ct(ball(local + np.array([0, 0, 2.0]), 3.0)))
    assert shaft_room(around, usual[:1], head)[0] < 0
    found = candidates(passage, catalogue, settings, Around(None, around))
    assert isinstance(found, Fits)
    assert found.diameter_mm == usual.diameter_mm
    assert len(found) <= CANDIDATES
    assert shaft_room(around, found, head).min() >= 0


def test_a_screw_that_cannot_is_refused(model, ct, catalogue, settings):
    passage = Passage(model["L4"], "right")
    in_pedicle = passage.vertebra.frame.to_local(passage.pedicle.centre)
    around = hardware(model, ct(ball(in_pedicle, 7.0)))
    found = candidates(passage, catalogue, settings, Around(None, around))
    assert found.code == "metal-struck"
    assert found.at == ("L4 right",)


def test_an_accepted_levels_own_metal_is_no_obstacle_to_it(model, ct, settings):
    in_pedicle = ball(model["L4"].frame.to_local(Passage(model["L4"], "right").pedicle.centre), 3.0)
    image = ct(in_pedicle)
    found = hardware(model, image)
    assert without_own(found, model["L4"]) == ()
    assert len(without_own(found, model["L5"])) == 1
    for accept, count in (((), 1), (("metal",), 0)):
        scene = Scene.of(model, image, settings, request(settings, accept=accept))
        assert len(scene.hardware_for(model["L4"])) == count
        assert len(scene.hardware_for(model["L5"])) == 1


@pytest.fixture(scope="module")
def quick(settings):
    return evolve(settings, error=evolve(settings.error, draws=100))


def option_of(model, image, quick):
    words = request(quick, side="right")
    (found,) = stabilize(model, image, words, settings=quick, levels=LEVELS, refusals={})
    return found


def test_rods_and_towers_that_meet_metal_are_told(model, ct, quick):
    free = option_of(model, None, quick)
    assert not [r for r in (*free.clearances,) if r.structure == "metal"]
    frame = model["L4"].frame
    first, second = (np.array(s.head) for s in free.screws)
    middle = frame.to_local((first + second) / 2)
    tower = free.screws[0]
    half = frame.to_local((np.array(tower.head) + np.array(tower.skin_entry.point)) / 2)
    image = ct(lambda local: ball(middle, 2.5)(local) | ball(half, 2.5)(local))
    scene = Scene.of(model, image, quick, request(quick))
    rows, near = near_hardware(scene, free.screws, free.rods)
    told = {row.part: row.clearance_mm for row in rows}
    assert told["rod right"] < 0
    assert told["tower L4 right"] < 0
    assert told["screw L4 right"] > 2
    assert {("metal-near", r.at) for r in near} >= {
        ("metal-near", ("L4 right", "L5 right")),
        ("metal-near", ("L4 right",)),
    }
    assert near_hardware(scene, free.screws, ())[0] == [r for r in rows if "rod" not in r.part]


def test_the_option_says_so_and_a_check_finds_a_struck_screw(model, ct, quick, a_plan):
    free = option_of(model, None, quick)
    tip = model["L4"].frame.to_local(np.array(free.screws[0].tip))
    image = ct(ball(tip, 2.5))
    option = option_of(model, image, quick)
    room = {r.part: r.clearance_mm for r in option.clearances if r.structure == "metal"}
    assert room["screw L4 right"] >= 0
    plan = evolve(a_plan, request=request(quick, side="right"), targets=(), options=(free,))
    found = [r for r in verify_plan(plan, model, image, quick) if r.severity == "refusal"]
    assert ("metal-struck", ("L4 right",)) in {(r.code, r.at) for r in found}


def test_a_rods_axis_is_followed_to_both_ends():
    from keyhole.plan.hardware_near import rod_axis

    points = ((0.0, 0.0, 0.0), (0.0, 3.0, 0.0), (0.0, 3.0, 4.0))
    rod = Rod(side="left", levels=(), points=points, diameter_mm=5.5, largest_head_distance_mm=0)
    axis = rod_axis(rod)
    assert axis[[0, -1]].tolist() == [[0, 0, 0], [0, 3, 4]]
    assert np.linalg.norm(np.diff(axis, axis=0), axis=1).max() <= 0.5
