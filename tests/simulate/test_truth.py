"""Distances are true, by sharp edges too."""

import numpy as np
import pytest

from keyhole.errors import RequestError
from keyhole.simulate import Recipe, grow
from keyhole.simulate.engine.remains import remains
from keyhole.simulate.engine.shapes import Shape, ellipsoid, placed
from keyhole.simulate.engine.solid import Solid
from keyhole.simulate.engine.surface import Surface
from keyhole.simulate.engine.tissue import tissue
from keyhole.space import Frame, turned

TURN = np.column_stack([turned(c, [0.48, 0.6, 0.64], 70) for c in np.eye(3)])
HALF = np.array([9.0, 6.0, 4.0])


def ways(count, seed=0):
    directions = np.random.default_rng(seed).normal(size=(count, 3))
    return directions / np.linalg.norm(directions, axis=1, keepdims=True)


def box_distance(points):
    over = np.abs(points) - HALF
    return np.linalg.norm(np.maximum(over, 0), axis=1) + np.minimum(over.max(axis=1), 0)


def test_distances_round_a_boxs_edges_and_corners_are_true():
    """The shape's own value is wrong there; the box's true distance is known."""
    blunt = Shape(lambda points: (np.abs(points) - HALF).max(axis=1), -HALF, HALF)
    place = Frame([30, -12, 5], TURN)
    points = np.random.default_rng(1).uniform(-HALF - 6, HALF + 6, (500, 3))
    found = Surface.of(placed(blunt, place)).distance(place.to_patient(points))
    assert found == pytest.approx(box_distance(points), abs=0.03)
    assert np.abs(blunt(points) - box_distance(points)).max() > 1


def test_what_is_left_of_a_ball_has_the_sharp_edge_that_precedence_gives_it():
    """A ball less a ball painted later: the nearest place is on one of them or on their ring."""
    radius, apart = 10.0, 8.0
    solids = [
        Solid("a", ellipsoid([0, 0, 0], [radius] * 3), tissue("muscle")),
        Solid("b", ellipsoid([apart, 0, 0], [radius] * 3), tissue("muscle")),
    ]
    surface = Surface.of(remains(solids, 0))
    points = np.random.default_rng(2).uniform(-14, 18, (400, 3))
    ring = np.sqrt(radius**2 - (apart / 2) ** 2)
    off_axis = np.hypot(points[:, 1], points[:, 2])
    to_ring = np.hypot(points[:, 0] - apart / 2, off_axis - ring)
    expected = to_ring
    for middle, keeps in ((0.0, -1), (apart, -1)):
        arm = np.hypot(points[:, 0] - middle, off_axis)
        foot = middle + (points[:, 0] - middle) * radius / arm
        on_it = keeps * (foot - apart / 2) >= 0
        expected = np.where(on_it, np.minimum(expected, np.abs(arm - radius)), expected)
    assert np.abs(surface.distance(points)) == pytest.approx(expected, abs=0.03)


def test_a_shape_that_precedence_eats_whole_has_no_surface():
    small, large = (ellipsoid([0, 0, 0], [r] * 3) for r in (3.0, 5.0))
    solids = [Solid(n, s, tissue("fat")) for n, s in (("a", small), ("b", large))]
    with pytest.raises(ValueError, match="holds nothing"):
        Surface.of(remains(solids, 0))


@pytest.fixture(scope="module")
def crop():
    return grow(Recipe(seed=1, illness=("herniation=L4/5:left",))).crop("L4/5", 15)


@pytest.mark.parametrize("name", ["vertebra L5", "disc L4/5", "root L5 left"])
def test_a_ball_of_the_distances_radius_just_touches(crop, name):
    """Shrunk by 0.05 mm it meets no surface; grown by as much it does: dense samples decide."""
    shapes = crop.left_of(name)

    def inside(points):
        return np.min([shape(points) for shape in shapes], axis=0) < 0

    low, high = shapes[0].low - 3, shapes[0].high + 3
    points = np.random.default_rng(3).uniform(low, high, (900, 3))
    rough = np.min([shape(points) for shape in shapes], axis=0)
    points = points[(np.abs(rough) < 4) & (rough > -2.5)][:6]
    away = crop.distance(name, points)
    for point, distance in zip(points, away, strict=True):
        own = distance < 0
        radius = abs(distance)
        spread = ways(8000)
        if radius > 0.1:
            assert (inside(point + (radius - 0.05) * spread) == own).all()
        assert (inside(point + (radius + 0.05) * spread) != own).any()


def test_the_distance_to_what_is_not_there_is_refused(crop):
    for name in ("vertebra C2", ""):
        with pytest.raises(RequestError) as e:
            crop.distance(name, np.zeros((1, 3)))
        assert e.value.refusal.code == "structure-not-there"
    with pytest.raises(RequestError) as e:
        crop.solid("wing left")
    assert e.value.refusal.code == "structure-not-there"
