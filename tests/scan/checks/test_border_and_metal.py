"""The border, the voxels, the skin and metal."""

import numpy as np
import pytest
from attrs import evolve

from keyhole.scan.checks import check_scan
from keyhole.scan.volume import Volume


def found(report):
    return {r.code: r for r in (*report.refusals, *report.warnings)}


def test_a_map_cropped_through_l4_cuts_l4_and_no_other_level(torso):
    box = torso.labels.boxes["vertebra L4"][2]
    report = torso.cropped([0, 0, (box.start + box.stop) // 2], torso.labels.volume.shape).checked()
    assert found(report)["cut-by-edge"].at == ("T11", "T12", "L4")
    assert {r.code for r in report.refusals} == {"cut-by-edge"}
    assert report.against("L3") is None


def test_a_cut_spinous_process_cuts_the_vertebra_and_leaves_no_skin(torso):
    start = torso.labels.boxes["vertebra L3"][1].start + 2
    report = torso.cropped([0, start, 0], torso.labels.volume.shape).checked()
    assert "L3" in found(report)["cut-by-edge"].at
    assert "0% of the looks" in found(report)["no-skin"].found


@pytest.mark.parametrize(("voxels", "cut"), [(3, False), (4, True)])
def test_a_touch_of_three_voxels_is_no_cut(torso, voxels, cut):
    code, j = torso.labels.code("vertebra L3"), torso.labels.boxes["vertebra L3"][1].start
    values = torso.labels.volume.values.copy()
    values[:, j][values[:, j] == code] = 0
    i, k = np.argwhere(values[:, j + 1] == code)[0]
    values[i : i + voxels, j, k] = code
    report = torso.with_values(values).cropped([0, j, 0], values.shape).checked()
    assert ("L3" in found(report)["cut-by-edge"].at) is cut


def test_a_border_hidden_by_padding_cuts_all_the_same(torso):
    """Resampled onto a higher grid: above the old border the image is empty."""
    shape = np.add(torso.labels.volume.shape, [0, 0, 20])
    padded = torso.on_grid(torso.labels.volume.affine, tuple(shape))
    assert not (padded.labels.volume.values[:, :, -1]).any()
    assert found(padded.checked())["cut-by-edge"].at == ("T11", "T12")


def test_gas_in_a_disc_is_no_border(torso):
    image = torso.image.values.copy()
    k = torso.labels.boxes["vertebra L4"][2].stop - 3
    room = image[50:66, 38:50, k - 1 : k + 4]
    room[torso.labels.volume.values[50:66, 38:50, k - 1 : k + 4] == 0] = -990
    report = check_scan(torso.labels, Volume(image, torso.image.affine))
    assert found(report)["cut-by-edge"].at == ("T11", "T12")


def test_only_the_upper_part_of_the_sacrum_matters(patients):
    spine = patients("visible_human_spine")
    low = spine.cropped([0, 0, 60], spine.labels.volume.shape).checked()
    assert low.against("S1") is None
    high = spine.cropped([0, 0, 170], spine.labels.volume.shape).checked()
    assert high.against("S1").code == "cut-by-edge"


def test_levels_outside_the_image_are_cut(torso):
    image = torso.image.crop([0, 0, 60], torso.image.shape)
    cut = found(check_scan(torso.labels, image))["cut-by-edge"]
    assert cut.at == ("T11", "T12", "L4", "L5", "S1")
    assert "L5 (100% of it outside the image)" in cut.found


@pytest.mark.parametrize("mm", [4.0, 5.0])
def test_coarse_copies_warn_and_refuse_nothing_else(torso, new_refusals, mm):
    affine = torso.labels.volume.affine.copy()
    affine[:3, :3] *= mm / 3
    shape = tuple(int(n * 3 / mm) for n in torso.labels.volume.shape)
    report = torso.on_grid(affine, shape).checked()
    assert not new_refusals(report)
    assert f"{mm:.2f} mm" in found(report)["coarse-voxels"].found
    assert set(found(report)) == {"coarse-voxels", "cut-by-edge"}


def test_voxels_of_one_and_a_half_millimetres_are_not_coarse(patients):
    assert "coarse-voxels" not in found(patients("l3_ct").checked())


def with_plate(torso, hu=3000):
    """A sagittal plate through L4's body and arch, one voxel thick."""
    middle = torso.labels.boxes["vertebra L4"][0]
    plate = np.zeros(torso.image.shape, bool)
    plate[(middle.start + middle.stop) // 2] = True
    plate &= torso.labels.mask("vertebra L4")
    image = torso.image.values.copy()
    image[plate] = hu
    return plate, Volume(image, torso.image.affine)


def test_metal_in_a_level_is_refused_for_it_and_may_be_accepted(torso, new_refusals):
    _, image = with_plate(torso)
    report = check_scan(torso.labels, image)
    assert {code: r.at for code, r in new_refusals(report).items()} == {"metal": ("L4",)}
    accepted = check_scan(torso.labels, image, accept=["metal"])
    assert accepted.against("L4") is None
    assert accepted.warnings[0].code == "metal"


def test_metal_that_the_label_leaves_out_is_seen(torso):
    plate, image = with_plate(torso)
    values = np.where(plate, 0, torso.labels.volume.values).astype(np.uint8)
    report = torso.with_values(values, image).checked()
    assert found(report)["metal"].at == ("L4",)


def test_dense_bone_is_no_metal(torso):
    _, image = with_plate(torso, hu=1900)
    assert "metal" not in found(check_scan(torso.labels, image))


def test_metal_beside_the_spine_is_not_the_spines(torso):
    image = torso.image.values.copy()
    image[torso.labels.mask("colon")] = 3000
    report = check_scan(torso.labels, Volume(image, torso.image.affine))
    assert "metal" not in found(report)


def test_a_body_label_tells_the_skin_without_an_image(torso):
    names = (*torso.labels.names, "body")
    around = (torso.image.values > -300) & (torso.labels.volume.values == 0)
    values = np.where(around, len(names), torso.labels.volume.values).astype(np.uint8)
    labels = evolve(torso.labels, volume=Volume(values, torso.image.affine), names=names)
    assert "no-skin" not in found(check_scan(labels, None))
    cropped = labels.volume.crop([0, 20, 0], labels.volume.shape)
    assert "no-skin" in found(check_scan(evolve(labels, volume=cropped), None))
    assert "no-skin" in found(check_scan(torso.labels, None))
