"""A phantom patient: what it is made of, where, and that it moves as one."""

import itertools

import numpy as np
import pytest

from keyhole.errors import RequestError
from keyhole.simulate import Recipe, phantom, standard_grid
from keyhole.simulate.design.draw import LEVELS, draw_design
from keyhole.simulate.design.stack import stack
from keyhole.simulate.engine.solid import sample
from keyhole.simulate.truth.canal import canal_truths
from keyhole.space import SIDES, Frame, angle_between, turned

TURN = np.column_stack([turned(turned(c, [1, 0, 0], 25), [0, 0.6, 0.8], 140) for c in np.eye(3)])
ELSEWHERE = Frame([130, -85, 210], TURN)


@pytest.fixture(scope="module")
def bones():
    return phantom(0, levels=LEVELS, torso=False)


@pytest.fixture(scope="module")
def three():
    return phantom(3, levels=("L3", "L4", "L5"), torso=False)


def test_left_is_left_and_the_pedicles_mirror_each_other(three):
    for truth in three.truth.values():
        left, right = (truth.frame.to_local(truth.pedicles[side].centre) for side in SIDES)
        assert left[0] < -10
        assert right == pytest.approx(left * [-1, 1, 1], abs=0.5), "the sides differ a little"
        assert truth.pedicles["left"].width_mm == pytest.approx(
            truth.pedicles["right"].width_mm, rel=0.15
        )
        inward = [p.axis @ -truth.frame.lateral(p.side) for p in truth.pedicles.values()]
        assert min(inward) > 0.1


def test_moving_the_patient_moves_the_truth_and_changes_no_size(three):
    moved = phantom(3, levels=("L3", "L4", "L5"), pose=ELSEWHERE, torso=False)
    for level, truth in list(three.truth.items())[:1]:
        other = moved.truth[level]
        assert other.frame.origin == pytest.approx(ELSEWHERE.to_patient(truth.frame.origin))
        assert other.frame.axes == pytest.approx(TURN @ truth.frame.axes)
        assert other.upper.normal == pytest.approx(TURN @ truth.upper.normal)
        for side in SIDES:
            mine, its = truth.pedicles[side], other.pedicles[side]
            assert its.centre == pytest.approx(ELSEWHERE.to_patient(mine.centre))
            assert its.axis == pytest.approx(TURN @ mine.axis)
            assert its.width_mm == mine.width_mm


def test_the_rim_lies_on_the_bone_and_its_plane_is_the_truths(three):
    for level, truth in three.truth.items():
        size, place = three.sizes[level], three.frames[level]
        around = np.radians(np.arange(0, 360, 15))
        for plate, sign in ((truth.upper, 1), (truth.lower, -1)):
            axes = Frame.from_up(plate.centre, plate.normal, place.right)
            ring = np.column_stack(
                [
                    0.86 * size.body_width / 2 * np.cos(around),
                    0.86 * size.body_depth / 2 * np.sin(around),
                    np.zeros_like(around),
                ]
            )
            away = three.bone_sdf(level, axes.to_patient(ring))
            assert np.median(np.abs(away)) < 0.1
            middle = three.bone_sdf(level, plate.centre[None])
            assert middle[0] > 1.0, "the middle is dished"
            assert sign * (plate.centre - truth.frame.origin) @ truth.frame.up > 10


def test_the_canal_is_clear_and_closed_only_at_the_pedicles(bones):
    for level in ("L1", "L5"):
        truth, size, bone = bones.truth[level], bones.sizes[level], bones.bones[level]
        centre = bones.frames[level].to_local(truth.canal_centre)
        sweep = np.linspace(-40, 40, 400)
        for height, closed in ((0.0, True), (-size.height / 2 - 3, False)):
            at = centre + np.array([0, 0, height])
            assert bone(at[None])[0] > 4
            beside = at + np.array([0, 5, 0]) + sweep[:, None] * [1, 0, 0]
            assert (bone(beside) < 0).any() == closed
            behind = at + np.linspace(0, -40, 200)[:, None] * [0, 1, 0]
            assert (bone(behind) < 0).any()
        depth = 2 * np.linalg.norm(truth.canal_centre - truth.posterior_wall)
        assert depth == pytest.approx(size.canal_ap, abs=1.2)
        above = centre + np.array([0, 0, size.height / 2 + 4])
        assert (bone(above + np.linspace(0, -40, 200)[:, None] * [0, 1, 0]) > 0).all(), "window"


@pytest.mark.parametrize("seed", [0, 3])
def test_neighbours_never_touch_and_joints_are_narrow(seed):
    patient = phantom(seed, levels=LEVELS, torso=False)
    affine = np.eye(4)
    affine[:3, 3] = -70, -120, -230
    fields = {}
    for level in LEVELS:
        block = sample(patient.solid(_named(level)).shape, affine, (140, 170, 380), band_mm=2)
        fields[level] = np.full((140, 170, 380), 9, dtype=np.float32)
        fields[level][block.box] = block.distances
    for upper, lower in itertools.pairwise(LEVELS):
        gap = 2 * np.maximum(fields[upper], fields[lower]).min()
        assert 0.8 < gap < 3.2, f"{upper}/{lower}"


def _named(level):
    return "sacrum" if level == "S1" else f"vertebra {level}"


def test_the_supine_spine_has_the_lordosis_of_its_discs_and_bodies(bones):
    lordosis = angle_between(bones.truth["L1"].upper.normal, bones.truth["S1"].upper.normal)
    assert lordosis == pytest.approx(40, abs=8)
    assert bones.truth["L1"].upper.normal[1] < bones.truth["S1"].upper.normal[1]


def test_a_flexed_posture_opens_the_back():
    supine, flexed = (
        stack(draw_design(Recipe(posture=posture)))["S1"].up for posture in ("supine", "flexed")
    )
    assert angle_between(flexed, supine) == pytest.approx(12, abs=0.01)
    assert flexed[1] < supine[1]


def test_a_forced_pedicle_is_as_wide_as_asked_and_only_that_one():
    forced = phantom(0, levels=("L3",), pedicle_width_mm={"L3 left": 6.0}, torso=False)
    pedicles = forced.truth["L3"].pedicles
    assert pedicles["left"].width_mm == pytest.approx(6.0, abs=0.1)
    assert pedicles["right"].width_mm > 8
    both = draw_design(Recipe(pedicle_width_mm={"L3": 7.0})).size("L3").pedicle_width
    assert both == (7.0, 7.0)


def test_seeds_make_patients_and_a_seed_makes_the_same_one():
    assert draw_design(Recipe(seed=4)) == draw_design(Recipe(seed=4))
    assert draw_design(Recipe(seed=4)).levels != draw_design(Recipe(seed=5)).levels


def test_the_surface_distance_is_true_where_a_first_order_one_is_not(three):
    """Walking along a surface normal, the distance grows by what was walked."""
    truth = three.truth["L3"]
    outward = truth.frame.front
    front = truth.frame.to_patient([0, three.sizes["L3"].body_depth / 2 + 5, 4])
    walk = front + np.linspace(0, 20, 9)[:, None] * outward
    away = three.bone_sdf("L3", walk)
    assert np.diff(away) == pytest.approx(2.5, abs=0.1)
    inside = three.bone_sdf("L3", truth.pedicles["left"].centre[None])[0]
    assert -inside == pytest.approx(truth.pedicles["left"].inscribed_mm / 2, abs=0.06)


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ({"levels": ("L3", "C2")}, "level-not-there"),
        ({"levels": ()}, "level-not-there"),
        ({"posture": "handstand"}, "settings-broken"),
        ({"pedicle_width_mm": {"L9": 5.0}}, "level-not-there"),
    ],
)
def test_what_no_phantom_has_is_refused(wish, code):
    with pytest.raises(RequestError) as e:
        phantom(**wish)
    assert e.value.refusal.code == code


def test_the_distance_to_an_absent_vertebra_is_refused(three):
    with pytest.raises(RequestError) as e:
        three.bone_sdf("L1", np.zeros((1, 3)))
    assert e.value.refusal.code == "level-not-there"


def test_a_crop_is_the_same_patient_near_its_segment(bones):
    few = bones.crop("L4/5", 12)
    assert few.levels == ("L4", "L5")
    assert few.window is not None
    assert len(few.solids) < len(bones.solids)
    places = np.random.default_rng(2).uniform(*few.window, (4000, 3))
    for name in few.structures:
        whole, part = (
            np.min([shape(places) for shape in who.left_of(name)], axis=0) for who in (bones, few)
        )
        assert ((whole < 0) == (part < 0)).all()
    assert few.truth["L4"].frame == bones.truth["L4"].frame
    ours = canal_truths(bones.contents, 12.0)["L4/5"]
    assert canal_truths(few.contents, 12.0)["L4/5"].bony_area == pytest.approx(ours.bony_area)
    affine, shape = standard_grid(few, 2.0)
    last = affine[:3, :3] @ (np.array(shape) - 1) + affine[:3, 3]
    assert affine[:3, 3] == pytest.approx(few.window[0], abs=2)
    assert last == pytest.approx(few.window[1], abs=4)


@pytest.mark.parametrize(
    ("segment", "code"), [("L4", "at-unreadable"), ("T9/10", "level-not-there")]
)
def test_a_crop_about_no_segment_is_refused(bones, segment, code):
    with pytest.raises(RequestError) as e:
        bones.crop(segment)
    assert e.value.refusal.code == code
