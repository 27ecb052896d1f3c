"""Outlines, tints, implants' fields, scale bars and the words on pictures."""

import io

import numpy as np
import pytest
from PIL import Image

from keyhole.view import (
    Rod,
    Screw,
    Stage,
    Wobble,
    axial_overview,
    behind_overview,
    build_scene,
    sagittal_overview,
    screw_sections,
    slab,
    turntable,
)
from keyhole.view.ink import Layer, as_grey, paint
from keyhole.view.lettering import bar_mm
from keyhole.view.palette import UNGRADED, css, grade_colour
from keyhole.view.plane import Plane
from keyhole.view.slices import cut
from keyhole.view.turntable import from_where


def flat(pixels=200, pixel_mm=0.5):
    return Plane(
        np.zeros(3), np.array([1.0, 0, 0]), np.array([0, 0, -1.0]), pixels, pixels, pixel_mm
    )


def test_an_outline_lies_on_the_zero_line_and_a_step_is_none():
    plane = flat()
    disc = np.linalg.norm(plane.points, axis=-1) - 20
    disc[:, 180:] = 1000.0
    ground = np.zeros((200, 200, 3), np.uint8)
    drawn = paint(ground, [Layer(disc, (250, 10, 10), line=2)], 0.5)
    rows, columns = np.nonzero(drawn[..., 0] > 200)
    off = np.hypot(rows - 99.5, columns - 99.5) * 0.5
    assert len(off) > 200
    assert np.abs(off - 20).max() < 0.8
    assert drawn[99, 99].tolist() == [0, 0, 0]
    assert (drawn[:, 175:] == 0).all()


def test_a_tint_fills_the_inside_and_a_dash_leaves_gaps():
    plane = flat()
    disc = np.linalg.norm(plane.points, axis=-1) - 20
    ground = np.full((200, 200, 3), 100, np.uint8)
    tinted = paint(ground, [Layer(disc, (200, 0, 0), line=0, fill=0.5)], 0.5)
    assert tinted[100, 100].tolist() == [150, 50, 50]
    assert tinted[5, 5].tolist() == [100, 100, 100]
    assert (ground == 100).all()
    left = plane.points[..., 0] < 0
    dashed = paint(ground, [Layer(disc, (200, 0, 0), dash=left)], 0.5)
    assert (dashed[:, :100] != 100).any()
    assert (dashed[:, 101:] == 100).all()


def test_a_window_runs_from_black_to_white():
    values = np.array([[-1000.0, 0, 500, 1000, 3000]], np.float32)
    assert as_grey(values, (0, 1000))[0, :, 0].tolist() == [0, 0, 127, 255, 255]


def test_a_screw_is_the_cylinder_that_was_planned(patient):
    planned = patient.screw("L4", "left")
    screw = Screw.of(planned)
    sideways = np.cross(screw.axis, [0, 0, 1.0])
    sideways /= np.linalg.norm(sideways)
    middle = (screw.entry + screw.tip) / 2
    points = np.array(
        [middle, middle + 3.25 * sideways, screw.tip, screw.tip + 2 * screw.axis, screw.entry]
    )
    assert screw.shaft(points) == pytest.approx([-3.25, 0, 0, 2, 0], abs=1e-6)
    assert screw.length_mm == pytest.approx(45)


def test_the_envelope_grows_with_the_distance_from_the_entry(patient):
    screw, wobble = Screw.of(patient.screw("L4", "left")), Wobble()
    sideways = np.cross(screw.axis, [0, 0, 1.0])
    sideways /= np.linalg.norm(sideways)
    at_entry, at_tip = 2.0, 2 + 2 * 45 * np.sin(np.radians(1.5))
    assert at_tip == pytest.approx(4.356, abs=1e-3)
    points = [
        screw.entry + (3.25 + at_entry) * sideways,
        screw.tip - (3.25 + at_tip) * sideways,
        screw.tip + (3.25 + at_tip) * screw.axis,
    ]
    assert screw.envelope(np.array(points), wobble) == pytest.approx([0, 0, 0], abs=1e-9)
    assert screw.envelope(points[0][None], Wobble(4.5, 7.0))[0] == pytest.approx(-2.5)


def test_a_shadow_has_flat_ends_from_the_side_and_round_ones_head_on():
    screw = Screw("L4", "left", [-20, 5, 0], [20, 5, 0], [-28, 5, 0], 8.0, "A")
    shadow = screw.shadow(flat()) < 0
    columns = np.nonzero(shadow[100])[0]
    assert len(columns) * 0.5 == pytest.approx(40, abs=1)
    assert shadow[:, columns[1]].sum() * 0.5 == pytest.approx(8, abs=1.6)
    head_on = Screw("L4", "left", [3, -20, 0], [3, 20, 0], [3, -28, 0], 8.0, "A")
    disc = head_on.shadow(flat()) < 0
    assert disc.sum() * 0.25 == pytest.approx(np.pi * 16, rel=0.05)
    assert np.nonzero(disc)[1].mean() == pytest.approx(99.5 + 6, abs=0.3)


def test_a_screw_without_a_head_skin_or_grade_is_still_drawn(patient):
    planned = patient.screw("L4", "left") | {"head": None, "gertzbein_robbins": None}
    screw = Screw.of(planned | {"skin_entry": None})
    assert screw.head == pytest.approx(screw.entry - 7 * screw.axis)
    assert screw.skin is None
    assert grade_colour(screw.grade) == UNGRADED
    assert css((1, 171, 255)) == "#01abff"
    assert len(screw.cones()) == 3


def test_a_rod_runs_through_its_points(patient):
    rod = Rod.of(patient.plan()["options"][0]["rods"][0])
    assert rod.cones().shape == (1, 8)
    assert rod.cones()[0, 3] == rod.cones()[0, 7] == 2.75
    straight = Rod("left", np.array([[-20, 0, 0], [0, 0, 0], [20, 0, 10.0]]), 5.5)
    inside = straight.shadow(flat()) < 0
    assert inside[100, 70]
    assert inside[90, 120]
    assert not inside[100, 130]


def test_a_scale_bar_takes_a_third_at_most_and_is_true(patient, spine):
    assert bar_mm(flat(200, 0.5)) == 20
    assert bar_mm(flat(200, 0.1)) == 5
    assert bar_mm(flat(10, 0.1)) == 1
    picture = screw_sections(Stage(spine, None, "none"), Screw.of(patient.screw("L4", "left")))[0]
    row = picture.pixels[picture.plane.rows - 14]
    white = np.nonzero((row == 255).all(axis=-1))[0]
    bar = white[white < 200]
    assert (bar[-1] - bar[0]) * picture.plane.pixel_mm == pytest.approx(20, abs=0.4)


def test_a_slab_adds_up_and_picks_out(patient, spine):
    bone = spine["L4"].bone
    plane = Plane.facing(
        spine["L4"].frame.origin,
        up=np.array([0, 0, 1.0]),
        right=np.array([1.0, 0, 0]),
        size_mm=(40.0, 40.0),
        pixels=40,
    )
    layers = [cut(bone, plane.moved(d), outside=99) for d in (-2, -1, 0, 1, 2)]
    for how, expected in (("mean", np.mean), ("max", np.max), ("min", np.min)):
        found = slab(bone, plane, 4, how=how, outside=99)
        assert found == pytest.approx(expected(layers, axis=0), abs=1e-4)
    assert slab(bone, plane, 0, outside=99) == pytest.approx(cut(bone, plane, outside=99))


def test_without_an_image_bone_is_shaded_from_the_labels_and_the_caption_says_so(patient, spine):
    stage = Stage(spine, None, "none", ("INDICATIVE",))
    axial = screw_sections(stage, Screw.of(patient.screw("L4", "left")))[0]
    assert "label map" in axial.caption
    ground = stage.ground(axial.plane)[..., 0]
    distance = stage.bones(axial.plane, spine.vertebrae)
    assert ground[distance < -1].min() > 110
    assert ground[distance > 2].max() < 60
    assert stage.canal_name == "canal content"
    assert "canal content" in axial.alt


def test_an_mr_is_windowed_by_its_own_values(patient, spine):
    image = patient.image()
    assert Stage(spine, image, "CT").window == (-250, 850)
    low, high = Stage(spine, image, "MR").window
    assert low < high
    assert low >= image.values.min()
    assert Stage(spine, image, "MR").ground_words == "MR"


def test_the_canal_lies_behind_the_body(patient, spine):
    stage = Stage(spine, None)
    inside = stage.canal.at(np.array([spine["L4"].frame.to_patient([0, -26, 0])]), order=1)
    ahead = stage.canal.at(np.array([spine["L4"].frame.to_patient([0, -15, 0])]), order=1)
    assert inside[0] < -4
    assert ahead[0] == pytest.approx(3, abs=1)


def test_every_picture_carries_the_stamp(patient, spine):
    screws = [Screw.of(patient.screw("L4", side)) for side in ("left", "right")]
    scene = build_scene(spine, screws, [])
    plain, stamped = Stage(spine, None, "none"), Stage(spine, None, "none", ("INDICATIVE",))

    def pictures(stage):
        drawn = [*screw_sections(stage, screws[0]), *axial_overview(stage, screws)]
        drawn += [*sagittal_overview(stage, screws, []), behind_overview(stage, scene, screws, [])]
        return drawn + turntable(scene, stage.stamps, frames=2, pixels=200)

    for without, with_it in zip(pictures(plain), pictures(stamped), strict=True):
        changed = np.nonzero((without.pixels != with_it.pixels).any(axis=-1))
        assert len(changed[0]) > 50, with_it.title
        assert changed[0].min() > with_it.plane.rows - 60
        assert changed[1].min() > with_it.plane.columns * 0.3


def test_a_labelled_neighbour_that_could_not_be_modelled_is_outlined(patient, spine):
    from attrs import evolve

    upper = evolve(spine, vertebrae=spine.vertebrae[:1])
    (lower,) = Stage(upper, None, "none").unmodelled
    inside = lower.to_patient(np.argwhere(lower.values < -1))
    assert len(inside) > 500
    assert patient.bone_distance(patient.frame_of("L5").to_local(inside)).max() < 3
    assert Stage(spine, None, "none").unmodelled == ()


def test_the_sagittal_overview_follows_each_screw_in_depth(patient, spine):
    screws = [Screw.of(s) for s in patient.plan()["options"][0]["screws"]]
    stage = Stage(spine, patient.image(), "CT")
    for picture, side in zip(sagittal_overview(stage, screws, []), ("left", "right"), strict=True):
        assert "curved along the screws" in picture.caption
        own = [s for s in screws if s.side == side]
        axes = np.array([s.entry + t * s.length_mm * s.axis for s in own for t in (0, 0.3, 0.7, 1)])
        columns, rows = np.rint(picture.plane.to_pixels(axes)).astype(int).T
        shown = picture.plane.points[rows, columns]
        assert np.linalg.norm(shown - axes, axis=1).max() < 0.8
        edge = picture.plane.points[[0, -1], [0, -1]]
        assert np.isfinite(edge).all()


def test_a_line_leads_from_each_head_to_its_skin_entry(patient, spine):
    screws = [Screw.of(s) for s in patient.plan()["options"][0]["screws"]]
    scene, stage = build_scene(spine, screws, []), Stage(spine, None, "none")
    picture = behind_overview(stage, scene, screws, [])
    assert "rings" in picture.caption
    for screw in (s for s in screws if s.skin is not None):
        column, row = np.rint(picture.plane.to_pixels(0.5 * (screw.head + screw.skin))).astype(int)
        near = picture.pixels[row - 1 : row + 2, column - 1 : column + 2].astype(int)
        assert (near[..., 2] - near[..., 0]).max() > 60
    bare = behind_overview(stage, scene, [s for s in screws if s.skin is None], [])
    assert "rings" not in bare.caption


def test_overviews_show_their_sides(patient, spine):
    options = patient.plan()["options"][0]
    screws = [Screw.of(s) for s in options["screws"]]
    rods = [Rod.of(r) for r in options["rods"]]
    stage, scene = Stage(spine, patient.image(), "CT"), build_scene(spine, screws, rods)
    axial = axial_overview(stage, screws)
    assert [p.title for p in axial] == ["L4", "L5"]
    for picture in axial:
        assert picture.plane.marks["right"] == "L"
        assert picture.plane.marks["top"] == "A"
    for picture in sagittal_overview(stage, screws, rods):
        assert (picture.plane.marks["left"], picture.plane.marks["top"]) == ("A", "H")
    behind = behind_overview(stage, scene, screws, rods)
    assert (behind.plane.marks["left"], behind.plane.marks["top"]) == ("L", "H")
    column, row = behind.plane.to_pixels((screws[1].entry + screws[1].tip) / 2).round().astype(int)
    red, green, blue = behind.pixels[row, column].astype(int)
    assert red > green > blue
    assert column > behind.plane.columns / 2
    assert len(sagittal_overview(stage, screws[:1], [])) == 1


def test_the_turntable_has_its_frames_and_tells_how_far_it_is(patient, spine):
    screws = [Screw.of(s) for s in patient.plan()["options"][0]["screws"]]
    told = []
    frames = turntable(
        build_scene(spine, screws, []),
        frames=4,
        pixels=120,
        progress=lambda doing, done: told.append((doing, done)),
    )
    assert [f.title for f in frames] == [
        "from behind",
        "from the patient's left",
        "from the front",
        "from the patient's right",
    ]
    assert told == [("turntable", n / 4) for n in range(5)]
    assert all(f.pixels.shape == (120, 120, 3) for f in frames)
    image = Image.open(io.BytesIO(frames[0].encoded("png")))
    assert np.array_equal(np.asarray(image), frames[0].pixels)
    assert frames[0] != frames[1]


@pytest.mark.parametrize(
    ("degrees", "words"),
    [
        (40, "from behind on the patient's left, 40 degrees round"),
        (130, "from the front on the patient's left, 130 degrees round"),
        (200, "from the front on the patient's right, 200 degrees round"),
        (350, "from behind on the patient's right, 350 degrees round"),
        (360, "from behind"),
    ],
)
def test_where_the_viewer_stands(degrees, words):
    assert from_where(degrees) == words


def test_the_scene_never_lets_a_ray_step_past_a_bone(patient, spine):
    from keyhole.view.scene import bones_in

    frame = spine["L4"].frame
    bones = bones_in(frame, spine.vertebrae)
    rng = np.random.default_rng(5)
    points = frame.to_patient(rng.uniform([-60, -90, -70], [60, 40, 40], (4000, 3)))
    truth = np.min(
        [patient.bone_distance(patient.frame_of(x).to_local(points)) for x in ("L4", "L5")], axis=0
    )
    found = bones.at(points, order=1, outside=np.inf)
    there = np.isfinite(found) & (truth > 0)
    assert there.sum() > 2000
    assert (found - truth)[there].max() < 0.6
    near = there & (truth < 4)
    assert np.abs(found - truth)[near].max() < 0.6


def test_a_bone_cut_by_the_scans_border_ends_there(patient, spine):
    from attrs import evolve

    from keyhole.view.scene import bones_in

    whole = spine["L4"]
    cropped = whole.bone.crop([0, 0, 0], [whole.bone.shape[0] // 2, 999, 999])
    cut_off = evolve(whole, bone=cropped)
    frame = spine["L5"].frame
    bones = bones_in(frame, [cut_off, spine["L5"]])
    inside = bones.to_patient(np.argwhere(bones.values < 0.02))
    truth = np.min(
        [patient.bone_distance(patient.frame_of(x).to_local(inside)) for x in ("L4", "L5")], axis=0
    )
    assert len(inside) > 20_000
    assert truth.max() < 1.0
