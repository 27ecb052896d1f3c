"""How vertebrae stand to one another: what the design orders is what the truth says."""

import numpy as np
import pytest
from attrs import evolve

from keyhole.levels import order
from keyhole.simulate import Recipe
from keyhole.simulate.design.draw import draw_design
from keyhole.simulate.design.stack import stack, within
from keyhole.simulate.truth.alignment import find_alignment
from keyhole.space import SIDES, Frame, turned

PART = "L3/4"


@pytest.fixture(scope="module")
def design():
    return draw_design(Recipe(seed=0))


def alignment(design, **fields):
    """The alignment with fields of the segment L3/4 changed."""
    parts = tuple(evolve(p, **fields) if p.name == PART else p for p in design.segments)
    changed = evolve(design, segments=parts)
    return find_alignment(changed, stack(changed))


def segment(truth):
    return {part.name: part for part in truth.segments}[PART]


def body(truth, level):
    return {part.level: part for part in truth.bodies}[level]


def test_disc_heights_are_those_ordered_and_the_middle_counts_the_dishes(design):
    size, truth = design.segment(PART).size, segment(alignment(design))
    assert truth.disc_anterior_mm == pytest.approx(size.disc_anterior, abs=0.6)
    assert truth.disc_posterior_mm == pytest.approx(size.disc_posterior, abs=0.6)
    between = (truth.disc_anterior_mm + truth.disc_posterior_mm) / 2
    assert truth.disc_middle_mm == pytest.approx(between + 1.3 + 2.0, abs=0.5)
    lost = segment(alignment(design, height_loss=0.5))
    assert lost.disc_anterior_mm == pytest.approx(truth.disc_anterior_mm / 2, abs=0.3)
    assert lost.disc_middle_mm < truth.disc_middle_mm - 3


def test_a_slip_is_read_in_mm_and_percent_and_only_there(design):
    healthy, slipped = alignment(design), alignment(design, slip_mm=8.0)
    assert abs(segment(healthy).slip_mm) < 0.6
    assert segment(slipped).slip_mm - segment(healthy).slip_mm == pytest.approx(8.0, abs=0.1)
    percent = 100 * segment(slipped).slip_mm / design.size("L4").body_depth
    assert segment(slipped).slip_percent == pytest.approx(percent, rel=0.01)
    assert segment(slipped).disc_deg == pytest.approx(segment(healthy).disc_deg)
    for one, other in zip(healthy.segments, slipped.segments, strict=True):
        assert (one == other) or one.name == PART or other.slip_mm == pytest.approx(one.slip_mm)


def test_a_tilt_opens_the_left_and_is_the_cobb_angle(design):
    truth = alignment(design, tilt_deg=9.0)
    assert segment(truth).coronal_deg == pytest.approx(9.0, abs=0.4)
    assert truth.cobb_deg == pytest.approx(9.0, abs=0.4)
    upper, lower = truth.cobb_levels
    assert order(upper) <= order("L3") < order("L4") <= order(lower)
    parts = tuple(evolve(p, tilt_deg=9.0) if p.name == PART else p for p in design.segments)
    frames = stack(evolve(design, segments=parts))
    gaps = {
        side: (
            frames["L3"].to_patient(frames["L3"].axes.T @ (20 * frames["L3"].lateral(side)))
            - frames["L4"].to_patient(frames["L4"].axes.T @ (20 * frames["L4"].lateral(side)))
        )[2]
        for side in SIDES
    }
    assert gaps["left"] > gaps["right"] + 5
    assert segment(alignment(design, tilt_deg=-4.0)).coronal_deg == pytest.approx(-4.0, abs=0.3)
    assert alignment(design).cobb_deg < 1e-6


def test_a_rotation_turns_the_front_to_the_left(design):
    truth = segment(alignment(design, rotation_deg=6.0))
    assert truth.rotation_deg == pytest.approx(6.0, abs=0.3)
    parts = tuple(evolve(p, rotation_deg=6.0) if p.name == PART else p for p in design.segments)
    frames = stack(evolve(design, segments=parts))
    assert frames["L3"].front @ frames["L4"].right < -0.08


def test_lordosis_adds_up_from_segment_to_segment(design):
    truth = alignment(design)
    names = ("L1/2", "L2/3", "L3/4", "L4/5", "L5/S1")
    parts = [part.lordosis_deg for part in truth.segments if part.name in names]
    assert truth.lordosis_deg == pytest.approx(sum(parts), abs=1e-6)
    assert truth.lordosis_deg > 25
    assert 20 < truth.sacral_slope_deg < 55
    bodies = {part.name: part for part in truth.segments}["L4/5"]
    size = design.size("L4")
    wedge = sum(np.degrees(np.arctan([size.upper[1], -size.lower[1]])))
    assert bodies.lordosis_deg == pytest.approx(bodies.disc_deg + wedge, abs=1e-6)


def test_moving_the_patient_changes_all_but_the_slope_against_the_world(design):
    axes = np.column_stack([turned(turned(c, [1, 0, 0], 20), [0, 0.6, 0.8], 75) for c in np.eye(3)])
    pose = Frame([40, -90, 120], axes)
    frames = stack(design)
    here = find_alignment(design, frames)
    there = find_alignment(design, {level: within(pose, f) for level, f in frames.items()})
    for one, other in zip(here.segments, there.segments, strict=True):
        for name in ("disc_anterior_mm", "slip_mm", "disc_deg", "lordosis_deg", "coronal_deg"):
            assert getattr(other, name) == pytest.approx(getattr(one, name), abs=1e-6)
    assert there.lordosis_deg == pytest.approx(here.lordosis_deg, abs=1e-6)
    assert abs(there.sacral_slope_deg - here.sacral_slope_deg) > 5


def test_heights_of_bodies_follow_fractures(design):
    levels = {"L1": {"wedge": 0.3}, "L2": {"biconcave": 0.25}}
    broken = evolve(
        design, levels=tuple(evolve(x, **levels.get(x.name, {})) for x in design.levels)
    )
    one, other = find_alignment(design, stack(design)), find_alignment(broken, stack(broken))
    wedged, flat = body(other, "L1"), body(one, "L1")
    assert flat.anterior_mm == pytest.approx(design.size("L1").height_anterior, abs=0.1)
    assert flat.posterior_mm == pytest.approx(design.size("L1").height_posterior, abs=0.1)
    assert wedged.anterior_mm == pytest.approx(0.7 * flat.anterior_mm, abs=0.4)
    assert wedged.posterior_mm == pytest.approx(flat.posterior_mm, abs=0.3)
    (whole, rise), (left, fallen) = design.size("L1").upper, broken.size("L1").upper
    front = design.size("L1").body_depth / 2
    sunk = 0.3 * design.size("L1").height_anterior
    assert whole + rise * front - left - fallen * front == pytest.approx(sunk)
    assert whole - rise * front == pytest.approx(left - fallen * front)
    assert broken.size("L1").lower == pytest.approx(design.size("L1").lower)
    pushed = body(one, "L2").middle_mm - body(other, "L2").middle_mm
    assert pushed == pytest.approx(0.25 * design.size("L2").height)
    assert body(other, "L2").anterior_mm == body(one, "L2").anterior_mm
    assert other.lordosis_deg < one.lordosis_deg - 5
    assert "S1" not in {part.level for part in one.bodies}


def test_a_spine_without_l1_has_no_lumbar_lordosis(design):
    names = design.names[4:]
    short = evolve(
        design,
        levels=tuple(x for x in design.levels if x.name in names),
        segments=tuple(p for p in design.segments if p.upper in names),
    )
    truth = find_alignment(short, stack(short))
    assert truth.lordosis_deg is None
    assert len(truth.segments) == len(names) - 1
