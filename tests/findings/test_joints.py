"""Facet joints and partes: real bones, phantoms with and without a defect, and what is not there."""

import attrs
import numpy as np
import pytest

from keyhole.anatomy import build_spine
from keyhole.anatomy.joints import facet_joint
from keyhole.anatomy.pars import find_pars
from keyhole.anatomy.zones import ZONES, zone_borders
from keyhole.errors import AnatomyError
from keyhole.findings import facet, pars
from keyhole.findings.subject import Subject
from keyhole.scan.read import read_labels
from keyhole.simulate import Recipe, crooked_grid, grow, scan_patient
from keyhole.space import SIDES

LEVELS = ("L4", "L5")
NO_JOINT = AnatomyError("not-seen", asked="a", found="b", next="c")


@pytest.fixture(scope="module")
def mean_spine(data_dir):
    labels = read_labels([(data_dir / "mean_spine/labels.nii.gz", "auto")], image=None)[0]
    return build_spine(labels, levels=LEVELS)


@pytest.fixture(scope="module")
def broken():
    """A phantom whose L4 has a defect in both partes, in a crooked scan."""
    patient = grow(Recipe(5, LEVELS, illness=("slip=L4/5:lysis,slip=5",), soft=False))
    grid = crooked_grid(patient, (1.0, 1.0, 1.0), levels=LEVELS)
    return build_spine(scan_patient(patient, *grid, image=False)[1])


def test_both_joints_of_the_mean_shape_measure_the_same(mean_spine):
    left, right = (facet_joint(mean_spine, "L4/5", side) for side in SIDES)
    assert left.angle_deg == pytest.approx(right.angle_deg, abs=3.0)
    assert left.area_mm2 == pytest.approx(right.area_mm2, rel=0.15)
    assert left.gap_mm == pytest.approx(right.gap_mm, abs=0.3)
    assert 35 < left.angle_deg < 55  # 45 at L4/5 in people without symptoms
    ends = [joint.frame.to_local(joint.medial_edge)[0] for joint in (left, right)]
    assert ends[0] < 0 < ends[1]


def test_the_joint_lies_between_the_two_bones(mean_spine):
    joint = facet_joint(mean_spine, "L4/5", "right")
    for level in LEVELS:
        away = mean_spine[level].bone.at(joint.space, order=1, outside=100)
        assert np.quantile(away, 0.95) < 2.5
        assert away.min() > -1.0


def test_the_findings_say_angle_gap_area_and_tropism(mean_spine):
    subject = Subject(spine=mean_spine)
    found = list(facet.MEASURE.take(subject, "L4/5"))
    assert {(f.name, f.side) for f in found} == {
        *((name, side) for name in ("facet_angle", "facet_gap", "facet_area") for side in SIDES),
        ("facet_tropism", None),
    }
    angles = {f.side: f.value for f in found if f.name == "facet_angle"}
    (tropism,) = [f for f in found if f.name == "facet_tropism"]
    assert tropism.value == pytest.approx(abs(angles["left"] - angles["right"]))
    assert "below the threshold" in {g.grade for g in tropism.grades}


def test_no_joint_is_found_between_bones_that_lie_apart(mean_spine):
    apart = [mean_spine["L4"], _dropped(mean_spine["L5"])]
    spine = attrs.evolve(mean_spine, vertebrae=tuple(apart))
    with pytest.raises(AnatomyError) as caught:
        facet_joint(spine, "L4/5", "left")
    assert caught.value.refusal.code == "not-seen"
    found = list(facet.MEASURE.take(Subject(spine=spine), "L4/5"))
    assert all(f.value is None and f.not_seen.code == "not-seen" for f in found)


def _dropped(vertebra):
    """The vertebra with its bone 60 mm lower: its frame stands, its processes do not."""
    affine = vertebra.bone.affine.copy()
    affine[:3, 3] -= 60 * vertebra.frame.up
    return attrs.evolve(vertebra, bone=attrs.evolve(vertebra.bone, affine=affine))


def test_zones_follow_one_another(mean_spine):
    joint = facet_joint(mean_spine, "L4/5", "left")
    borders = zone_borders(mean_spine, "L4/5", "left", joint)
    assert 0 < borders.facet < borders.medial < borders.lateral
    places = np.array([0.0, borders.facet + 0.1, -borders.medial - 0.1, borders.lateral + 0.1])
    assert [ZONES[k] for k in borders.ranks(places)] == list(ZONES)
    without = zone_borders(mean_spine, "L4/5", "left", NO_JOINT)
    assert without.facet < without.medial


def test_no_zones_without_a_pedicle(mean_spine):
    bare = attrs.evolve(mean_spine["L4"], pedicles={})
    spine = attrs.evolve(mean_spine, vertebrae=(bare, mean_spine["L5"]))
    with pytest.raises(AnatomyError) as caught:
        zone_borders(spine, "L4/5", "left", NO_JOINT)
    assert caught.value.refusal.code == "pedicle-unseen"


def test_the_mean_shapes_partes_are_whole_and_alike(mean_spine):
    left, right = (find_pars(mean_spine["L4"], side) for side in SIDES)
    assert not left.broken
    assert left.thickness_mm == pytest.approx(right.thickness_mm, abs=0.8)
    assert 5 < left.thickness_mm < 13


def test_a_defect_is_suspected_where_it_is(broken):
    subject = Subject(spine=broken, label_sd_mm=0.0)
    for level, grade in (("L4", pars.SUSPECTED), ("L5", pars.WHOLE)):
        for found in pars.MEASURE.take(subject, level):
            assert [g.grade for g in found.grades] == [grade]
            assert (found.value == 0) == (grade == pars.SUSPECTED)


def test_a_defect_is_marked_between_pedicle_and_inferior_process(broken):
    vertebra = broken["L4"]
    place = vertebra.frame.to_local(find_pars(vertebra, "left").place)
    pedicle = vertebra.frame.to_local(vertebra.pedicles["left"].centre)
    tip = vertebra.frame.to_local(vertebra.landmarks["inferior facet tip left"])
    assert place[0] < 0
    assert tip[2] < place[2] < pedicle[2]


def test_no_pars_without_an_inferior_process(mean_spine):
    bare = attrs.evolve(mean_spine["L4"], landmarks={})
    spine = attrs.evolve(mean_spine, vertebrae=(bare,))
    with pytest.raises(AnatomyError) as caught:
        find_pars(bare, "left")
    assert caught.value.refusal.code == "not-seen"
    found = list(pars.MEASURE.take(Subject(spine=spine), "L4"))
    assert [f.value for f in found] == [None, None]
    assert list(pars.MEASURE.take(Subject(spine=mean_spine), "S1")) == []
