"""Label maps spoiled by order: what each fault changes, and that the named check sees it."""

import numpy as np
import pytest
from scipy import ndimage

from keyhole.errors import RequestError
from keyhole.scan.checks import check_scan
from keyhole.simulate import Recipe, crooked_grid, grow
from keyhole.simulate.images.ct import Ct
from keyhole.simulate.images.labels_as import labels_as
from keyhole.simulate.images.scanner import acquire
from keyhole.simulate.images.spoil import FAULTS, Scan, Spoil, read_spoil, spoiled

LEVELS = ("T12", "L1", "L2", "L3", "L4", "L5", "S1")


@pytest.fixture(scope="module")
def patient():
    return grow(Recipe(6, levels=LEVELS))


@pytest.fixture(scope="module")
def whole(patient):
    """As TotalSegmentator gives it, on an oblique grid."""
    grid = crooked_grid(
        patient, (1.5, 1.5, 1.5), oblique=(6, -5, 8), left_handed=False, margin_mm=45
    )
    image, labels = acquire(patient, grid, Ct())
    return Scan(image, labels_as(labels, "total"))


def codes(scan):
    report = check_scan(scan.labels, scan.image)
    return {r.code: r.at for r in (*report.refusals, *report.warnings)}


def mask(scan, name):
    return scan.labels.mask(name)


def test_the_whole_map_gives_no_cause(whole):
    told = codes(whole)
    assert not set(told) & {"mirrored", "levels-swapped", "levels-shifted", "levels-merged",
                            "level-torn", "level-doubled", "cut-by-edge"}  # fmt: skip


@pytest.mark.parametrize(
    ("order", "code", "at"),
    [("swapped=L2", "levels-swapped", {"L2", "L3"}), ("swapped=L5", "levels-swapped", {"L4", "L5"}),
     ("shifted:1", "levels-shifted", {"L4"}), ("shifted=T12:-1", "levels-shifted", {"L5"}),
     ("merged=L2", "levels-merged", {"L2"}), ("torn=L3", "level-torn", {"L3"}),
     ("mirrored", "mirrored", set()), ("flipped", "mirrored", set()),
     ("fused:3", "coarse-voxels", set())],
)  # fmt: skip
def test_a_fault_is_seen_by_its_own_check(whole, order, code, at):
    told = codes(spoiled(whole, read_spoil(order)))
    assert code in told
    assert at <= set(told[code])


def test_a_sixth_lumbar_vertebra_without_label_is_a_shift():
    """As where a network does not know an L6 and goes on with L5."""
    patient = grow(Recipe(6, levels=("L2", "L3", "L4", "L5", "L6", "S1"), illness=("sixth-lumbar",),
                          soft=False))  # fmt: skip
    grid = crooked_grid(patient, (1.5, 1.5, 1.5), margin_mm=12)
    labels = acquire(patient, grid, None)[1]
    named = Scan(None, labels_as(labels, "keyhole"))
    assert "vertebra L6" in named.labels
    assert "levels-shifted" not in codes(named)
    assert "levels-shifted" in codes(spoiled(named, Spoil("unlabelled")))
    assert "levels-shifted" in codes(Scan(None, labels_as(labels, "total")))


@pytest.mark.parametrize(("order", "sign"), [("eroded=L3:1", -1), ("dilated=L3:1", 1)])
def test_bones_lose_or_gain_what_was_ordered(whole, order, sign):
    """The label's surface times a millimetre, about."""
    before = mask(whole, "vertebra L3")
    after = mask(spoiled(whole, read_spoil(order)), "vertebra L3")
    away = ndimage.distance_transform_edt(before if sign < 0 else ~before, sampling=1.5)
    assert ((before & ~after) if sign > 0 else (after & ~before)).sum() == 0
    changed = away[before != after]
    assert changed.max() <= 1 + 0.75 + 1e-6
    assert changed.min() > 0
    others = spoiled(whole, read_spoil(order)).labels.volume.values[~before & ~after]
    assert (others == whole.labels.volume.values[~before & ~after]).all()


def test_all_bones_together(whole):
    for order, sign in (("eroded:1", -1), ("dilated:1", 1)):
        after = spoiled(whole, read_spoil(order)).labels
        for name in ("vertebra L2", "sacrum", "hip left"):
            assert (after.volume_ml(name) - whole.labels.volume_ml(name)) * sign > 0


def test_the_arch_is_missing_and_the_body_stays(patient, whole):
    after = spoiled(whole, read_spoil("arch-missing=L3"))
    frame, size = patient.frames["L3"], patient.sizes["L3"]
    local = frame.to_local(after.labels.points("vertebra L3"))
    assert local[:, 1].min() > size.back - 8
    body = frame.to_local(whole.labels.points("vertebra L3"))
    assert (local[:, 1] > 0).sum() == (body[:, 1] > 0).sum()
    assert len(local) < 0.85 * len(body)


def test_without_a_canal_the_posterior_wall_is_guessed(patient, whole):
    bare = whole.renamed({"canal content": None})
    local = patient.frames["L3"].to_local(
        spoiled(bare, read_spoil("arch-missing=L3")).labels.points("vertebra L3")
    )
    assert local[:, 1].min() > patient.sizes["L3"].back - 12
    assert local[:, 1].max() > 10


def test_a_torn_vertebra_lies_in_two_pieces(whole):
    pieces, count = ndimage.label(mask(spoiled(whole, Spoil("torn", "L3")), "vertebra L3"),
                                  np.ones((3, 3, 3)))  # fmt: skip
    sizes = sorted(np.bincount(pieces.ravel())[1:])
    assert count >= 2
    assert sizes[-2] > 0.1 * sum(sizes)


def test_a_leak_runs_into_neighbours_only(whole):
    before, after = (
        mask(whole, "vertebra L3"),
        mask(spoiled(whole, Spoil("leaked", "L3")), "vertebra L3"),
    )
    assert (after | ~before).all()
    taken = {
        whole.labels.names[n - 1] for n in np.unique(whole.labels.volume.values[after & ~before])
    }
    assert taken
    assert taken <= {"vertebra L2", "vertebra L4"}


def test_muscle_ends_short_of_bone(whole):
    after = spoiled(whole, Spoil("muscle-short", dose=7)).labels
    bone = np.isin(after.volume.values, [after.code(n) for n in after.boxes if "vertebra" in n])
    away = ndimage.distance_transform_edt(~bone, sampling=after.volume.spacing)
    for name in ("autochthon left", "iliopsoas right"):
        assert away[after.mask(name)].min() > 7
        assert 0.3 < after.volume_ml(name) / whole.labels.volume_ml(name) < 1


def test_the_canals_content_fills_the_canal(whole):
    after = spoiled(whole, Spoil("canal-filled"))
    before = mask(whole, "canal content")
    grown = mask(after, "canal content")
    assert grown.sum() > 1.4 * before.sum()
    assert not whole.labels.volume.values[grown & ~before].any(), "it takes free room alone"
    bare = whole.renamed({"canal content": None})
    assert spoiled(bare, Spoil("canal-filled")) == bare


def test_joints_fuse_on_coarse_voxels(whole):
    after = spoiled(whole, Spoil("fused", dose=3))
    assert after.labels.volume.spacing == pytest.approx([3, 3, 3])
    assert after.image.shape == after.labels.volume.shape
    both = np.isin(
        after.labels.volume.values, [after.labels.code(f"vertebra L{n}") for n in (3, 4)]
    )
    assert ndimage.label(both, np.ones((3, 3, 3)))[1] == 1
    middle = whole.labels.points("vertebra L3").mean(axis=0)
    assert after.labels.points("vertebra L3").mean(axis=0) == pytest.approx(middle, abs=1)


def test_mirrored_before_or_after_labelling(whole):
    """Before: sides agree with the affine and the liver does not. After: nothing does."""
    before, after = (spoiled(whole, Spoil(name)).labels for name in ("mirrored", "flipped"))
    for labels, way in ((before, 1), (after, -1)):
        assert labels.points("hip right")[:, 0].mean() * way > 20
        assert labels.points("kidney right")[:, 0].mean() * way > 20
        assert labels.points("vena cava")[:, 0].mean() < labels.points("aorta")[:, 0].mean()
    again = spoiled(spoiled(whole, Spoil("mirrored")), Spoil("mirrored"))
    assert (again.labels.volume.values == whole.labels.volume.values).all()
    assert again.labels.names == whole.labels.names


def test_parts_are_mirrored_too(patient):
    labels = acquire(patient, crooked_grid(patient, (2.0, 2.0, 2.0), levels=("L3",)), None)[1]
    for fault, name in (
        ("mirrored", "transverse process left"),
        ("flipped", "transverse process right"),
    ):
        parts = spoiled(Scan(None, labels), Spoil(fault)).labels.parts
        found = parts.volume.values == parts.names.index(name) + 1
        assert (
            parts.volume.to_patient(np.argwhere(found))[:, 0].mean()
            < patient.frames["L3"].origin[0]
        )
    filled = spoiled(Scan(None, labels), Spoil("canal-filled")).labels
    assert filled.volume_ml("thecal sac") > labels.volume_ml("thecal sac")
    coarse = spoiled(Scan(None, labels), Spoil("fused", dose=4)).labels
    assert coarse.parts.volume.same_grid(coarse.volume)


def test_the_seed_draws_the_level(whole):
    drawn = set()
    for seed in range(8):
        one, two = (spoiled(whole, Spoil("merged"), seed=seed).labels for _ in range(2))
        assert (one.volume.values == two.volume.values).all()
        drawn |= {n for n in whole.labels.boxes if n not in one}
    assert len(drawn) > 1


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_leaves_the_scan_it_was_given_alone(whole, fault):
    before = whole.labels.volume.values.copy()
    after = spoiled(whole, Spoil(fault), seed=1)
    assert (whole.labels.volume.values == before).all()
    same = after.labels.volume.values.shape == before.shape
    assert (
        not same
        or (after.labels.volume.values != before).any()
        or after.labels.names != whole.labels.names
    )


@pytest.mark.parametrize(
    ("text", "spoil"),
    [("torn=L3:4", Spoil("torn", "L3", 4)), ("eroded:1.5", Spoil("eroded", None, 1.5)),
     (" mirrored ", Spoil("mirrored")), ("shifted = L5 : -1", Spoil("shifted", "L5", -1)),
     ("merged=L2", Spoil("merged", "L2"))],
)  # fmt: skip
def test_orders_are_read(text, spoil):
    assert read_spoil(text) == spoil


@pytest.mark.parametrize(
    ("text", "code"),
    [("torn=", "order-unreadable"), ("torn=X4", "order-unreadable"), ("torn=L9", "order-unreadable"),
     ("eroded:much", "order-unreadable"), ("burnt", "order-unknown"), ("eroded:9", "out-of-range"),
     ("torn=L3:-1", "out-of-range"), ("mirrored=L3", "order-unreadable"),
     ("torn=T9", "level-not-there")],
)  # fmt: skip
def test_orders_that_cannot_be_carried_out_are_refused(whole, text, code):
    with pytest.raises(RequestError) as e:
        spoiled(whole, read_spoil(text))
    assert e.value.refusal.code == code


def test_a_map_without_vertebrae_has_none_to_spoil(whole):
    bare = whole.renamed(dict.fromkeys(whole.named(("vertebra ",))))
    with pytest.raises(RequestError) as e:
        spoiled(bare, Spoil("torn"))
    assert e.value.refusal.code == "level-not-there"
