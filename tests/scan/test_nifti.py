"""NIfTI files come in with their place, or are refused."""

import gzip

import nibabel as nib
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from keyhole.errors import LabelError, ScanError
from keyhole.scan.grey import as_hounsfield, compact
from keyhole.scan.nifti import looks_like_labels, read_ids, read_nifti
from keyhole.scan.read import read_scan, scan_of_labels
from keyhole.scan.volume import Volume

LEFT_HANDED = np.array(
    [[-0.78, 0.09, 0.3, 31], [0.07, 1.09, -0.24, -44], [-0.15, -0.17, 2.47, 96], [0, 0, 0, 1]]
)
NAME = "a-patients-name.nii.gz"


def crooked():
    """A left-handed, oblique, uneven, off-centre place (4, 4), mm RAS."""
    turn, _ = np.linalg.qr(LEFT_HANDED[:3, :3])
    affine = LEFT_HANDED.copy()
    affine[:3, :3] = turn * np.sign(np.diag(turn)) * [-0.8, 1.1, 2.5]
    return affine


def save(folder, values, affine=None, *, codes=(1, 1), slope=None):
    image = nib.Nifti1Image(values, crooked() if affine is None else affine)
    image.set_sform(image.affine, codes[0])
    image.set_qform(image.affine, codes[1])
    if slope:
        image.header.set_slope_inter(*slope)
    nib.save(image, folder / NAME)
    return folder / NAME


def noise(kind=np.int16, shape=(9, 7, 5), low=-1000, high=2000):
    return np.random.default_rng(2).integers(low, high, shape).astype(kind)


def refusal(read, *args, kind=ScanError, **wishes):
    with pytest.raises(kind) as e:
        read(*args, **wishes)
    assert "patients-name" not in str(e.value)
    return e.value.refusal


def code(path):
    return refusal(read_nifti, path, given_as="the file").code


def test_every_voxel_keeps_its_value_and_place(tmp_path):
    values = noise()
    volume = read_nifti(save(tmp_path, values), given_as="the file")
    np.testing.assert_allclose(volume.affine, crooked(), atol=1e-5)
    assert (volume.values == values).all()


def test_a_shape_on_the_patients_left_is_read_back_there(tmp_path):
    values = noise(low=-5, high=5)
    far_left = np.unravel_index(
        np.argmin((np.argwhere(values > -9) @ crooked()[:3, :3].T)[:, 0]), values.shape
    )
    values[far_left] = 900
    scan = read_scan(save(tmp_path, values))
    place = scan.volume.to_patient(np.argwhere(scan.volume.values == 900))[0]
    corners = scan.volume.to_patient(np.argwhere(np.ones(values.shape)))
    assert place[0] == pytest.approx(corners[:, 0].min())


@pytest.mark.parametrize(
    ("kind", "modality", "stored"),
    [(np.int32, "CT", np.int16), (np.float64, "CT", np.int16), (np.int16, "CT", np.int16)],
)
def test_ct_becomes_int16(tmp_path, kind, modality, stored):
    scan = read_scan(save(tmp_path, noise(kind)))
    assert (scan.modality, scan.volume.values.dtype) == (modality, stored)
    assert (scan.volume.values == noise()).all()
    assert (scan.posture, scan.kvp, scan.contrast, scan.warnings) == (None, None, None, ())


def test_ct_with_broken_values_is_rounded(tmp_path):
    scan = read_scan(save(tmp_path, noise(np.float32) + np.float32(0.4)))
    assert (scan.volume.values == noise()).all()


def test_ct_beyond_16_bits_is_clipped(tmp_path):
    values = noise(np.int32)
    values[0, 0, 0] = 60_000
    scan = read_scan(save(tmp_path, values))
    assert (scan.volume.values[0, 0, 0], scan.volume.values.dtype) == (32767, np.int16)


def test_slope_and_intercept_are_applied(tmp_path):
    scan = read_scan(save(tmp_path, noise(low=0, high=3000), slope=(1, -1024)))
    assert scan.modality == "CT"
    assert (scan.volume.values == noise(low=0, high=3000) - 1024).all()


@pytest.mark.parametrize("kind", [np.uint16, np.float32, np.float64])
def test_without_air_it_is_mr(tmp_path, kind):
    scan = read_scan(save(tmp_path, noise(kind, low=0, high=3000)))
    assert scan.modality == "MR"
    assert scan.volume.values.dtype.itemsize <= 4


def test_no_scan_is_kept_in_float64(tmp_path):
    volume = read_nifti(save(tmp_path, noise(np.float64) + 0.25), given_as="the file")
    assert volume.values.dtype == np.float32


@pytest.mark.parametrize("extra", [(1,), (1, 1)])
def test_trailing_axes_of_length_one_are_dropped(tmp_path, extra):
    volume = read_nifti(save(tmp_path, noise(shape=(5, 6, 7, *extra))), given_as="the file")
    assert volume.shape == (5, 6, 7)


@pytest.mark.parametrize("shape", [(5, 6), (5, 6, 1), (5, 6, 7, 2), (5, 6, 7, 1, 2)])
def test_other_dimensions_are_refused(tmp_path, shape):
    assert code(save(tmp_path, noise(shape=shape))) == "not-3d"


def test_a_missing_file_is_refused(tmp_path):
    assert code(tmp_path / NAME) == "file-missing"


@pytest.mark.parametrize("packed", [False, True])
def test_text_named_as_nifti_is_refused(tmp_path, packed):
    text = b"no image at all, only words " * 40
    (tmp_path / NAME).write_bytes(gzip.compress(text) if packed else text)
    assert code(tmp_path / NAME) == "file-unreadable"


@pytest.mark.parametrize("kept", [0.02, 0.5, 0.95])
def test_a_cut_file_is_refused(tmp_path, kept):
    path = save(tmp_path, noise(shape=(20, 20, 20)))
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * kept)])
    assert code(path) == "file-unreadable"


def test_another_format_is_refused(tmp_path):
    nib.save(nib.freesurfer.MGHImage(noise(np.int32), crooked()), tmp_path / "x.mgz")
    assert code(tmp_path / "x.mgz") == "file-unreadable"


def test_colours_are_refused(tmp_path):
    colours = np.zeros((3, 4, 5), dtype=[("R", "u1"), ("G", "u1"), ("B", "u1")])
    assert code(save(tmp_path, colours)) == "file-unreadable"


def test_nan_is_refused(tmp_path):
    values = noise(np.float32)
    values[1, 2, 3] = np.nan
    assert code(save(tmp_path, values)) == "not-finite"


def test_one_value_throughout_is_empty(tmp_path):
    assert code(save(tmp_path, np.full((4, 5, 6), 7, np.int16))) == "empty"


def test_a_file_that_does_not_say_where_it_lies_is_refused(tmp_path):
    assert code(save(tmp_path, noise(), codes=(0, 0))) == "affine-broken"


def test_forms_that_disagree_on_left_are_refused(tmp_path):
    image = nib.Nifti1Image(noise(), crooked())
    image.set_sform(crooked() @ np.diag([-1, 1, 1, 1]), 1)
    image.set_qform(crooked(), 1)
    nib.save(image, tmp_path / NAME)
    assert code(tmp_path / NAME) == "affine-broken"


def test_other_units_than_mm_are_refused(tmp_path):
    image = nib.Nifti1Image(noise(), crooked())
    image.header.set_xyzt_units("micron")
    nib.save(image, tmp_path / NAME)
    assert code(tmp_path / NAME) == "affine-broken"


def test_a_sheared_file_is_refused(tmp_path):
    affine = crooked()
    affine[:3, 2] += affine[:3, 1]
    image = nib.Nifti1Image(noise(), affine)
    nib.save(image, tmp_path / NAME)
    assert code(tmp_path / NAME) == "sheared"


def test_series_of_a_file_are_refused(tmp_path):
    assert refusal(read_scan, save(tmp_path, noise()), series="bone").code == "series-unknown"


# label maps


def blocks(kind=np.uint8):
    values = np.zeros((10, 9, 8), kind)
    values[2:5, 2:6, 1:4] = 3
    values[5:9, 2:6, 4:7] = 200
    return values


@pytest.mark.parametrize("kind", [np.uint8, np.int16, np.int32, np.float32, np.float64])
def test_ids_are_read_from_any_type(tmp_path, kind):
    ids = read_ids(save(tmp_path, blocks(kind)), given_as="the map")
    assert ids.values.dtype == np.uint8
    assert (ids.values == blocks()).all()


def test_ids_beyond_255_take_two_bytes(tmp_path):
    ids = read_ids(save(tmp_path, blocks(np.uint16) * 9), given_as="the map")
    assert (ids.values.dtype, ids.values.max()) == (np.uint16, 1800)


@pytest.mark.parametrize(
    "spoil", [lambda v: v + np.float32(0.5), lambda v: -v, lambda v: v * np.float32(4000)]
)
def test_what_is_no_id_is_refused(tmp_path, spoil):
    path = save(tmp_path, spoil(blocks(np.float32)))
    assert refusal(read_ids, path, given_as="the map", kind=LabelError).code == "ids-not-whole"


def test_an_empty_map_is_refused(tmp_path):
    path = save(tmp_path, blocks() * 0)
    assert refusal(read_ids, path, given_as="the map", kind=LabelError).code == "empty"


def test_patches_of_ids_look_like_labels_and_are_never_hu(tmp_path):
    scan = read_scan(save(tmp_path, blocks()))
    assert scan.modality == "none"
    assert [w.code for w in scan.warnings] == ["no-image"]


@pytest.mark.parametrize(
    "values",
    [noise(low=0, high=9), noise(low=0, high=3000), -blocks(np.int16), blocks() + np.float32(0.5)],
)
def test_grey_values_do_not_look_like_labels(values):
    assert not looks_like_labels(Volume(values, crooked()))


def test_real_maps_look_like_labels_and_real_scans_do_not(data_dir):
    maps = ["torso_ct/labels_total", "l3_ct/labels_vertebrae", "l3_ct/labels_subregions"]
    scans = ["torso_ct/ct", "l3_ct/ct", "lumbar_mr/t2"]
    found = {name: read_scan(data_dir / f"{name}.nii.gz").modality for name in maps + scans}
    assert list(found.values()) == ["none"] * 3 + ["CT", "CT", "MR"]


def test_a_map_stands_as_its_own_scan(tmp_path):
    from keyhole.scan.labels import Labels

    labels = Labels(Volume(blocks(), crooked()), ("a",))
    scan = scan_of_labels(labels)
    assert (scan.volume, scan.modality) == (labels.volume, "none")
    assert [w.code for w in scan.warnings] == ["no-image"]


# types

ANY = arrays.arrays(
    st.sampled_from([np.int8, np.uint8, np.int16, np.uint16, np.int32, np.int64, np.float64]),
    st.tuples(*[st.integers(1, 3)] * 3),
    elements=st.integers(0, 100),
)


@given(ANY, st.integers(-2000, 70_000))
def test_whole_numbers_survive_compacting(values, offset):
    values = values.astype(np.int64) + offset
    kept = compact(values)
    assert (kept == values).all()
    assert kept.dtype.itemsize <= 2 or values.max() > 65535 or values.min() < 0


@given(ANY)
def test_byte_order_does_not_matter(values):
    swapped = values.astype(values.dtype.newbyteorder("S"))
    assert (compact(swapped) == values).all()
    assert compact(swapped).dtype.isnative


@given(st.floats(-40_000, 40_000))
def test_hounsfield_is_rounded_and_clipped(value):
    kept = as_hounsfield(np.full((1, 1, 1), value, np.float32))[0, 0, 0]
    assert abs(float(kept) - min(max(np.float32(value), -32768), 32767)) <= 0.5
