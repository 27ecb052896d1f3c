"""Plots: what stands in the SVG, for eyes and for screen readers, byte for byte the same."""

import re
from xml.etree import ElementTree as ET

import attrs
import matplotlib as mpl
import numpy as np
import pytest

from keyhole.evidence.pooled import Effects, effects, pool, trim_and_fill
from keyhole.evidence.pooled import plots_words as words
from keyhole.evidence.pooled.plots_axis import limits, ticks
from keyhole.evidence.pooled.plots_baujat import baujat_plot
from keyhole.evidence.pooled.plots_forest import forest
from keyhole.evidence.pooled.plots_forest_layout import lay_out
from keyhole.evidence.pooled.plots_funnel import funnel
from keyhole.evidence.pooled.plots_words import Arms

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def bcg(published):
    return effects(published("bcg"), "RR")


@pytest.fixture
def stay(published):
    return effects(published("normand1999"), "MD")


def parsed(svg):
    return ET.fromstring(svg)  # noqa: S314 - our own drawing, nobody's file


def texts(svg):
    return ["".join(node.itertext()) for node in parsed(svg).iter(SVG + "text")]


def made(yi, vi, measure="MD", names=None):
    names = names or tuple(f"study {i + 1}" for i in range(len(yi)))
    return Effects(measure=measure, names=names, yi=yi, vi=vi)


def test_a_forest_says_all_that_a_reader_checks(bcg):
    mean = pool(bcg)
    arms = Arms("vaccine", "control", smaller_is_better=True)
    said = texts(forest(bcg, mean, outcome="Tuberculosis", arms=arms))
    for name in bcg.names:
        assert name in said
    assert "4 / 123" in said
    assert "0.41 [0.13 to 1.26]" in said
    assert "5.1" in said
    assert "Random effects, REML; Hartung-Knapp" in said
    assert "0.49 [0.33 to 0.73]" in said
    assert "Prediction interval (t, df = 11)" in said
    assert "[0.13 to 1.79]" in said
    assert "← favours vaccine" in said
    assert "favours control →" in said
    line = "Heterogeneity: τ² = 0.3132, I² = 92.2 % (from τ²), Q = 152.23, df = 12, p < 0.001"
    assert line in said
    assert "Test of no difference: t(12) = −3.95, p = 0.002" in said


def test_every_plot_is_named_for_those_who_cannot_see_it(bcg):
    mean = pool(bcg)
    drawn = [forest(bcg, mean), funnel(bcg, mean), baujat_plot(bcg, mean)]
    ids = set()
    for svg in drawn:
        root = parsed(svg)
        assert root.get("role") == "img"
        title, description = root.find(SVG + "title"), root.find(SVG + "desc")
        assert root.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
        assert all(name in description.text for name in bcg.names)
        ids |= {title.get("id"), description.get("id")}
    assert len(ids) == 6


def test_the_same_studies_give_the_same_bytes_and_no_date(bcg, stay):
    mean, filled = pool(bcg), trim_and_fill(bcg, pool(bcg))
    for draw in (
        lambda: forest(bcg, mean),
        lambda: funnel(bcg, mean, contours=True, filled=filled),
        lambda: baujat_plot(bcg, mean),
    ):
        first = draw()
        with mpl.rc_context({"font.size": 20, "svg.fonttype": "path"}):
            assert draw() == first
        assert not re.search(r"\b20[2-9]\d-\d\d-\d\d|dc:date", first)
    assert forest(stay, pool(stay)) != forest(stay, pool(stay, "DL"))


def test_letters_stay_text_in_the_fonts_of_journals(bcg):
    svg = forest(bcg, pool(bcg))
    assert "Arial, Helvetica" in svg
    assert len(texts(svg)) > 60


def test_names_are_shown_as_they_are():
    names = ("<b> & $x$ 1999", "王 2013", "Niël-Weise " + "and others " * 8 + "2007")
    said = texts(
        forest(
            made([1, 2, 3], [1, 1, 2], names=names), pool(made([1, 2, 3], [1, 1, 2], names=names))
        )
    )
    assert names[0] in said
    assert names[1] in said
    assert any(text.startswith("Niël-Weise") and text.endswith("… 2007") for text in said)


def test_a_squares_area_goes_with_its_weight():
    said = made([0.0, 1.0, 2.0], [1.0, 2.0, 4.0])
    svg = forest(said, pool(said, "EE"))
    blocks = re.findall(
        r'<g id="PathCollection_\d+">.*?<path id="[^"]+" d="([^"]+)"', svg, re.DOTALL
    )
    sides = [np.ptp([float(x) for x in re.findall(r"[ML] (-?[\d.]+)", d)]) for d in blocks]
    areas = np.array(sides) ** 2
    assert len(areas) == 3
    assert areas / areas[0] == pytest.approx([1, 0.5, 0.25], rel=0.03)


def test_without_a_judgement_the_sides_only_tell_which_is_lower(stay):
    said = texts(forest(stay, pool(stay), unit="days"))
    assert "← lower in MISS" in said
    assert "higher in MISS →" in said
    assert "Mean difference, days" in said
    assert "−20.0 [−32.5 to −7.5]" in said


def test_the_better_side_changes_with_the_outcome():
    assert Arms(smaller_is_better=True).sides == ("favours MISS", "favours open")
    assert Arms(smaller_is_better=False).sides == ("favours open", "favours MISS")


def test_a_model_of_one_effect_says_why_it_predicts_nothing(bcg, published):
    said = texts(forest(bcg, pool(bcg, "MH")))
    assert "No prediction interval: the model holds one true effect for all studies" in said
    assert not any("τ²" in text for text in said)
    rare = effects(published("nielweise2007"), "OR")
    assert rare.dropped
    assert any(text.startswith("Not in the pool: ") for text in texts(forest(rare, pool(rare))))


def test_studies_that_agree_too_well_are_told():
    said = made([-2.0, -1.9, -2.03], [2.2, 0.25, 0.5], measure="OR")
    line = "The studies agree better than by chance; the normal interval is wider: "
    wide = next(text for text in texts(forest(said, pool(said))) if text.startswith(line))
    by_z = words.result(said, pool(said, test="z").estimate, pool(said, test="z").ci)
    assert wide == line + by_z
    assert not any(text.startswith(line) for text in texts(forest(said, pool(said, test="z"))))
    apart = made([-2.0, 1.0, 3.0], [0.1, 0.1, 0.1])
    assert not any(text.startswith(line) for text in texts(forest(apart, pool(apart))))


def test_long_intervals_leave_room_for_the_others():
    said, short = (made([0.0, 0.1, 0.2], [0.01, 0.01, last]) for last in (900.0, 0.01))
    low, high = limits(said, 1.96 * np.sqrt(said.vi), [0.05])
    assert -1 < low < 0
    assert 0.2 < high < 1
    mark = r'<use [^>]*style="fill: #33557f'  # a square or an arrow
    assert len(re.findall(mark, forest(said, pool(said, "EE")))) == 3 + 2
    assert len(re.findall(mark, forest(short, pool(short, "EE")))) == 3


def test_a_pool_as_wide_as_the_world_leaves_room_for_the_studies():
    """Three studies that contradict each other: the prediction runs from nothing to thousands."""
    said = made([-2.2, 1.0, -2.1], [1.0, 0.5, 1.0], measure="RR")
    mean = pool(said)
    low, high = limits(said, 1.96 * np.sqrt(said.vi), (mean.estimate, *mean.ci, *mean.pi))
    assert mean.pi[1] > 15
    assert -8 < low < -2.2
    assert 1.0 < high < 7
    svg = forest(said, mean)
    assert len(re.findall(r'<use [^>]*style="fill: #b5473a', svg)) == 2  # two arrows
    assert "[<0.01 to >1000]" in texts(svg)


@pytest.mark.parametrize("k", [3, 40])
@pytest.mark.parametrize("measure", ["OR", "RD", "MD"])
@pytest.mark.parametrize("name", ["A 1999", "A name that goes on and on, and on, and on 1999"])
def test_a_forest_fits_the_width_of_a_journal(k, measure, name):
    rng = np.random.default_rng(k)
    cells = np.c_[rng.integers(1, 9000, (k, 4))].astype(float)
    scale = 0.001 if measure == "RD" else 1.0
    said = attrs.evolve(
        made(scale * rng.normal(0, 1, k), scale**2 * rng.uniform(0.1, 1, k), names=[name] * k),
        measure=measure,
        cells=None if measure == "MD" else cells,
    )
    assert 130 < lay_out(said, pool(said, "DL", test="knha")).width <= 180.01


@pytest.mark.parametrize("ends", [(0.003, 4), (1e-9, 1e9), (0.01, 150), (0.2, 30)])
def test_no_two_labels_of_an_axis_touch(ends):
    said = made([0.1, 0.2], [1, 1], measure="OR")
    lows = np.log(ends)
    places = np.array(ticks(said, tuple(lows), 50))
    mm = 50 * (places - lows[0]) / (lows[1] - lows[0])
    wide = [1.38 * len(f"{float(f'{x:.10g}'):g}") for x in np.exp(places)]
    assert len(places) > 1
    assert all(b - a > (m + n) / 2 for a, b, m, n in zip(mm, mm[1:], wide, wide[1:], strict=False))


@pytest.mark.parametrize("ends", [(0.01, 100), (0.4, 3), (0.98, 1.03), (1e-4, 1e4)])
def test_ratios_have_round_ticks(ends):
    said = made([0.1, 0.2], [1, 1], measure="OR")
    places = np.exp(ticks(said, (np.log(ends[0]), np.log(ends[1])), 56))
    assert 3 <= len(places) <= 9
    assert (places >= ends[0] * (1 - 1e-9)).all()
    assert (places <= ends[1] * (1 + 1e-9)).all()
    assert places == pytest.approx(np.array([float(f"{x:.4g}") for x in places]), rel=1e-9)


def test_a_funnel_shows_what_was_filled_in(bcg, published):
    mean, filled = pool(bcg), trim_and_fill(bcg, pool(bcg))
    plain, full = funnel(bcg, mean), funnel(bcg, mean, filled=filled, contours=True)
    assert "filled in (trim and fill)" in texts(full)
    assert "p 0.05 to 0.10" in texts(full)
    assert "filled in (trim and fill)" not in texts(plain)
    assert "Trim and fill (L0) adds 1 on the right." in full
    none = trim_and_fill(bcg, mean, estimator="R0")
    assert none.missing == 0
    assert "filled in (trim and fill)" not in texts(funnel(bcg, mean, filled=none))


def test_baujat_names_the_outliers_and_no_two_in_one_place(published):
    said = effects(published("hackshaw1998"), "GEN")
    svg = baujat_plot(said, pool(said))
    assert "Wu-Williams 1990 (case-control)" in texts(svg)
    assert "Squared Pearson residual" in texts(svg)
    assert "Part of Q" in texts(baujat_plot(said, pool(said, "EE")))


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [(-0.001, 2, "0.00"), (-1.5, 1, "−1.5"), (12.0, 0, "12")],
)
def test_numbers(value, places, text):
    assert words.number(value, places) == text


@pytest.mark.parametrize(
    ("p", "text"), [(0.0004, "p < 0.001"), (0.0321, "p = 0.032"), (0.456, "p = 0.46")]
)
def test_p_values(p, text):
    assert words.p_value(p) == text


def test_decimals_follow_the_precision_of_the_studies():
    assert words.decimals(made([1, 2], [2500, 3000])) == 0
    assert words.decimals(made([1, 2], [25, 30])) == 1
    assert words.decimals(made([1, 2], [0.0004, 1])) == 3
    assert words.decimals(attrs.evolve(made([1, 2], [25, 30]), measure="RR")) == 2


def test_a_pool_of_other_studies_is_not_drawn(bcg, stay):
    with pytest.raises(ValueError, match="not made of"):
        forest(bcg, pool(stay))
