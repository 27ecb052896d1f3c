"""Organs in their cavity: sides, heights, and how a posture moves them."""

import numpy as np
import pytest
from attrs import evolve

from keyhole.simulate import Recipe
from keyhole.simulate.design.draw import draw_design
from keyhole.simulate.design.stack import stack
from keyhole.simulate.soft.organs import kidney, kidney_frame, organ_solids
from keyhole.simulate.soft.organs_bowel import colon_line
from keyhole.simulate.soft.organs_place import Abdomen
from keyhole.simulate.soft.trunk import Trunk
from keyhole.simulate.soft.trunk_column import column_of
from keyhole.simulate.soft.trunk_outlines import Outlines


def abdomen(**body):
    posture = body.pop("posture", "supine")
    design = draw_design(Recipe(0, sex="male", bmi=26, stature_cm=175, posture=posture))
    design = evolve(design, body=evolve(design.body, **body))
    column = column_of(design, stack(design))
    return Abdomen(design.body, column, Trunk.of(Outlines.of(design, column)))


@pytest.fixture(scope="module")
def supine():
    return abdomen()


@pytest.fixture(scope="module")
def cloud(supine):
    skin = supine.trunk.skin
    points = np.random.default_rng(0).uniform(skin.low, skin.high, (60000, 3))
    return {
        solid.name: points[solid.shape(points) < 0] for solid in organ_solids(supine) if solid.name
    }


def test_organs_lie_on_their_sides(cloud):
    for name, outward in (("liver", 1), ("spleen", -1), ("stomach", -1)):
        assert outward * cloud[name][:, 0].mean() > 20
    for name, points in cloud.items():
        assert len(points) > 20, name
        if name.endswith(("left", "right")):
            outward = 1 if name.endswith("right") else -1
            assert (outward * points[:, 0]).min() > 0, name


def test_kidneys_lie_from_the_last_rib_to_l3_the_right_one_lower(supine, cloud):
    column = supine.column
    left, right = (cloud[f"kidney {side}"][:, 2] for side in ("left", "right"))
    assert right.mean() < left.mean() - 5
    for heights in (left, right):
        assert heights.max() < column.height(6)
        assert heights.min() > column.height(1.5)


def test_lungs_reach_down_behind_and_the_recess_deeper(supine):
    shapes = {solid.name: solid.shape for solid in organ_solids(supine)}
    low, high = supine.trunk.viscera.low.copy(), supine.trunk.viscera.high.copy()
    low[2], high[2] = supine.column.height([3.5, 6.5])
    points = np.random.default_rng(1).uniform(low, high, (150000, 3))
    for side in ("left", "right"):
        lung, pleura = (
            points[shapes[f"{name} {side}"](points) < 0] for name in ("lung lower lobe", "pleura")
        )
        lowest = lung[lung[:, 2].argmin()]
        assert lowest[1] < supine.trunk.outlines.centres[:, 1].mean()
        assert supine.column.height(4.2) < lung[:, 2].min() < supine.column.height(6.5)
        assert pleura[:, 2].min() < lung[:, 2].min() - 8


def test_nothing_in_the_cavity_leaves_it(supine, cloud):
    for name in ("colon", "small bowel", "liver", "spleen", "stomach"):
        assert supine.trunk.cavity(cloud[name]).max() < 0, name


def test_gas_has_no_name_of_its_own(supine):
    unnamed = [solid for solid in organ_solids(supine) if not solid.name]
    assert {solid.tissue.name for solid in unnamed} == {"gas"}


def test_a_retrorenal_colon_lies_behind_its_kidney(supine):
    ill = abdomen(retrorenal_colon=frozenset({"left"}))
    height = float(ill.column.height(3.5))

    def behind(person, part, side):
        line = colon_line(person, part)
        near = line[np.abs(line[:, 2] - height).argmin()]
        return kidney_frame(person, side).origin[1] - near[1]

    assert behind(ill, "left", "left") > 25
    assert behind(supine, "left", "left") < 5
    own, other = (colon_line(person, "right") for person in (ill, supine))
    assert own == pytest.approx(other)


def test_a_retrorenal_colon_and_its_kidney_stay_apart():
    ill = abdomen(retrorenal_colon=frozenset({"left"}))
    bean, line = kidney(ill, "left"), colon_line(ill, "left")
    assert (bean(line[:, :3]) - line[:, 3]).min() > -6


@pytest.mark.parametrize(
    ("posture", "towards"),
    [("prone", (0, 1)), ("decubitus left", (-1, 0)), ("decubitus right", (1, 0))],
)
def test_organs_fall_towards_the_side_that_is_down(supine, posture, towards):
    person = abdomen(posture=posture)
    for side in ("left", "right"):
        before, after = (kidney_frame(p, side).origin for p in (supine, person))
        assert (after - before)[:2] @ towards > 1
    colon = [colon_line(p, "transverse")[:, :3].mean(axis=0) for p in (supine, person)]
    assert (colon[1] - colon[0])[:2] @ towards > 1
