"""Herniations of a phantom, in crooked scans, beside what the phantom's own equations say."""

import attrs
import numpy as np
import pytest
from scipy import ndimage

from keyhole.anatomy import build_spine
from keyhole.anatomy.disc_margin import ANGLES, ruled_space
from keyhole.anatomy.joints import facet_joint
from keyhole.anatomy.roots import modelled_root
from keyhole.anatomy.zones import ZONES
from keyhole.errors import AnatomyError
from keyhole.findings import herniation, herniation_bulge, root_contact
from keyhole.findings.herniation_shape import shape_of
from keyhole.findings.subject import Subject
from keyhole.findings.targets import targets_from
from keyhole.scan.labels import Labels
from keyhole.scan.volume import Volume
from keyhole.simulate import Recipe, crooked_grid, grow, scan_patient
from keyhole.simulate.images.labels_as import labels_as
from keyhole.simulate.soft.discs_margin import disc_margin
from keyhole.simulate.truth.herniation import herniation_truths
from keyhole.simulate.truth.roots import root_truths

LEVELS = ("L4", "L5")
ORDERS = (
    "herniation=L4/5:left,extrusion,volume=900",
    "herniation=L3/4:right,sequester,volume=600",
)
SCANS = {
    "L4/5": ((1.2, 1.2, 1.2), (12.0, -7.0, 18.0), True),
    "L3/4": ((1.1, 1.4, 1.0), (-10.0, 14.0, 25.0), False),
}


@pytest.fixture(scope="module")
def patient():
    return grow(Recipe(11, ("L3", "L4", "L5"), illness=ORDERS))


@pytest.fixture(scope="module")
def truths(patient):
    found = herniation_truths(patient.contents)
    return {name: truth.moved(patient.pose) for name, truth in found.items()}


@pytest.fixture(scope="module")
def subjects(patient):
    found = {}
    for name, (spacing, oblique, left_handed) in SCANS.items():
        crop = patient.crop(name, 15.0)
        grid = crooked_grid(
            crop, spacing, oblique=oblique, left_handed=left_handed, levels=crop.levels
        )
        labels = scan_patient(crop, *grid, image=False)[1]
        spine = build_spine(labels, levels=crop.levels)
        found[name] = Subject(spine=spine, label_sd_mm=0.0)
    return found


def _taken(measure, subject, at):
    return {finding.name: finding for finding in measure.take(subject, at)}


@pytest.mark.parametrize("name", SCANS)
def test_volume_side_zone_and_kind_are_the_phantoms(subjects, truths, name):
    truth = truths[name]
    volume = _taken(herniation.MEASURE, subjects[name], name)["herniation_volume"]
    assert volume.value == pytest.approx(truth.volume_mm3, abs=max(0.15 * truth.volume_mm3, 60))
    assert abs(volume.value - truth.volume_mm3) < 2.6 * volume.se
    assert volume.side == truth.side
    grades = {grade.scale: grade.grade for grade in volume.grades}
    assert grades == {"Displaced disc (Fardon)": truth.kind, "Zone": truth.zone}
    assert np.linalg.norm(np.subtract(volume.landmarks["middle"], truth.centre)) < 1.0


@pytest.mark.parametrize("name", SCANS)
def test_zones_migration_and_canal_are_the_phantoms(subjects, truths, name):
    subject, truth = subjects[name], truths[name]
    found = _taken(herniation.MEASURE, subject, name)
    case = herniation._case(subject, name, subject.disc_edges[name].pieces[0])
    shares = herniation.zone_shares(case.piece, case.borders)
    assert shares == pytest.approx([truth.zones[zone] for zone in ZONES], abs=0.1)
    reach = abs(found["herniation_migration"].value)
    assert reach == pytest.approx(abs(truth.beyond_endplate_mm), abs=1.0)
    assert found["canal_occupied"].value == pytest.approx(100 * truth.canal_taken, abs=4.0)
    assert 30 < found["msu"].value < 160
    assert {grade.scale for grade in found["msu"].grades} == {"MSU size", "MSU zone"}


def test_a_sequester_hangs_on_nothing_and_an_extrusion_on_its_disc(subjects):
    joined = {name: subjects[name].disc_edges[name].pieces[0].joined for name in SCANS}
    assert joined == {"L4/5": True, "L3/4": False}


def test_a_disc_without_its_herniation_has_none(subjects):
    subject = subjects["L3/4"]
    labels = subject.spine.labels
    piece = subject.disc_edges["L3/4"].pieces[0]
    rows = np.round(labels.volume.to_voxels(piece.margin.space.frame.to_patient(piece.local)))
    values = labels.volume.values.copy()
    values[tuple(rows.astype(int).T)] = 0
    whole = _relabelled(subject, values)
    found = _taken(herniation.MEASURE, whole, "L3/4")
    assert found["herniation_volume"].value == 0
    assert found["msu"].value is None
    contacts = _taken(root_contact.MEASURE, whole, "L3/4")
    assert all(finding.value is None for finding in contacts.values())


def test_a_map_without_discs_cannot_be_judged(subjects):
    spine = subjects["L4/5"].spine
    spine = attrs.evolve(spine, labels=labels_as(spine.labels, "total"))
    for measure in (herniation.MEASURE, root_contact.MEASURE):
        for finding in measure.take(Subject(spine=spine), "L4/5"):
            assert finding.value is None
            assert finding.not_seen.code == "not-seen"
            assert "no disc" in finding.not_seen.found


def test_less_sure_labels_widen_the_interval(subjects):
    subject = subjects["L4/5"]
    unsure = Subject(spine=subject.spine, label_sd_mm=0.5)
    sure = _taken(herniation.MEASURE, subject, "L4/5")["herniation_volume"]
    wide = _taken(herniation.MEASURE, unsure, "L4/5")["herniation_volume"]
    assert wide.value == sure.value
    assert wide.se > 5 * sure.se


def test_the_target_of_a_herniation_is_to_be_removed(subjects):
    subject = subjects["L4/5"]
    (target,) = targets_from(herniation.MEASURE.take(subject, "L4/5"))
    assert (target.kind, target.at, target.side) == ("discectomy", "L4/5", "left")
    assert target.finding == "herniation_volume"
    assert any("without symptoms" in note for note in target.notes)


def test_the_distance_to_a_seen_root_is_the_phantoms(subjects, patient):
    found = [
        finding
        for finding in root_contact.MEASURE.take(subjects["L4/5"], "L4/5")
        if finding.name == "root_distance_traversing" and finding.side == "left"
    ]
    (path,) = [r for r in patient.contents.roots if (r.level, r.side) == ("L5", "left")]
    lump = patient.contents.lumps["L4/5"]
    gap = max(float((lump(path.points) - path.radii).min()), 0.0)
    assert found[0].value == pytest.approx(gap, abs=0.8)


def test_a_modelled_root_has_a_chance_and_no_distance(subjects):
    subject = subjects["L4/5"]
    labels = subject.spine.labels
    codes = [labels.code(name) for name in labels.boxes if name.startswith("root ")]
    values = np.where(np.isin(labels.volume.values, codes), 0, labels.volume.values)
    found = list(root_contact.MEASURE.take(_relabelled(subject, values), "L4/5"))
    chances = {(f.name, f.side): f for f in found if f.unit == "%"}
    assert all(f.value is None for f in found if f.unit == "mm")
    assert all("modelled" in chance.notes[1] for chance in chances.values())
    near, far = (chances["root_contact_traversing", side] for side in ("left", "right"))
    assert 100 >= near.value > far.value >= 0


def test_modelled_roots_run_where_the_phantoms_do(subjects, patient):
    truths = root_truths(patient.contents, lambda _, points: np.zeros(len(points)))
    spine = subjects["L4/5"].spine
    for level in ("L4", "L5"):
        for side in ("left", "right"):
            root = modelled_root(spine, level, side)
            truth = truths[level, side].moved(patient.pose)
            away = np.linalg.norm(root.line[:, None] - truth.line[None], axis=2).min(axis=1)
            outside = slice(root.leaves, None)
            assert (away[outside] < 3 * root.sigma[outside]).all()
            assert root.radii.min() == pytest.approx({"L4": 2.4, "L5": 2.55}[level])


def test_no_root_is_modelled_without_a_pedicle_or_a_rule(subjects):
    spine = subjects["L4/5"].spine
    bare = attrs.evolve(spine, vertebrae=(attrs.evolve(spine["L4"], pedicles={}),))
    with pytest.raises(AnatomyError, match="pedicle") as caught:
        modelled_root(bare, "L4", "left")
    assert caught.value.refusal.code == "pedicle-unseen"
    other = attrs.evolve(spine, vertebrae=(attrs.evolve(spine["L4"], level="T12"),))
    with pytest.raises(AnatomyError) as caught:
        modelled_root(other, "T12", "left")
    assert caught.value.refusal.code == "not-seen"


def test_the_ruled_surface_passes_through_both_rims(subjects):
    space = ruled_space(subjects["L3/4"].spine, "L3/4")
    for share in (0.0, 0.3, 1.0):
        wall = space.wall(ANGLES, np.full(len(ANGLES), share))
        assert space.beyond(wall) == pytest.approx(0, abs=0.2)
    assert space.beyond(np.zeros((1, 3)))[0] < -10


def test_the_rims_are_as_wide_as_the_phantoms(subjects, patient):
    truth = disc_margin(patient.design, patient.frames, patient.design.segment("L3/4"))
    space = ruled_space(subjects["L3/4"].spine, "L3/4")
    for rim, outline in ((space.upper, truth.upper.outline), (space.lower, truth.lower.outline)):
        across = rim.radii[0] + rim.radii[len(rim.radii) // 2]
        along = rim.radii[len(rim.radii) // 4] + rim.radii[3 * len(rim.radii) // 4]
        assert across == pytest.approx(2 * outline.half_width, abs=1.5)
        assert along == pytest.approx(2 * outline.half_depth, abs=2.0)


def _relabelled(subject, values):
    labels = subject.spine.labels
    changed = Labels(Volume(values, labels.volume.affine), labels.names, parts=labels.parts)
    return Subject(spine=attrs.evolve(subject.spine, labels=changed), label_sd_mm=0.0)


def test_a_herniated_disc_does_not_bulge_and_a_swollen_one_does(subjects):
    subject = subjects["L4/5"]
    (found,) = herniation_bulge.MEASURE.take(subject, "L4/5")
    assert found.value < 25
    assert [grade.grade for grade in found.grades] == ["no bulge"]
    labels = subject.spine.labels
    disc = labels.code("disc L4/5")
    taken = np.isin(labels.volume.values, [labels.code(f"vertebra {level}") for level in LEVELS])
    swollen = ndimage.binary_dilation(labels.volume.values == disc, iterations=2) & ~taken
    values = np.where(swollen, disc, labels.volume.values)
    (found,) = herniation_bulge.MEASURE.take(_relabelled(subject, values), "L4/5")
    assert found.value > 75
    assert [grade.grade for grade in found.grades] == ["bulge"]


def test_material_round_the_disc_is_a_bulge_and_no_herniation(subjects):
    piece = subjects["L4/5"].disc_edges["L4/5"].pieces[0]
    wall = piece.margin.space.wall(ANGLES, np.full(len(ANGLES), 0.5))
    ring = attrs.evolve(
        piece, local=1.1 * wall, mm3=np.ones(len(wall)), out=np.full(len(wall), 2.0)
    )
    assert shape_of(ring) == "bulge"
    part = slice(0, len(wall) // 10)
    some = attrs.evolve(ring, local=ring.local[part], mm3=ring.mm3[part], out=ring.out[part])
    assert shape_of(some) != "bulge"


def test_no_ruled_surface_without_a_body(subjects):
    spine = subjects["L4/5"].spine
    lower = spine["L5"]
    affine = lower.bone.affine.copy()
    affine[:3, 3] -= 60 * lower.frame.up
    gone = attrs.evolve(lower, bone=attrs.evolve(lower.bone, affine=affine))
    with pytest.raises(AnatomyError) as caught:
        ruled_space(attrs.evolve(spine, vertebrae=(spine["L4"], gone)), "L4/5")
    assert caught.value.refusal.code == "body-unseen"


def test_joints_by_their_parts_and_by_the_whole_bones_agree(subjects):
    spine = subjects["L4/5"].spine
    bare = attrs.evolve(spine, labels=attrs.evolve(spine.labels, parts=None))
    for side in ("left", "right"):
        own, whole = (facet_joint(one, "L4/5", side) for one in (spine, bare))
        assert (own.parts, whole.parts) == (True, False)
        assert own.angle_deg == pytest.approx(whole.angle_deg, abs=6)
        assert own.area_mm2 == pytest.approx(whole.area_mm2, rel=0.3)


def test_without_a_labelled_sac_roots_leave_it_by_the_pedicle(subjects):
    spine = subjects["L4/5"].spine
    bare = attrs.evolve(spine, labels=labels_as(spine.labels, "total"))
    for side in ("left", "right"):
        seen, placed = (modelled_root(one, "L5", side) for one in (spine, bare))
        away = np.linalg.norm(seen.line[seen.leaves] - placed.line[placed.leaves])
        assert 0 < away < 8  # the extrusion pushes the sac aside
