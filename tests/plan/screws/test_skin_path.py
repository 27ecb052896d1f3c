"""From the skin to the bone: depth, offset, and what stands in the way."""

import numpy as np
import pytest
from attrs import evolve

from keyhole.plan.obstacles import Obstacle, along, obstacles
from keyhole.plan.passage import Passage
from keyhole.plan.skin_path import (
    BORDER,
    NO_SKIN,
    Way,
    blocked,
    from_midline,
    midline,
    skin_depth,
    skin_entry,
    towers_apart,
    towers_touch,
)

SKIN_MM = 90.0
"""The skin lies so far behind the vertebrae's origins."""


@pytest.fixture(scope="module")
def two(spine):
    return spine(("L4", "L5"))


def way(passage, offset=(0.0, 0.0, 0.0), radius=3.0):
    """The pedicle's axis, from the bone behind it, moved by (right, front, up) mm."""
    frame, pedicle = passage.vertebra.frame, passage.pedicle
    entry = pedicle.centre - 19.0 * pedicle.axis + frame.axes @ np.array(offset)
    return Way(entry, pedicle.axis, radius)


@pytest.mark.parametrize("side", ["left", "right"])
def test_the_skin_entry_is_where_the_axis_meets_the_skin(two, settings, side):
    passage = Passage(two["L4"], side)
    found, reason = skin_entry(two, passage, way(passage), settings.screws)
    assert reason is None
    local = passage.vertebra.frame.to_local(np.array(found.point))
    assert local[1] == pytest.approx(-SKIN_MM, abs=0.1)
    deep = (SKIN_MM - 24) / np.cos(np.radians(8)) - 19
    assert found.depth_mm == pytest.approx(deep, abs=0.2)
    rise = np.tan(np.radians(8))
    assert found.from_midline_mm == pytest.approx(15 + (SKIN_MM - 24) * rise, abs=0.2)
    low, high = found.from_midline_range_mm
    assert found.from_midline_mm - low == pytest.approx(5 * rise, abs=0.02)
    assert high - found.from_midline_mm == pytest.approx(15 * rise, abs=0.02)
    assert np.sign(local[0]) == (1 if side == "right" else -1)
    assert found.incision_mm == settings.screws.incision_mm


def test_angles_are_to_the_scan(spine, settings, straight):
    flat = spine(("L4", "L5"), lie=straight)
    for side in ("left", "right"):
        passage = Passage(flat["L4"], side)
        found, _ = skin_entry(flat, passage, way(passage), settings.screws)
        assert found.inward_deg == pytest.approx(8.0, abs=1e-6)
        assert found.headward_deg == pytest.approx(0.0, abs=1e-6)


def test_skin_that_is_not_there_or_on_the_border_gives_none(two, settings):
    passage = Passage(two["L4"], "left")
    bare = evolve(two, skin=None)
    assert skin_entry(bare, passage, way(passage), settings.screws) == (None, NO_SKIN)
    cut = evolve(two, skin=two.skin.crop(*two.skin.box(two["L4"].frame.origin, 60)))
    assert skin_depth(cut, way(passage)) == BORDER
    assert blocked(cut, passage, way(passage), (), settings.screws) == []


def test_the_midline_runs_through_the_spinous_tips_or_else_the_frame(two):
    frame = two["L4"].frame
    point, ahead = midline(two, frame)
    assert abs(ahead @ frame.up) == pytest.approx(1.0)
    assert frame.to_local(point)[0] == pytest.approx(0, abs=1e-6)
    bare = evolve(two, vertebrae=tuple(evolve(v, landmarks={}) for v in two.vertebrae))
    assert midline(bare, frame)[1] == pytest.approx(frame.up)
    beside = frame.to_patient([-30.0, 55.0, 8.0])
    assert from_midline(frame, (point, ahead), beside) == pytest.approx(30.0)


def plate(passage, right_mm):
    """A wing of points that stands `right_mm` beside the origin, behind the bone."""
    frame = passage.vertebra.frame
    grid = np.stack(np.meshgrid([0.0], np.arange(-80, -60, 1.0), np.arange(-15, 25, 1.0)), axis=-1)
    from scipy.spatial import cKDTree

    return Obstacle(
        "hip right",
        cKDTree(frame.to_patient(grid.reshape(-1, 3) + np.array([right_mm, 0, 0]))),
        0.5,
    )


def test_an_iliac_wing_in_the_way_is_told_in_mm(two, settings):
    passage = Passage(two["L4"], "right")
    # at 60 mm behind the isthmus' plane the axis runs about 20 mm from the midline
    found = blocked(two, passage, way(passage), (plate(passage, 26.0),), settings.screws)
    assert [r.code for r in found] == ["skin-path-blocked"]
    assert "iliac wing" in found[0].found
    assert blocked(two, passage, way(passage), (plate(passage, 45.0),), settings.screws) == []


def test_the_vertebra_above_in_the_way_is_named(two, settings):
    passage = Passage(two["L5"], "left")
    frame = passage.vertebra.frame
    steep = Way(passage.pedicle.centre, frame.axes @ np.array([0, 0.7, -np.sqrt(1 - 0.7**2)]), 3.0)
    found = blocked(two, passage, steep, (), settings.screws)
    assert any("vertebra L4" in r.found for r in found)


def test_a_path_through_the_own_spinous_process_is_named(two, settings):
    passage = Passage(two["L4"], "left")
    shallow = Way(
        passage.vertebra.frame.to_patient([-30.0, -20.0, 4.0]),
        passage.vertebra.frame.axes @ np.array([-0.8, 0.6, 0.0]),
        3.0,
    )
    found = blocked(two, passage, shallow, (), settings.screws)
    assert any("spinous process L4" in r.found for r in found)


def test_towers(settings):
    up = np.array([0, 0, 1.0])
    one = (np.zeros(3), np.array([0, -60.0, 0]))
    assert towers_apart(
        one, (one[0] + 20 * up, one[1] + 20 * up), settings.screws
    ) == pytest.approx(5)
    apart = towers_apart(one, (one[0] + 30 * up, one[1] + 8 * up), settings.screws)
    assert apart == pytest.approx(-7)
    assert "7.0 mm" in towers_touch(("L4 left", "L5 left"), apart).found


def test_points_along_a_segment_hold_both_ends():
    found = along(np.zeros(3), np.array([0, 0, 2.0]), 0.7)
    assert found[[0, -1], 2].tolist() == [0.0, 2.0]
    assert np.diff(found[:, 2]).max() <= 0.7


def test_only_structures_of_the_map_are_obstacles(spine):
    box = {
        "aorta": lambda points, frame: np.abs(frame.to_local(points) - [0, 35, 0]).max(axis=1) < 8
    }
    found = obstacles(spine(("L4", "L5"), extra=box).labels, ("aorta", "vena cava"))
    assert [o.name for o in found] == ["aorta"]
