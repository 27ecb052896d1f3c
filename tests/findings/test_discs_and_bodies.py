"""Discs, slips, angles and bodies against a phantom's truth, in a crooked scan of 1.2 mm."""

import itertools
import math

import numpy as np
import pytest
from attrs import evolve

from keyhole.anatomy import build_spine
from keyhole.errors import AnatomyError
from keyhole.findings import (
    Subject,
    cobb,
    disc_heights,
    disc_indices,
    disc_neighbours,
    half_heights,
    lordosis,
    rotation,
    segment_angles,
    slip,
    transitional,
    vertebral_heights,
)
from keyhole.findings.flexion_extension import dynamic
from keyhole.scan.labels import Labels
from keyhole.scan.volume import Volume
from keyhole.simulate import Recipe, crooked_grid, grow, scan_patient
from keyhole.simulate.truth.alignment import find_alignment

LEVELS = ("L3", "L4", "L5", "S1")
ILLNESS = ("slip=L4/5:7mm", "fracture=L3:32%,wedge", "disc=L5/S1:severe")


@pytest.fixture(scope="module")
def patient():
    return grow(Recipe(seed=1, levels=LEVELS, illness=ILLNESS, soft=False))


@pytest.fixture(scope="module")
def truth(patient):
    return find_alignment(patient.design, patient.frames)


@pytest.fixture(scope="module")
def subject(patient):
    grid = crooked_grid(patient, (1.2, 1.2, 1.2), oblique=(20.0, -15.0, 12.0), left_handed=True)
    labels = scan_patient(patient, *grid, image=False)[1]
    return Subject(spine=build_spine(labels), label_sd_mm=0.0)


def taken(measure, subject, at):
    return {(f.name, f.side): f for f in measure.MEASURE.take(subject, at)}


def value(measure, subject, at, name):
    return taken(measure, subject, at)[name, None].value


@pytest.mark.parametrize("name", ["L3/4", "L4/5", "L5/S1"])
def test_a_segment_is_as_the_truth_says(subject, truth, name):
    part = {one.name: one for one in truth.segments}[name]
    for place in ("anterior", "middle", "posterior"):
        found = value(disc_heights, subject, name, f"disc_height_{place}")
        assert found == pytest.approx(getattr(part, f"disc_{place}_mm"), abs=0.5)
    assert value(slip, subject, name, "slip_distance") == pytest.approx(part.slip_mm, abs=0.7)
    assert value(slip, subject, name, "slip_percentage") == pytest.approx(part.slip_percent, abs=2)
    assert value(segment_angles, subject, name, "disc_wedge") == pytest.approx(part.disc_deg, abs=1)
    angle = value(segment_angles, subject, name, "segmental_lordosis")
    assert angle == pytest.approx(part.lordosis_deg, abs=1)
    tilt = value(segment_angles, subject, name, "segmental_coronal_tilt")
    assert tilt == pytest.approx(part.coronal_deg, abs=1)


def test_doubtful_labels_widen_the_interval(subject):
    doubtful = evolve(subject, label_sd_mm=0.5)
    sure, wide = (
        taken(disc_heights, one, "L4/5")["disc_height_anterior", None].se
        for one in (subject, doubtful)
    )
    assert 0.02 < sure < 0.4
    assert wide == pytest.approx(math.hypot(sure, 2 * 0.5), rel=1e-6)


def test_a_slip_is_graded_and_a_small_one_is_noise(subject):
    large = taken(slip, subject, "L4/5")["slip_percentage", None]
    assert {g.scale: g.grade for g in large.grades}["Meyerding above the noise floor"] == "I"
    assert not any("noise floor" in note for note in large.notes)
    forward = subject.disc_spaces["L4/5"].below.front - subject.disc_spaces["L4/5"].below.back
    shift = -14 * forward / np.linalg.norm(forward)
    bones = [moved(v, shift) if v.level == "L4" else v for v in subject.spine.vertebrae]
    behind = evolve(subject, spine=evolve(subject.spine, vertebrae=tuple(bones)))
    back = taken(slip, behind, "L4/5")["slip_percentage", None]
    assert back.notes[0].startswith("Backward slip")
    assert {g.grade for g in back.grades} == {"0"}
    small = taken(slip, subject, "L3/4")["slip_percentage", None]
    assert any("noise floor" in note for note in small.notes)
    assert set(large.landmarks) == {"L4 back", "L5 back", "L5 front"}


@pytest.mark.parametrize("level", ["L3", "L4", "L5"])
def test_a_body_is_as_high_as_the_truth_says(subject, truth, level):
    body = {one.level: one for one in truth.bodies}[level]
    for place in ("anterior", "middle", "posterior"):
        found = value(vertebral_heights, subject, level, f"body_height_{place}")
        assert found == pytest.approx(getattr(body, f"{place}_mm"), abs=0.6)
    halves = taken(half_heights, subject, level)
    for place in ("anterior", "posterior"):
        both = [halves[f"half_body_height_{place}", side].value for side in ("left", "right")]
        assert np.mean(both) == pytest.approx(getattr(body, f"{place}_mm"), abs=0.6)


def test_a_wedge_fracture_is_named(subject):
    found = taken(vertebral_heights, subject, "L3")["genant_height_ratio", None]
    assert found.value == pytest.approx(32, abs=5)
    assert [g.grade for g in found.grades] == ["2"]
    assert "Shape: wedge." in found.notes
    whole = taken(vertebral_heights, subject, "L4")["genant_height_ratio", None]
    assert [g.grade for g in whole.grades] == ["0"]
    assert not any("Shape" in note for note in whole.notes)


def test_indices_agree_with_the_heights_they_are_made_of(subject):
    space = subject.disc_spaces["L4/5"]
    high = disc_heights.heights(space)
    found = {name: f.value for (name, _), f in taken(disc_indices, subject, "L4/5").items()}
    both = high["anterior"] + high["posterior"]
    assert found["disc_height_dabbs"] == pytest.approx(both / 2)
    assert found["disc_height_farfan"] == pytest.approx(both / space.depth_mm)
    assert found["disc_height_index_method_7"] == pytest.approx(both / (2 * space.depth_mm))
    assert 0.1 < found["disc_height_frobin_dcra"] < 0.6
    assert found["disc_height_index_method_5"] == pytest.approx(
        found["disc_height_index_method_2"], rel=0.4
    )
    last = taken(disc_indices, subject, "L5/S1")
    assert last["disc_height_frobin_dcra", None].not_seen.code == "not-seen"
    assert last["disc_height_index_method_2", None].value > 0


def test_a_worn_disc_is_low_against_its_neighbour(subject):
    worn = value(disc_neighbours, subject, "L5/S1", "disc_height_neighbour_ratio")
    assert worn < 0.6
    lone = evolve(subject, spine=evolve(subject.spine, vertebrae=subject.spine.vertebrae[:2]))
    missing = taken(disc_neighbours, lone, "L3/4")["disc_height_neighbour_ratio", None]
    assert missing.not_seen.found == "No disc beside it can be measured."


def test_rotation_is_small_and_not_read_at_the_sacrum(subject, truth):
    part = {one.name: one for one in truth.segments}["L3/4"]
    found = taken(rotation, subject, "L3/4")["vertebral_rotation", None]
    assert found.value == pytest.approx(part.rotation_deg, abs=1.5)
    assert taken(rotation, subject, "L5/S1")["vertebral_rotation", None].value is None
    first, *others = subject.spine.vertebrae
    one_sided = evolve(first, pedicles={"left": first.pedicles["left"]})
    lame = evolve(subject, spine=evolve(subject.spine, vertebrae=(one_sided, *others)))
    missing = taken(rotation, lame, "L3/4")["vertebral_rotation", None].not_seen
    assert missing.found == "A pedicle of L3 could not be found."


def test_the_whole_spine_says_what_it_lacks(subject, truth):
    found = taken(lordosis, subject, "L1-S1")
    assert found["lumbar_lordosis_cobb", None].value is None
    assert found["lordosis_l4_s1", None].value > 5
    curve = taken(cobb, subject, "L1-S1")["coronal_cobb", None]
    assert curve.value == pytest.approx(truth.cobb_deg, abs=1.5)
    assert curve.notes[0].startswith("From L")
    empty = evolve(subject, spine=evolve(subject.spine, vertebrae=subject.spine.vertebrae[:0]))
    assert taken(cobb, empty, "L1-S1")["coronal_cobb", None].value is None


def test_transitional_hints(subject):
    found = taken(transitional, subject, "L1-S1")
    assert found["castellvi", None].not_seen is not None
    assert found["lumbar_vertebra_count", None].value is None
    assert found["lowest_disc_ratio", None].value < 0.6
    names = ("vertebra T12", *(f"vertebra L{n}" for n in range(1, 7)), "sacrum")
    six = Volume(np.arange(9, dtype=np.uint8).reshape(9, 1, 1), np.eye(4))
    many = evolve(subject, spine=evolve(subject.spine, labels=Labels(six, names)))
    assert taken(transitional, many, "L1-S1")["lumbar_vertebra_count", None].value == 6
    lone = evolve(subject, spine=evolve(subject.spine, vertebrae=subject.spine.vertebrae[:2]))
    assert taken(transitional, lone, "L1-S1")["lowest_disc_ratio", None].value is None


def moved(vertebra, shift):
    """The vertebra carried along by (3,) mm RAS."""

    def plate(one):
        return None if one is None else evolve(one, centre=one.centre + shift, rim=one.rim + shift)

    affine = vertebra.bone.affine.copy()
    affine[:3, 3] += shift
    frame = evolve(vertebra.frame, origin=vertebra.frame.origin + shift)
    return evolve(
        vertebra,
        frame=frame,
        upper=plate(vertebra.upper),
        lower=plate(vertebra.lower),
        bone=Volume(vertebra.bone.values, affine),
    )


def test_flexion_against_extension(subject):
    still = dynamic(subject, subject, "L4/5")
    assert [f.value for f in still] == pytest.approx([0, 0, 0], abs=1e-9)
    below = subject.disc_spaces["L4/5"].below
    forward = (below.front - below.back) / below.depth_mm
    bones = [moved(v, 5 * forward) if v.level == "L4" else v for v in subject.spine.vertebrae]
    bent = evolve(subject, spine=evolve(subject.spine, vertebrae=tuple(bones)))
    way, percent, turn = dynamic(bent, subject, "L4/5")
    assert way.value == pytest.approx(5, abs=0.05)
    assert percent.value == pytest.approx(500 / below.depth_mm, abs=0.2)
    assert turn.value == pytest.approx(0, abs=0.1)
    assert {g.grade for g in way.grades if "Instability" in g.scale} == {"unstable"}
    assert all(f.not_seen for f in dynamic(subject, subject, "L1/2"))


def test_an_end_at_the_scans_border_is_not_measured(subject):
    labels = subject.spine.labels
    rim = labels.volume.to_voxels(subject.spine["L3"].upper.rim)
    axis, sign = max(
        itertools.product(range(3), (1, -1)),
        key=lambda way: way[1] * (labels.volume.affine[:3, way[0]] @ subject.spine["L3"].frame.up),
    )
    low, high = np.zeros(3), np.array(labels.volume.shape)
    if sign > 0:
        high[axis] = math.floor(rim[:, axis].min())
    else:
        low[axis] = math.ceil(rim[:, axis].max())
    part = evolve(labels, volume=labels.volume.crop(low, high))
    cut = evolve(subject, spine=evolve(subject.spine, labels=part))
    found = taken(vertebral_heights, cut, "L3")
    assert found["body_height_anterior", None].not_seen.code == "not-seen"
    assert found["endplate_depth_inferior", None].value > 20
    assert taken(half_heights, cut, "L3")["half_body_height_middle", "left"].value is None
    assert taken(segment_angles, cut, "L3/4")["segmental_lordosis", None].value is None
    assert taken(segment_angles, cut, "L3/4")["disc_wedge", None].value is not None
    indices = taken(disc_indices, cut, "L3/4")
    assert indices["disc_height_index_method_2", None].value is None
    assert indices["disc_height_dabbs", None].value is not None


def test_a_bone_that_cannot_be_followed_refuses_and_the_findings_say_so(subject):
    first, *others = subject.spine.vertebrae
    blank = Volume(np.full_like(first.bone.values, 50.0), first.bone.affine)
    spine = evolve(subject.spine, vertebrae=(evolve(first, bone=blank), *others))
    broken = evolve(subject, spine=spine)
    assert isinstance(broken.corners["L3"], AnatomyError)
    assert isinstance(broken.disc_spaces["L3/4"], AnatomyError)
    assert all(f.not_seen.found for f in taken(slip, broken, "L3/4").values())
    assert all(f.not_seen.found for f in dynamic(broken, subject, "L3/4"))
    assert all(f.not_seen.found for f in taken(vertebral_heights, broken, "L3").values())
