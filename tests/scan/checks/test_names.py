"""Swapped and shifted names are seen, and accepted only for levels the user has named."""

import numpy as np
import pytest

from keyhole.scan.volume import Volume

LUMBAR = ("L1", "L2", "L3", "L4", "L5")
DOWN = {"T11": "T12", "T12": "L1", "L1": "L2", "L2": "L3", "L3": "L4", "L4": "L5", "L5": None}
UP = {"L5": "L4", "L4": "L3", "L3": "L2", "L2": "L1", "L1": "T12", "T12": "T11", "T11": None}


def test_two_exchanged_names_are_swapped(torso, new_refusals):
    report = torso.levels_renamed({"L2": "L3", "L3": "L2"}).checked()
    assert set(new_refusals(report)) == {"levels-swapped"}
    assert new_refusals(report)["levels-swapped"].at == ("L2", "L3")
    assert "L1, L3, L2, L4" in new_refusals(report)["levels-swapped"].found
    assert report.against("L2").code == "levels-swapped"
    assert report.against("L4") is None


def test_a_name_exchanged_with_a_cut_vertebra_is_swapped(torso):
    report = torso.levels_renamed({"L1": "T12", "T12": "L1"}).checked()
    swapped = {r.code: r for r in report.refusals}["levels-swapped"]
    assert swapped.at == ("T12", "L1")


def test_names_from_pelvis_to_chest_are_swapped_and_not_mirrored(torso):
    held = torso.only(
        *(f"vertebra {x}" for x in LUMBAR), "liver", "spleen", "hip left", "hip right"
    )
    report = held.levels_renamed(dict(zip(LUMBAR, reversed(LUMBAR), strict=True))).checked()
    assert {r.code: r.at for r in report.refusals} == {"levels-swapped": LUMBAR}
    assert "from the pelvis to the chest" in report.refusals[0].found


@pytest.mark.parametrize("with_image", [True, False])
def test_an_unlabelled_vertebra_above_the_sacrum_is_a_shift(torso, new_refusals, with_image):
    patient = torso.levels_renamed(DOWN)
    if not with_image:
        patient = type(patient)(patient.labels, None)
    report = patient.checked()
    assert set(new_refusals(report)) == {"levels-shifted"}
    shifted = new_refusals(report)["levels-shifted"]
    assert shifted.at == ("T12", *LUMBAR)
    assert "the sacrum does not follow L5" in shifted.found
    assert "an unlabelled L6" in shifted.found
    assert ("mL of unlabelled bone" in shifted.found) is with_image
    assert report.against("S1") is None


def test_a_sacrum_that_follows_l4_is_a_shift(torso, new_refusals):
    report = torso.levels_renamed(UP).checked()
    assert set(new_refusals(report)) == {"levels-shifted"}
    assert "S1 follows L4 directly" in new_refusals(report)["levels-shifted"].found


def test_names_that_skip_one_without_a_sacrum_touch_all_levels(torso, new_refusals):
    lumbar = torso.only(*(f"vertebra {x}" for x in LUMBAR))
    report = lumbar.levels_renamed({"L1": "T12", "L2": "L1"}).checked()
    shifted = new_refusals(report)["levels-shifted"]
    assert shifted.at == ("T12", "L1", "L3", "L4", "L5")


def test_a_vertebra_left_unlabelled_between_right_names_is_no_shift(torso, new_refusals):
    for level in ("L3", "L5"):
        assert not new_refusals(torso.levels_renamed({level: None}).checked())


def test_a_vertebra_left_out_of_a_run_of_names_is_a_shift(torso, new_refusals):
    gap = {"T11": None, "T12": None, "L1": "T12", "L2": "L1", "L3": None, "L4": "L2", "L5": "L3"}
    report = (
        torso.only(*(f"vertebra {x}" for x in ("T11", "T12", *LUMBAR)))
        .levels_renamed(gap)
        .checked()
    )
    shifted = new_refusals(report)["levels-shifted"]
    assert "L2 does not follow L1; a vertebra between them may be unlabelled" in shifted.found


def with_wide_gap(torso, hu):
    """The sacrum 15 mm lower, what it leaves behind unlabelled and as bright as `hu`."""
    values = torso.labels.volume.values
    sacrum = np.isin(values, [torso.labels.code("vertebra S1"), torso.labels.code("sacrum")])
    apart = np.where(sacrum, 0, values)
    apart[:, :, :-5][sacrum[:, :, 5:]] = values[:, :, 5:][sacrum[:, :, 5:]]
    image = np.where((apart == 0) & sacrum, hu, torso.image.values).astype(np.int16)
    return torso.with_values(apart, Volume(image, torso.image.affine))


def test_bone_in_a_wide_gap_is_a_shift_where_distance_alone_is_not(torso, new_refusals):
    shifted = new_refusals(with_wide_gap(torso, 400).checked())["levels-shifted"]
    assert "mL of unlabelled bone" in shifted.found
    assert shifted.at == ("T11", "T12", *LUMBAR)
    assert "levels-shifted" not in new_refusals(with_wide_gap(torso, 40).checked())


def test_a_shift_is_accepted_only_for_levels_the_user_has_named(torso, new_refusals):
    patient = torso.levels_renamed(DOWN)
    alone = patient.checked(accept=["levels-shifted"])
    assert new_refusals(alone)["levels-shifted"].at == ("T12", *LUMBAR)
    assert alone.accepted == ()
    named = patient.checked(accept=["levels-shifted"], named=["L4", "L5"])
    assert new_refusals(named)["levels-shifted"].at == ("T12", "L1", "L2", "L3")
    assert named.against("L5") is None
    assert named.warnings[0].code == "levels-shifted"
    assert named.warnings[0].at == ("L4", "L5")
    without_code = patient.checked(accept=["metal"], named=["L4", "L5"])
    assert without_code.against("L5").code == "levels-shifted"
