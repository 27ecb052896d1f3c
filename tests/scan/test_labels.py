"""What a label map with names tells of its structures."""

import pickle

import numpy as np
import pytest

from keyhole.errors import AnatomyError
from keyhole.scan.labels import Labels, Parts
from keyhole.scan.volume import Volume

NAMES = ("sacrum", "vertebra L5", "vertebra T12", "aorta", "vertebra L4")
AFFINE = np.array([[0, -1.5, 0, 30], [0.5, 0, 0, -12], [0, 0, 2, 7], [0, 0, 0, 1]])


def labels(names=NAMES, **more):
    values = np.zeros((10, 12, 9), np.uint8)
    values[1:4, 2:6, 3:5] = 2
    values[5:8, 2:6, 3:5] = 1
    values[2:4, 8:10, 6:8] = 3
    values[6, 8:11, 1] = 4
    return Labels(Volume(values, AFFINE), names, **more)


def test_levels_run_from_head_to_sacrum_and_only_where_voxels_are():
    assert labels().levels == ("T12", "L5", "S1")
    assert "vertebra L4" not in labels()
    assert "vertebra L5" in labels()


def test_the_sacrum_and_its_first_vertebra_are_one_level():
    assert labels(("sacrum", "vertebra S1", "disc L5/S1", "aorta")).levels == ("S1",)


def test_points_lie_at_the_voxel_centres_in_the_patient():
    points = labels().points("aorta")
    expected = [[30 - 1.5 * j, -12 + 0.5 * 6, 7 + 2 * 1] for j in (8, 9, 10)]
    np.testing.assert_allclose(points, expected)


def test_volume_and_mask_count_the_same_voxels():
    assert labels().volume_ml("vertebra L5") == pytest.approx(3 * 4 * 2 * 1.5 / 1000)
    assert labels().mask("vertebra L5").sum() == 24


@pytest.mark.parametrize(("margin", "shape"), [(0, (3, 4, 2)), (2.0, (8, 8, 4)), (50, (10, 12, 9))])
def test_a_cut_holds_the_structure_alone_with_its_margin(margin, shape):
    part = labels().cut("vertebra L5", margin)
    assert part.shape == shape
    assert part.values.dtype == bool
    held = part.to_patient(np.argwhere(part.values))
    np.testing.assert_allclose(held, labels().points("vertebra L5"))


@pytest.mark.parametrize("ask", ["code", "mask", "points", "volume_ml", "cut"])
@pytest.mark.parametrize(
    ("name", "code"), [("vertebra L4", "level-not-there"), ("canal", "body-unseen")]
)
def test_what_is_not_there_is_refused_with_what_is(ask, name, code):
    with pytest.raises(AnatomyError) as e:
        getattr(labels(), ask)(name)
    assert e.value.refusal.code == code
    assert "sacrum" in e.value.refusal.found
    assert "vertebra L4" not in e.value.refusal.found


def test_labels_survive_pickling_with_their_parts():
    parts = Parts(labels().volume, ["arch"])
    whole = labels(list(NAMES), schemes=["total"], parts=parts, overwritten=3)
    assert whole.names == NAMES
    assert whole.boxes["aorta"]
    again = pickle.loads(pickle.dumps(whole))  # noqa: S301
    assert again == whole
    assert again.points("aorta").shape == (3, 3)
    assert (again.parts.names, again.overwritten, again.schemes) == (("arch",), 3, ("total",))
    assert again != labels()
