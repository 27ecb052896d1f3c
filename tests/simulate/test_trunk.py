"""The trunk round the spine: skin, layers, postures, and the tables behind them."""

import numpy as np
import pytest
from attrs import evolve

from keyhole.simulate import Recipe
from keyhole.simulate.design.draw import draw_design
from keyhole.simulate.design.stack import stack
from keyhole.simulate.engine.curve import Curve
from keyhole.simulate.engine.loft import Loft, superellipse
from keyhole.simulate.soft.numbers import between, numbers
from keyhole.simulate.soft.posture import down, lying, sunk
from keyhole.simulate.soft.trunk import Trunk, inward, trunk_solids, within_box
from keyhole.simulate.soft.trunk_column import Midline, column_of
from keyhole.simulate.soft.trunk_layers import RAYS
from keyhole.simulate.soft.trunk_loft import LEVEL, LevelLoft
from keyhole.simulate.soft.trunk_outlines import Outlines, skin_behind
from keyhole.space import Frame, angle_between

BACK = 3 * RAYS // 4


def built(design):
    column = column_of(design, stack(design))
    return column, Outlines.of(design, column)


@pytest.fixture(scope="module")
def man():
    return draw_design(Recipe(0, sex="male", bmi=26, stature_cm=175))


@pytest.fixture(scope="module")
def trunk(man):
    return Trunk.of(built(man)[1])


def test_the_layers_lie_within_each_other(man):
    outlines = built(man)[1]
    least = numbers("trunk")["skin"]
    assert (outlines.skin - outlines.wall).min() > least["thick_mm"] + least["least_fat_mm"] - 0.2
    assert (outlines.wall - outlines.viscera).min() > 5
    assert (outlines.wall - outlines.cavity).min() > -1.05
    assert (outlines.cavity - outlines.viscera).min() > -0.1


def test_the_field_follows_the_body(trunk):
    size = trunk.skin.high - trunk.skin.low
    assert 320 < size[0] < 420
    assert 230 < size[1] < 330
    assert size[2] > 400


def test_the_skin_lies_where_the_design_says_behind_every_disc(man):
    deep = [evolve(part, size=evolve(part.size, skin_to_epidural=70.0)) for part in man.segments]
    design = evolve(man, segments=tuple(deep))
    column, outlines = built(design)
    skin = outlines.loft(outlines.skin).shape()
    for height in column.rungs:
        canal = column.canal.at([height])[0]
        behind = np.array([[*(canal - [0, 70.0]), height]])
        assert abs(skin(behind)[0]) < 0.2


def test_a_spinous_process_never_comes_through_the_skin(man):
    thin = [evolve(part, size=evolve(part.size, skin_to_epidural=15.0)) for part in man.segments]
    column, outlines = built(evolve(man, segments=tuple(thin)))
    skin = outlines.loft(outlines.skin).shape()
    tips = column.tip.points[1:-1]
    assert skin(tips).max() < -3


def test_every_kilogram_shows_on_the_belly_and_the_muscles_stay():
    slim, heavy = (
        built(draw_design(Recipe(2, sex="female", stature_cm=165, bmi=bmi)))[1] for bmi in (20, 38)
    )
    middle = len(slim.heights) // 2
    assert heavy.skin[middle, 0] > slim.skin[middle, 0] + 40
    fat = [o.skin[middle] - o.wall[middle] for o in (slim, heavy)]
    assert fat[1][RAYS // 4] > fat[0][RAYS // 4] + 20
    assert fat[1][BACK] > fat[0][BACK] + 10


def test_the_back_has_its_furrow(trunk):
    height = float(trunk.outlines.heights[len(trunk.outlines.heights) // 2])
    line = trunk.outlines.loft(trunk.outlines.skin).outline(height)
    behind = line[line[:, 1] < line[:, 1].min() + 30]
    middle = behind[np.abs(behind[:, 0]).argmin(), 1]
    assert behind[:, 1].min() < middle - 2


def test_the_wall_has_sides_and_heights(man, trunk):
    column = column_of(man, stack(man))
    solids = {solid.name: solid.shape for solid in trunk_solids(trunk, column, man.body)}
    points = np.random.default_rng(0).uniform(trunk.skin.low, trunk.skin.high, (40000, 3))
    for name in ("external oblique", "gluteus medius", "chest wall", "rectus abdominis"):
        left, right = (points[solids[f"{name} {side}"](points) < 0] for side in ("left", "right"))
        assert left[:, 0].max() < 0 < right[:, 0].min()
        assert len(left) > 50
    flank = points[solids["external oblique left"](points) < 0]
    assert flank[:, 2].min() > column.height(0.7)
    assert solids["body"].low[2] < column.height(-3.5)


def test_a_twisted_spine_twists_its_trunk(man):
    turned = [evolve(part, rotation_deg=4.0) for part in man.segments]
    column, outlines = built(evolve(man, segments=tuple(turned)))
    low, high = column.turn([column.height(-2)]), column.turn([column.height(7)])
    assert abs(high[0] - low[0]) > np.radians(20)
    axes = []
    for k in (4, len(outlines.heights) - 4):
        line = outlines.loft(outlines.skin).outline(float(outlines.heights[k]))
        axes.append(np.linalg.svd(line - line.mean(axis=0))[2][0])
    assert angle_between([*axes[0], 0], [*axes[1], 0]) % 180 > 15


def test_prone_presses_the_belly_and_spreads_the_flanks():
    supine, prone = (
        built(draw_design(Recipe(0, sex="male", bmi=26, posture=posture)))[1]
        for posture in ("supine", "prone")
    )
    middle = len(supine.heights) // 2
    depth = [o.skin[middle, RAYS // 4] + o.skin[middle, BACK] for o in (supine, prone)]
    assert depth[1] < depth[0] - 5
    assert prone.skin[middle, 0] > supine.skin[middle, 0] + 2


def test_postures_say_which_way_is_down_and_how_far_one_rolls():
    for posture in ("supine", "prone", "flexed"):
        assert lying(posture).axes == pytest.approx(np.eye(3))
    assert sunk("supine", 10.0) == pytest.approx([0, 0, 0])
    assert sunk("prone", 10.0) == pytest.approx([0, 10, 0])
    left, right = lying("decubitus left"), lying("decubitus right")
    assert angle_between(left.front, [0, 1, 0]) == pytest.approx(8)
    assert left.front[0] == pytest.approx(-right.front[0])
    assert left.front[0] < 0, "the front falls towards the side that is down"
    assert down("decubitus left")[0] < 0
    assert sunk("decubitus right", 10.0)[0] == pytest.approx(10 / np.sqrt(2))


def test_rungs_and_heights_are_each_others_inverse(man):
    column = column_of(man, stack(man))
    rungs = np.array([-3.0, -0.4, 0, 1.5, 6.9, 8.5])
    assert column.rung(column.height(rungs)) == pytest.approx(rungs)
    assert column.height(0) == pytest.approx(column.rungs[0])


def test_of_two_points_at_one_height_the_hinder_one_stays():
    line = Midline.through([[0, -60, 10], [0, -50, 0], [1, -70, 10.5]])
    assert line.points.tolist() == [[0, -50, 0], [1, -70, 10.5]]
    assert line.at([-5, 20]) == pytest.approx(np.array([[0, -50], [1, -70]]))


def test_a_level_loft_is_the_same_solid_as_a_loft():
    stations, centres = np.array([0.0, 40, 90]), np.array([[0.0, 0], [6, 4], [2, -5]])
    radii = np.array([superellipse(30 + k, 20, 15, (2.2, 3)) for k in (0, 6, -4)])
    upright = Curve.through([Frame([0, 0, z], np.eye(3)) for z in (0, 90)])
    slow = Loft(upright, stations, centres, radii)
    quick = LevelLoft(LEVEL, stations, centres, radii)
    points = np.random.default_rng(0).uniform([-45, -35, -8], [45, 35, 98], (20000, 3))
    one, other = slow.shape().distance(points), quick.shape().distance(points)
    assert ((one < 0) == (other < 0))[np.abs(one) > 0.05].all()
    near = np.abs(one) < 1.5
    assert other[near] == pytest.approx(one[near], abs=0.15)
    assert quick.area(33.0) == slow.area(33.0)
    box = quick.shape()
    inside = points[other < 0]
    assert (inside >= box.low).all()
    assert (inside <= box.high).all()


def test_cut_and_shrunk_shapes(trunk):
    low, high = np.array([-np.inf, -np.inf, 0.0]), np.array([np.inf, np.inf, 20.0])
    cut = within_box(trunk.skin, low, high)
    middle = np.array([0.0, 20.0])
    assert cut(np.array([[*middle, 10.0]]))[0] < 0
    assert cut(np.array([[*middle, 24.0]]))[0] == pytest.approx(4)
    deeper = inward(trunk.skin, 7.0)
    points = np.array([[0.0, 20.0, 10.0], [150.0, 20.0, 10.0]])
    assert deeper(points) == pytest.approx(trunk.skin(points) + 7)


def test_values_between_knots_never_overshoot_and_are_held():
    found = between([0, 1, 2], [5, 5, 9], [-1, 0.5, 1.9, 7])
    assert found[[0, 1, 3]] == pytest.approx([5, 5, 9])
    assert 5 < found[2] < 9


def test_the_least_fat_is_kept_behind_the_tips(man):
    column = column_of(man, stack(man))
    far = np.full(len(column.rungs), 90.0)
    assert skin_behind(man, column, column.rungs, far) == pytest.approx(94.0)
