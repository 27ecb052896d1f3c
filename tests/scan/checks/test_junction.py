"""What anchors the count, and what may make the lowest vertebra another one."""

import numpy as np

LUMBAR = tuple(f"vertebra L{n}" for n in range(1, 6))


def warned(report):
    return {r.code: r for r in report.warnings}


def test_twelfth_ribs_with_five_levels_below_anchor_the_count(torso):
    bones = ("vertebra T12", *LUMBAR)
    assert "count-unanchored" not in warned(torso.only(*bones, "rib left 12").checked())
    assert (
        "no sacrum and no twelfth rib"
        in warned(torso.only(*bones).checked())["count-unanchored"].found
    )
    few = torso.only(*bones[:-1], "rib left 12").checked()
    assert "too few levels under T12" in warned(few)["count-unanchored"].found


def test_a_rib_that_meets_another_level_anchors_nothing(torso):
    """Names one too low: the twelfth rib now meets what is called L1."""
    names = {"T11": "T12", "T12": "L1", "L1": "L2", "L2": "L3", "L3": "L4", "L4": "L5", "L5": None}
    patient = torso.only("vertebra T11", "vertebra T12", *LUMBAR, "rib left 12", "rib right 12")
    report = patient.levels_renamed(names).checked()
    assert "count-unanchored" in warned(report)
    assert "rib left 12 meets L1, not T12" in warned(report)["transitional-possible"].found


def test_a_rib_far_from_every_level_meets_none(torso):
    report = torso.only(*LUMBAR[2:], "rib left 12").checked()
    assert "no twelfth rib" in warned(report)["count-unanchored"].found


def test_a_sacrum_anchors_the_count_only_where_it_follows(torso):
    bones = torso.only(*LUMBAR, "vertebra S1", "sacrum")
    assert "count-unanchored" not in warned(bones.levels_renamed({"L4": None}).checked())
    wrong = {"L5": "L4", "L4": "L3", "L3": "L2", "L2": "L1", "L1": None}
    lost = warned(bones.levels_renamed(wrong).checked())
    assert "a sacrum that does not follow" in lost["count-unanchored"].found


def test_a_named_sixth_lumbar_vertebra_is_possibly_transitional(torso):
    names = tuple("vertebra L6" if n == "spleen" else n for n in torso.labels.names)
    six = type(torso)(type(torso.labels)(torso.labels.volume, names), torso.image)
    six = six.levels_renamed({"L6": None}).levels_renamed(
        {"L5": "L6", "L4": "L5", "L3": "L4", "L2": "L3", "L1": "L2", "T12": "L1", "T11": "T12"}
    )
    report = six.checked()
    assert "the map names L6" in warned(report)["transitional-possible"].found
    assert {r.code for r in report.refusals} == {"cut-by-edge"}


def test_a_high_transverse_process_is_possibly_transitional(torso):
    mask = torso.labels.mask("vertebra L5")
    values = torso.labels.volume.values.copy()
    rows = np.argwhere(mask)
    tip = rows[rows[:, 0] >= rows[:, 0].max() - 9]
    for i, j, k in tip:
        values[i, j, k - 3 : k + 4] = torso.labels.code("vertebra L5")
    found = warned(torso.with_values(values).checked())["transitional-possible"].found
    assert "L5's right transverse process" in found
    assert "left" not in found
