"""Bone density, sclerosis, gas, disc signal, muscles, depths, crest, vessels: against phantoms.

One ill phantom: a crooked crop of L4/5 for what is read near the spine, a coarse straight scan
of the whole trunk for what reaches the skin.
"""

import numpy as np
import pytest
from attrs import evolve

from keyhole.anatomy import build_spine
from keyhole.findings import (
    Subject,
    conus,
    crest,
    disc_signal,
    measure,
    muscle,
    sclerosis,
    skin_depth,
    subcutaneous,
    trabecular,
    vacuum,
    vessels,
)
from keyhole.findings.tissue import rules
from keyhole.scan.labels import Labels
from keyhole.scan.volume import Volume
from keyhole.simulate import Recipe, crooked_grid, grow, scan_patient, standard_grid
from keyhole.simulate.images.mr import Mr
from keyhole.simulate.images.scanner import acquire

ILLNESS = ("disc=L4/5:severe", "sclerosis=L4/5:moderate")
NEAR = (trabecular, sclerosis, vacuum)
TRUNK = (muscle, subcutaneous, crest, vessels, conus)


@pytest.fixture(scope="module")
def patient():
    return grow(Recipe(5, ("L3", "L4", "L5", "S1"), illness=ILLNESS))


@pytest.fixture(scope="module")
def near(patient):
    """L4 and L5 in an oblique, left-handed, uneven scan."""
    crop = patient.crop("L4/5")
    grid = crooked_grid(crop, (1.0, 1.3, 1.5), levels=("L4", "L5"))
    image, labels = scan_patient(crop, *grid, noise_hu=15.0)
    spine = build_spine(labels, image)
    return Subject(spine=spine, image=image, modality="CT", label_sd_mm=0.0)


@pytest.fixture(scope="module")
def trunk(patient):
    """The whole trunk, straight and coarse."""
    image, labels = scan_patient(patient, *standard_grid(patient, 3.0))
    spine = build_spine(labels, image)
    return Subject(spine=spine, image=image, modality="CT", label_sd_mm=0.0)


def found(subject, *modules, at=None):
    """Findings by name, place and side."""
    measures = [m for one in modules for m in getattr(one, "MEASURES", None) or (one.MEASURE,)]
    return {(f.name, f.at, f.side): f for f in measure(subject, at, measures=measures)}


def without(subject, *names):
    """The subject with structures taken out of its map."""
    labels = subject.spine.labels
    values = labels.volume.values.copy()
    for name in names:
        values[values == labels.code(name)] = 0
    fewer = Labels(Volume(values, labels.volume.affine), labels.names, schemes=labels.schemes)
    return evolve(subject, spine=evolve(subject.spine, labels=fewer))


def test_spongy_bone_reads_as_the_design_has_it(near, patient):
    for level in ("L4", "L5"):
        one = found(near, trabecular)["trabecular_hu", level, None]
        truth = patient.design.level(level).trabecular_hu
        low, high = one.interval
        assert low - 2 < truth < high + 2
        assert one.se < 8
        assert any("21 HU higher" in note for note in one.notes)


def test_the_region_keeps_clear_of_cortex_and_of_the_back(near):
    vertebra = near.spine["L4"]
    cells = near.body_cells["L4"]
    taken = trabecular.spongy(cells)
    assert -vertebra.bone.at(cells.points[taken], order=1).max() >= 4 - 0.01
    back = vertebra.frame.to_local(vertebra.posterior_wall)[1]
    ahead = vertebra.frame.to_local(cells.points[taken])[:, 1]
    assert ahead.min() - back > 0.4 * vertebra.upper.depth_mm


def test_notes_say_what_the_tube_voltage_does(near):
    for kvp, word in (
        (None, "does not say"),
        (120.0, "as the thresholds were"),
        (80.0, "not hold"),
    ):
        one = found(evolve(near, kvp=kvp), trabecular, at=["L4"])["trabecular_hu", "L4", None]
        assert any(word in note for note in one.notes)


def test_sclerosis_stands_out_only_beside_the_ill_disc(near, patient):
    table = found(near, sclerosis)
    healthy = patient.design.level("L4").trabecular_hu
    for level, ill, well in (("L4", "lower", "upper"), ("L5", "upper", "lower")):
        assert table[f"endplate_hu_{ill}", level, None].value > healthy + 100
        assert table[f"endplate_hu_{well}", level, None].value == pytest.approx(healthy, abs=15)


def gas_mm3(patient):
    """The gas's true volume, by points within its shape."""
    (part,) = [p for s in patient.solids for p in s.parts if p.name == "gas"]
    shape = part.shape
    ticks = [np.arange(a, b, 0.6) for a, b in zip(shape.low, shape.high, strict=True)]
    points = np.stack(np.meshgrid(*ticks, indexing="ij"), axis=-1).reshape(-1, 3)
    return float((shape(points) < 0).sum()) * 0.6**3


def test_gas_has_the_volume_of_the_phantoms(near, patient):
    one = found(near, vacuum)["vacuum_volume", "L4/5", None]
    assert one.value == pytest.approx(gas_mm3(patient), rel=0.15)
    low, high = one.interval
    assert low < gas_mm3(patient) < high


def test_a_disc_without_gas_has_none(trunk):
    one = found(trunk, vacuum)["vacuum_volume", "L3/4", None]
    assert one.value == 0
    assert one.se > 0


def test_without_a_ct_nothing_is_read_as_hounsfield_units(near):
    for image, modality in ((None, "none"), (near.image, "MR")):
        blind = evolve(near, image=image, modality=modality)
        assert all(f.value is None for f in found(blind, *NEAR).values())


def test_disc_signal_falls_with_wear(trunk, patient):
    """L5/S1 is moist, L4/5 black."""
    volume, labels = trunk.spine.labels.volume, trunk.spine.labels
    image, _ = acquire(patient, (volume.affine, volume.shape), Mr.named("t2"))
    subject = evolve(trunk, image=image, modality="MR")
    table = found(subject, disc_signal)
    moist, worn = (table["disc_signal_ratio", at, None] for at in ("L5/S1", "L4/5"))
    assert moist.value > 0.5
    assert worn.value < 0.2
    assert [one.grades[0].grade for one in (moist, worn)] == ["I or II", "IV or V"]
    assert all("suggested" in one.grades[0].scale for one in (moist, worn))
    assert disc_signal.suggested(0.4).grade == "III"
    for name in ("thecal sac", "multifidus left"):
        gone = [name, name.replace("left", "right"), "longissimus left", "longissimus right"]
        blind = without(subject, *dict.fromkeys(n for n in gone if n in labels))
        assert all(f.value is None for f in found(blind, disc_signal).values())
    flat = evolve(subject, image=Volume(np.full_like(image.values, 100), image.affine))
    assert all(f.value is None for f in found(flat, disc_signal).values())
    on_ct = evolve(subject, modality="CT")
    assert all(f.value is None for f in found(on_ct, disc_signal).values())


def cut_mm2(patient, name, frame):
    """A muscle's true area in a frame's plane: what precedence leaves of it, by points."""
    (shape,) = patient.left_of(name)
    ticks = np.arange(-100, 100, 1.5)
    flat = np.stack(np.meshgrid(ticks, ticks, [0.0], indexing="ij"), axis=-1).reshape(-1, 3)
    points = frame.to_patient(flat)
    points = points[((points > shape.low) & (points < shape.high)).all(axis=1)]
    return float((shape(points) < 0).sum()) * 1.5**2


@pytest.mark.parametrize("name", ["psoas", "multifidus"])
def test_muscles_have_the_areas_of_their_cuts(trunk, patient, name):
    table = found(trunk, muscle, at=["L4/5"])
    frame = trunk.disc_spaces["L4/5"].frame
    truth = cut_mm2(patient, f"{name} right", frame)
    one = table[f"muscle_area_{name}", "L4/5", "right"]
    assert one.value == pytest.approx(truth, rel=0.06)
    fat = table[f"muscle_fat_{name}", "L4/5", "right"]
    assert fat.value < 5
    assert frame.to_local(fat.landmarks[name])[0] > 3


def test_fat_within_a_muscle_is_counted(trunk):
    box = trunk.spine.labels.mask("psoas left")
    values = trunk.image.values.copy()
    rows = np.argwhere(box)[::4]
    values[tuple(rows.T)] = -100
    fatty = evolve(trunk, image=Volume(values, trunk.image.affine))
    one = found(fatty, muscle, at=["L4/5"])["muscle_fat_psoas", "L4/5", "left"]
    assert one.value == pytest.approx(25, abs=1.96 * one.se + 1)
    blind = evolve(trunk, image=None, modality="none")
    assert found(blind, muscle, at=["L4/5"])["muscle_fat_psoas", "L4/5", "left"].value is None


def test_a_map_without_muscles_says_so(near):
    bare = without(near, *[n for n in near.spine.labels.boxes if n.split()[0] in _first_words()])
    told = found(bare, muscle)
    assert {name for name, _, _ in told} == {"muscle_area"}
    assert all("no muscle" in one.not_seen.found for one in told.values())


def _first_words():
    return {name.split()[0] for name in muscle.MUSCLES}


def test_a_muscle_cut_by_the_scans_border_has_no_area(near):
    unseen = [f for f in found(near, muscle).values() if f.value is None and f.not_seen]
    assert any("border cuts" in f.not_seen.found for f in unseen)


def off(patient, names, point):
    """How far a point lies off the surfaces of structures, mm, to first order."""
    shapes = [shape for name in names for shape in patient.left_of(name)]
    return min(abs(float(shape(np.array([point]))[0])) for shape in shapes)


def test_depths_are_those_of_the_surfaces(trunk, patient):
    """Both ends lie on the phantom's own surfaces, and between them is what was measured."""
    table = found(trunk, skin_depth, at=["L4/5", "L4"])
    for side, sign in (("left", -1), ("right", 1)):
        one = table["skin_to_facet", "L4/5", side]
        skin, bone = np.array(one.landmarks["skin"]), np.array(one.landmarks["bone"])
        assert off(patient, ["skin"], skin) < 2.0
        assert off(patient, ["vertebra L4", "vertebra L5"], bone) < 1.5
        assert one.value == pytest.approx(np.linalg.norm(skin - bone), abs=0.05)
        lamina = np.array(table["skin_to_lamina", "L4", side].landmarks["bone"])
        assert off(patient, ["vertebra L4"], lamina) < 1.5
        assert trunk.spine["L4"].frame.to_local(lamina)[0] * sign > 5


def test_fat_ends_at_the_muscle_by_label_as_by_hounsfield_units(trunk):
    table = found(trunk, subcutaneous, at=["L4/5"])
    names = [n for n in trunk.spine.labels.boxes if n.split()[0] in _first_words()]
    on_ct = found(without(trunk, *names), subcutaneous, at=["L4/5"])
    for side in ("left", "right"):
        key = ("subcutaneous_depth", "L4/5", side)
        assert on_ct[key].value == pytest.approx(table[key].value, abs=5)
        assert any("CT" in note for note in on_ct[key].notes)
    blind = evolve(without(trunk, *names), image=None, modality="none")
    assert all(f.value is None for f in found(blind, subcutaneous).values())
    fat = evolve(without(trunk, *names), image=Volume(
        np.full_like(trunk.image.values, -100), trunk.image.affine))  # fmt: skip
    assert all(f.value is None for f in found(fat, subcutaneous).values())


def test_without_skin_no_depth(trunk):
    bald = evolve(trunk, spine=evolve(trunk.spine, skin=None))
    depths = found(bald, skin_depth, subcutaneous)
    assert all(f.value is None for f in depths.values())


def test_crest_stands_as_high_as_designed(trunk, patient):
    table = found(trunk, crest)
    for side in ("left", "right"):
        one = table["crest_height", "L4/5", side]
        assert one.value == pytest.approx(patient.design.body.crest_mm, abs=1.96 * one.se + 0.5)
    halved = found(without(trunk, "hip left"), crest)
    assert [f.not_seen.found for f in halved.values()] == ["The map holds no hip left."]


def test_a_crest_cut_by_the_scan_is_not_measured(trunk):
    """The hips' tops moved to the map's last slice."""
    labels = trunk.spine.labels
    values = labels.volume.values.copy()
    rows = np.argwhere(labels.mask("hip left"))
    values[tuple(rows[rows[:, 2] == rows[:, 2].max()][0][:2])] = labels.code("hip left")
    grown = evolve(labels, volume=Volume(values, labels.volume.affine))
    one = found(evolve(trunk, spine=evolve(trunk.spine, labels=grown)), crest)
    assert one["crest_height", "L4/5", "left"].value is None
    assert one["crest_height", "L4/5", "right"].value is not None


def test_vessels_divide_where_designed(trunk, patient):
    one = found(trunk, vessels)["aortic_bifurcation", "L4/5", None]
    fork = patient.frames["L4"].to_patient([0, 0, -patient.design.body.bifurcation_mm])
    truth = trunk.disc_spaces["L4/5"].frame.to_local(fork)[2]
    assert one.value == pytest.approx(truth, abs=1.96 * one.se)
    assert one.grades[0].grade == "L4 lower half"
    for gone, word in (("aorta", "no aorta"), ("iliac artery left", "no iliac artery left")):
        blind = found(without(trunk, gone), vessels)["aortic_bifurcation", "L4/5", None]
        assert word in blind.not_seen.found


def test_vessels_that_do_not_touch_have_no_fork(trunk):
    labels = trunk.spine.labels
    values = labels.volume.values.copy()
    low = labels.points("aorta")[:, 2].min() + 20
    rows = np.argwhere(labels.mask("aorta"))
    values[tuple(rows[labels.volume.to_patient(rows)[:, 2] < low].T)] = 0
    short = evolve(labels, volume=Volume(values, labels.volume.affine))
    one = found(evolve(trunk, spine=evolve(trunk.spine, labels=short)), vessels)
    assert "do not touch" in one["aortic_bifurcation", "L4/5", None].not_seen.found


@pytest.mark.parametrize(
    ("shift", "name"),
    [
        (0.0, "L4"),
        (40.0, "L3"),
        (18.0, "above"),
        (-200.0, "S1"),
        (-18.0, "above the upper endplate of L5"),
    ],
)
def test_a_height_is_named_by_its_vertebra(trunk, shift, name):
    frame = trunk.spine["L4"].frame
    place = frame.to_patient([0.0, 0.0, shift])
    told = vessels.level_at(trunk.spine, place)
    assert name in told or (name == "above" and "below the lower endplate of L3" in told)


def corded(trunk, low_mm, high_mm=None):
    """L1/2 as L3/4 is called here: a map whose sac is cut short and called the cord."""
    labels = trunk.spine.labels
    names = tuple("cord" if n == "thecal sac" else n for n in labels.names)
    values = labels.volume.values.copy()
    height = trunk.disc_spaces["L3/4"].frame.to_local(labels.points("thecal sac"))[:, 2]
    rows = np.argwhere(labels.mask("thecal sac"))
    values[tuple(rows[height < low_mm].T)] = 0
    return evolve(labels, volume=Volume(values, labels.volume.affine), names=names)


def test_the_conus_is_a_true_cords_end(trunk, monkeypatch):
    assert found(trunk, conus) == {}, "there is no L1/2 here"
    monkeypatch.setattr(conus, "_AT", "L3/4")
    unseen = found(trunk, conus)["conus_height", "L3/4", None]
    assert "no cord" in unseen.not_seen.found
    ends = evolve(trunk, spine=evolve(trunk.spine, labels=corded(trunk, 10.0)))
    one = found(ends, conus)["conus_height", "L3/4", None]
    assert one.value == pytest.approx(10.0, abs=2.5)
    assert one.grades[0].scale == "level"
    beyond = evolve(trunk, spine=evolve(trunk.spine, labels=corded(trunk, -1000.0)))
    cut = found(beyond, conus)["conus_height", "L3/4", None]
    assert cut.value is None or cut.value < -50


def test_every_number_has_its_source_or_says_unsourced():
    for table in rules().values():
        for entry in table.values():
            assert len(entry["source"]) > 8
            assert isinstance(entry["value"], float)
