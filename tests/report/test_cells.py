"""Numbers, unknowns and notices as a reader sees them."""

import pytest

from keyhole.report.cells import Cell, chance, decimal, grade_text, quantity, share, unknown
from keyhole.report.notices import notices, stamps
from keyhole.report.page import scan_facts, short_id, structures_table
from keyhole.report.screw_tables import (
    chances_table,
    facet_cell,
    fill_cell,
    hu_cell,
    one_room_table,
    room_table,
    skin_cells,
    smaller_table,
    vessel_words,
)


def test_a_number_has_its_unit_and_a_true_minus():
    assert quantity({"x_mm": -1.25}, "x_mm", "mm").text == "\u22121.2\u00a0mm"
    assert quantity({"tilt_deg": 4.04}, "tilt_deg", "°").text == "4.0°"
    assert quantity({"fill": 0.764}, "fill", "%", digits=0, times=100).text == "76\u00a0%"
    assert decimal(-0.04) == "0.0"


@pytest.mark.parametrize(
    ("holder", "note"),
    [
        ({"x": None, "x_reason": "no image"}, "no image"),
        ({"x": None, "reason": "no wall there"}, "no wall there"),
        ({"x": None}, "the plan gives no reason"),
        ({}, "the plan gives no reason"),
    ],
)
def test_an_unknown_is_never_a_number(holder, note):
    assert quantity(holder, "x", "mm") == Cell("not known", note, known=False)
    assert unknown(None).note == "the plan gives no reason"


def test_what_does_not_exist_is_not_called_unknown(patient):
    room = dict.fromkeys(("medial", "cranial", "caudal", "anterior"), 3.0)
    room |= {"lateral": None, "reason": "an S1 pedicle has no lateral limit"}
    grade = {"grade": "A", "may_be": ["A"], "breach_mm": room, "se_mm": 0.5}
    changes = {"clearance_mm": room, "margin_mm": room, "gertzbein_robbins": grade}
    screw = patient.screw("L4", "left", fill=None, fill_reason="not for S1", **changes)
    sacral = screw | {"level": "S1"}
    assert fill_cell(sacral) == Cell("does not apply", "not for S1")
    lateral = one_room_table(sacral).rows[1]
    assert [cell.text for cell in lateral[1:]] == ["does not apply"] * 3
    assert all(cell.known for cell in room_table([sacral]).rows[0])
    assert fill_cell(screw) == Cell("not known", "not for S1", known=False)
    assert not room_table([screw]).rows[0][2].known
    assert one_room_table(sacral).rows[4][3].text == "does not apply"


def test_a_breach_without_a_grade_is_unknown(patient):
    screw = patient.screw("L4", "left", gertzbein_robbins=None)
    assert {row[3].text for row in one_room_table(screw).rows} == {"not known"}


def test_a_joint_that_is_not_seen_is_unknown(patient):
    screw = patient.screw("L4", "left", facet_grade=None, facet_grade_reason="not in the map")
    assert facet_cell(screw) == Cell("not known", "not in the map", known=False)


@pytest.mark.parametrize(("trajectory", "known"), [("cortical", True), ("traditional", False)])
def test_a_skin_entry_that_is_not_offered_is_no_unknown(patient, trajectory, known):
    none = {"skin_entry": None, "skin_entry_reason": "why"}
    cells = skin_cells(patient.screw("L4", "left", trajectory=trajectory, **none))
    assert {(cell.known, cell.note) for cell in cells} == {(known, "why")}


@pytest.mark.parametrize(
    ("modality", "kvp", "contrast"),
    [
        ("CT", "120\u00a0kV", "not known"),
        ("MR", "does not apply", "not known"),
        ("none", "does not apply", "does not apply"),
    ],
)
def test_tube_and_contrast_are_asked_of_images_that_have_them(patient, modality, kvp, contrast):
    plan = patient.plan()
    plan["scan"]["modality"] = modality
    facts = dict(scan_facts(plan))
    assert (facts["Tube voltage"].text, facts["Contrast"].text) == (kvp, contrast)
    plan["scan"] |= {"modality": "CT", "contrast": True}
    assert dict(scan_facts(plan))["Contrast"].text == "given"


def test_a_seen_structure_has_no_margin_and_a_modelled_one_needs_it(patient):
    plan = patient.plan()
    plan["spine"]["structures"][0] |= {"margin_mm": None, "margin_mm_reason": "seen"}
    seen, modelled = structures_table(plan).rows
    assert (seen[1].text, modelled[1].text) == ("does not apply", "not known")


def test_structures_known_in_the_same_way_share_a_row(patient):
    plan = patient.plan()
    canal, root = plan["spine"]["structures"]
    plan["spine"]["structures"] = [canal, root, {**canal, "name": "aorta"}]
    rows = structures_table(plan).rows
    assert [row[3].text for row in rows] == ["canal content, aorta", "root L4 left"]


def test_a_grade_shows_all_that_it_may_be():
    assert grade_text("A", ["A", "B"]) == "A (A–B)"
    assert grade_text("C", ["B", "C", "D"]) == "C (B–D)"
    assert grade_text("A", ["A"]) == "A"


def test_none_of_the_draws_is_below_a_bound_and_all_is_above_one():
    assert chance(0, 1000, 0, 0.0037).text == "below 0.4\u00a0%"
    assert "0 of 1000" in chance(0, 1000, 0, 0.0037).note
    assert chance(1000, 1000, 0.9963, 1).text == "above 99.6\u00a0%"
    assert chance(61, 1000, 0.047, 0.078).text == "6\u00a0%"
    assert chance(61, 1000, 0.047, 0.078).note == "5\u00a0% to 8\u00a0%, 61 of 1000 draws"
    assert share(0.5) == "50\u00a0%"


def test_the_chances_of_an_error_that_was_not_drawn_are_unknown(patient):
    table = chances_table(patient.screw("L4", "left"))
    assert [row[1].known for row in table.rows] == [True, True, True]
    assert {row[2].note for row in table.rows} == {"not drawn in this test"}


def test_smaller_screws_stand_side_by_side(patient):
    one = {"diameter_mm": 5.5, "p_medial_or_caudal": 0.04, "p_high": 0.06}
    none = {"diameter_mm": 5.0, "p_medial_or_caudal": None, "p_medial_or_caudal_reason": "no draw"}
    bare = {"diameter_mm": 4.5, "p_medial_or_caudal": 0.02}
    base = patient.screw("L4", "left")["smaller"]
    table = smaller_table(patient.screw("L4", "left", smaller=[*base, one, none, bare]))
    assert table.heads[1:] == ("6\u00a0mm", "5.5\u00a0mm", "5\u00a0mm", "4.5\u00a0mm")
    assert [c.text for c in table.rows[0][1:]] == [
        "below 0.4\u00a0%",
        "4\u00a0%",
        "not known",
        "2\u00a0%",
    ]
    assert smaller_table(patient.screw("L4", "left", smaller=[])).rows == ()


def test_hounsfield_units_and_vessels(patient):
    assert hu_cell(patient.screw("L4", "left", hu=141.6)).text == "142\u00a0HU"
    assert hu_cell(patient.screw("L4", "left")).note == "there is no image in this test"
    assert vessel_words(patient.screw("L4", "left")) == "aorta 9.5\u00a0mm"
    assert vessel_words(patient.screw("L4", "left", vessels=[])) == "no vessel is in the map"


def test_what_every_page_must_say(patient):
    plan = patient.plan()
    assert stamps(plan) == ("INDICATIVE",)
    plan["scan"] |= {"warnings": [], "accuracy": "fine"}
    assert stamps(plan) == ()
    plan["scan"]["warnings"] = [patient.refusal("coarse-voxels", "warning")]
    assert stamps(plan) == ("INDICATIVE",)
    plan["request"] |= {"accept": ["levels-shifted", "metal"], "call": {"L5": "L4"}}
    assert stamps(plan) == ("INDICATIVE", "LEVELS AS NAMED BY THE USER", "ACCEPTED: metal")


def test_a_notice_told_twice_is_shown_once(patient):
    one = patient.refusal("bone-soft", "warning", ["L4 left"])
    assert [n.at for n in notices([one, one])] == ["L4 left"]


def test_a_scans_id_is_shortened():
    assert short_id("sha256:0123456789abcdef") == "sha256:0123456789ab…"
    assert short_id("0123456789abcdef") == "0123456789ab…"
