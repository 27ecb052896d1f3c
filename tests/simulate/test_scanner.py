"""A phantom scanned: what is painted, and what a CT scanner makes of it."""

import numpy as np
import pytest
from attrs import evolve
from scipy import ndimage

from keyhole.errors import RequestError
from keyhole.simulate import Recipe, crooked_grid, grow, phantom, scan_patient, standard_grid
from keyhole.simulate.engine.shapes import ellipsoid, evaluated, slab
from keyhole.simulate.engine.solid import Part, Solid, sample
from keyhole.simulate.engine.tissue import tissue
from keyhole.simulate.images.ct import Ct
from keyhole.simulate.images.fields import Blur, noise
from keyhole.simulate.images.scanner import acquire
from keyhole.space import Frame, turned

TURN = np.column_stack([turned(c, [0.48, 0.6, 0.64], 70) for c in np.eye(3)])
HERE = Frame(np.zeros(3), np.eye(3))
WATER = evolve(tissue("csf"), name="water", hu=0.0, hu_sd=0.0)
BONE = evolve(tissue("cortical_bone"), hu=1000.0, hu_sd=0.0)
FAT = evolve(tissue("fat"), hu_sd=0.0)


@pytest.fixture(scope="module")
def patient():
    return grow(Recipe(1, levels=("L4", "L5", "S1")))


@pytest.fixture(scope="module")
def torso(patient):
    return scan_patient(patient, *standard_grid(patient, 3.0), noise_hu=5, seed=2)


@pytest.fixture(scope="module")
def someone():
    """A patient whose solids the tests replace by a few simple ones."""
    return phantom(0, levels=("L3",), torso=False)


def straight(edge, shape):
    affine = np.diag([*np.broadcast_to(edge, 3).astype(float), 1])
    affine[:3, 3] = -(np.array(shape) - 1) / 2 * np.diag(affine)[:3]
    return affine, shape


def box(half, middle=(0, 0, 0)):
    return slab(Frame(np.array(middle, float), np.eye(3)), half, 0.01)


def centres(affine, shape):
    return np.indices(shape).reshape(3, -1).T @ affine[:3, :3].T + affine[:3, 3]


# painting


def a_few_solids():
    halves = (
        Part("near", ellipsoid([4, 0, 0], [9, 9, 9]), BONE),
        Part("far", ellipsoid([-6, 0, 0], [9, 9, 9])),
    )
    return (
        Solid("body", ellipsoid([0, 0, 0], [31, 26, 29]), FAT),
        Solid("", box([14, 30, 8], [5, 0, -6]), WATER),
        Solid("divided", ellipsoid([0, 3, 2], [15, 10, 12]), WATER, parts=halves),
        Solid("shell", ellipsoid([9, -6, 4], [11, 8, 9]), FAT, BONE, 2.5),
    )


@pytest.mark.parametrize("left_handed", [True, False])
def test_the_painted_tiles_are_what_every_voxels_centre_says(someone, left_handed):
    solids = a_few_solids()
    affine = np.eye(4)
    affine[:3, :3] = TURN * [0.9 * (-1 if left_handed else 1), 0.9, 0.9]
    shape = (71, 62, 83)
    affine[:3, 3] = -affine[:3, :3] @ (np.array(shape) / 2 + 0.3)
    image, labels = acquire(
        evolve(someone, solids=solids), (affine, shape), Ct(grain=False, storage="float32")
    )
    points = centres(affine, shape)
    away = [solid.shape.distance(points) for solid in solids]
    codes = np.zeros(len(points), int)
    hu = np.full(len(points), -1000.0)
    parts = np.stack([part.shape.distance(points) for part in solids[2].parts])
    share = np.clip(0.5 + (parts[1] - parts[0]) / 1.8, 0, 1)
    shell = np.clip(0.5 + (away[3] + 2.5) / 0.9, 0, 1)
    own = [-100.0, 0.0, share * 1000, -100 + shell * 1100]
    for n, (solid, distance) in enumerate(zip(solids, away, strict=True)):
        if solid.name:
            codes[distance < 0] = labels.names.index(solid.name) + 1
        hu += np.clip(0.5 - distance / 0.9, 0, 1) * (own[n] - hu)
    assert (labels.volume.values.ravel() == codes).all()
    assert image.values.ravel() == pytest.approx(hu, abs=0.02)
    divided = codes == labels.names.index("divided") + 1
    assert (labels.parts.volume.values.ravel()[divided] == 1 + (parts[1] < parts[0])[divided]).all()
    assert not labels.parts.volume.values.ravel()[~divided].any()
    alone = acquire(evolve(someone, solids=solids), (affine, shape), None)
    assert alone[0] is None
    assert (alone[1].volume.values == labels.volume.values).all()


def test_cells_change_no_sign():
    shape = ellipsoid([3, 4, 5], [9, 14, 6])
    affine = np.array([[0.6, 0.3, 0, -9], [-0.3, 0.6, 0, -8], [0, 0, 0.8, -6.0], [0, 0, 0, 1]])
    block = sample(shape, affine, (60, 61, 43), band_mm=1)
    voxels = np.indices(block.distances.shape).reshape(3, -1).T + block.low
    exact = shape(voxels @ affine[:3, :3].T + affine[:3, 3]).reshape(block.distances.shape)
    assert ((exact < 0) == (block.distances < 0)).all()
    near = np.abs(exact) < 1
    assert block.distances[near] == pytest.approx(exact[near], abs=1e-5)
    assert (np.abs(block.distances[~near]) >= 1).all()


def test_a_solid_off_the_grid_is_not_sampled():
    assert sample(ellipsoid([500, 0, 0], [5, 5, 5]), np.eye(4), (20, 20, 20), band_mm=1) is None


@pytest.mark.parametrize("edges", [(4.0, 0.8, 0.8), (0.8, 0.8, 2.4), (1.0, 5.5, 1.0)])
def test_a_long_voxel_shows_how_much_of_it_is_filled(someone, edges):
    """A plane at a known height across the voxels' long way."""
    axis = int(np.argmax(edges))
    solids = (Solid("body", box([60, 60, 60]), WATER),)
    affine, shape = straight(edges, (30, 30, 30))
    for lies in (-0.4, 0.1, 0.45):
        shift = np.zeros(3)
        shift[axis] = -60 - lies * edges[axis] + affine[axis, 3] + 10 * edges[axis]
        moved = tuple(
            solid.moved(Frame(shift + 120 * np.eye(3)[axis], np.eye(3))) for solid in solids
        )
        image, labels = acquire(evolve(someone, solids=moved), (affine, shape), Ct())
        line = np.moveaxis(image.values, axis, 0)[:, 15, 15]
        assert line[10] == pytest.approx(-1000 * (0.5 - lies), abs=70)
        assert (line[9], line[11]) == (-1000, 0)
        named = np.moveaxis(labels.volume.values, axis, 0)[:, 15, 15]
        assert (named[10] == 1) == (lies > 0)


def test_metal_is_stored_as_the_scales_end(someone):
    solids = (Solid("screw", ellipsoid([0, 0, 0], [6, 6, 6]), tissue("titanium")),)
    grid = straight(1.0, (20, 20, 20))
    for storage in ("int16", "int32", "float32"):
        image, _ = acquire(evolve(someone, solids=solids), grid, Ct(storage=storage))
        assert image.values.dtype == storage
        assert (image.values.min(), image.values.max()) == (-1000, 3071)


@pytest.mark.parametrize("left_handed", [True, False])
def test_a_crooked_scan_holds_the_bone_where_the_surface_says(left_handed):
    patient = phantom(2, levels=("L3",), pose=Frame([90, 40, -120], TURN), torso=False)
    affine, shape = crooked_grid(
        patient, (0.9, 1.2, 2.0), oblique=(20, -15, 35), left_handed=left_handed
    )
    assert (np.linalg.det(affine[:3, :3]) < 0) == left_handed
    image, labels = scan_patient(patient, affine, shape, image=False)
    assert image is None
    inside = labels.mask("vertebra L3")
    assert not any(inside.take([0, -1], axis=axis).any() for axis in range(3))
    picked = np.random.default_rng(0).integers(0, shape, (4000, 3))
    away = evaluated(patient.solid("vertebra L3").shape, labels.volume.to_patient(picked))
    assert (inside[tuple(picked.T)] == (away < 0)).all()
    assert 60 < (away < 0).sum() < 3000


def test_every_structure_is_there_and_on_its_side(patient, torso):
    _, labels = torso
    thin = ("root ", "ligamentum flavum ", "plexus ", "pleura ", "thoracolumbar fascia ")
    for solid in patient.solids:
        there = not solid.name or solid.name in labels or solid.name.startswith(thin)
        assert there or _misses(solid, labels.volume), solid.name
    for name in labels.boxes:
        side = name.split()[-1]
        if side in ("left", "right"):
            outward = 1 if side == "right" else -1
            assert labels.points(name)[:, 0].mean() * outward > 4, name
    assert labels.levels == patient.levels


def _misses(solid, volume):
    corners = volume.to_patient([[0, 0, 0], np.array(volume.shape) - 1])
    low, high = corners.min(axis=0), corners.max(axis=0)
    return bool((solid.shape.low > high).any() or (solid.shape.high < low).any())


def test_each_bone_is_one_piece(torso):
    _, labels = torso
    for level in labels.levels:
        mask = labels.mask("sacrum" if level == "S1" else f"vertebra {level}")
        pieces, _ = ndimage.label(mask, np.ones((3, 3, 3)))
        sizes = np.bincount(pieces.ravel())[1:]
        assert sizes.max() / sizes.sum() > 0.99


def test_a_grid_over_an_absent_level_is_refused(patient):
    with pytest.raises(RequestError) as e:
        crooked_grid(patient, levels=("T12",))
    assert e.value.refusal.code == "level-not-there"


# the scanner's own faults


def test_one_seed_gives_one_image_with_any_number_of_threads(patient):
    grid = crooked_grid(patient, (2.5, 2.0, 3.1), levels=("L4",), margin_mm=20)
    scanner = Ct.named("standard", streaks=1.0)
    one, other = (acquire(patient, grid, scanner, seed=7, threads=n) for n in (1, 2))
    assert (one[0].values == other[0].values).all()
    assert (one[1].volume.values == other[1].volume.values).all()
    assert (one[1].parts.volume.values == other[1].parts.volume.values).all()
    third = acquire(patient, grid, scanner, seed=8)
    assert (one[0].values != third[0].values).mean() > 0.5
    assert (one[1].volume.values == third[1].volume.values).all()


def test_the_point_spread_has_its_widths(someone):
    """The slope of an edge is the point-spread itself, a voxel's own width added."""
    grid = straight((0.5, 0.5, 0.5), (60, 60, 60))
    scanner = Ct(Blur(2.0, 4.0), grain=False, storage="float32")
    for axis, width in ((0, 2.0), (1, 2.0), (2, 4.0)):
        half = np.full(3, 40.0)
        shape = box(half, -40.0 * np.eye(3)[axis])
        solids = (Solid("body", shape, WATER),)
        image, _ = acquire(evolve(someone, solids=solids), grid, scanner)
        edge = np.moveaxis(image.values, axis, 0)[:, 30, 30].astype(float)
        slope = -np.diff(edge)
        ticks = np.arange(len(slope)) * 0.5
        middle = (slope * ticks).sum() / slope.sum()
        spread = np.sqrt((slope * (ticks - middle) ** 2).sum() / slope.sum())
        voxel = 0.5**2 / 6
        assert np.sqrt(spread**2 - voxel) * 2.355 == pytest.approx(width, rel=0.04)


def test_noise_and_grain_have_their_size_and_hang_together(someone):
    grainy = evolve(WATER, hu_sd=12.0)
    solids = (Solid("body", box([40, 40, 20]), WATER), Solid("organ", box([15, 15, 15]), grainy))
    grid = straight(1.0, (64, 64, 40))
    for blur in (Blur(), Blur(1.8, 1.8)):
        image, labels = acquire(
            evolve(someone, solids=solids), grid, Ct(blur, noise_hu=9.0, storage="float32"), seed=3
        )
        organ = ndimage.binary_erosion(labels.mask("organ"), iterations=3)
        around = ndimage.binary_erosion(labels.mask("body"), iterations=3)
        assert image.values[around].std() == pytest.approx(9, rel=0.06)
        assert image.values[organ].std() == pytest.approx(np.hypot(9, 12), rel=0.06)
        assert image.values[organ].mean() == pytest.approx(0, abs=1)
        ahead = image.values[24:40, 24:40, 10:30].astype(float)
        likeness = np.corrcoef(ahead[:-1].ravel(), ahead[1:].ravel())[0, 1]
        assert (likeness > 0.5) == (blur.within_mm > 0)


def test_noise_is_even_up_to_the_border():
    field = noise((40, 30, 20), Blur(3.0, 3.0).kernels(np.ones(3)), 5, 1)
    assert field.std() == pytest.approx(1, rel=0.1)
    many = np.stack([noise((6, 6, 6), Blur(2, 2).kernels(np.ones(3)), s, 1) for s in range(400)])
    assert many.std(axis=0) == pytest.approx(1, rel=0.2)


def test_streaks_run_between_dense_parts_and_nowhere_else(someone):
    solids = (
        Solid("body", ellipsoid([0, 0, 0], [55, 40, 200]), WATER),
        Solid("hip left", ellipsoid([-30, 0, 0], [10, 14, 12]), BONE),
        Solid("hip right", ellipsoid([30, 0, 0], [10, 14, 12]), BONE),
    )
    grid = straight(2.0, (60, 44, 40))
    calm, streaky = (
        acquire(
            evolve(someone, solids=solids),
            grid,
            Ct(noise_hu=8.0, grain=False, streaks=dose, storage="float32"),
            seed=4,
        )[0].values
        for dose in (0.0, 2.0)
    )
    between, above = np.s_[26:34, 20:24, 17:23], np.s_[26:34, 20:24, 34:39]
    assert streaky[between].std() > 1.5 * calm[between].std()
    assert streaky[between].mean() < calm[between].mean() - 5
    added = streaky - calm
    assert added[above].std() < 0.4 * added[between].std()
    along = added[between].mean(axis=0)
    assert along.std() > 0.5 * added[between].std(), "a ray errs along its whole length"


def test_air_alone_has_no_streaks(someone):
    grid = straight(2.0, (20, 20, 20))
    image, _ = acquire(evolve(someone, solids=()), grid, Ct(streaks=3.0, storage="float32"))
    assert (image.values == -1000).all()


def test_scanners_come_by_name():
    thin, thick = Ct.named("standard"), Ct.named("thick", streaks=0.5)
    assert thick.blur.through_mm > thin.blur.through_mm
    assert thick.noise_hu < thin.noise_hu
    assert (thin.streaks, thick.streaks) == (0, 0.5)
    assert not Ct.named("sharp").grain


def test_tissues_have_their_numbers(torso):
    image, labels = torso
    for name, low, high in (("liver", 53, 63), ("multifidus left", 50, 60), ("aorta", 40, 50)):
        inner = ndimage.binary_erosion(labels.mask(name))
        if inner.any():
            assert low < image.values[inner].mean() < high
    assert image.values[labels.volume.values == 0].mean() < -900
    assert image.values.dtype == np.int16
