"""Several label maps become one, on one grid, with the names a user asked for."""

import nibabel as nib
import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from keyhole.errors import KeyholeError, LabelError, RequestError
from keyhole.scan import lattice
from keyhole.scan.lattice import same_lattice, widened
from keyhole.scan.merge import NamedMap, ids_in, merge
from keyhole.scan.read import read_labels
from keyhole.scan.schemes import Scheme, load_scheme
from keyhole.scan.volume import Volume


def placed(values, edges=(1.0, 1.0, 1.0), origin=(-20, 13, 70), turn=(9, -12, 20)):
    affine = np.eye(4)
    affine[:3, :3] = Rotation.from_euler("xyz", turn, degrees=True).as_matrix() * edges
    affine[:3, :3] *= [-1, 1, 1]  # left-handed
    affine[:3, 3] = origin
    return Volume(np.asarray(values), affine)


def block(*boxes, shape=(12, 11, 10)):
    values = np.zeros(shape, np.uint8)
    for number, low, high in boxes:
        values[tuple(slice(a, b) for a, b in zip(low, high, strict=True))] = number
    return values


def scheme(structures, *, parts=None, gives_way=()):
    return Scheme("own", "ours", "", structures, parts or {}, gives_way)


def named(ids, *args, **more):
    return NamedMap(ids, scheme(*args, **more), ids_in(ids))


def merged(*maps, image=None, call=None):
    return merge(maps, image=image, call=call or {})


L4 = {1: "vertebra L4", 2: "aorta"}
FRONT = named(placed(block((1, (1, 1, 1), (6, 6, 6)))), L4)
BACK = named(placed(block((1, (4, 4, 4), (9, 9, 9)))), {1: "aorta"})


def test_the_later_map_wins_and_what_it_took_is_counted():
    labels, told = merged(FRONT, BACK)
    assert labels.overwritten == 8
    assert labels.volume_ml("vertebra L4") == pytest.approx((125 - 8) / 1000)
    assert labels.volume_ml("aorta") == pytest.approx(125 / 1000)
    assert told == ()
    swapped, _ = merged(BACK, FRONT)
    assert swapped.volume_ml("vertebra L4") == pytest.approx(125 / 1000)


def test_a_map_alone_takes_nothing():
    labels, told = merged(FRONT)
    assert (labels.overwritten, labels.parts, told) == (0, None, ())
    assert labels.names == ("vertebra L4",)
    assert labels.schemes == ("own",)


def test_the_same_claim_twice_takes_nothing():
    assert merged(FRONT, FRONT)[0].overwritten == 0


@pytest.mark.parametrize("first", [True, False])
def test_the_body_gives_way_whichever_map_came_first(first):
    body = named(placed(block((1, (0, 0, 0), (12, 11, 10)))), {1: "body"}, gives_way=("body",))
    maps = (body, FRONT) if first else (FRONT, body)
    labels, _ = merged(*maps)
    assert labels.volume_ml("vertebra L4") == pytest.approx(0.125)
    assert labels.volume_ml("body") == pytest.approx((12 * 11 * 10 - 125) / 1000)
    assert labels.overwritten == 0


@pytest.mark.parametrize("first", [True, False])
def test_sub_regions_become_parts_and_never_replace_a_vertebra(first):
    regions = named(
        placed(block((41, (1, 1, 1), (6, 3, 6)), (61, (3, 3, 3), (8, 8, 8)))),
        {61: "canal"},
        parts={41: "arch"},
    )
    maps = (regions, FRONT) if first else (FRONT, regions)
    labels, _ = merged(*maps)
    assert labels.volume_ml("vertebra L4") == pytest.approx(0.125)
    assert labels.volume_ml("canal") == pytest.approx((125 - 27) / 1000)
    assert labels.parts.names == ("arch",)
    assert labels.parts.volume.same_grid(labels.volume)
    assert (labels.parts.volume.values == 1).sum() == 5 * 2 * 5


def test_sub_regions_alone_are_parts_of_nothing():
    regions = named(placed(block((41, (1, 1, 1), (6, 3, 6)))), {}, parts={41: "arch"})
    labels, _ = merged(regions)
    assert (labels.names, labels.levels) == ((), ())
    assert labels.parts.names == ("arch",)


def test_more_than_255_structures_take_two_bytes():
    values = np.arange(1, 301, dtype=np.uint16).reshape(10, 6, 5)
    labels, _ = merged(named(placed(values), {n: f"thing {n}" for n in range(1, 301)}))
    assert labels.volume.values.dtype == np.uint16
    assert labels.volume_ml("thing 300") == pytest.approx(0.001)


# grids


def test_a_fine_map_keeps_its_grid_on_a_coarse_image():
    fine = placed(block((1, (2, 2, 2), (9, 9, 8))), edges=(0.6, 0.7, 0.8))
    image = placed(np.zeros((6, 6, 6), np.int16), edges=(3, 3, 3))
    labels, told = merged(named(fine, L4), image=image)
    assert labels.volume.same_grid(fine)
    assert [w.code for w in told] == ["frame-differs"]
    assert "0.60 x 0.70 x 0.80 mm" in told[0].found


def test_maps_on_different_grids_meet_on_the_finest_with_vertebrae():
    fine = placed(block((1, (2, 2, 2), (9, 9, 8))), edges=(0.5, 0.5, 0.5))
    coarse = placed(
        block((2, (1, 1, 1), (9, 9, 9))), edges=(2, 2, 2), origin=(-26, 10, 66), turn=(0, 0, 5)
    )
    finest = placed(block((2, (1, 1, 1), (9, 9, 9))), edges=(0.4, 0.4, 0.4))
    labels, told = merged(named(finest, {2: "colon"}), named(coarse, {2: "aorta"}), named(fine, L4))
    np.testing.assert_allclose(labels.volume.spacing, 0.5)
    assert labels.volume_ml("vertebra L4") == pytest.approx(7 * 7 * 6 / 8000)
    np.testing.assert_allclose(
        labels.points("vertebra L4").mean(axis=0), fine.to_patient([5, 5, 4.5]), atol=1e-6
    )
    assert labels.volume_ml("aorta") > 512 * 8 / 1000 * 0.95 - 0.125
    assert [w.code for w in told] == ["frame-differs"]
    middle = coarse.to_patient([4.5, 4.5, 4.5])
    assert np.linalg.norm(labels.points("aorta").mean(axis=0) - middle) < 1


def test_the_same_voxels_in_another_order_are_the_same_grid():
    ids = placed(block((1, (1, 1, 1), (6, 6, 10))))
    turned = ids.affine[:, [1, 0, 2, 3]] @ np.diag([1, -1, -1, 1])
    turned[:3, 3] = ids.to_patient([11, 0, 9])
    other = Volume(np.ascontiguousarray(ids.values.transpose(1, 0, 2)[:, ::-1, ::-1]), turned)
    assert same_lattice(ids, other)
    assert same_lattice(other, ids)
    labels, told = merged(named(ids, L4), named(other, L4), image=other)
    assert (labels.overwritten, told) == (0, ())
    assert labels.volume_ml("vertebra L4") == pytest.approx(0.225)


@pytest.mark.parametrize(
    "change",
    [{"origin": (-20, 13, 70.4)}, {"turn": (9, -12, 21)}, {"edges": (1, 1, 1.05)},
     {"origin": (-21, 13, 70)}],
)  # fmt: skip
def test_other_voxels_are_another_grid(change):
    ids = placed(block())
    assert not same_lattice(ids, placed(block(), **change))
    assert not same_lattice(placed(block(), **change), ids)


def test_a_smaller_grid_is_another_grid():
    assert not same_lattice(placed(block()), placed(block(shape=(12, 11, 9))))


def test_the_widened_lattice_holds_every_corner():
    fine = placed(block(), edges=(0.5, 0.6, 0.7))
    coarse = placed(block(), edges=(2, 3, 2), origin=(4, -9, 60), turn=(0, 30, 5))
    grid, larger = widened(fine, [fine, coarse])
    assert not larger
    for one in (fine, coarse):
        voxels = grid.to_voxels(one.to_patient(lattice.box_corners(one)))
        assert (voxels >= -0.501).all()
        assert (voxels <= np.array(grid.shape) - 0.499).all()
    offset = grid.to_voxels(fine.to_patient([0, 0, 0]))
    np.testing.assert_allclose(offset, np.rint(offset), atol=1e-6)


def test_voxels_grow_where_a_lattice_would_be_too_large(monkeypatch):
    monkeypatch.setattr(lattice, "_MOST_VOXELS", 2000)
    fine = named(placed(block((1, (2, 2, 2), (9, 9, 8))), edges=(0.5, 0.5, 0.5)), L4)
    coarse = named(placed(block((2, (1, 1, 1), (9, 9, 9)))), L4)
    labels, told = merged(fine, coarse)
    assert np.prod(labels.volume.shape) < 3500
    assert "Detail of the finest map was lost" in told[0].found
    assert labels.volume_ml("aorta") == pytest.approx(512 / 1000, rel=0.1)


# names


def renamed(call, *names):
    values = (
        np.arange(1, len(names) + 1, dtype=np.uint8).reshape(-1, 1, 1).repeat(2, 1).repeat(2, 2)
    )
    table = dict(enumerate(names, start=1))
    return merged(named(placed(values), table), call=call)[0].names


def test_discs_and_endplates_go_with_their_vertebrae():
    names = ("vertebra L4", "vertebra L5", "sacrum", "disc L4/5", "disc L5/S1", "endplate L5")
    assert renamed({"L4": "L3", "L5": "L4"}, *names) == (
        "vertebra L3", "vertebra L4", "sacrum", "disc L3/4", "disc L4/S1", "endplate L4",
    )  # fmt: skip


def test_names_stay_where_nothing_is_called():
    names = ("vertebra T12", "vertebra L1", "disc T12/L1", "disc L1/2", "disc L5/S1", "sacrum")
    assert renamed({}, *names) == names


def test_discs_beside_an_extra_vertebra_take_its_name():
    names = ("vertebra T12", "vertebra T13", "vertebra L5", "vertebra L6")
    discs = ("disc T12/L1", "disc T13/L1", "disc L5/S1", "disc L6/S1")
    assert renamed({}, *names, *discs) == (
        *names, "disc T12/13", "disc T13/L1", "disc L5/6", "disc L6/S1",
    )  # fmt: skip


def test_swapped_levels_may_be_called_by_their_names():
    assert renamed({"L4": "L5", "L5": "L4"}, "vertebra L4", "vertebra L5", "disc L4/5") == (
        "vertebra L5", "vertebra L4", "disc L4/5",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("call", "code"),
    [({"L5": "L4"}, "call-unreadable"), ({"L5": "L9"}, "call-unreadable"),
     ({"5": "L4"}, "call-unreadable"), ({"L5": "S1"}, "call-unreadable"),
     ({"L3": "L2"}, "level-not-there"), ({"S1": "L6"}, "level-not-there")],
)  # fmt: skip
def test_a_call_that_makes_no_sense_is_refused(call, code):
    with pytest.raises(RequestError) as e:
        renamed(call, "vertebra L4", "vertebra L5", "sacrum")
    assert e.value.refusal.code == code


# files


def save(folder, volume, name="a-patients-name"):
    image = nib.Nifti1Image(volume.values, volume.affine)
    nib.save(image, folder / f"{name}.nii.gz")
    return folder / f"{name}.nii.gz"


def refusal(*args, kind=LabelError, **wishes):
    with pytest.raises(kind) as e:
        read_labels(*args, **wishes)
    assert "patients-name" not in str(e.value)
    return e.value.refusal


def test_a_users_own_scheme_reads_a_map_by_name_and_by_file(tmp_path):
    own = tmp_path / "own.toml"
    own.write_text('name = "clinic"\nsource = "ours"\n[structures]\n1 = "vertebra L3"\n')
    path = save(tmp_path, FRONT.ids)
    by_name, _ = read_labels([(path, "clinic")], image=None, user_schemes={"clinic": own})
    by_file, _ = read_labels([(path, str(own))], image=None)
    assert by_name.levels == by_file.levels == ("L3",)
    assert by_name.schemes == ("clinic",)
    with pytest.raises(KeyholeError) as e:
        read_labels([(path, "clinic")], image=None)
    assert e.value.refusal.code == "scheme-unknown"


def test_ids_that_the_scheme_does_not_know_are_refused(tmp_path):
    path = save(tmp_path, placed(block((27, (1, 1, 1), (3, 3, 3)), (99, (5, 5, 5), (7, 7, 7)))))
    found = refusal([(path, "verse")], image=None)
    assert found.code == "ids-unknown"
    assert "27, 99" in found.found
    assert "total" in found.next


def test_ids_that_no_scheme_knows_ask_for_ones_own(tmp_path):
    path = save(tmp_path, placed(block((250, (1, 1, 1), (3, 3, 3)))))
    assert "of your own" in refusal([(path, "verse")], image=None).next


def test_a_map_beside_the_image_is_refused(tmp_path):
    path = save(tmp_path, placed(block((20, (1, 1, 1), (6, 6, 6))), origin=(200, 13, 70)))
    image = placed(np.zeros((12, 11, 10), np.int16))
    assert refusal([(path, "verse")], image=image).code == "no-overlap"


def test_boxes_that_meet_without_a_labelled_voxel_are_refused(tmp_path):
    ids = placed(block((20, (0, 1, 1), (2, 6, 6))))
    image = Volume(np.zeros((4, 11, 10), np.int16), placed(block()).affine)
    moved = image.affine.copy()
    moved[:3, 3] = ids.to_patient([8, 0, 0])
    path = save(tmp_path, ids)
    assert refusal([(path, "verse")], image=Volume(image.values, moved)).code == "no-overlap"
    assert read_labels([(path, "verse")], image=image)[0].levels == ("L1",)


def test_no_map_is_refused():
    assert refusal([], image=None).code == "no-vertebrae"


def test_a_missing_map_is_refused(tmp_path):
    found = refusal([(tmp_path / "patients-name.nii", "auto")], image=None, kind=KeyholeError)
    assert found.code == "file-missing"


def test_maps_of_a_real_vertebra_and_its_parts(data_dir):
    folder = data_dir / "l3_ct"
    maps = [
        (folder / "labels_vertebrae.nii.gz", "auto"),
        (folder / "labels_subregions.nii.gz", "auto"),
    ]
    labels, told = read_labels(maps, image=None)
    assert (labels.levels, told, labels.overwritten) == (("L2", "L3", "L4"), (), 0)
    assert labels.schemes == ("verse", "spineps_subregions")
    l3 = labels.mask("vertebra L3")
    left, right = (
        labels.volume.to_patient(
            np.argwhere((labels.parts.volume.values == labels.parts.names.index(name) + 1) & l3)
        ).mean(axis=0)
        for name in ("transverse process left", "transverse process right")
    )
    assert left[0] < right[0] - 20


def test_a_real_map_keeps_its_millimetres_on_a_coarser_image(data_dir):
    path = data_dir / "mean_spine" / "labels.nii.gz"
    image = Volume(
        np.zeros((40, 40, 60), np.int16),
        [[3, 0, 0, -60], [0, 3, 0, -80], [0, 0, 3, -95], [0, 0, 0, 1]],
    )
    labels, told = read_labels([(path, "auto")], image=image, call={"L5": "L6"})
    np.testing.assert_allclose(labels.volume.spacing, 0.6, atol=1e-6)
    assert labels.levels == ("L2", "L3", "L4", "L6")
    assert [w.code for w in told] == ["frame-differs"]


def test_the_shipped_scheme_of_the_body_gives_way():
    assert set(load_scheme("body").gives_way) == {"body", "body extremities"}
    assert load_scheme("bodyparts3d").gives_way == ("body",)
