"""Roots run as DEFINITIONS 9 says, on their own side, and through no bone."""

import numpy as np
import pytest
from attrs import evolve

from keyhole.simulate import Recipe, grow
from keyhole.simulate.bones.pedicle import pedicle_frame
from keyhole.simulate.engine.shapes import evaluated
from keyhole.simulate.soft.nerves import root_solid
from keyhole.simulate.soft.nerves_path import body_back, pedicle_borders, root_paths
from keyhole.simulate.truth.roots import root_truths
from keyhole.space import SIDES

LUMBAR = ("L1", "L2", "L3", "L4", "L5")
ANGLES = {"L1": 39, "L2": 38, "L3": 37, "L4": 35, "L5": 32}


def grown(seed, illness=(), levels=("L1", "L2", "L3", "L4", "L5", "S1")):
    return grow(Recipe(seed, levels=levels, soft=False, illness=illness)).contents


@pytest.fixture(scope="module")
def contents():
    return grown(0)


def by_name(paths):
    return {(path.level, path.side): path for path in paths}


@pytest.mark.parametrize("seed", [0, 5, 9])
def test_no_root_pierces_bone_or_disc(seed):
    contents = grown(seed)
    solid = [*(contents.bones[x] for x in contents.levels)]
    solid += [disc.shape for disc in contents.discs.values()]
    for path in contents.roots:
        root = root_solid(path).shape
        ticks = [np.arange(low, high, 0.8) for low, high in zip(root.low, root.high, strict=True)]
        points = np.stack(np.meshgrid(*ticks, indexing="ij"), axis=-1).reshape(-1, 3)
        points = points[evaluated(root, points) < 0]
        near = [x for x in solid if (x.low < root.high).all() and (x.high > root.low).all()]
        taken = np.min([evaluated(shape, points) for shape in near], axis=0) < 0
        assert taken.mean() < 0.02, (path.level, path.side, taken.mean())


@pytest.mark.parametrize("level", LUMBAR)
@pytest.mark.parametrize("side", SIDES)
def test_a_root_goes_under_its_pedicle_by_the_definition(contents, level, side):
    size, frame = contents.design.size(level), contents.frames[level]
    path = by_name(root_paths(contents.canal, contents.sac))[level, side]
    s = 1 if side == "right" else -1
    local = frame.to_local(path.points) * [s, 1, 1]
    (medial, _), bottom = pedicle_borders(size, side)
    radius = size.root_diameter / 2
    wall = body_back(size, np.array([medial]))[0]
    assert size.back <= wall < size.back + 2
    below = np.array([medial, wall - 1 - radius, bottom - 1.5 - radius])
    ticks = np.linspace(0, len(local) - 1, 1000)
    fine = np.column_stack([np.interp(ticks, np.arange(len(local)), x) for x in local.T])
    assert np.linalg.norm(fine - below, axis=1).min() < 0.6
    beyond = local[(local[:, 0] > medial + 1) & (local[:, 2] < below[2] - 1)]
    step = beyond[-1] - beyond[0]
    assert np.degrees(np.arctan2(step[0], -step[2])) == pytest.approx(ANGLES[level], abs=1.5)
    assert step[1] > 0
    nearest = int(np.linalg.norm(fine - below, axis=1).argmin())
    length = np.linalg.norm(np.diff(fine[nearest:], axis=0), axis=1).sum()
    assert length == pytest.approx(25, abs=0.8)


def test_each_root_leaves_the_sacs_edge_at_its_pedicles_middle(contents):
    for (level, side), path in by_name(root_paths(contents.canal, contents.sac)).items():
        if level == "S1":
            continue
        place = contents.frames[level].to_local(path.at(path.leaves_sac))
        assert place[2] == pytest.approx(
            pedicle_frame(contents.design.size(level), side).origin[2], abs=1.5
        )
        assert (place[0] > 0) == (side == "right")
        assert abs(evaluated(contents.sac.shape(), path.at(path.leaves_sac)[None])[0]) < 1.3


def test_s1_leaves_above_its_endplate_and_goes_out_of_the_s1_foramen(contents):
    for side in SIDES:
        path = by_name(contents.roots)["S1", side]
        local = contents.frames["S1"].to_local(path.points)
        out = contents.frames["S1"].to_local(path.at(path.leaves_sac))
        assert out[2] == pytest.approx(5, abs=1.5)
        size = contents.design.size("S1")
        assert local[-1, 1] > size.back + 3
        assert local[-1, 2] < -20
        ganglion = contents.frames["S1"].to_local(path.at(path.ganglion))
        assert ganglion[1] < size.back
        assert abs(ganglion[0]) < size.canal_width / 2


def test_ganglia_are_six_and_a_half_wide_medial_but_lateral_at_l5(contents):
    shares = {}
    for level in LUMBAR:
        path = by_name(contents.roots)[level, "left"]
        assert 2 * path.radii.max() == pytest.approx(6.5, abs=0.1)
        assert 2 * path.radius == pytest.approx(contents.design.size(level).root_diameter)
        place = contents.frames[level].to_local(path.at(path.ganglion))
        medial, lateral = pedicle_borders(contents.design.size(level), "left")[0]
        shares[level] = (abs(place[0]) - medial) / (lateral - medial)
        solid = root_solid(path)
        values = {part.name: part.shape(path.at(path.ganglion)[None])[0] for part in solid.parts}
        assert min(values, key=values.get) == "ganglion"
    assert max(shares[level] for level in LUMBAR[:4]) < 0.55
    assert shares["L5"] > max(shares[level] for level in LUMBAR[:4])


@pytest.mark.parametrize(("variant", "shift"), [("high", 10.0), ("low", -5.0), ("conjoined", -5.0)])
def test_unusual_roots_leave_elsewhere_and_the_others_as_usual(contents, variant, shift):
    body = evolve(contents.design.body, roots={"L4 left": variant})
    other = evolve(contents, design=evolve(contents.design, body=body))
    usual, odd = (by_name(root_paths(x.canal, x.sac)) for x in (contents, other))

    def leaves(paths, level, side):
        path = paths[level, side]
        return contents.canal.curve.to_local(path.at(path.leaves_sac)[None])[0, 2]

    moved = leaves(odd, "L4", "left") - leaves(usual, "L4", "left")
    assert moved == pytest.approx(shift, abs=1)
    changed = {key for key in usual if not np.array_equal(usual[key].points, odd[key].points)}
    assert changed == {("L4", "left")} | ({("L5", "left")} if variant == "conjoined" else set())
    if variant == "conjoined":
        assert leaves(odd, "L5", "left") == pytest.approx(leaves(odd, "L4", "left"), abs=0.1)


def test_the_truth_tells_the_gap_to_each_near_disc(contents):
    def distance(name, points):
        return evaluated(contents.discs[name.removeprefix("disc ")].shape, points)

    truths = root_truths(contents, distance)
    assert set(truths) == {(level, side) for level in contents.levels for side in SIDES}
    left = truths["L4", "left"]
    assert 0 <= left.to_discs["L4/5"] < 4
    assert left.to_discs["L3/4"] > left.to_discs["L4/5"]
    assert "L1/2" not in left.to_discs
    assert left.line.shape[0] == left.radii.shape[0] > 20
