"""MR images of phantoms: relative signals of the tissues, noise, coil."""

import numpy as np
import pytest
from attrs import evolve

from keyhole.simulate import Recipe, crooked_grid, grow, phantom
from keyhole.simulate.engine.shapes import ellipsoid, slab
from keyhole.simulate.engine.solid import Solid
from keyhole.simulate.engine.tissue import tissue
from keyhole.simulate.images.mr import Coil, Mr
from keyhole.simulate.images.scanner import acquire
from keyhole.space import Frame

RELATIVE = {
    "t1": {"csf": 0.18, "nerve": 0.38, "desiccated_disc": 0.35, "trabecular_bone": 0.76, "muscle": 0.41},
    "t2": {"csf": 1.53, "nerve": 0.59, "desiccated_disc": 0.21, "trabecular_bone": 0.92, "muscle": 0.11},
}  # fmt: skip
"""To fat, as in the reference table (mr.csv): derived there from AJNR PMC7410772."""
GRID = np.diag([1.5, 1.5, 1.5, 1.0]), (30, 40, 24)


@pytest.fixture(scope="module")
def someone():
    return phantom(0, levels=("L3",), torso=False)


def even(someone, name):
    everywhere = slab(Frame(np.array([20.0, 30, 17]), np.eye(3)), [60, 60, 60], 1)
    return evolve(someone, solids=(Solid("body", everywhere, tissue(name)),))


@pytest.mark.parametrize("weighting", ["t1", "t2"])
def test_signals_relative_to_fat_are_the_references(weighting):
    scanner = Mr.named(weighting)
    fat = scanner.signal(tissue("fat"))
    for name, share in RELATIVE[weighting].items():
        assert scanner.signal(tissue(name)) / fat == pytest.approx(share, abs=0.02), name
    for name in ("cortical_bone", "gas", "air", "titanium"):
        assert scanner.signal(tissue(name)) / fat < 0.05


def test_a_normal_disc_as_a_whole_is_the_references():
    """Nucleus and annulus mixed by volume, two parts to one, as the reference gives one number."""
    for weighting, share in (("t1", 0.38), ("t2", 0.76)):
        scanner = Mr.named(weighting)
        fat = scanner.signal(tissue("fat"))
        nucleus, annulus = (scanner.signal(tissue(name)) / fat for name in ("nucleus", "annulus"))
        assert 2 / 3 * nucleus + annulus / 3 == pytest.approx(share, abs=0.04)


def test_noise_is_rician(someone):
    """Where there is no signal, magnitudes follow Rayleigh: mean sqrt(pi / 2) of the noise."""
    scanner = evolve(Mr.named("t2"), storage="float32")
    air = acquire(evolve(someone, solids=()), GRID, scanner)[0].values
    sd = 0.02 * 1000
    assert air.min() >= 0
    assert air.mean() == pytest.approx(sd * np.sqrt(np.pi / 2), rel=0.02)
    assert air.std() == pytest.approx(sd * np.sqrt(2 - np.pi / 2), rel=0.03)
    fat = acquire(even(someone, "fat"), GRID, scanner)[0].values[5:-5, 5:-5, 5:-5]
    assert fat.mean() == pytest.approx(1000, rel=0.01)
    assert fat.std() == pytest.approx(np.hypot(sd, 0.04 * 1000), rel=0.1)


def test_a_coil_sees_half_as_much_so_far_away(someone):
    coil = Coil((20.0, 0.0, 17.0), (0.0, 1.0, 0.0), 30.0)
    scanner = Mr(550, 10, coil=coil, storage="float32")
    image = acquire(even(someone, "fat"), GRID, scanner)[0].values
    rows = image.mean(axis=(0, 2))
    assert rows[30] / rows[10] == pytest.approx(0.5, rel=0.02)
    assert rows[0] == pytest.approx(1000, rel=0.02)


def test_what_is_stored_is_what_was_asked(someone):
    for storage in ("int16", "uint16", "float32"):
        scanner = Mr(3500, 100, noise_share=0.01, storage=storage)
        image = acquire(even(someone, "csf"), GRID, scanner)[0].values
        assert image.dtype == storage
        assert image.mean() == pytest.approx(1530, rel=0.03)


def test_one_seed_gives_one_image_with_any_number_of_threads():
    patient = grow(Recipe(3, levels=("L4", "L5"), soft=False))
    grid = crooked_grid(patient, (2.0, 2.5, 3.0))
    coil = Coil((0, 0, 0), (0, 1, 0), 100)
    one, two = (
        acquire(patient, grid, Mr.named("t1", coil=coil), seed=1, threads=n)[0].values
        for n in (1, 2)
    )
    assert (one == two).all()
    assert (one != acquire(patient, grid, Mr.named("t2"), seed=1)[0].values).any()


def test_tissues_mix_by_signal_not_by_their_times(someone):
    """A voxel half water and half air has half of water's signal."""
    half = Solid("body", slab(Frame(np.array([20.0, -30, 17]), np.eye(3)), [60, 60, 60], 0.01),
                 tissue("csf"))  # fmt: skip
    scanner = Mr(3500, 100, storage="float32")
    image = acquire(evolve(someone, solids=(half,)), GRID, scanner)[0].values
    assert image[15, 20, 12] == pytest.approx(image[15, 10, 12] / 2, rel=0.15)
    ball = Solid("body", ellipsoid([20, 30, 17], [9, 9, 9]), tissue("gas"))
    assert acquire(evolve(someone, solids=(ball,)), GRID, scanner)[0].values.max() < 1
