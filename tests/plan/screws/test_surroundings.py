"""Facets, vessels, density and screws beside each other."""

import numpy as np
import pytest
from attrs import evolve

from keyhole.plan.density import NO_IMAGE, OUTSIDE, hu_meaning, mean_hu
from keyhole.plan.facet import Joint, facet_grades, joint_above
from keyhole.plan.model import Rod
from keyhole.plan.obstacles import obstacles, segments_apart, vessels_near
from keyhole.plan.pairs import in_one_body, screws_apart, towers
from keyhole.plan.passage import Passage
from keyhole.plan.prefer import Pedestal
from keyhole.plan.rod_facet import with_rod
from keyhole.scan.volume import Volume


def axial(offset, length=40.0):
    return np.array([[offset, 0.0, 0.0]]), np.array([[offset, length, 0.0]])


NOWHERE = np.zeros((0, 3))


def bare(space):
    """A joint without a process beside it."""
    return Joint(space, NOWHERE)


@pytest.mark.parametrize(
    ("offset", "grade"), [(5.0, 0), (3.8, 1), (2.5, 2)], ids=["free", "beside", "crosses"]
)
def test_facet_grades_by_distance(offset, grade):
    joint = bare([[0.0, 20.0, 0.0], [0.0, 20.5, 0.0]])
    heads = np.array([[offset, -9.0, 0.0]])
    assert facet_grades(joint, axial(offset), heads, (3.0, 6.5), 1.0).tolist() == [grade]


def test_a_shaft_in_the_process_beside_the_joint_is_grade_1():
    space, heads = [[0.0, 20.0, 0.0]], np.array([[8.0, -9.0, 0.0]])
    beside = Joint(space, [[6.0, 20.0, 0.0]])
    assert facet_grades(beside, axial(8.0), heads, (3.0, 6.5), 1.0).tolist() == [1]
    assert facet_grades(beside, axial(9.5), heads + 1.5, (3.0, 6.5), 1.0).tolist() == [0]
    assert facet_grades(bare(space), axial(8.0), heads, (3.0, 6.5), 1.0).tolist() == [0]


def test_a_shaft_along_the_joint_or_a_head_in_it_is_grade_3():
    along = np.column_stack([np.zeros(30), np.arange(30.0), np.zeros(30)])
    far = np.array([[2.0, -20.0, 0.0]])
    assert facet_grades(bare(along), axial(2.0), far, (3.0, 6.5), 1.0).tolist() == [3]
    near = np.array([[0.0, 18.0, 3.0]])
    assert facet_grades(bare(along[20:21]), axial(9.0), near, (3.0, 6.5), 1.0).tolist() == [3]


def test_a_rod_that_lies_in_the_joint_is_grade_3(a_screw, passage, catalogue):
    screw = evolve(a_screw(), facet_grade=0, warnings=())
    points = ((0.0, 0.0, 0.0), (0.0, 0.0, 40.0))
    rod = Rod(
        side="left", levels=("L4",), points=points, diameter_mm=5.5, largest_head_distance_mm=0.0
    )
    stand = Pedestal(passage, catalogue, None, bare([[2.0, 0.0, 25.0]]), top=True)
    found = with_rod(screw, stand, [rod])
    assert found.facet_grade == 3
    assert [w.code for w in found.warnings] == ["facet-violated"]
    assert with_rod(screw, evolve(stand, top=False), [rod]).warnings == ()
    assert with_rod(screw, stand, [evolve(rod, side="right")]) == screw
    assert with_rod(screw, evolve(stand, joint=bare([[9.0, 0.0, 25.0]])), [rod]) == screw
    assert with_rod(screw, evolve(stand, joint=None), [rod]) == screw


def test_the_joint_lies_where_two_vertebrae_face_each_other(vertebra):
    lower, upper = vertebra("L4", None, None, 0.0), vertebra("L3", None, None, 25.0)
    joint = joint_above(Passage(lower, "right"), upper)
    local = lower.frame.to_local(joint.space)
    assert len(joint.space) > 20
    assert (local[:, 0] > 0).all()
    assert local[:, 2].mean() == pytest.approx(16.5, abs=1.5)  # between blocks at 15 and 18
    apart = vertebra("L3", None, None, 60.0)
    assert joint_above(Passage(lower, "right"), apart) is None
    assert joint_above(Passage(lower, "right"), None) is None


def test_the_process_beside_the_joint_is_the_own_bone_at_its_height(vertebra):
    lower, upper = vertebra("L4", None, None, 0.0), vertebra("L3", None, None, 25.0)
    joint = joint_above(Passage(lower, "right"), upper)
    assert (lower.bone.at(joint.process, order=1) < 0).all()
    heights = [lower.frame.to_local(p)[:, 2] for p in (joint.space, joint.process)]
    assert heights[1].min() >= heights[0].min() - 1e-6
    assert heights[1].max() <= heights[0].max() + 1e-6


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
