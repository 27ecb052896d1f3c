"""Discs fill their space, and their illness is where it was ordered."""

import numpy as np
import pytest
from attrs import evolve

from keyhole.simulate import Recipe, grow
from keyhole.simulate.engine.tissue import tissue
from keyhole.simulate.soft.discs import disc_solid
from keyhole.space import Frame, turned

CROOKED = Frame(
    [130, -85, 210],
    np.column_stack([turned(turned(c, [1, 0, 0], 25), [0, 0.6, 0.8], 140) for c in np.eye(3)]),
)


@pytest.fixture(scope="module")
def patient():
    recipe = Recipe(
        2, levels=("L3", "L4", "L5", "S1"), soft=False, illness=("slip=L4/5:6", "fracture=L4")
    )
    return grow(recipe).contents


def ill(contents, name, **fields):
    """The same bones with another disc."""
    design = contents.design
    segments = tuple(evolve(x, **fields) if x.name == name else x for x in design.segments)
    return evolve(contents, design=evolve(design, segments=segments))


def inner_points(margin, share, count=4000):
    """Points between the rims, within a share of the outline, in the disc's coordinates."""
    outline, rng = margin.lower.outline, np.random.default_rng(0)
    flat = rng.uniform(-1, 1, (count, 2)) * [outline.half_width, outline.half_depth]
    flat = flat[outline.reach(*flat.T) < share]
    t = rng.uniform(0, 1, len(flat))
    top, low = margin.upper.height(*flat.T), margin.lower.height(*flat.T)
    middle = margin.lower.middle[:2] + t[:, None] * (margin.upper.middle - margin.lower.middle)[:2]
    return np.column_stack([flat + middle, low + t * (top - low)])


@pytest.mark.parametrize("name", ["L3/4", "L4/5", "L5/S1"])
def test_between_the_rims_is_disc_or_bone_and_no_gap(patient, name):
    part, margin = patient.design.segment(name), patient.margins[name]
    local = inner_points(margin, 0.97)
    points = margin.frame.to_patient(local[margin.side(local) < -0.4])
    shapes = [patient.discs[name].shape, *(patient.bones[x] for x in (part.upper, part.lower))]
    assert np.min([shape(points) for shape in shapes], axis=0).max() < 0.3


@pytest.mark.parametrize("name", ["L4/5", "L5/S1"])
def test_the_disc_keeps_to_the_rims_and_does_not_climb_the_bodies(patient, name):
    margin, part = patient.margins[name], patient.design.segment(name)
    around = np.radians(np.arange(0, 360, 6))
    outline = margin.upper.outline
    ring = np.column_stack(
        [1.03 * outline.half_width * np.cos(around), 1.03 * outline.half_depth * np.sin(around)]
    )
    ring = ring / outline.reach(*ring.T)[:, None] * 1.03 + margin.upper.middle[:2]
    height = margin.upper.height(*ring.T) + 1.5
    points = margin.frame.to_patient(np.column_stack([ring, height]))
    assert patient.discs[name].shape(points).min() > 0
    assert part.slip_mm == (6 if name == "L4/5" else 0)


def test_nucleus_is_two_fifths_of_the_section_and_lies_behind_the_middle(patient):
    disc, margin = patient.discs["L3/4"], patient.margins["L3/4"]
    middle = (margin.upper.middle + margin.lower.middle) / 2
    ticks = np.arange(-30, 30, 0.4)
    x, y = (a.ravel() for a in np.meshgrid(ticks, ticks))
    points = margin.frame.to_patient(np.column_stack([x, y, np.zeros(len(x))]) + middle)
    inside = disc.shape(points) < 0
    part_of = nearest_part(disc, points)
    nucleus = inside & (part_of == "nucleus")
    assert nucleus.sum() / inside.sum() == pytest.approx(0.4, abs=0.04)
    assert y[nucleus].mean() < y[inside].mean() - 1
    assert set(part_of[inside]) == {"nucleus", "annulus"}


def nearest_part(solid, points):
    names = np.array([part.name for part in solid.parts])
    return names[np.argmin([part.shape(points) for part in solid.parts], axis=0)]


def test_vacuum_is_its_share_of_the_nucleus(patient):
    worn = ill(patient, "L5/S1", vacuum=0.3, degeneration=1.0)
    disc, margin = worn.discs["L5/S1"], worn.margins["L5/S1"]
    points = margin.frame.to_patient(inner_points(margin, 0.95, 20000))
    part_of = nearest_part(disc, points)
    gas, moist = (part_of == "gas").sum(), (part_of == "nucleus").sum()
    height = margin.gap(*margin.frame.to_local(points).T[:2])
    weights = {name: height[part_of == name].sum() for name in ("gas", "nucleus")}
    assert gas > 50 < moist
    assert weights["gas"] / sum(weights.values()) == pytest.approx(0.3, abs=0.06)
    dark = {part.name: part.tissue for part in disc.parts}
    assert dark["gas"].hu == tissue("gas").hu
    assert dark["nucleus"].t2 == tissue("desiccated_disc").t2
    assert dark["annulus"].t2 > tissue("desiccated_disc").t2 - 10


@pytest.mark.parametrize("bulge", [2.0, 4.0])
def test_a_bulge_stands_out_all_round_and_more_behind(patient, bulge):
    flat, margin = patient.margins["L3/4"], ill(patient, "L3/4", bulge_mm=bulge).margins["L3/4"]
    for way, least, most in (((0, 1), 0.85, 1.1), ((1, 0), 0.85, 1.1), ((0, -1), 1.15, 1.35)):
        reached = [edge(each, np.array([*way, 0.0])) for each in (flat, margin)]
        assert least * bulge < reached[1] - reached[0] < most * bulge


def edge(margin, way):
    """How far from the middle the outer surface lies along a direction, mm."""
    middle = (margin.upper.middle + margin.lower.middle) / 2
    reach = np.arange(0, 45, 0.01)
    outside = margin.side(middle + reach[:, None] * way) > 0
    return reach[outside.argmax()]


def test_a_spur_grows_into_its_own_foramen_only(patient):
    spurred = ill(patient, "L3/4", foramen_spur_mm=(3.0, 0.0))
    grown = spurred.discs["L3/4"].shape
    bare = disc_solid(patient.design, patient.design.segment("L3/4"), patient.margins["L3/4"]).shape
    ticks = [np.arange(low, high, 1.0) for low, high in zip(grown.low, grown.high, strict=True)]
    points = np.stack(np.meshgrid(*ticks, indexing="ij"), axis=-1).reshape(-1, 3)
    new = (grown(points) < 0) & (bare(points) > 0)
    local = patient.margins["L3/4"].frame.to_local(points[new])
    assert new.sum() > 100
    assert local[:, 0].max() < -8
    assert local[:, 1].max() < 5


def test_discs_move_with_the_patient():
    recipe = Recipe(2, levels=("L4", "L5"), soft=False)
    here, there = grow(recipe), grow(evolve(recipe, pose=CROOKED))
    shape, moved = (each.solid("disc L4/5").shape for each in (here, there))
    points = np.random.default_rng(1).uniform(shape.low, shape.high, (500, 3))
    assert moved(CROOKED.to_patient(points)) == pytest.approx(shape(points), abs=1e-6)
    assert np.abs(shape(points) - shape(points * [1, 1, -1])).max() > 1
