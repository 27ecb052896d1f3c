"""Herniations have the volume, zone, kind and place that were ordered."""

import numpy as np
import pytest
from attrs import evolve, frozen

from keyhole.simulate import Recipe, grow
from keyhole.simulate.design.model import Herniation
from keyhole.simulate.engine.shapes import evaluated, placed
from keyhole.simulate.soft.canal_contents import Contents
from keyhole.simulate.soft.canal_zones import ZONES, borders
from keyhole.simulate.truth.canal import canal_truths
from keyhole.simulate.truth.herniation import HerniationTruth, herniation_truths
from keyhole.space import Floats

STEP = 0.6
ORDERS = (
    ("L5/S1", Herniation("subarticular", "left", "protrusion", 700)),
    ("L4/5", Herniation("central", "right", "extrusion", 900, -7)),
    ("L4/5", Herniation("foraminal", "left", "extrusion", 450)),
    ("L5/S1", Herniation("subarticular", "right", "sequester", 500, 9)),
    ("L4/5", Herniation("extraforaminal", "right", "protrusion", 500)),
)


@pytest.fixture(scope="module")
def healthy():
    return grow(Recipe(4, levels=("L4", "L5", "S1"), soft=False)).contents


@frozen
class Case:
    """A patient with a herniation: what was ordered, what is there, and what the truth says."""

    name: str
    order: Herniation
    contents: Contents
    material: Floats
    truth: HerniationTruth


@pytest.fixture(scope="module")
def patients(healthy):
    return [case(name, order, ill(healthy, name, order)) for name, order in ORDERS]


def case(name, order, contents):
    material = free_material(contents, name, STEP)
    return Case(name, order, contents, material, herniation_truths(contents)[name])


def ill(contents, name, order):
    design = contents.design
    segments = tuple(evolve(x, herniation=order) if x.name == name else x for x in design.segments)
    return evolve(contents, design=evolve(design, segments=segments))


def free_material(contents, name, step):
    """Points (n, 3) of disc beyond the margin that nothing painted later takes."""
    disc, margin, lump = contents.discs[name].shape, contents.margins[name], contents.lumps[name]
    ticks = [np.arange(lo - 1, hi + 1, step) for lo, hi in zip(lump.low, lump.high, strict=True)]
    points = np.stack(np.meshgrid(*ticks, indexing="ij"), axis=-1).reshape(-1, 3)
    points = points[evaluated(disc, points) < 0]
    points = points[evaluated(placed(margin.shape(), margin.frame), points) > 0]
    part = contents.design.segment(name)
    later = [contents.bones[part.upper], contents.bones[part.lower], *contents.roots_of(part)]
    for shape in later:
        points = points[evaluated(shape, points) > 0]
    return points


@pytest.mark.parametrize("number", range(len(ORDERS)))
def test_volume_zone_and_side_are_those_ordered(patients, number):
    one, order = patients[number], patients[number].order
    assert len(one.material) * STEP**3 == pytest.approx(order.volume_mm3, rel=0.03)
    assert one.truth.volume_mm3 == pytest.approx(order.volume_mm3, rel=0.02)
    assert (one.truth.zone, one.truth.kind) == (order.zone, order.kind)
    assert sum(one.truth.zones.values()) == pytest.approx(1, abs=1e-6)
    aside = one.contents.margins[one.name].frame.to_local(one.truth.centre)[0]
    assert (one.truth.side, aside > 0) == (order.side, order.side == "right")
    assert one.truth.migration_mm == pytest.approx(order.migration_mm, abs=2)


def off_margin(one):
    margin = one.contents.margins[one.name]
    return evaluated(placed(margin.shape(), margin.frame), one.material)


def test_a_protrusion_is_broader_at_its_base_than_high(patients):
    one = patients[0]
    material = one.contents.margins[one.name].frame.to_local(one.material)
    assert np.ptp(material[:, 0]) > 1.3 * np.ptp(material[:, 1])
    assert abs(one.truth.beyond_endplate_mm) < 2


def test_an_extrusion_wanders_beyond_the_endplate_and_hangs_on_the_disc(patients):
    assert patients[1].truth.beyond_endplate_mm < -5
    assert off_margin(patients[1]).min() < 0.5


def test_a_sequester_touches_the_disc_nowhere(patients):
    assert off_margin(patients[3]).min() > 0.8


def test_the_material_is_a_part_of_the_disc_named_herniation(patients):
    for one in patients:
        parts = one.contents.discs[one.name].parts
        values = {part.name: part.shape(one.truth.centre[None])[0] for part in parts}
        assert min(values, key=values.get) == "herniation"
        assert {"annulus", "nucleus"} < set(values)


def test_the_canal_loses_room_to_it_and_only_there(healthy, patients):
    one = patients[1]
    truth, well = canal_truths(one.contents, 4.0), canal_truths(healthy, 4.0)
    assert 0.1 < one.truth.canal_taken < 0.6
    assert truth["L4/5"].bony_area.sum() < 0.97 * well["L4/5"].bony_area.sum()
    assert truth["L4/5"].least["sac_area"] < 0.85 * well["L4/5"].least["sac_area"]
    assert truth["L5/S1"].bony_area == pytest.approx(well["L5/S1"].bony_area, rel=0.02)
    assert not herniation_truths(healthy)


def test_roots_give_way_to_it(healthy, patients):
    contents = patients[0].contents
    before, after = (
        next(path for path in each.roots if (path.level, path.side) == ("S1", "left"))
        for each in (healthy, contents)
    )
    assert np.linalg.norm(after.points - before.points, axis=1).max() > 1
    inside = contents.lumps["L5/S1"](after.points) - after.radii
    assert inside.min() > -0.6


def test_zones_follow_each_other_from_the_midline_outward(healthy):
    edges = borders(healthy.design, healthy.design.segment("L4/5"), "left")
    assert 0 < edges.facet < edges.medial < edges.lateral
    assert [edges.zone(edges.middle(zone)) for zone in ZONES] == list(ZONES)
    assert edges.zone(-edges.middle("foraminal")) == "foraminal"
