"""The modelled canal, for maps that hold none."""

import numpy as np
import pytest
from attrs import evolve

from keyhole.view import Screw, Stage, axial_overview, screw_sections
from keyhole.view.canal import Ring, canal_field, rings
from keyhole.view.palette import CANAL


@pytest.fixture(scope="module")
def ring(spine):
    return Ring.of(spine["L4"])


@pytest.fixture(scope="module")
def stage(spine):
    """The patient without any label of the canal."""
    kept = spine.labels.volume.values.copy()
    kept[kept == 4] = 0
    labels = evolve(spine.labels, volume=evolve(spine.labels.volume, values=kept))
    return Stage(evolve(spine, labels=labels), None, "none")


def test_a_ring_is_what_the_bone_leaves_open(patient, spine, ring):
    assert ring.frame.origin == pytest.approx(spine["L4"].canal_centre)
    turn = 2 * np.pi * np.arange(len(ring.radii)) / len(ring.radii)
    wall = np.stack([ring.radii * np.cos(turn), ring.radii * np.sin(turn), 0 * turn], axis=-1)
    frame = patient.frame_of("L4")
    off = patient.bone_distance(frame.to_local(ring.frame.to_patient(wall)))
    assert np.abs(off).max() < 0.6
    assert ring.radii[18] == pytest.approx(12, abs=0.5)  # ahead, the body's back


def test_gaps_in_the_ring_are_closed_by_their_neighbours(spine, ring):
    values = spine["L4"].bone.values.copy()
    points = spine["L4"].bone.to_patient(np.argwhere(np.ones(values.shape, bool)))
    local = spine["L4"].frame.to_local(points).reshape(*values.shape, 3)
    values[(local[..., 1] < -30) & (np.abs(local[..., 0]) < 5)] = 9
    cleft = evolve(spine["L4"], bone=evolve(spine["L4"].bone, values=values))
    closed = Ring.of(cleft)
    assert closed.radii[18] == pytest.approx(ring.radii[18])
    assert abs(closed.radii[54] - ring.radii[54]) < 4


def test_half_open_bone_and_a_centre_within_bone_are_no_rings(spine):
    values = spine["L4"].bone.values.copy()
    points = spine["L4"].bone.to_patient(np.argwhere(np.ones(values.shape, bool)))
    behind = spine["L4"].frame.to_local(points)[:, 1].reshape(values.shape) < -22
    values[behind] = 9
    body = evolve(spine["L4"], bone=evolve(spine["L4"].bone, values=values))
    within = evolve(spine["L4"], canal_centre=spine["L4"].frame.origin)
    assert rings([body, within, spine["L5"]]) == (Ring.of(spine["L5"]),)


def test_the_wall_runs_straight_from_ring_to_ring_and_ends_beyond(spine):
    along = rings(spine.vertebrae)
    upper, lower = (r.frame for r in along)
    middle = (upper.origin + lower.origin) / 2
    above, far = upper.origin + 10 * upper.up, upper.origin + 20 * upper.up
    below, deep = lower.origin - 10 * lower.up, lower.origin - 20 * lower.up
    found = canal_field(np.array([upper.origin, middle, above, below, far, deep]), along)
    assert (found[:4] < -5).all()
    assert found[4:] == pytest.approx([4, 4], abs=1e-3)
    for share, ring in ((0, along[0]), (1, along[1])):
        frame, eps = ring.frame, (-1e-6 if share == 0 else 1e-6)
        wall = frame.origin + ring.radii[0] * frame.right + eps * frame.up
        outward = canal_field(
            np.array([wall, wall + 3 * frame.right, wall + 9 * frame.right]), along
        )
        assert outward[0] == pytest.approx(0, abs=0.05)
        assert 1 < outward[1] < outward[2] + 0.01


def test_it_is_drawn_dashed_kept_out_of_the_bone_and_called_modelled(patient, spine, stage):
    assert stage.canal is None
    assert "modelled" in stage.canal_words
    screw = Screw.of(patient.screw("L4", "left"))
    axial = axial_overview(stage, [screw])[0]
    assert "modelled" in axial.caption
    assert "modelled" in screw_sections(stage, screw)[2].alt
    (layer,) = stage._canal_layer(axial.plane, stage.bones(axial.plane, spine.vertebrae))
    assert layer.colour == CANAL
    assert 0.2 < layer.dash.mean() < 0.8
    bone = stage.bones(axial.plane, spine.vertebrae)
    assert (layer.field < 0).sum() * axial.plane.pixel_mm**2 > 150
    assert bone[layer.field < 0].min() > 0


def test_a_seen_canal_is_not_modelled(spine):
    seen = Stage(spine, None, "none")
    assert seen.rings == ()
    assert seen.canal_words == "canal content (seen in the map)"


@pytest.mark.parametrize("off_mm", [(0, 0, 500), (95, 0, 0)])
def test_a_canal_labelled_elsewhere_only_is_not_taken(spine, off_mm):
    affine = spine.labels.volume.affine.copy()
    affine[:3, 3] += off_mm
    labels = evolve(spine.labels, volume=evolve(spine.labels.volume, affine=affine))
    far = Stage(evolve(spine, vertebrae=spine.vertebrae[1:], labels=labels), None, "none")
    assert far.canal is None
    assert len(far.rings) == 1


def test_without_any_ring_no_canal_is_drawn_and_that_is_said(patient, stage):
    closed = [evolve(v, canal_centre=v.frame.origin) for v in stage.spine.vertebrae]
    bare = Stage(evolve(stage.spine, vertebrae=tuple(closed)), None, "none")
    plane = axial_overview(bare, [Screw.of(patient.screw("L4", "left"))])[0].plane
    assert len(bare.outlines(plane, ["L4"])) == 2
    assert bare.canal_words.startswith("no canal")
