"""Hip joints, sacral slope, incidence and tilt, on a phantom's sacrum and hips laid beside it."""

import numpy as np
import pytest
from attrs import evolve

from keyhole.anatomy import build_spine
from keyhole.anatomy.hips import find_head
from keyhole.anatomy.sacrum import build_s1
from keyhole.errors import AnatomyError
from keyhole.findings import Subject, pelvis
from keyhole.scan.labels import Labels
from keyhole.scan.volume import Volume
from keyhole.simulate import Recipe, crooked_grid, grow, scan_patient
from keyhole.simulate.truth.alignment import find_alignment
from keyhole.space import SIDES, angle_between

RADIUS, MM = 24.0, 2.0
AWAY = np.array([86.0, 85.0, -52.0])
"""Of the right joint from the S1 endplate's middle, in the sacrum's frame: right, front, up."""


@pytest.fixture(scope="module")
def patient():
    return grow(Recipe(seed=2, levels=("L4", "L5", "S1"), soft=False))


@pytest.fixture(scope="module")
def subject(patient):
    grid = crooked_grid(patient, (1.5, 1.5, 1.5), oblique=(-10.0, 8.0, 15.0), left_handed=True)
    labels = scan_patient(patient, *grid, image=False)[1]
    return Subject(spine=build_spine(labels), label_sd_mm=0.0)


@pytest.fixture(scope="module")
def centres(subject):
    sacrum = subject.spine["S1"]
    middle = subject.corners["S1"]["upper"].centre
    away = {"right": AWAY, "left": AWAY * [-1, 1, 1]}
    return {side: middle + sacrum.frame.axes @ away[side] for side in SIDES}


def with_hips(subject, centres, **bones):
    """The subject whose map holds these bones: each `ball`, `socket` or `slab`, by name."""
    places = np.vstack([*centres.values(), subject.spine["S1"].upper.rim])
    low, high = places.min(axis=0) - 45, places.max(axis=0) + 45
    affine = np.diag([MM, MM, MM, 1.0])
    affine[:3, 3] = low
    shape = np.ceil((high - low) / MM).astype(int)
    grid = low + MM * np.moveaxis(np.indices(shape), 0, -1)
    values = np.zeros(shape, dtype=np.uint8)
    names = []
    for name, form in bones.items():
        bone, side = name.split("_")
        names.append(f"{bone} {side}")
        rays = grid - centres[side]
        length = np.linalg.norm(rays, axis=-1)
        inward = rays[..., 0] * (1 if side == "left" else -1)
        inside = {
            "ball": length < RADIUS,
            "socket": (length > RADIUS + 2) & (length < RADIUS + 9) & (inward > -3),
            "slab": (np.abs(rays[..., 2]) < 4) & (length < 30),
        }[form]
        values[inside] = len(names)
    labels = Labels(Volume(values, affine), tuple(names))
    return evolve(subject, spine=evolve(subject.spine, labels=labels))


@pytest.mark.parametrize(("form", "bone"), [("ball", "femur"), ("socket", "hip")])
def test_a_head_or_a_socket_gives_the_centre(subject, centres, form, bone):
    both = with_hips(subject, centres, **{f"{bone}_{side}": form for side in SIDES})
    for side in SIDES:
        head = find_head(both.spine, side)
        assert np.linalg.norm(head.centre - centres[side]) < (0.4 if form == "ball" else 1.0)
        assert head.of == bone
        assert head.radius_mm == pytest.approx(RADIUS + (0 if form == "ball" else 2), abs=0.7)


def test_incidence_is_slope_and_tilt_and_as_it_was_laid(subject, centres, patient):
    both = with_hips(subject, centres, femur_left="ball", femur_right="ball")
    found = {f.name: f for f in pelvis.MEASURE.take(both, "L1-S1")}
    incidence = found["pelvic_incidence"].value
    assert incidence == pytest.approx(np.degrees(np.arctan2(AWAY[1], -AWAY[2])), abs=1.0)
    assert incidence == pytest.approx(found["pelvic_tilt"].value + found["sacral_slope"].value)
    truth = find_alignment(patient.design, patient.frames)
    assert found["sacral_slope"].value == pytest.approx(truth.sacral_slope_deg, abs=1.0)
    assert "femur" in found["pelvic_incidence"].notes[0]
    assert any("Supine" in note for note in found["pelvic_tilt"].notes)
    assert found["pi_ll_mismatch"].not_seen.found.startswith("The model holds")


def test_without_hips_only_the_slope_is_told(subject):
    found = {f.name: f for f in pelvis.MEASURE.take(subject, "L1-S1")}
    assert found["sacral_slope"].value is not None
    assert found["pelvic_incidence"].not_seen.found.startswith("The map holds neither femur")


def test_without_a_sacrum_nothing_is_told(subject):
    alone = evolve(subject, spine=evolve(subject.spine, vertebrae=subject.spine.vertebrae[:2]))
    assert all(f.value is None for f in pelvis.MEASURE.take(alone, "L1-S1"))


def test_a_bone_without_a_round_part_refuses(subject, centres):
    flat = with_hips(subject, centres, hip_left="slab", hip_right="slab")
    with pytest.raises(AnatomyError, match="No round head or socket"):
        find_head(flat.spine, "left")


def test_hips_out_of_reach_refuse(subject, centres):
    far = {side: place - np.array([0, 0, 400]) for side, place in centres.items()}
    away = with_hips(subject, far, hip_left="socket", hip_right="socket")
    with pytest.raises(AnatomyError, match="not-seen"):
        find_head(away.spine, "right")


def test_the_sacral_endplate_lies_where_the_truth_is(subject, patient):
    found, truth = subject.spine["S1"].upper, patient.truth["S1"].upper
    assert (found.centre - truth.centre) @ truth.normal == pytest.approx(0, abs=0.25)


def test_a_sacrum_that_lacks_a_pedicle_keeps_its_endplate(subject):
    sacrum, above = subject.spine["S1"], subject.spine["L5"]
    bone = sacrum.bone
    places = bone.to_patient(np.moveaxis(np.indices(bone.shape), 0, -1).reshape(-1, 3))
    right, front, _ = sacrum.frame.to_local(places).T
    behind = front < sacrum.frame.to_local(sacrum.posterior_wall)[1] + 4
    gone = ((right < -4) & behind).reshape(bone.shape)
    values = np.where(gone, np.float32(20), bone.values)
    lame = build_s1(Volume(values, bone.affine), above)
    assert set(lame.pedicles) == {"right"}
    assert [w.code for w in lame.warnings] == ["pedicle-unseen"]
    assert angle_between(lame.upper.normal, sacrum.upper.normal) < 1
