"""The canal and what it holds: places, sizes, thicknesses, and what stenosis does to them."""

import numpy as np
import pytest
from attrs import evolve, fields

from keyhole.simulate import Recipe, grow
from keyhole.simulate.design import draw
from keyhole.simulate.design.chance import Scores, draw_scores
from keyhole.simulate.design.curve import canal_curve, stations
from keyhole.simulate.design.stack import stack
from keyhole.simulate.engine.shapes import evaluated
from keyhole.simulate.illness.registry import ordered
from keyhole.simulate.soft.canal_cauda import conus
from keyhole.simulate.soft.canal_contents import Contents
from keyhole.simulate.soft.canal_room import Canal
from keyhole.simulate.soft.canal_sac import sac_loft
from keyhole.simulate.soft.ligaments import flava, flavum_solid
from keyhole.simulate.truth.canal import canal_truths
from keyhole.simulate.truth.foramen import foramen_truths
from keyhole.space import SIDES, Frame, turned

CROOKED = Frame(
    [130, -85, 210],
    np.column_stack([turned(turned(c, [1, 0, 0], 25), [0, 0.6, 0.8], 140) for c in np.eye(3)]),
)
LOW = ("L3", "L4", "L5", "S1")


def contents_of(*illness, seed=4, levels=LOW):
    return grow(Recipe(seed, levels=levels, soft=False, illness=illness)).contents


@pytest.fixture(scope="module")
def healthy():
    return contents_of()


@pytest.fixture(scope="module")
def well(healthy):
    return canal_truths(healthy, 4.0), foramen_truths(healthy)


@pytest.mark.parametrize(
    "illness", [(), ("scoliosis=T12-L4:severe", "slip=L4/5:8"), ("sixth-lumbar",)]
)
def test_the_curve_passes_the_canals_middle_at_every_level_and_disc(illness):
    contents = contents_of(*illness, levels=("L5", "S1"))
    design, frames = contents.design, contents.frames
    curve = canal_curve(design, frames)
    marks = stations(design, frames, curve)
    order = ["S3", "S2", "S1"]
    for level in reversed(design.names[:-1]):
        order += [design.below(level).name, level]
    along = [marks[name] for name in order]
    assert min(np.diff(along)) > 8
    for level in design.names:
        off = frames[level].to_local(curve.frame(marks[level]).origin)
        size = design.size(level)
        assert off[:2] == pytest.approx([0, size.back - size.canal_ap / 2], abs=0.05)


def test_the_canal_moves_with_the_patient(healthy):
    moved = {
        level: Frame(CROOKED.to_patient(x.origin), CROOKED.axes @ x.axes)
        for level, x in healthy.frames.items()
    }
    there = evolve(healthy, frames=moved)
    assert there.canal.marks == pytest.approx(healthy.canal.marks, abs=1e-6)
    points = np.random.default_rng(0).uniform([-30, -60, -90], [30, 0, -30], (300, 3))
    here, away = healthy.sac.shape(), there.sac.shape()
    assert away.distance(CROOKED.to_patient(points)) == pytest.approx(
        here.distance(points), abs=1e-6
    )


@pytest.mark.parametrize("seed", [1, 4])
def test_the_sac_has_the_area_ordered_at_each_disc_and_no_less_at_the_pedicles(seed):
    contents = contents_of(seed=seed)
    for part in contents.segments:
        area = contents.sac.area(contents.canal.marks[part.name])
        assert area == pytest.approx(part.size.sac_area, rel=0.01)
    lumbar = contents.design.segment("L4/5")
    assert contents.sac.area(contents.canal.marks["L4"]) > 0.97 * lumbar.size.sac_area


def test_healthy_neighbours_leave_the_sac_alone(healthy):
    sac = healthy.sac.shape()
    ticks = [np.arange(*pair, 1.0) for pair in ((-14, 14), (-60, -10), (-110, -25))]
    points = np.stack(np.meshgrid(*ticks, indexing="ij"), axis=-1).reshape(-1, 3)
    points = points[evaluated(sac, points) < 0]
    assert len(points) > 5000
    others = [solid.shape for solid in healthy.discs.values()]
    others += [flavum_solid(healthy.canal, layer).shape for layer in healthy.flava]
    others += [healthy.bones[level] for level in LOW]
    taken = np.min([evaluated(shape, points) for shape in others], axis=0) < 0
    assert taken.mean() < 0.005


def test_the_sac_ends_at_s2_and_holds_cord_above_and_cauda_below():
    contents = contents_of(levels=("T12", "L1", "L2", "L3"))
    canal, sac = contents.canal, contents.sac
    assert sac.stations[0] == pytest.approx(canal.marks["S2"])
    solid = next(s for s in contents.solids() if s.name == "thecal sac")
    parts = {part.name: part.shape for part in solid.parts}
    assert set(parts) == {"cerebrospinal fluid", "cauda equina", "cord"}
    assert abs(conus(canal) - canal.marks["L1/2"]) < 6
    for name, there, part in (("T12", True, "cord"), ("L3", False, "cord")):
        middle = sac.outline(canal.marks[name]).mean(axis=0)
        local = np.array([[*middle, canal.marks[name]]])
        assert (parts[part](canal.curve.to_patient(local))[0] < -2) == there
    outline = sac.outline(canal.marks["L2/3"])
    spots = outline.mean(axis=0) + np.random.default_rng(0).uniform(0, 1, (4000, 1)) ** 0.5 * (
        outline[np.random.default_rng(1).integers(0, 256, 4000)] - outline.mean(axis=0)
    )
    local = np.column_stack([spots, np.full(4000, canal.marks["L2/3"])])
    strands = parts["cauda equina"](canal.curve.to_patient(local)) < 0
    assert 0.05 < strands.mean() < 0.4
    assert spots[strands, 1].mean() < spots[:, 1].mean() - 1


def test_levels_that_are_not_there_leave_no_trace():
    contents = contents_of(levels=("L3", "L4"))
    solids = {solid.name: solid for solid in contents.solids()}
    assert set(solids) == {
        "epidural fat", "thecal sac", "ligamentum flavum L3/4", "disc L3/4",
        "root L3 left", "root L3 right", "root L4 left", "root L4 right",
    }  # fmt: skip
    low, high = contents.canal.span
    for name in ("epidural fat", "thecal sac"):
        shape = solids[name].shape
        for along in (low - 6, high + 6):
            assert shape(contents.canal.curve.frame(along).origin[None])[0] > 1


def test_a_flavum_is_as_thick_as_designed_and_cleft_in_the_midline(healthy):
    part = healthy.design.segment("L4/5")
    layer = next(x for x in healthy.flava if x.segment == "L4/5")
    shape = flavum_solid(healthy.canal, layer).shape
    along = (healthy.canal.along("L4", -12) + healthy.canal.marks["L4/5"]) / 2
    outline, frame = healthy.canal.room.outline(along), healthy.canal.curve.frame(along)
    for side, wanted in zip(SIDES, part.size.flavum, strict=True):
        s = 1 if side == "right" else -1
        behind = np.flatnonzero(outline[:, 1] < healthy.canal.middles(along)[1] - 3)
        wall = int(behind[np.abs(outline[behind, 0] - s * 8).argmin()])
        edge = outline[wall + 1] - outline[wall - 1]
        inward = np.array([-edge[1], edge[0]]) / np.linalg.norm(edge)
        depth = np.arange(0, 10, 0.01)
        line = outline[wall] + depth[:, None] * inward
        points = frame.to_patient(np.column_stack([line, np.zeros(len(line))]))
        inside = shape(points) < 0
        assert inside[10]
        assert depth[np.argmin(inside[10:]) + 10] == pytest.approx(wanted, abs=0.15)
    cleft = np.column_stack([np.zeros(60), np.linspace(-20, 10, 60), np.zeros(60)])
    assert shape(frame.to_patient(cleft)).min() > 0.3


def test_flava_reach_from_lamina_to_lamina_and_go_with_a_laminectomy(healthy):
    for layer in healthy.flava:
        part = healthy.design.segment(layer.segment)
        shape = flavum_solid(healthy.canal, layer).shape
        for level, along in (
            (part.upper, layer.extent.top - 4),
            (part.lower, layer.extent.bottom + 1),
        ):
            outline = healthy.canal.room.outline(along)
            back = outline[outline[:, 1] < outline[:, 1].mean() - 2]
            points = healthy.canal.curve.to_patient(
                np.column_stack([back, np.full(len(back), along)])
            )
            assert evaluated(healthy.bones[level], points).min() < 1.2
            assert evaluated(shape, points).min() < 0.1
    gone = contents_of("laminectomy=L4")
    assert [layer.segment for layer in gone.flava] == ["L5/S1"]


def test_the_truth_agrees_with_the_equations(healthy, well):
    canals, _ = well
    for part in healthy.segments:
        truth = canals[part.name]
        size = healthy.design.size(part.upper)
        assert truth.sac_area[-1] == pytest.approx(
            healthy.sac.area(float(truth.along[-1])), rel=0.04
        )
        above = truth.along > truth.disc_along
        assert 0 <= truth.ap[above].min() - size.canal_ap + 0.6 < 2.6
        assert truth.width[-1] == pytest.approx(size.canal_width, abs=2.5)
        ruled = healthy.canal.room.area(float(truth.along[-1]))
        assert 0.9 * ruled < truth.bony_area[-1] < 1.45 * ruled
        assert truth.least["bony_area"] <= truth.at_disc["bony_area"]


def test_doses_of_stenosis_narrow_the_sac_of_their_own_segment(healthy):
    least = []
    for dose in ("", "mild", "moderate", "severe"):
        orders = (f"stenosis=L4/5:{dose}",) if dose else ()
        ill = contents_of(*orders, levels=("L4", "L5"))
        least.append(canal_truths(ill, 4.0)["L4/5"].least["sac_area"])
        mark = ill.canal.marks["L3/4"]
        assert ill.sac.area(mark) == pytest.approx(healthy.sac.area(mark), rel=0.01)
    assert min(-np.diff(least)) > 10


@pytest.mark.parametrize(("dose", "most"), [("mild", 130), ("moderate", 100), ("severe", 75)])
def test_in_the_mean_man_the_doses_reach_their_gradings(dose, most):
    ill = ordered(mean_man(), [f"stenosis=L4/5:{dose}"])
    assert ill.segment("L4/5").size.sac_area > 155
    canal = Canal.of(ill, stack(ill))
    sac = sac_loft(canal, flava(canal))
    places = np.arange(canal.marks["L5"], canal.marks["L4"], 1.0)
    assert 0.7 * most < min(sac.area(place) for place in places.tolist()) < most


def test_a_slip_narrows_the_canal_unless_its_partes_are_broken(well):
    canals, _ = well
    least = {
        order: canal_truths(contents_of(order, levels=("L4", "L5")), 4.0)["L4/5"].least["bony_area"]
        for order in ("slip=L4/5:8", "slip=L4/5:8,lysis")
    }
    assert least["slip=L4/5:8"] < 0.93 * canals["L4/5"].least["bony_area"]
    assert least["slip=L4/5:8,lysis"] > 1.08 * least["slip=L4/5:8"]


def mean_man():
    """The design whose every score is 0."""
    here = draw_scores(np.random.default_rng(0))
    still = {field.name: 0 * getattr(here, field.name) for field in fields(Scores)}
    return draw._one(Recipe(sex="male", age=62, stature_cm=175, bmi=26), Scores(**still))


def test_a_foramen_loses_height_with_the_disc_and_area_with_a_spur_on_its_side(healthy, well):
    _, before = well
    low = foramen_truths(contents_of("disc=L4/5:loss=50"))
    lost = 0.5 * healthy.design.segment("L4/5").size.disc_posterior
    for side in SIDES:
        fallen = before["L4/5", side].height - low["L4/5", side].height
        assert fallen == pytest.approx(lost, abs=1.0)
        assert low["L4/5", side].area < before["L4/5", side].area - 15
        assert 10 < before["L4/5", side].height < 26
        assert before["L4/5", side].normal[0] * (1 if side == "right" else -1) > 0.9
    design = healthy.design
    segments = tuple(
        evolve(x, foramen_spur_mm=(3.0, 0.0)) if x.name == "L4/5" else x for x in design.segments
    )
    spurred = foramen_truths(evolve(healthy, design=evolve(design, segments=segments)))
    assert spurred["L4/5", "left"].area < before["L4/5", "left"].area - 10
    assert spurred["L4/5", "right"].area == pytest.approx(before["L4/5", "right"].area, rel=1e-6)


def test_large_facets_narrow_the_recess(well):
    _, before = well
    grown = foramen_truths(contents_of("facets=L4/5:growth=3,left"))
    assert grown["L4/5", "left"].recess_depth < before["L4/5", "left"].recess_depth - 1
    assert grown["L4/5", "right"].recess_depth == pytest.approx(
        before["L4/5", "right"].recess_depth, abs=0.3
    )


def test_truths_move_with_the_patient(well):
    canals, foramina = well
    for truth, place in ((canals["L4/5"], "centres"), (foramina["L4/5", "left"], "centre")):
        moved = truth.moved(CROOKED)
        assert getattr(moved, place) == pytest.approx(CROOKED.to_patient(getattr(truth, place)))
        assert moved != truth


def test_the_bones_shape_the_room_not_the_other_way(healthy):
    bare = Contents(healthy.design, healthy.frames, {}, LOW)
    assert bare.canal.marks == healthy.canal.marks
    assert bare.sac == healthy.sac
