"""What people read in a table."""

import pytest

from keyhole.cli.tables import grade, least, number


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [(None, 1, "-"), (-0.04, 1, "0.0"), (-0.06, 1, "-0.1"), (17.6, 0, "18"), (0.0, 2, "0.00")],
)
def test_numbers(value, digits, text):
    assert number(value, digits) == text


def test_the_least_direction_is_named_and_unknown_ones_are_passed_over():
    room = {"medial": 1.0, "lateral": None, "cranial": 0.52, "caudal": 3.0, "anterior": -9.0}
    assert least(room) == "0.5 cranial"
    assert least(dict.fromkeys(room)) == "-"


@pytest.mark.parametrize(
    ("letters", "text"),
    [(["A"], "A"), (["B", "A"], "A (A-B)"), (["C", "A", "B"], "A (A-C)")],
)
def test_grades(letters, text):
    assert grade({"grade": "A", "may_be": letters}) == text
