"""How the patient lay and how the voxels are stored changes nothing."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from keyhole.anatomy import build_spine
from keyhole.errors import AnatomyError
from keyhole.scan.labels import Labels
from keyhole.scan.volume import Volume
from keyhole.space import angle_between

TURN = Rotation.from_euler("xyz", [24, -17, 38], degrees=True).as_matrix()
SHIFT = np.array([310.0, -120.0, 75.0])


def moved(labels):
    """The same patient lying elsewhere: only the affine turns."""
    affine = np.eye(4)
    affine[:3, :3], affine[:3, 3] = TURN, SHIFT
    return Labels(Volume(labels.volume.values.copy(), affine @ labels.volume.affine), labels.names)


def stored_otherwise(labels):
    """The same patient, voxels stored in another order and direction."""
    values = np.ascontiguousarray(labels.volume.values.transpose(2, 0, 1)[::-1])
    order = np.zeros((4, 4))
    order[2, 0] = -1
    order[2, 3] = values.shape[0] - 1
    order[0, 1] = order[1, 2] = order[3, 3] = 1
    return Labels(Volume(values, labels.volume.affine @ order), labels.names)


@pytest.mark.parametrize("change", [moved, stored_otherwise])
def test_the_model_moves_with_the_patient(labels_of, spine_of, change):
    labels = labels_of("mean_spine")
    before, after = spine_of("mean_spine"), build_spine(change(labels), levels=["L3", "L4"])
    turn, shift = (TURN, SHIFT) if change is moved else (np.eye(3), np.zeros(3))
    for level in ("L3", "L4"):
        a, b = before[level], after[level]
        assert angle_between(turn @ a.frame.up, b.frame.up) < 0.5
        for side in ("left", "right"):
            p, q = a.pedicles[side], b.pedicles[side]
            assert np.linalg.norm(turn @ p.centre + shift - q.centre) < 0.6
            assert q.width_mm == pytest.approx(p.width_mm, abs=0.3)


def test_a_map_without_vertebrae_is_refused():
    values = np.zeros((20, 20, 20), dtype=np.uint8)
    values[5:15, 5:15, 5:15] = 1
    with pytest.raises(AnatomyError) as refused:
        build_spine(Labels(Volume(values, np.eye(4)), ["liver"]))
    assert refused.value.refusal.code == "no-vertebrae"


def test_a_block_that_closes_no_canal_is_refused():
    values = np.zeros((60, 60, 40), dtype=np.uint8)
    values[10:50, 15:45, 5:35] = 1
    with pytest.raises(AnatomyError) as refused:
        build_spine(Labels(Volume(values, np.eye(4)), ["vertebra L3"]))
    assert refused.value.refusal.code == "no-vertebrae"
    assert "L3" in refused.value.refusal.found
    assert "ring" in refused.value.refusal.found


def test_s1_without_a_lumbar_vertebra_above_is_refused(labels_of):
    labels = labels_of("visible_human_spine")
    sacrum = (labels.volume.values == labels.code("sacrum")).astype(np.uint8)
    alone = Labels(Volume(sacrum, labels.volume.affine), ["sacrum"])
    with pytest.raises(AnatomyError) as refused:
        build_spine(alone)
    assert "above it" in refused.value.refusal.found


def test_a_vertebra_whose_ring_is_broken_is_refused(labels_of, spine_of):
    labels = labels_of("mean_spine")
    values = labels.volume.values.copy()
    points = labels.points("vertebra L3")
    gone = spine_of("mean_spine")["L3"].pedicles["left"]
    near = np.linalg.norm(points - gone.centre, axis=1) < 13
    values[tuple(np.round(labels.volume.to_voxels(points[near])).astype(int).T)] = 0
    with pytest.raises(AnatomyError) as refused:
        build_spine(Labels(Volume(values, labels.volume.affine), labels.names), levels=["L3"])
    assert refused.value.refusal.code == "no-vertebrae"
    assert "L3" in refused.value.refusal.found
