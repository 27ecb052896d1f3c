"""Risk scores: published points, the worse form of a disease alone, and what is not told."""

import pytest

from keyhole.errors import RecoveryError
from keyhole.recovery.risk import Facts, conditions, indices, score_points, switched_off
from keyhole.recovery.risk.points import known_flags


def points(name, **facts):
    return next(one for one in score_points(Facts(**facts)) if one.name == name)


def index(name, *codes):
    return next(one for one in indices(codes) if one.name == name)


@pytest.mark.parametrize(
    ("age", "expected"), [(40, 0), (41, 1), (60, 1), (61, 2), (74, 2), (75, 3), (99, 3)]
)
def test_caprini_by_age(age, expected):
    assert points("caprini", age=age).points == expected


def test_caprini_of_a_fusion_patient():
    score = points(
        "caprini",
        age=66,
        sex="female",
        bmi=31,
        flags={"surgery_major_open", "varicose_veins", "own_dvt_or_pe"},
    )
    assert score.points == 2 + 1 + 2 + 1 + 3
    assert score.band == "highest"


def test_caprini_counts_one_surgical_item_and_no_pregnancy_in_a_man():
    both = points("caprini", flags={"surgery_minor", "surgery_laparoscopic"})
    assert both.points == 2
    assert points("caprini", sex="male", flags={"pregnant_or_postpartum"}).points == 0
    assert points("caprini", sex="female", flags={"pregnant_or_postpartum"}).points == 1


@pytest.mark.parametrize(("bmi", "expected"), [(25, 0), (25.1, 1)])
def test_caprini_counts_body_mass_over_25(bmi, expected):
    assert points("caprini", bmi=bmi).points == expected


@pytest.mark.parametrize(
    ("flags", "band"),
    [
        ({"diabetes"}, "not frail"),
        ({"diabetes", "copd"}, "mildly frail"),
        ({"diabetes", "copd", "dependent"}, "severely frail"),
    ],
)
def test_mfi5_bands_are_shares_of_five(flags, band):
    score = points("mfi-5", flags=flags)
    assert score.points == len(flags)
    assert score.band.startswith(band)


def test_infection_points_count_the_charlson_index_twice_and_give_no_probability():
    score = points(
        "ssi-open-spine", sex="female", icd10=("E11.9", "I21.0"), operating_h=2, flags={"revision"}
    )
    assert score.points == 5 + 2 * 2 + 2 + 14
    assert score.band is None
    assert "no probability" in score.calibration


def test_what_nobody_told_is_named():
    assert points("caprini").not_told == ("age", "bmi", "sex")
    assert points("ssi-open-spine").not_told == ("charlson", "procedures", "operating_h", "sex")
    assert points("mfi-5").not_told == ()


@pytest.mark.parametrize(
    ("codes", "charlson", "updated"),
    [
        ((), 0, 0),
        (("I21.9",), 1, 0),
        (("E11.9", "E11.2"), 2, 1),  # with complications only
        (("C50.9", "C79.5"), 6, 6),  # metastatic only
        (("K70.3", "K72.9"), 3, 4),  # severe liver disease only
        (("M05.8", "J44.1", "N18.5"), 4, 3),
        (("M51.1",), 0, 0),
    ],
)
def test_charlson_counts_the_worse_form_alone(codes, charlson, updated):
    assert index("charlson-1987", *codes).value == charlson
    assert index("charlson-2011", *codes).value == updated


@pytest.mark.parametrize(
    ("codes", "walraven", "swiss"),
    [
        (("I50.0", "F11.2"), 7 - 7, 13 - 5),
        (("C50.9", "C79.5"), 12, 17),
        (("I10", "I11.0"), 7, 13 - 3),  # hypertensive heart disease is heart failure too
        (("E66.0",), -4, -6),
    ],
)
def test_elixhauser_weights(codes, walraven, swiss):
    assert index("elixhauser-vw", *codes).value == walraven
    assert index("elixhauser-swiss", *codes).value == swiss


def test_codes_may_be_written_with_or_without_their_point():
    assert conditions(["e11.9"], "charlson") == conditions(["E119"], "charlson") == ("diab",)


@pytest.mark.parametrize("code", ["diabetes", "11.9", "", "E1", "E11.9; DROP"])
def test_what_is_no_code_is_refused_and_not_repeated(code):
    with pytest.raises(RecoveryError) as caught:
        indices([code])
    assert caught.value.refusal.code == "icd10-unreadable"
    assert not code or code not in str(caught.value)


def test_a_fact_that_no_score_asks_for_is_refused():
    with pytest.raises(RecoveryError) as caught:
        score_points(Facts(flags={"race"}))
    assert caught.value.refusal.code == "fact-unknown"


def test_no_score_asks_for_race_and_every_one_off_says_why():
    assert not any({"race", "ethnicity"} & set(flag.split("_")) for flag in known_flags())
    assert {"halicka-2023", "acs-nsqip", "rapt", "lace"} <= set(switched_off())
    assert all(switched_off().values())


@pytest.mark.parametrize("flag", sorted(known_flags()))
def test_another_fact_never_lowers_a_score(flag):
    before = score_points(Facts(age=70, sex="female"))
    after = score_points(Facts(age=70, sex="female", flags={flag}))
    assert any(b.points > a.points for a, b in zip(before, after, strict=True))
    assert all(b.points >= a.points for a, b in zip(before, after, strict=True))
