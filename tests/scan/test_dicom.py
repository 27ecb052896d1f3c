"""DICOM series written here, crooked in every way, and read back."""

import numpy as np
import pydicom
import pytest
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, JPEGLosslessSV1, generate_uid
from scipy.spatial.transform import Rotation

from keyhole.errors import ScanError
from keyhole.scan.dicom import posture_of
from keyhole.scan.read import read_labels, read_scan

SHAPE = (24, 20, 12)
BONE = 700
SPACING = (0.8, 1.1, 2.5)


def put(folder, place, pixels, number, **header):
    """One slice: `place` is (4, 4), mm LPS, of columns, rows, slices; its corner is its origin."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = CTImageStorage
    meta.MediaStorageSOPInstanceUID = generate_uid()
    meta.TransferSyntaxUID = header.pop("syntax", ExplicitVRLittleEndian)
    data = FileDataset(None, {}, file_meta=meta, preamble=b"\0" * 128)
    data.SOPClassUID, data.SOPInstanceUID = CTImageStorage, meta.MediaStorageSOPInstanceUID
    data.Modality, data.SeriesInstanceUID, data.SeriesDescription = "CT", "1.2.3", "bone"
    edges = np.linalg.norm(place[:3, :2], axis=0)
    data.ImageOrientationPatient = [f"{x:.9f}" for x in (place[:3, :2] / edges).T.ravel()]
    data.ImagePositionPatient = [f"{x:.9f}" for x in place[:3, 3]]
    data.PixelSpacing = [f"{edges[1]:.6f}", f"{edges[0]:.6f}"]
    data.InstanceNumber, data.PatientPosition = number, "HFS"
    data.Rows, data.Columns = pixels.shape
    data.SamplesPerPixel, data.PhotometricInterpretation = 1, "MONOCHROME2"
    data.BitsAllocated, data.BitsStored, data.HighBit, data.PixelRepresentation = 16, 16, 15, 0
    data.RescaleSlope, data.RescaleIntercept = 1, -1024
    data.PixelData = pixels.astype("<u2").tobytes()
    for name, value in header.items():
        setattr(data, name, value)
    data.save_as(folder / f"{number:03d}-{generate_uid()[-6:]}.dcm", enforce_file_format=True)


def write(folder, place, hounsfield, *, slices=None, slide=(0, 0, 0), **header):
    """A series of HU (i, j, k), each slice moved by `slide` mm LPS more than the last."""
    for k in range(hounsfield.shape[2]) if slices is None else slices:
        one = place.copy()
        one[:3, 3] += place[:3, 2] * k + np.array(slide) * k
        put(folder, one, hounsfield[:, :, k].T + 1024, k + 1, **header)


def crooked(turn=(11, -14, 23), flip=(1, 1, 1)):
    """A place (4, 4), mm LPS: off-centre, turned by degrees about the three axes."""
    place = np.eye(4)
    axes = Rotation.from_euler("xyz", turn, degrees=True).as_matrix()
    place[:3, :3] = axes * np.array(SPACING) * np.array(flip)
    place[:3, 3] = [-31, 17, -208]
    return place


def lps(points, place):
    return points @ place[:3, :3].T + place[:3, 3]


def with_a_ball(place, offset=(-6.0, 2.0, 3.0), radius=4.5):
    """HU with a bone ball off the block's middle by mm RAS; also the ball's centre, mm RAS."""
    grid = np.stack(np.meshgrid(*map(np.arange, SHAPE), indexing="ij"), axis=-1).reshape(-1, 3)
    ras = lps(grid, place) * [-1, -1, 1]
    ball = lps((np.array(SHAPE) - 1) / 2, place) * [-1, -1, 1] + offset
    near = np.linalg.norm(ras - ball, axis=1) < radius
    return np.where(near, BONE, 40).reshape(SHAPE), ball


def centre(volume):
    return volume.to_patient(np.argwhere(volume.values > 370)).mean(axis=0)


def refusal(folder, **wishes):
    with pytest.raises(ScanError) as e:
        read_scan(folder, **wishes)
    assert str(folder) not in str(e.value)
    return e.value.refusal


@pytest.mark.parametrize("flip", [(1, 1, 1), (1, 1, -1), (-1, 1, 1), (1, -1, 1)])
@pytest.mark.parametrize("turn", [(0, 0, 0), (11, -14, 23), (80, 10, -95)])
def test_a_ball_on_the_patients_left_is_read_back_there(tmp_path, turn, flip):
    place = crooked(turn, flip)
    values, ball = with_a_ball(place)
    write(tmp_path, place, values)
    scan = read_scan(tmp_path)
    assert scan.modality == "CT"
    assert scan.volume.values.dtype == np.int16
    np.testing.assert_allclose(centre(scan.volume), ball, atol=0.5)  # a ball of 5 voxels across
    middle = scan.volume.to_patient((np.array(scan.volume.shape) - 1) / 2)
    assert centre(scan.volume)[0] < middle[0] - 4
    np.testing.assert_allclose(np.sort(scan.volume.spacing), np.sort(SPACING), atol=1e-4)


def test_every_voxel_keeps_its_value_and_place_whatever_the_order_of_files(tmp_path):
    place = crooked(flip=(1, 1, -1))
    values = np.random.default_rng(5).integers(-900, 2000, SHAPE)
    for k in np.random.default_rng(1).permutation(SHAPE[2]):
        write(tmp_path, place, values, slices=[k])
    grid = np.argwhere(np.ones(SHAPE, bool))
    read = read_scan(tmp_path).volume.at(lps(grid, place) * [-1, -1, 1])
    assert (read.reshape(SHAPE) == values).all()


def test_the_header_tells_posture_voltage_and_contrast(tmp_path):
    place = crooked()
    write(tmp_path, place, with_a_ball(place)[0], PatientPosition="FFP", KVP="120",
          ContrastBolusAgent="iodine")  # fmt: skip
    scan = read_scan(tmp_path)
    assert (scan.posture, scan.kvp, scan.contrast) == ("prone", 120, True)


def test_a_silent_header_says_unknown(tmp_path):
    write(tmp_path, crooked(), with_a_ball(crooked())[0], PatientPosition="")
    scan = read_scan(tmp_path)
    assert (scan.posture, scan.kvp, scan.contrast) == (None, None, None)


@pytest.mark.parametrize(
    ("position", "posture"),
    [("HFS", "supine"), ("FFS", "supine"), ("HFP", "prone"), ("HFDR", "right decubitus"),
     ("FFDL", "left decubitus"), ("", None), ("HF", None)],
)  # fmt: skip
def test_posture(position, posture):
    assert posture_of(position) == posture


def test_each_slice_is_rescaled_by_its_own_header(tmp_path):
    place = crooked()
    values, _ = with_a_ball(place)
    write(tmp_path, place, values, slices=range(6))
    write(tmp_path, place, values, slices=range(6, 12), RescaleIntercept=-2024)
    read = read_scan(tmp_path).volume.values
    assert (read[:, :, :6] == values[:, :, :6]).all()
    assert (read[:, :, 6:] == values[:, :, 6:] - 1000).all()


def test_mr_with_broken_slopes_becomes_float32(tmp_path):
    place = crooked()
    values, _ = with_a_ball(place)
    write(tmp_path, place, values, Modality="MR", RescaleSlope="0.5", RescaleIntercept="0.25")
    scan = read_scan(tmp_path)
    assert (scan.modality, scan.volume.values.dtype) == ("MR", np.float32)
    np.testing.assert_allclose(scan.volume.values, (values + 1024) * 0.5 + 0.25)


@pytest.mark.parametrize("degrees", [-18, 7])
def test_a_tilted_gantry_is_straightened_and_told(tmp_path, degrees):
    """The planes lean about left-right; the table went straight on along the patient."""
    place = crooked((degrees, 0, 0))
    table = np.array([0, 0, SPACING[2] * SPACING[2] / place[2, 2]])
    ball = lps([12, 10, 0], place) * [-1, -1, 1] + [-4, 0, 14]
    grid = np.argwhere(np.ones((*SHAPE[:2], 1)))
    for k in range(SHAPE[2]):
        one = place.copy()
        one[:3, 3] += table * k
        near = np.linalg.norm(lps(grid, one) * [-1, -1, 1] - ball, axis=1) < 5
        put(tmp_path, one, np.where(near, BONE, 40).reshape(SHAPE[:2]).T + 1024, k + 1)
    scan = read_scan(tmp_path)
    assert [w.code for w in scan.warnings] == ["gantry-tilt"]
    assert f"{abs(degrees):.1f} degrees" in scan.warnings[0].found
    np.testing.assert_allclose(centre(scan.volume), ball, atol=0.5)
    assert scan.volume.values.min() == -1000
    axes = scan.volume.affine[:3, :3] / scan.volume.spacing
    np.testing.assert_allclose(axes.T @ axes, np.eye(3), atol=1e-6)


def test_a_tilt_that_only_the_header_knows_is_refused(tmp_path):
    place = crooked((0, 0, 0))
    write(tmp_path, place, with_a_ball(place)[0], GantryDetectorTilt="12")
    assert refusal(tmp_path).code == "series-broken"


def test_an_oblique_series_without_tilt_has_no_warning(tmp_path):
    write(tmp_path, crooked(), with_a_ball(crooked())[0], GantryDetectorTilt="12")
    assert read_scan(tmp_path).warnings == ()


def test_a_bent_stack_is_refused(tmp_path):
    place = crooked((0, 0, 0))
    values, _ = with_a_ball(place)
    write(tmp_path, place, values, slices=range(11))
    place[0, 3] += 3
    write(tmp_path, place, values, slices=[11])
    assert refusal(tmp_path).code == "series-broken"


def test_missing_slices_are_refused_with_their_place(tmp_path):
    place = crooked((0, 0, 0))
    write(tmp_path, place, with_a_ball(place)[0], slices=[0, 1, 2, 5, 6, 7, 8, 9, 10, 11])
    found = refusal(tmp_path)
    assert found.code == "slice-missing"
    assert "2 slices are missing" in found.found
    assert "S -203.0 mm (instance 3) and S -195.5 mm (instance 6)" in found.found


def test_the_place_of_a_missing_sagittal_slice_is_told_along_the_side(tmp_path):
    place = crooked((0, 90, 0))
    write(tmp_path, place, with_a_ball(place)[0], slices=[0, 1, 3, 4, 5], InstanceNumber=None)
    assert "between L -28.5 mm and L -23.5 mm" in refusal(tmp_path).found


def test_a_doubled_slice_is_refused(tmp_path):
    place = crooked()
    values, _ = with_a_ball(place)
    write(tmp_path, place, values)
    write(tmp_path, place, values, slices=[4])
    assert refusal(tmp_path).code == "slice-doubled"


def test_a_series_given_twice_is_refused(tmp_path):
    for _ in range(2):
        write(tmp_path, crooked(), with_a_ball(crooked())[0])
    assert refusal(tmp_path).code == "slice-doubled"


def test_uneven_slices_are_refused(tmp_path):
    place = crooked()
    values, _ = with_a_ball(place)
    write(tmp_path, place, values, slices=range(8))
    place[:3, 3] += place[:3, 2] * 0.4
    write(tmp_path, place, values, slices=range(8, 12))
    assert refusal(tmp_path).code == "slices-uneven"


def test_a_single_slice_is_no_volume(tmp_path):
    write(tmp_path, crooked(), with_a_ball(crooked())[0], slices=[3])
    assert refusal(tmp_path).code == "not-3d"


@pytest.mark.parametrize(
    "other",
    [{"SeriesInstanceUID": "1.2.4"}, {"SeriesDescription": "soft"}, {"EchoTime": "80"},
     {"ConvolutionKernel": "B70"}, {"SeriesInstanceUID": "", "SeriesNumber": "9"}],
)  # fmt: skip
def test_two_series_are_offered_by_name_and_read_by_it(tmp_path, other):
    place = crooked()
    values, _ = with_a_ball(place)
    write(tmp_path, place, values)
    write(tmp_path, place, values - 100, slices=range(9), **other)
    found = refusal(tmp_path)
    second = other.get("SeriesDescription", "bone #2")
    assert found.code == "series-mixed"
    assert f"'bone' (12 slices), {second!r} (9 slices)" in found.found
    assert read_scan(tmp_path, series=second.upper()).volume.shape[2] == 9
    assert (read_scan(tmp_path, series="bone").volume.values == values).all()
    assert refusal(tmp_path, series="lung").code == "series-unknown"


@pytest.mark.parametrize("turn", [(0, 0, 1), (0, 90, 0)])
def test_planes_tell_series_apart_where_ids_are_blank(tmp_path, turn):
    blank = {"SeriesInstanceUID": "", "SeriesDescription": ""}
    for place in (crooked((0, 0, 0)), crooked(turn)):
        write(tmp_path, place, with_a_ball(place)[0], **blank)
    found = refusal(tmp_path)
    assert found.code == "series-mixed"
    assert "'unnamed' (12 slices), 'unnamed #2' (12 slices)" in found.found


def test_a_single_slice_of_another_series_is_offered_too(tmp_path):
    place = crooked()
    write(tmp_path, place, with_a_ball(place)[0])
    write(tmp_path, place, with_a_ball(place)[0], slices=[0], SeriesDescription="scout")
    assert "'scout' (1 slice)" in refusal(tmp_path).found


@pytest.mark.parametrize("kept", [0.3, 0.9, 0.999])
def test_a_cut_slice_is_refused_by_its_number(tmp_path, kept):
    write(tmp_path, crooked(), with_a_ball(crooked())[0])
    cut = sorted(tmp_path.iterdir())[6]
    whole = cut.read_bytes()
    cut.write_bytes(whole[: len(whole) - int((1 - kept) * 960) - 1])
    found = refusal(tmp_path)
    assert found.code == "slice-truncated"
    assert "Slice 7" in found.found


@pytest.mark.parametrize(
    ("length", "code"),
    [(135, "file-unreadable"), (330, "slice-truncated"), (700, "affine-broken")],
)
def test_a_slice_cut_within_its_header_is_refused(tmp_path, length, code):
    write(tmp_path, crooked(), with_a_ball(crooked())[0])
    cut = sorted(tmp_path.iterdir())[6]
    cut.write_bytes(cut.read_bytes()[:length])
    assert refusal(tmp_path).code == code


def test_a_damaged_file_is_refused(tmp_path):
    write(tmp_path, crooked(), with_a_ball(crooked())[0])
    (tmp_path / "x.dcm").write_bytes(bytes(128) + b"DICM" + b"\xff" * 60)
    assert refusal(tmp_path).code == "file-unreadable"


def test_a_file_cut_within_a_sequence_is_refused(tmp_path):
    inner = pydicom.Dataset()
    inner.StudyDescription = "x" * 40
    write(tmp_path, crooked(), with_a_ball(crooked())[0],
          ReferencedStudySequence=pydicom.Sequence([inner]))  # fmt: skip
    cut = next(tmp_path.iterdir())
    data = pydicom.dcmread(cut)
    data["ReferencedStudySequence"].is_undefined_length = True
    data.save_as(cut)
    cut.write_bytes(cut.read_bytes().split(b"xxxx")[0])
    assert refusal(tmp_path).code == "file-unreadable"


def test_other_files_are_passed_over(tmp_path):
    place = crooked()
    write(tmp_path, place, with_a_ball(place)[0])
    (tmp_path / "notes.txt").write_text("scanned on a Monday")
    put(
        tmp_path,
        place,
        np.zeros((4, 4)),
        99,
        Modality="OT",
        SOPClassUID="1.2.840.10008.5.1.4.1.1.7",
    )
    odd = pydicom.dcmread(next(tmp_path.glob("099*")))
    odd.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.7"
    odd.save_as(next(tmp_path.glob("099*")))
    assert read_scan(tmp_path).volume.shape == SHAPE


def test_a_folder_without_slices_is_refused(tmp_path):
    (tmp_path / "notes.txt").write_text("nothing here")
    assert refusal(tmp_path).code == "file-unreadable"


def test_slices_without_place_are_refused(tmp_path):
    write(tmp_path, crooked(), with_a_ball(crooked())[0], PixelSpacing=None)
    assert refusal(tmp_path).code == "affine-broken"


def test_an_impossible_plane_is_refused(tmp_path):
    write(tmp_path, crooked(), with_a_ball(crooked())[0],
          ImageOrientationPatient=[1, 0, 0, 0.7, 0.7, 0])  # fmt: skip
    assert refusal(tmp_path).code == "affine-broken"


def test_several_slices_in_a_file_are_refused(tmp_path):
    write(tmp_path, crooked(), with_a_ball(crooked())[0], NumberOfFrames="2")
    assert refusal(tmp_path).code == "series-broken"


def test_colour_slices_are_refused(tmp_path):
    write(tmp_path, crooked(), with_a_ball(crooked())[0], SamplesPerPixel=3, BitsAllocated=8,
          BitsStored=8, HighBit=7, PhotometricInterpretation="RGB", PlanarConfiguration=0,
          PixelData=bytes(3 * 24 * 20))  # fmt: skip
    assert refusal(tmp_path).code == "series-broken"


def write_compressed(folder, syntax):
    """A series that says it is compressed as `syntax`, with a stub of a JPEG for pixels."""
    pixels = pydicom.encaps.encapsulate([b"\xff\xd8\xff\xd9"])
    write(folder, crooked(), with_a_ball(crooked())[0], PixelData=pixels)
    for path in folder.iterdir():
        padded = str(syntax).ljust(len(str(syntax)) + len(str(syntax)) % 2, "\0").encode()
        own = b"UI\x14\x00" + str(ExplicitVRLittleEndian).encode() + b"\0"
        other = b"UI" + len(padded).to_bytes(2, "little") + padded
        whole = path.read_bytes()
        assert own in whole
        path.write_bytes(whole.replace(own, other))


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2.4.94", "1.3.999.5"])
def test_a_compression_without_decoder_names_the_extra(tmp_path, syntax):
    write_compressed(tmp_path, syntax)
    found = refusal(tmp_path)
    assert found.code == "extra-missing"
    assert 'pip install "keyhole-spine[dicom]"' in found.next


def test_with_the_extra_lossless_jpeg_is_opened_and_its_damage_found(tmp_path):
    write_compressed(tmp_path, JPEGLosslessSV1)
    assert refusal(tmp_path).code == "slice-truncated"


def test_progress_runs_from_start_to_end(tmp_path):
    write(tmp_path, crooked(), with_a_ball(crooked())[0])
    told = []
    read_scan(tmp_path, progress=lambda doing, done: told.append((doing, done)))
    assert [done for _, done in told] == sorted(done for _, done in told)
    assert {"reading headers", "reading slices"} == {doing for doing, _ in told}


# the real series


def test_a_real_series_lies_where_its_labels_say(data_dir):
    scan = read_scan(data_dir / "torso_dicom" / "series")
    maps = [(data_dir / "torso_dicom" / "labels_total.nii.gz", "auto")]
    labels, warnings = read_labels(maps, image=scan.volume)
    assert warnings == ()
    assert (scan.modality, scan.posture, scan.kvp, scan.contrast) == ("CT", "supine", 120, True)
    assert scan.volume.at(labels.points("vertebra T12")).mean() > 200
    assert 120 < scan.volume.at(labels.points("aorta")).mean() < 250
    mirrored = labels.points("vertebra T12") * [-1, 1, 1]
    assert scan.volume.at(mirrored).mean() < 200  # this patient's T12 lies 10 mm off the middle
