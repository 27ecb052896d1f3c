"""Doubled, merged and torn labels are refused for themselves; the other levels go on."""

import numpy as np
import pytest
from attrs import evolve

from keyhole.scan.checks import check_scan


def test_two_vertebrae_apart_under_one_name_are_doubled(torso, new_refusals):
    report = torso.levels_renamed({"L1": "L3"}).checked()
    assert {code: r.at for code, r in new_refusals(report).items()} == {"level-doubled": ("L3",)}
    assert "66.0 and 59.9 mL" in new_refusals(report)["level-doubled"].found
    assert report.against("L2") is None


def test_a_doubled_level_is_accepted_under_the_users_own_name(torso, new_refusals):
    doubled = torso.levels_renamed({"L1": "L3"})
    assert "level-doubled" in new_refusals(doubled.checked(accept=["level-doubled"]))
    assert not new_refusals(doubled.checked(accept=["level-doubled"], named=["L3"]))


def test_two_neighbours_under_one_name_are_merged(torso, new_refusals):
    report = torso.levels_renamed({"L4": "L3"}).checked()
    assert {code: r.at for code, r in new_refusals(report).items()} == {"levels-merged": ("L3",)}
    assert report.against("L5") is None
    assert "transitional-possible" not in {r.code for r in report.warnings}


def test_pairs_merged_all_along_are_all_seen(torso, new_refusals):
    report = torso.levels_renamed({"L2": "L1", "L4": "L3"}).checked()
    assert {code: r.at for code, r in new_refusals(report).items()} == {
        "levels-merged": ("L1", "L3")
    }


def test_a_lone_label_larger_than_any_vertebra_is_merged(torso):
    alone = torso.only("vertebra L3", "vertebra L4").levels_renamed({"L4": "L3"}).checked()
    assert alone.against("L3").code == "levels-merged"


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_a_label_without_a_slab_of_its_middle_is_torn(torso, new_refusals, axis):
    report = torso.without_slab("vertebra L3", axis).checked(accept=["level-torn"], named=["L3"])
    assert {code: r.at for code, r in new_refusals(report).items()} == {"level-torn": ("L3",)}
    assert "in pieces of" in new_refusals(report)["level-torn"].found


def test_half_a_vertebra_in_one_piece_is_torn_too(torso, new_refusals):
    box = torso.labels.boxes["vertebra L3"][2]
    values = torso.labels.volume.values.copy()
    lower = values[:, :, : (box.start + box.stop) // 2]
    lower[lower == torso.labels.code("vertebra L3")] = 0
    report = torso.with_values(values).checked()
    assert {code: r.at for code, r in new_refusals(report).items()} == {"level-torn": ("L3",)}
    assert "beside neighbours" in new_refusals(report)["level-torn"].found


def test_a_crumb_tears_nothing(torso, new_refusals):
    values = torso.labels.volume.values.copy()
    box = torso.labels.boxes["vertebra L3"]
    free = np.argwhere(values[:, : box[1].start - 4, box[2].start] == 0)[-1]
    values[free[0], free[1], box[2].start] = torso.labels.code("vertebra L3")
    report = torso.with_values(values).checked()
    assert not new_refusals(report)
    assert "L3 66 mL in 2 pieces" in {c.code: c.evidence for c in report.checks}["level-torn"]


def test_a_lone_vertebra_is_torn_by_its_pieces_alone(torso):
    alone = torso.only("vertebra L3")
    assert alone.checked().against("L3") is None
    assert alone.without_slab("vertebra L3", 2).checked().against("L3").code == "level-torn"


def test_a_coccyx_apart_does_not_tear_the_sacrum(patients):
    spine = patients("visible_human_spine")
    values = spine.labels.volume.values.copy()
    values[:, :, 30:34][values[:, :, 30:34] == spine.labels.code("sacrum")] = 0
    report = check_scan(evolve(spine.labels, volume=spine.with_values(values).labels.volume), None)
    assert report.against("S1") is None
    assert "2 pieces" in {c.code: c.evidence for c in report.checks}["level-torn"]
