"""What a vertebra's model warns of: rough, wedged and domed endplates."""

import numpy as np
from attrs import evolve

from keyhole.anatomy.sacrum import _domed
from keyhole.anatomy.spine import Endplate
from keyhole.anatomy.vertebra import _flags
from keyhole.kernels.distance import signed_distance
from keyhole.scan.volume import Volume
from keyhole.space import turned

FLAT = Endplate(
    centre=np.zeros(3),
    normal=np.array([0.0, 0, 1]),
    rim=np.zeros((1, 3)),
    width_mm=45,
    depth_mm=33,
    rms_mm=0.5,
)


def codes(upper, lower):
    return [flag.code for flag in _flags("L3", upper, lower)]


def test_even_parallel_endplates_raise_no_flag():
    assert codes(FLAT, FLAT) == []


def test_a_rim_far_off_its_plane_is_endplate_rough():
    (flag,) = _flags("L3", evolve(FLAT, rms_mm=2.4), FLAT)
    assert flag.code == "endplate-rough"
    assert "2.4 mm" in flag.found


def test_endplates_over_15_degrees_apart_are_wedged():
    for degrees, expected in ((14.0, []), (16.0, ["wedged"])):
        tilted = evolve(FLAT, normal=turned([0.0, 0, 1], [1.0, 0, 0], degrees))
        assert codes(FLAT, tilted) == expected


def sacral_top(bulge_mm):
    """A block whose top at 0 carries a dome."""
    axes = np.indices((41, 41, 41)).transpose(1, 2, 3, 0) - 20.0
    dome = bulge_mm * np.exp(-(axes[..., 0] ** 2 + axes[..., 1] ** 2) / 60)
    affine = np.eye(4)
    affine[:3, 3] = -20
    return Volume(signed_distance(axes[..., 2] < dome, np.ones(3)), affine)


def test_a_top_that_bulges_over_2_mm_is_endplate_domed():
    assert _domed(sacral_top(1.0), FLAT) == ()
    (flag,) = _domed(sacral_top(4.0), FLAT)
    assert flag.code == "endplate-domed"
