"""Facets, vessels, density and screws beside each other."""

import numpy as np
import pytest
from attrs import evolve

from keyhole.plan.density import NO_IMAGE, OUTSIDE, hu_meaning, mean_hu
from keyhole.plan.facet import facet_grades, joint_above
from keyhole.plan.obstacles import obstacles, segments_apart, vessels_near
from keyhole.plan.pairs import in_one_body, screws_apart, towers
from keyhole.plan.passage import Passage
from keyhole.scan.volume import Volume


def axial(offset, length=40.0):
    return np.array([[offset, 0.0, 0.0]]), np.array([[offset, length, 0.0]])


@pytest.mark.parametrize(
    ("offset", "grade"), [(5.0, 0), (3.8, 1), (2.5, 2)], ids=["free", "beside", "crosses"]
)
def test_facet_grades_by_distance(offset, grade):
    joint = np.array([[0.0, 20.0, 0.0], [0.0, 20.5, 0.0]])
    heads = np.array([[offset, -9.0, 0.0]])
    assert facet_grades(joint, axial(offset), heads, (3.0, 6.5), 1.0).tolist() == [grade]


def test_a_shaft_along_the_joint_or_a_head_in_it_is_grade_3():
    along = np.column_stack([np.zeros(30), np.arange(30.0), np.zeros(30)])
    far = np.array([[2.0, -20.0, 0.0]])
    assert facet_grades(along, axial(2.0), far, (3.0, 6.5), 1.0).tolist() == [3]
    near = np.array([[0.0, 18.0, 3.0]])
    assert facet_grades(along[20:21], axial(9.0), near, (3.0, 6.5), 1.0).tolist() == [3]


def test_the_joint_lies_where_two_vertebrae_face_each_other(vertebra):
    lower, upper = vertebra("L4", None, None, 0.0), vertebra("L3", None, None, 25.0)
    joint = joint_above(Passage(lower, "right"), upper)
    local = lower.frame.to_local(joint)
    assert len(joint) > 20
    assert (local[:, 0] > 0).all()
    assert local[:, 2].mean() == pytest.approx(16.5, abs=1.5)  # between blocks at 15 and 18
    apart = vertebra("L3", None, None, 60.0)
    assert len(joint_above(Passage(lower, "right"), apart)) == 0


def test_segments():
    x, y, z = np.eye(3)
    assert segments_apart((0 * x, 10 * x), (5 * x - 3 * y + 4 * z, 5 * x + 3 * y + 4 * z)) == 4.0
    assert segments_apart((0 * x, 10 * x), (12 * x, 20 * x)) == pytest.approx(2.0)
    assert segments_apart((0 * x, 10 * x), (3 * y, 10 * x + 3 * y)) == pytest.approx(3.0)
    assert segments_apart((0 * x, 10 * x), (-3 * x - 4 * y, -3 * x - 9 * y)) == pytest.approx(5.0)


def test_vessels_are_listed_nearest_first(spine, straight):
    def ball(middle, radius):
        return lambda points, frame: (
            np.linalg.norm(frame.to_local(points) - middle, axis=1) < radius
        )

    extra = {"aorta": ball([0, 45, 0], 9), "vena cava": ball([30, 45, 0], 9)}
    model = spine(("L4", "L5"), lie=straight, extra=extra)
    frame = model["L5"].frame
    entry, tip = frame.to_patient([0, -20, 0]), frame.to_patient([0, 20, 0])
    found = vessels_near(obstacles(model.labels, ("vena cava", "aorta")), entry, tip, 3.0)
    assert [v.structure for v in found] == ["aorta", "vena cava"]
    assert found[0].distance_mm == pytest.approx(25 - 9 - 3, abs=2.0)  # voxels of 3 mm


def image_of(vertebra, function):
    bone = vertebra.bone
    places = np.indices(bone.shape).reshape(3, -1).T
    local = vertebra.frame.to_local(bone.to_patient(places))
    return Volume(function(local).reshape(bone.shape).astype(np.int16), bone.affine)


def test_density_is_the_mean_within_screw_and_bone(vertebra, settings):
    body = vertebra()
    image = image_of(body, lambda local: np.where(local[:, 2] > 0, 300, 100))
    entries = body.frame.to_patient(np.array([[0, -18.0, 8], [0, -18, -8], [0, -18, 0]]))
    tips = body.frame.to_patient(np.array([[0, 18.0, 8], [0, 18, -8], [0, 18, 0]]))
    assert mean_hu(image, body, (entries, tips), 6.0) == pytest.approx([300, 100, 200], abs=12)
    far = np.array(image.affine)
    far[0, 3] += 500
    shifted = evolve(image, affine=far)
    assert np.isnan(mean_hu(shifted, body, (entries, tips), 6.0)).all()


def test_density_speaks_with_its_source(settings):
    assert hu_meaning(90.0, "", settings).startswith("below the 123 HU")
    assert hu_meaning(140.0, "", settings).startswith("not below the 123 HU")
    assert "grotyx" in hu_meaning(140.0, "", settings)
    assert hu_meaning(None, NO_IMAGE, settings) == NO_IMAGE
    assert hu_meaning(None, OUTSIDE, settings) == OUTSIDE


def test_screws_of_one_body_keep_apart(a_screw, settings):
    left = a_screw()
    right = evolve(left, side="right", entry=(20.0, -30.5, 12.25), tip=(-3.0, 12.0, 10.0))
    apart = screws_apart(left, right)
    rows, near = in_one_body([left, right], settings.screws)
    assert apart < 0
    assert rows[0].clearance_mm == apart
    assert [r.code for r in near] == ["screws-touch"]
    wide = evolve(right, tip=(8.0, 12.0, 10.0))
    assert in_one_body([left, wide], settings.screws)[1] == []
    assert in_one_body([left, evolve(right, level="L5")], settings.screws) == ([], [])


def test_towers_of_neighbours_that_meet_are_told(a_screw, settings):
    one = a_screw()
    other = evolve(one, level="L5", head=(-22.0, -36.0, -23.0))
    assert [r.code for r in towers([one, other], settings.screws)] == ["towers-touch"]
    skin = evolve(one.skin_entry, point=(-48.0, -95.0, -30.0))
    assert towers([one, evolve(other, skin_entry=skin)], settings.screws) == []
    unseen = evolve(other, skin_entry=None, skin_entry_reason="no skin")
    assert towers([one, unseen], settings.screws) == []
