"""Muscles along the spine: their areas by equation, their room, the plexus in the psoas."""

import itertools

import numpy as np
import pytest
from attrs import evolve

from keyhole.simulate import Recipe, grow
from keyhole.simulate.design.stack import stack
from keyhole.simulate.engine.shapes import ellipsoid
from keyhole.simulate.soft.body import STIFF
from keyhole.simulate.soft.muscle_growth import RAYS, Sections, grown, turned_oval
from keyhole.simulate.soft.muscle_room import Room
from keyhole.simulate.soft.muscles import MUSCLES, grow_muscles
from keyhole.simulate.soft.plexus import plexus_line
from keyhole.simulate.soft.trunk import Trunk
from keyhole.simulate.soft.trunk_column import column_of
from keyhole.simulate.soft.trunk_outlines import Outlines
from keyhole.space import SIDES


@pytest.fixture(scope="module")
def patient():
    return grow(Recipe(0, sex="male", bmi=26))


@pytest.fixture(scope="module")
def column(patient):
    return column_of(patient.design, stack(patient.design))


@pytest.fixture(scope="module")
def muscles(patient, column):
    stiff = [solid.shape for solid in patient.solids if solid.name.startswith(STIFF)]
    trunk = Trunk.of(Outlines.of(patient.design, column))
    return grow_muscles(patient.design, column, stiff, trunk.wall)


def counted(loft, height, step=0.25):
    """The area of a level section, counted on a grid from the shape's sign alone."""
    shape = loft.shape()
    x, y = (np.arange(shape.low[k], shape.high[k], step) for k in (0, 1))
    points = np.stack(np.meshgrid(x, y, [height], indexing="ij"), axis=-1).reshape(-1, 3)
    return (shape(points) < 0).sum() * step**2


def test_areas_by_equation_are_the_designs_where_there_is_room(patient, column, muscles):
    for side in SIDES:
        for rung, part in enumerate(reversed(patient.design.segments[-5:])):
            height, size = column.rungs[rung], part.size
            psoas = muscles[f"psoas {side}"].area(height)
            assert psoas == pytest.approx(size.psoas_area, rel=0.03), part.name
            if rung:
                deep = muscles[f"multifidus {side}"].area(height)
                assert deep == pytest.approx(size.multifidus_area, rel=0.03), part.name
            erector = sum(
                muscles[f"{name} {side}"].area(height)
                for name in ("longissimus", "iliocostalis")
                if muscles[f"{name} {side}"].stations[0] <= height
            )
            assert erector <= size.erector_area * 1.03
            if rung == 2:
                assert erector == pytest.approx(size.erector_area, rel=0.03), part.name
            if rung:
                assert erector > 0.75 * size.erector_area, "crest and ribs leave it less"


def test_what_is_painted_has_the_area_of_the_equation(column, muscles):
    for name in ("psoas left", "multifidus right", "iliocostalis left"):
        height = column.rungs[2] + 3
        assert counted(muscles[name], height) == pytest.approx(muscles[name].area(height), rel=0.01)


def test_every_muscle_lies_on_its_side_between_its_levels(patient, muscles):
    for name, loft in muscles.items():
        outward = 1 if name.endswith("right") else -1
        assert (outward * loft.centres[:, 0]).min() > 5, name
    tops = {name: muscles[f"{name} left"].stations[-1] for name in MUSCLES}
    assert tops["psoas"] < patient.frames["T11"].origin[2]
    assert tops["longissimus"] > patient.frames["T10"].origin[2]
    assert muscles["multifidus left"].stations[0] < patient.frames["S1"].origin[2] - 30


def test_no_muscle_runs_through_bone_or_disc(patient, muscles):
    rng = np.random.default_rng(0)
    stiff = [solid.shape for solid in patient.solids if solid.name.startswith(STIFF)]
    for name, loft in muscles.items():
        shape = loft.shape()
        points = rng.uniform(shape.low, shape.high, (12000, 3))
        points = points[shape(points) < 0]
        hard = np.min([one(points) for one in stiff], axis=0)
        assert (hard < 0).mean() < 0.03, name


def test_muscles_leave_fat_between_them(muscles):
    rng = np.random.default_rng(1)
    for side in SIDES:
        shapes = [muscles[f"{name} {side}"].shape() for name in MUSCLES]
        for one, other in itertools.combinations(shapes, 2):
            low, high = np.maximum(one.low, other.low), np.minimum(one.high, other.high)
            if (low >= high).any():
                continue
            points = rng.uniform(low, high, (8000, 3))
            both = np.maximum(one(points), other(points))
            assert (both < 0).mean() < 0.001


def sections(area, count=4):
    ovals = np.array([turned_oval(12, 12, 12, 0.0)] * count)
    heights = np.linspace(0, 30, count)
    out = np.tile([1.0, 0.0], (count, 1))
    return Sections(heights, np.zeros((count, 2)), out, ovals, np.full(count, float(area)))


def test_a_muscle_swells_away_from_what_is_in_its_way():
    free = grown(sections(500), [])
    assert free.area(15) == pytest.approx(500, rel=0.005)
    pressed = grown(sections(500), [(lambda points: points[:, 0] + 8, 1.0)])
    assert pressed.area(15) == pytest.approx(500, rel=0.005)
    assert pressed.outline(15)[:, 0].min() == pytest.approx(-7, abs=0.6)
    assert pressed.outline(15)[:, 0].max() > free.outline(15)[:, 0].max() + 1


def test_a_muscle_without_room_is_as_large_as_its_room():
    tight = grown(sections(900), [(lambda points: 10 - np.hypot(*points[:, :2].T), 0.0)])
    assert tight.area(15) == pytest.approx(np.pi * 100, rel=0.03)


def test_a_section_whose_middle_is_taken_moves_aside():
    moved = grown(sections(300), [(ellipsoid([-1, 0, 15], [8, 30, 60]), 0.5)])
    assert moved.centres[:, 0].min() > 3
    assert moved.outline(15)[:, 0].min() > 6


def test_the_room_is_the_distance_to_the_nearest_bone():
    bones = [ellipsoid([0, 0, 0], [10, 10, 10]), ellipsoid([30, 0, 0], [6, 6, 6])]
    room = Room.round(bones, np.array([-40.0, -30, -30]), np.array([60.0, 30, 30]))
    points = np.random.default_rng(2).uniform([-14, -9, -9], [40, 9, 9], (500, 3))
    true = np.minimum(
        np.linalg.norm(points, axis=1) - 10, np.linalg.norm(points - [30, 0, 0], axis=1) - 6
    )
    near = np.abs(true) < 3
    assert room(points)[near] == pytest.approx(true[near], abs=0.8)
    outside = true > -3
    assert (room(points) <= true + 0.8)[outside].all(), "never more room than there is"


def test_the_plexus_lies_in_the_psoas_at_its_share_of_the_disc(column, muscles):
    for side in SIDES:
        psoas = muscles[f"psoas {side}"]
        places, radii = plexus_line(column, psoas, side)
        inside = psoas.shape()(places)
        within = (places[:, 2] > column.rungs[0] - 10) & (places[:, 2] < column.rungs[4] + 5)
        assert (inside + radii)[within].max() < 0
        for rung, share in ((1, 0.5), (2, 0.5), (3, 0.25)):
            at = np.abs(places[:, 2] - column.rungs[rung]).argmin()
            forward = places[at, 1] - column.wall.at([column.rungs[rung]])[0, 1]
            wanted = share * column.depth(column.rungs[rung])
            assert forward == pytest.approx(wanted, abs=0.02 * 36)
        assert inside[0] > 0, "it leaves the psoas below"


def test_a_thicker_facet_pushes_the_multifidus_aside(patient, column, muscles):
    """The design's area stays; the room in front of it is gone."""
    loft = muscles["multifidus left"]
    height = float(column.rungs[1])
    front = loft.outline(height)[:, 1].max()
    design = patient.design
    wall = evolve(loft, radii=loft.radii).shape()
    probe = np.array([[*loft.outline(height)[loft.outline(height)[:, 1].argmax()], height]])
    assert abs(wall(probe)[0]) < 0.1
    block = ellipsoid([probe[0, 0], front + 2, height], [14, 8, 14])
    stiff = [s.shape for s in patient.solids if s.name.startswith(STIFF)]
    trunk = Trunk.of(Outlines.of(design, column))
    pressed = grow_muscles(design, column, [*stiff, block], trunk.wall)["multifidus left"]
    assert block(probe)[0] < -3
    assert pressed.shape()(probe)[0] > 2
    assert pressed.area(height) == pytest.approx(loft.area(height), rel=0.03)


def test_rays_close_the_circle():
    oval = turned_oval(10, 6, 4, np.radians(90))
    assert oval[0] == pytest.approx(4, abs=0.05)
    assert oval[RAYS // 2] == pytest.approx(6, abs=0.05)
    assert oval[RAYS // 4] == pytest.approx(10, abs=0.05)
