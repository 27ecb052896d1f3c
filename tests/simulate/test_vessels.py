"""Great vessels: distances to the discs, where they divide, the window between them."""

import numpy as np
import pytest
from attrs import evolve

from keyhole.simulate import Recipe, grow
from keyhole.simulate.design.draw import draw_design
from keyhole.simulate.design.stack import stack
from keyhole.simulate.soft.trunk_column import column_of
from keyhole.simulate.soft.vessels import Course, aorta_line, aorta_radius, vessel_solids
from keyhole.space import SIDES


@pytest.fixture(scope="module")
def patient():
    return grow(Recipe(0, sex="male", bmi=26))


@pytest.fixture(scope="module")
def shapes(patient):
    return {solid.name: solid.shape for solid in patient.solids if solid.name}


def course(design):
    frames = stack(design)
    return Course.of(design, frames, column_of(design, frames))


def slice_at(height, half=70, step=0.5):
    ticks = np.arange(-half, half, step)
    return np.stack(np.meshgrid(ticks, ticks, [height], indexing="ij"), axis=-1).reshape(-1, 3)


def least(shapes, name, other, height):
    """mm: how near a structure comes to another in a level plane."""
    points = slice_at(height)
    return shapes[other](points[shapes[name](points) < 0]).min()


def test_the_aorta_lies_left_a_little_before_the_discs(patient, shapes):
    column = column_of(patient.design, stack(patient.design))
    for rung, name, gap in ((2, "L3/4", 2.54), (3, "L2/3", 1.97), (4, "L1/2", 1.32)):
        height = column.rungs[rung]
        assert least(shapes, "aorta", f"disc {name}", height) == pytest.approx(gap, abs=1.0)
        points = slice_at(height)
        aorta, cava = (points[shapes[n](points) < 0] for n in ("aorta", "vena cava"))
        assert aorta[:, 0].mean() < -4
        assert cava[:, 0].mean() > 10
        assert np.ptp(aorta[:, 0]) == pytest.approx(16.49 + 2.4, abs=1.0)


def test_the_left_common_iliac_artery_runs_near_the_disc_the_right_one_further(patient, shapes):
    height = column_of(patient.design, stack(patient.design)).rungs[1]
    left, right = (least(shapes, f"iliac artery {side}", "disc L4/5", height) for side in SIDES)
    assert left == pytest.approx(3.64, abs=1.5)
    assert right == pytest.approx(7.96, abs=2.5)


def test_the_window_before_the_lowest_disc_is_bare(patient, shapes):
    height = column_of(patient.design, stack(patient.design)).rungs[0]
    points = slice_at(height)
    vein = points[shapes["iliac vein left"](points) < 0][:, 0].max()
    artery = points[shapes["iliac artery right"](points) < 0][:, 0].min()
    assert artery - vein == pytest.approx(27, abs=3)
    assert vein < 0 < artery


def test_oblique_corridors_are_as_wide_as_in_patients(patient, shapes):
    column = column_of(patient.design, stack(patient.design))
    for rung, vessel in ((1, "iliac artery left"), (2, "aorta"), (3, "aorta")):
        points = slice_at(column.rungs[rung])
        one = points[shapes[vessel](points) < 0]
        psoas = points[shapes["psoas left"](points) < 0]
        gap = np.sqrt(((one[:, None] - psoas[None, ::7]) ** 2).sum(axis=2)).min()
        assert 11 < gap < 21


def test_no_vessel_runs_through_bone(patient, shapes):
    bones = [s for name, s in shapes.items() if name.startswith(("vertebra", "sacrum", "hip"))]
    rng = np.random.default_rng(0)
    for name, shape in shapes.items():
        if not name.startswith(("aorta", "vena", "iliac ")):
            continue
        points = rng.uniform(shape.low, shape.high, (60000, 3))
        points = points[shape(points) < 0]
        hard = np.min([bone(points) for bone in bones], axis=0)
        assert (hard < -0.5).mean() < 0.02, name


@pytest.mark.parametrize("below", [-14.0, 8.0, 34.0])
def test_the_aorta_divides_where_the_design_says(below):
    design = draw_design(Recipe(1, sex="female"))
    design = evolve(design, body=evolve(design.body, bifurcation_mm=below))
    here = course(design)
    frame = stack(design)["L4"]
    assert aorta_line(here)[0, 2] == pytest.approx(frame.to_patient([0, 0, -below])[2])
    assert aorta_radius(here) == pytest.approx(14.5 / 2 + 1.2)
    solids = {solid.name: solid.shape for solid in vessel_solids(here)}
    fork = aorta_line(here)[0]
    for side in SIDES:
        assert solids[f"iliac artery {side}"](fork[None])[0] < 0, "it starts in the fork"
        outward = 1 if side == "right" else -1
        end = here.pelvic(outward * 57, 76, -2.1)
        assert solids[f"iliac artery {side}"](end[None])[0] < 0


def test_a_left_cava_runs_left_and_crosses_before_the_aorta():
    design = draw_design(Recipe(1))
    design = evolve(design, body=evolve(design.body, left_cava=True))
    here = course(design)
    solids = {solid.name: solid.shape for solid in vessel_solids(here)}
    for rung, left in ((2, True), (3, True), (6, False)):
        points = slice_at(float(here.column.height(rung)))
        cava = points[solids["vena cava"](points) < 0]
        assert (cava[:, 0].mean() < -10) == left
        both = points[(solids["vena cava"](points) < 0) & (solids["aorta"](points) < 0)]
        assert len(both) < 12
    crossing = slice_at(float(here.column.height(4.4)))
    cava = crossing[solids["vena cava"](crossing) < 0]
    aorta = crossing[solids["aorta"](crossing) < 0]
    assert cava[:, 1].mean() > aorta[:, 1].mean() + 10
