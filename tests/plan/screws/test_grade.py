"""Grades: the letters, their error, and the truth of displaced screws."""

import numpy as np
import pytest

from keyhole.plan.grade import grade_of, letter, letters_within, surface_sd
from keyhole.plan.measure import made_exact
from keyhole.plan.passage import Lines, Passage
from keyhole.plan.search import Fits, survey_lines


@pytest.mark.parametrize(
    ("breach", "wanted"),
    [(-1, "A"), (0, "A"), (0.01, "B"), (1.99, "B"), (2.0, "C"), (4.0, "D"), (5.9, "D"), (6, "E")],
)
def test_letters(breach, wanted):
    assert letter(breach) == wanted


def test_every_letter_within_the_error_is_named():
    assert letters_within(0.5, 0.1) == ("B",)
    assert letters_within(-0.5, 0.5) == ("A", "B")
    assert letters_within(2.5, 1.0) == ("B", "C", "D")


def displaced(vertebra, shape, side, shift_mm, settings):
    """A 7 mm screw along the pedicle's axis, shifted medially (or laterally, negative)."""
    passage = Passage(vertebra(shape=shape(widths=(9, 9))), side)
    pedicle = passage.pedicle
    lines = Lines((pedicle.centre + shift_mm * pedicle.medial)[None], pedicle.axis[None])
    found = survey_lines(passage, lines)
    none = np.zeros((1, 4))
    return passage, made_exact(passage, Fits(7.0, found, np.array([45.0]), none, none), settings)


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("shift", [0.0, 1.6, 2.6, -1.8, 4.0])
def test_a_displaced_screw_breaches_by_what_it_was_moved(vertebra, shape, side, shift, mild):
    """The bar is 9 mm wide: a 7 mm screw moved by d breaches by d - 1 on that side."""
    passage, fits = displaced(vertebra, shape, side, shift, mild)
    truth = abs(shift) - 1.0
    breach = -fits.clearance[0]
    towards = 0 if shift >= 0 else 2
    assert breach[towards] == pytest.approx(truth, abs=0.15)
    grade = grade_of(passage, fits.clearance[0], passage.pedicle.axis, mild.error)
    assert letter(truth) in grade.may_be
    if min(abs(truth - step) for step in (0, 2, 4, 6)) > 2 * grade.se_mm:
        assert grade.grade == letter(truth)
    named = grade.breach_mm.medial if shift >= 0 else grade.breach_mm.lateral
    assert named == pytest.approx(breach[towards])
    if shift:
        other = grade.breach_mm.lateral if shift > 0 else grade.breach_mm.medial
        assert other < -1.0


def test_the_surface_error_follows_the_voxel_across_the_gap(vertebra, lie, settings, mild):
    coarse = Passage(vertebra(lie=lie(oblique_deg=0, spacing=(1.0, 1.2, 3.0))), "left")
    right, up = coarse.vertebra.frame.right, coarse.vertebra.frame.up
    assert surface_sd(coarse, right, mild.error) == pytest.approx(0.3)
    assert surface_sd(coarse, up, mild.error) == pytest.approx(0.48)
    assert surface_sd(coarse, up, settings.error) == pytest.approx(np.hypot(0.48, 0.5))
