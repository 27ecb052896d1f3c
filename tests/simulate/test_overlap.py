"""No two structures share room: the order of precedence, and how little it has to settle."""

import itertools

import numpy as np
import pytest

from keyhole.simulate import Recipe, grow, scan_patient, standard_grid

ORDER = (
    ("body",),
    ("subcutaneous fat",),
    ("gluteus", "external oblique", "chest wall", "rectus"),
    ("torso fat",),
    ("liver", "spleen", "stomach", "pleura", "lung", "bowel", "colon", "kidney"),
    ("psoas", "quadratus", "multifidus", "longissimus", "iliocostalis"),
    ("thoracolumbar fascia",),
    ("vena cava", "aorta", "iliac vein", "iliac artery"),
    ("plexus",),
    ("epidural fat",),
    ("thecal sac",),
    ("ligamentum flavum",),
    ("disc",),
    ("root",),
    ("vertebra", "sacrum", "hip", "rib"),
    ("screw",),
)
"""The written order of docs/understand/the-phantom.md; a later group is painted over."""

BONE = ORDER[-2]
MUSCLE = ORDER[5]
ALLOWED_MM3 = (
    (("root",), BONE, 10),
    (("thecal sac",), BONE, 5),
    (("vena cava", "aorta", "iliac vein", "iliac artery"), BONE, 40),
    (MUSCLE, BONE, 1200),
    (("thecal sac",), ("disc",), 20),
    (("thecal sac",), ("ligamentum flavum",), 50),
    (("kidney",), ("vertebra", "rib"), 5),
)
"""What of a raw shape may lie under a later one, mm3 in all, where anatomy has neighbours."""


@pytest.fixture(scope="module")
def crop():
    return grow(Recipe(seed=1, illness=("stenosis=L4/5",))).crop("L4/5", 15)


def ranked(name):
    return next(n for n, group in enumerate(ORDER) if any(word in name for word in group))


def test_solids_stand_in_the_written_order():
    patient = grow(Recipe(seed=2, illness=("screws=L4",)))
    ranks = [ranked(name) for name in patient.structures]
    assert ranks == sorted(ranks)
    assert set(ranks) == set(range(len(ORDER)))


def test_a_place_belongs_to_one_structure_only(crop):
    """Two structures that shared a layer of more than 0.05 mm would both be that deep in it."""
    low, high = crop.window
    places = np.random.default_rng(5).uniform(low + 10, high - 10, (20000, 3))
    solids = [solid for solid in crop.solids if solid.name]
    raw = np.sort(np.abs([solid.shape(places) for solid in solids]), axis=0)
    places = places[raw[1] < 1.0]
    assert len(places) > 400, "places where two shapes meet"
    inside = np.array(
        [
            np.min([shape(places) for shape in crop.left_of(name)], axis=0) < -0.025
            for name in crop.structures
        ]
    )
    assert inside.sum(axis=0).max() == 1
    assert inside.any(axis=1).sum() > 12


def test_the_map_and_the_distances_agree(crop):
    affine, shape = standard_grid(crop, 4.0)
    _, labels = scan_patient(crop, affine, shape, image=False)
    voxels = np.indices(shape).reshape(3, -1).T
    places = labels.volume.to_patient(voxels)
    for name in ("vertebra L5", "thecal sac", "disc L4/5", "psoas left"):
        own = np.min([part(places) for part in crop.left_of(name)], axis=0)
        assert ((own < 0) == labels.mask(name).ravel()).all()
    edge = np.argsort(np.abs(own))[:30]
    assert ((crop.distance(name, places[edge]) < 0) == (own[edge] < 0)).all()


def test_neighbours_eat_little_of_one_another(crop):
    low, high = crop.window
    step = 1.6
    ticks = [np.arange(a, b, step) for a, b in zip(low, high, strict=True)]
    places = np.stack(np.meshgrid(*ticks, indexing="ij"), axis=-1).reshape(-1, 3)
    inside = {}
    for solid in crop.solids:
        within = solid.shape(places) < -0.05
        inside[solid.name] = inside.get(solid.name, False) | within
    for eaten, eater, most in ALLOWED_MM3:
        pairs = itertools.product(
            [name for name in inside if name.startswith(eaten)],
            [name for name in inside if name.startswith(eater)],
        )
        shared = {(a, b): (inside[a] & inside[b]).sum() * step**3 for a, b in pairs}
        assert shared
        assert sum(shared.values()) < most, max(shared, key=shared.get)
