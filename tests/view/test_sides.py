"""Left is left: a bright ball on the patient's left, in front, towards the head, in every picture."""

import numpy as np
import pytest

from keyhole.errors import AnatomyError
from keyhole.view import Screw, Stage, build_scene, screw_sections
from keyhole.view.sections import axial_plane, cross_plane, isthmus_mm, sagittal_plane


def brightest(pixels):
    """Column and row of the middle of what is drawn white."""
    rows, columns = np.nonzero(pixels[..., 0] == 255)
    assert len(rows)
    return np.array([columns.mean(), rows.mean()])


def seen(patient, spine, plane, blob):
    """Where a ball at `blob` is drawn, after checking that it is where the plane says."""
    found = brightest(Stage(spine, patient.image(blob)).ground(plane))
    assert found == pytest.approx(plane.to_pixels(blob), abs=2.5 / plane.pixel_mm)
    return found / [plane.columns, plane.rows]


def onto(plane, point):
    """The point moved straight onto the plane."""
    return point - ((point - plane.centre) @ plane.ahead) * plane.ahead


@pytest.mark.parametrize("level", ["L4", "L5"])
def test_axial_left_is_image_right_and_front_is_top(patient, spine, level):
    screw = Screw.of(patient.screw(level, "left", converging=18))
    plane = axial_plane(spine[level], screw)
    blob = spine[level].frame.to_patient([-26, 16, 4])
    column, row = seen(patient, spine, plane, onto(plane, blob))
    assert column > 0.6
    assert row < 0.4
    assert plane.marks == {"left": "R", "right": "L", "top": "A", "bottom": "P"}
    assert abs((screw.tip - plane.centre) @ plane.ahead) < 1e-9
    assert abs((screw.entry - plane.centre) @ plane.ahead) < 1e-9


def test_sagittal_front_is_image_left_and_head_is_top(patient, spine):
    screw = Screw.of(patient.screw("L4", "left"))
    plane = sagittal_plane(spine["L4"], screw)
    blob = spine["L4"].frame.to_patient([-14, 14, 25])
    column, row = seen(patient, spine, plane, onto(plane, blob))
    assert column < 0.4
    assert row < 0.4
    assert plane.marks == {"left": "A", "right": "P", "top": "H", "bottom": "F"}
    assert abs((screw.tip - plane.centre) @ plane.ahead) < 1e-9


@pytest.mark.parametrize("side", ["left", "right"])
def test_across_the_screw_left_is_image_left(patient, spine, side):
    screw = Screw.of(patient.screw("L4", side))
    plane = cross_plane(spine["L4"], screw)
    blob = plane.centre - 12 * spine["L4"].frame.right + 11 * spine["L4"].frame.up
    column, row = seen(patient, spine, plane, onto(plane, blob))
    assert column < 0.35
    assert row < 0.35
    assert plane.ahead == pytest.approx(screw.axis)
    assert plane.marks == {"left": "L", "right": "R", "top": "H", "bottom": "F"}


def test_the_cross_section_lies_at_the_isthmus(patient, spine):
    screw = Screw.of(patient.screw("L4", "right"))
    assert isthmus_mm(spine["L4"], screw) == pytest.approx(16)
    assert cross_plane(spine["L4"], screw).centre == pytest.approx(
        spine["L4"].pedicles["right"].centre, abs=1e-9
    )


def test_the_wall_towards_the_midline_is_named_medial(patient, spine):
    stage = Stage(spine, None, "none")
    across_left, across_right = (
        screw_sections(stage, Screw.of(patient.screw("L4", side)))[2] for side in ("left", "right")
    )
    edge = np.s_[300:345, 540:598]
    assert (across_left.pixels[edge] != across_right.pixels[edge]).any()
    assert across_left.plane.marks["right"] == across_right.plane.marks["right"] == "R"


@pytest.mark.parametrize(
    ("frame", "expected"), [(0, "left"), (9, "right"), (18, "right"), (27, "left")]
)
def test_the_turntable_turns_past_the_patients_left(patient, spine, frame, expected):
    """A bead behind and to the left: at image left from behind, at image right from the left."""
    from keyhole.view.turntable import cast, view_plane

    left = Screw.of(patient.screw("L4", "left"))
    scene = build_scene(spine, [left], [])
    plane = view_plane(scene, 10 * frame, 160)
    met = cast(scene, plane)
    bead = met.implants[..., 2] == 3
    assert bead.any()
    column = np.nonzero(bead)[1].mean() / plane.columns
    assert (column < 0.45) if expected == "left" else (column > 0.55)
    assert plane.marks["top"] == "H"
    marks = {0: "L", 9: "A", 18: "R", 27: "P"}
    assert plane.marks["left"] == marks[frame]


def test_a_plan_of_another_spine_is_refused(patient, spine):
    stage = Stage(spine, None)
    stranger = Screw.of(patient.screw("L4", "left") | {"level": "L3"})
    with pytest.raises(AnatomyError) as refused:
        screw_sections(stage, stranger)
    assert refused.value.refusal.code == "level-not-there"
    half = Stage(patient.spine(sides=("right",)), None)
    with pytest.raises(AnatomyError) as refused:
        screw_sections(half, Screw.of(patient.screw("L4", "left")))
    assert refused.value.refusal.code == "pedicle-unseen"
    assert refused.value.refusal.at == ("L4 left",)
