"""The bones of a design: their joints, windows and parts, and what illness does to them."""

from functools import partial

import numpy as np
import pytest
from attrs import evolve
from scipy import ndimage
from scipy.spatial import cKDTree

from keyhole.simulate import Recipe
from keyhole.simulate.bones.hip import pelvis
from keyhole.simulate.bones.joints import joints_above
from keyhole.simulate.bones.limb import Ring, limb
from keyhole.simulate.bones.pedicle import pedicle_frame
from keyhole.simulate.bones.solids import (
    bone_solid,
    grown_bone,
    hip_solids,
    metal_solids,
    rib_solids,
)
from keyhole.simulate.bones.traits import traits
from keyhole.simulate.design.draw import draw_design
from keyhole.simulate.design.stack import inverse, lower_rim, stack, upper_rim, within
from keyhole.simulate.engine.shapes import evaluated, placed
from keyhole.simulate.soft.trunk_ribs import laid_in_wall
from keyhole.space import SIDES, angle_between, turned

BOTH = frozenset(SIDES)


def ill(design, level=None, part=None, **fields):
    """The design with fields of one level or of one segment changed."""
    if level is not None:
        levels = (evolve(x, **fields) if x.name == level else x for x in design.levels)
        return evolve(design, levels=tuple(levels))
    parts = (evolve(x, **fields) if x.name == part else x for x in design.segments)
    return evolve(design, segments=tuple(parts))


def bone(design, level):
    """The bone of a level in own coordinates."""
    return grown_bone(design, stack(design), level).shape


def grid(shape, step=0.8):
    """(n, 3) mm: a grid over a shape's box, and its size."""
    ticks = [np.arange(a - 1, b + 1, step) for a, b in zip(shape.low, shape.high, strict=True)]
    points = np.stack(np.meshgrid(*ticks, indexing="ij"), axis=-1)
    return points.reshape(-1, 3), points.shape[:3]


def inside(shape, step=0.8):
    """(n, 3) mm: the points of a grid inside a shape."""
    points, _ = grid(shape, step)
    return points[evaluated(shape, points) < 0]


@pytest.fixture(scope="module")
def design():
    return draw_design(Recipe(seed=0, sex="male"))


@pytest.fixture(scope="module")
def bones(design):
    frames = stack(design)
    return {level: grown_bone(design, frames, level) for level in design.names}


def test_a_limb_of_one_section_is_an_elliptic_rod_and_ends_in_its_caps():
    start, end = np.array([3.0, -4, 5]), np.array([3.0, 26, 5])
    rod = limb(start, end, [0, 0, 1.0], [Ring(0, 3, 8), Ring(1, 3, 8)], cap_mm=5)
    places = start + np.array([[0, 15, 8], [3, 15, 0], [0, -5, 0], [0, 35, 0], [0, 15, 9.5]])
    assert rod(places) == pytest.approx([0, 0, 0, 0, 1.5], abs=1e-6)
    assert rod(start[None] + [0, 15, 0])[0] == pytest.approx(-3)


def test_a_limb_follows_its_rings_wherever_it_points():
    axis = turned([0, 1.0, 0], [0.6, 0, 0.8], 50)
    end = np.array([10.0, 5, -3]) + 40 * axis
    rings = (Ring(0, 4, 4), Ring(0.5, 2, 6, lift=3), Ring(1, 5, 5))
    shape = limb([10, 5, -3], end, [0, 0, 1.0], rings, power=2.5)
    up = np.cross(np.cross(axis, [0, 0, 1.0]), axis)
    up /= np.linalg.norm(up)
    middle = np.array([10, 5, -3]) + 20 * axis
    assert shape((middle + 9 * up)[None])[0] == pytest.approx(0, abs=1e-2)
    assert shape((middle - 3 * up)[None])[0] == pytest.approx(0, abs=1e-2)
    points = inside(shape)
    assert (points >= shape.low).all()
    assert (points <= shape.high).all()


def test_no_shape_leaves_its_box_nor_rises_too_steeply_by_its_surface(bones):
    rng = np.random.default_rng(0)
    for level in ("T11", "L4", "S1"):
        shape = bones[level].shape
        points = rng.uniform(shape.low - 2, shape.high + 2, (20000, 3))
        values = evaluated(shape, points)
        outside = ((points < shape.low) | (points > shape.high)).any(axis=1)
        assert (values[outside] > 0).all()
        near = points[np.abs(values) < 1]
        slopes = [(shape(near + e) - shape(near - e)) / 0.02 for e in 0.01 * np.eye(3)]
        assert np.percentile(np.linalg.norm(slopes, axis=0), 98) < 1.3


def test_a_design_with_sides_swapped_gives_the_mirrored_bone(design):
    level = {
        "pedicle_width": design.size("L4").pedicle_width[::-1],
    }
    swapped = ill(design, level="L4", size=evolve(design.size("L4"), **level))
    for name in ("L3/4", "L4/5"):
        size = design.segment(name).size
        swapped = ill(swapped, part=name, size=evolve(size, facet_angle=size.facet_angle[::-1]))
    one, other = bone(design, "L4"), bone(swapped, "L4")
    points, _ = grid(one, 4.0)
    assert np.sign(one(points)).sum() != len(points)
    off = np.abs(one(points) - other(points * [-1, 1, 1]))
    assert off[np.abs(one(points)) < 3].max() < 0.2
    assert np.median(off) < 1e-9


@pytest.mark.parametrize("seed", [0, 5])
def test_the_interlaminar_windows_are_as_high_as_asked(seed):
    drawn = draw_design(Recipe(seed=seed))
    frames = stack(drawn)
    for upper, lower in (("L3", "L4"), ("L5", "S1")):
        below = grown_bone(drawn, frames, lower).shape
        step = within(inverse(frames[lower]), frames[upper])
        above = placed(grown_bone(drawn, frames, upper).shape, step)
        back = drawn.size(lower).back - drawn.size(lower).canal_ap
        ticks = np.meshgrid([3.0], np.arange(back - 22, back + 3, 0.5), np.arange(-20, 40, 0.5))
        plane = np.stack(ticks, axis=-1).reshape(-1, 3)
        one, other = plane[above(plane) < 0], plane[below(plane) < 0]
        height = cKDTree(one).query(other)[0].min()
        wanted = drawn.below(upper).size.interlaminar_height
        assert height == pytest.approx(wanted, abs=1.8)


def test_foramina_are_open_from_pedicle_to_pedicle(design, bones):
    frames = stack(design)
    for upper, lower in (("T12", "L1"), ("L2", "L3"), ("L4", "L5")):
        for side in SIDES:
            ends = [
                frames[x].to_patient(pedicle_frame(design.size(x), side).origin)
                for x in (upper, lower)
            ]
            line = ends[1] + np.linspace(0, 1, 200)[:, None] * (ends[0] - ends[1])
            both = [bones[x].shape(frames[x].to_local(line)) for x in (upper, lower)]
            free = (np.min(both, axis=0) > 0).mean() * np.linalg.norm(ends[0] - ends[1])
            assert 9 < free < 26, f"{upper}/{lower} {side}"


def test_thoracic_joints_face_back_and_lumbar_ones_inward(design):
    def to_sagittal(level):
        return [angle_between(j.normal, [1, 0, 0]) for j in joints_above(design, level).values()]

    for level in ("T11", "T12"):
        assert all(70 < angle < 110 for angle in to_sagittal(level))
    for level in ("L1", "L2", "L3"):
        assert all(angle < 55 or angle > 125 for angle in to_sagittal(level))


def test_parts_are_named_as_label_maps_name_them_and_lie_where_they_should(design, bones):
    for level in ("T12", "L3", "L5"):
        solid = bone_solid(design, level, bones[level])
        names = {part.name for part in solid.parts}
        sided = ("transverse", "superior articular", "inferior articular")
        assert names == {
            "body",
            "arch",
            "spinous process",
            *(f"{what} process {side}" for what in sided for side in SIDES),
        }
        points = inside(solid.shape, 1.5)
        nearest = np.argmin([part.shape(points) for part in solid.parts], axis=0)
        middle = {
            part.name: points[nearest == n].mean(axis=0) for n, part in enumerate(solid.parts)
        }
        assert middle["transverse process right"][0] > 15
        assert middle["transverse process left"][0] < -15
        for side in SIDES:
            upper = middle[f"superior articular process {side}"]
            assert upper[2] > middle[f"inferior articular process {side}"][2] + 12
        assert middle["spinous process"][1] < middle["arch"][1] < middle["body"][1]


def test_a_vertebra_between_its_neighbours_has_an_even_joint(design, bones):
    """From the inferior process straight to the superior one: about the gap, all over."""
    frames = stack(design)
    step = within(inverse(frames["L4"]), frames["L3"])
    above = placed(bones["L3"].shape, step)
    for joint in joints_above(design, "L4").values():
        starts = [joint.at(a, b, 6.0) for a in (-3, 0, 3) for b in (-4, -1, 2)]
        ahead = np.arange(0, 14, 0.05)
        for start in starts:
            walk = start - ahead[:, None] * joint.normal
            leaving = np.flatnonzero(above(walk) < 0)[-1]
            entering = np.flatnonzero(bones["L4"].shape(walk[leaving:]) < 0)[0]
            assert 1.2 < ahead[entering] < 3.6


@pytest.mark.parametrize(("sides", "pieces"), [(BOTH, 2), (frozenset(("left",)), 1)])
def test_broken_pars_part_the_arch_only_when_both_are(design, sides, pieces):
    broken = bone(ill(design, level="L5", pars_defect=sides), "L5")
    points, shape = grid(broken, 0.8)
    labels, count = ndimage.label((evaluated(broken, points) < 0).reshape(shape))
    sizes = np.bincount(labels.ravel())[1:]
    assert count >= pieces
    assert (sizes > 500).sum() == pieces


def test_the_arch_stays_behind_when_a_body_slips_off_broken_pars(design):
    slipped = ill(design, part="L5/S1", slip_mm=9.0)
    lytic = ill(slipped, level="L5", pars_defect=BOTH)
    for order, moved in ((slipped, 0.0), (lytic, -9.0)):
        healthy, now = (inside(bone(x, "L5"), 1.5) for x in (design, order))
        assert now[:, 1].min() - healthy[:, 1].min() == pytest.approx(moved, abs=2)


def test_a_laminectomy_opens_the_canal_from_behind_and_keeps_the_joints(design):
    bared = bone(ill(design, level="L4", laminectomy=True), "L4")
    size = design.size("L4")
    ray = np.column_stack([np.zeros(300), np.linspace(size.back - 2, -90, 300), np.full(300, -6)])
    assert (bone(design, "L4")(ray) < 0).any()
    assert (bared(ray) > 0).all()
    processes = grown_bone(design, stack(design), "L4").parts
    for side in SIDES:
        points = inside(processes[f"inferior articular process {side}"], 1.5)
        assert (bared(points) < 0.3).all()


def test_grown_arthrotic_facets_narrow_gap_and_canal_and_leave_other_levels_alone(design):
    grown = ill(design, part="L4/5", facet_growth_mm=(4.0, 4.0), facet_arthrosis=(0.8, 0.8))
    frames = stack(design)
    for order, low, high in ((design, 1.0, 2.6), (grown, 0.2, 0.9)):
        step = within(inverse(frames["L5"]), frames["L4"])
        above = placed(bone(order, "L4"), step)
        points = inside(bone(order, "L5"), 0.8)
        gap = above(points[points[:, 2] > 2]).min()
        assert low < gap < high
    canal = [(bone(x, "L5")(recess_points(design)) > 0).mean() for x in (design, grown)]
    assert canal[1] < canal[0] - 0.02
    points, _ = grid(bone(design, "L2"), 3.0)
    assert np.array_equal(bone(design, "L2")(points), bone(grown, "L2")(points))


def recess_points(design):
    """(n, 3) mm: the canal's room before L5's facets, in L5's coordinates."""
    size = design.size("L5")
    half = size.canal_width / 2
    ticks = np.meshgrid(
        np.arange(-half, half, 1.0),
        np.arange(size.back - 14, size.back, 1.0),
        np.arange(4, 16, 2.0),
    )
    return np.stack(ticks, axis=-1).reshape(-1, 3)


def test_a_wedge_loses_height_in_front_only_and_turns_what_is_above(design):
    broken = ill(design, level="L2", wedge=0.4)
    for order, front in ((design, 1.0), (broken, 0.6)):
        column = np.column_stack(
            [
                np.zeros(400),
                np.full(400, design.size("L2").body_depth / 2 - 3),
                np.linspace(-20, 20, 400),
            ]
        )
        tall = (bone(order, "L2")(column) < 0).sum() / 10
        assert tall == pytest.approx(design.size("L2").height_anterior * front, abs=2.2)
    lean = angle_between(stack(design)["L1"].up, stack(broken)["L1"].up)
    lost = 0.4 * design.size("L2").height_anterior / design.size("L2").body_depth
    assert lean == pytest.approx(np.degrees(np.arctan(lost)), abs=1.5)
    assert stack(design)["L4"] == stack(broken)["L4"]


def test_a_biconcave_body_is_thin_in_the_middle_and_sclerosis_lies_under_its_plates(design):
    broken = ill(design, level="L3", biconcave=0.4, sclerosis_mm=(4.0, 0.0))
    column = np.column_stack([np.zeros((400, 2)), np.linspace(-20, 20, 400)])
    healthy, now = ((bone(x, "L3")(column) < 0).sum() / 10 for x in (design, broken))
    assert healthy - now == pytest.approx(0.4 * design.size("L3").height, abs=0.4)
    solid = bone_solid(broken, "L3", grown_bone(broken, stack(broken), "L3"))
    dense = [p for p in solid.parts if p.tissue is not None and p.tissue.name == "sclerotic_bone"]
    assert len(dense) == 1
    top = column[bone(broken, "L3")(column) < 0][-1]
    places = top - np.array([[0, 0, 1.0], [0, 0, 3.0], [0, 0, 5.0]])
    nearest = np.argmin([part.shape(places) for part in solid.parts], axis=0)
    assert [solid.parts[n] is dense[0] for n in nearest] == [True, True, False]


def test_a_sacralised_process_meets_the_ala_on_its_side_only(design):
    joined = ill(design, level="L5", sacralised=frozenset(("left",)))
    frames = stack(joined)
    above = placed(bone(joined, "L5"), within(inverse(frames["S1"]), frames["L5"]))
    points = inside(bone(joined, "S1"), 1.0)
    alae = points[points[:, 2] < -2]
    gaps = {s: above(alae[alae[:, 0] * s > 30]).min() for s in (-1, 1)}
    assert 0.3 < gaps[-1] < 2.0
    assert gaps[1] > 3


def test_the_crests_stand_as_high_as_asked_and_the_sacroiliac_joints_are_open(design, bones):
    frames = stack(design)
    pelvic = pelvis(frames)
    part = design.segment("L4/5")
    rims = (
        within(frames["L4"], lower_rim(design.size(part.upper))),
        within(frames["L5"], upper_rim(design.size(part.lower))),
    )
    disc = np.mean([pelvic.to_local(rim.origin)[2] for rim in rims])
    sacrum = placed(bones["S1"].shape, frames["S1"])
    for height in (17.0, 30.0):
        order = evolve(design, body=evolve(design.body, crest_mm=height))
        solids = hip_solids(order, frames, bones["S1"].shape)
        assert [solid.name for solid in solids] == ["hip left", "hip right"]
        points = inside(solids[0].shape, 2.5)
        assert pelvic.to_local(points)[:, 0].max() < 0
        assert pelvic.to_local(points)[:, 2].max() - disc == pytest.approx(height, abs=2.5)
        assert 0.8 < evaluated(sacrum, points).min() < 3.5


def test_ribs_leave_their_vertebra_by_a_gap_and_run_outward_and_down(design, bones):
    frames = stack(design)
    there = {level: bones[level].shape for level in ("T11", "T12", "L1")}
    wall = partial(laid_in_wall, design, frames)
    solids = rib_solids(design, frames, there, wall)
    assert [s.name for s in solids] == [
        "rib left 11",
        "rib right 11",
        "rib left 12",
        "rib right 12",
    ]
    for solid in solids:
        level = f"T{solid.name[-2:]}"
        points = frames[level].to_local(inside(solid.shape, 1.2))
        assert 0.4 < there[level](points).min() < 2.5
        assert (points[:, 0] > 5).all() == ("right" in solid.name)
        outer, inner = (
            points[np.argsort(np.abs(points[:, 0]))[cut]] for cut in (slice(-50, None), slice(50))
        )
        assert outer[:, 2].mean() < inner[:, 2].mean() - 25


def test_screws_lie_in_their_pedicles_with_the_head_outside(design):
    order = ill(design, level="L4", screws=BOTH)
    order = ill(order, level="S1", screws=frozenset(("left",)))
    frames = stack(order)
    there = {level: bone(order, level) for level in ("L4", "L5", "S1")}
    solids = metal_solids(order, frames, there)
    assert [s.name for s in solids] == ["screw L4 left", "screw L4 right", "screw S1 left"]
    assert all(solid.tissue.name == "titanium" for solid in solids)
    for solid, side in zip(solids, SIDES, strict=False):
        waist = pedicle_frame(order.size("L4"), side)
        shape, shaft = there["L4"], waist.origin + np.arange(-4, 20, 1.0)[:, None] * waist.front
        world = frames["L4"].to_patient(shaft)
        assert (solid.shape(world) < 0).all()
        assert (shape(shaft) < 0).all()
        points = frames["L4"].to_local(inside(solid.shape, 1.0))
        assert (shape(points) > 0).any()
        assert points[:, 1].max() < order.size("L4").body_depth / 2 - 3


def test_l6_has_the_traits_of_l5_not_of_the_sacrum():
    assert traits("L6") == traits("L5")
    assert traits("L4") != traits("L5")
