"""The checker: what it finds in print, and that it is silent where figures fit."""

import subprocess
import sys

import attrs
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from keyhole.evidence.library import DOUBTS, Doubt, all_doubts, doubts, library
from keyhole.evidence.library.figures import figure
from keyhole.evidence.library.printed import read_printed


def codes(row):
    return {doubt.code for doubt in doubts(row)}


@pytest.fixture
def pool():
    """A pool that fits, with other cells where they are given."""
    fits = library()["P005"]  # hospital stay days, MD -2.11 (-2.76 to -1.45)

    def make(label="MD", figures=("-2.11", "-2.76", "-1.45"), p="", **cells):
        estimate, low, high = map(figure, figures)
        changed = {"label": label, "estimate": estimate, "low": low, "high": high, "p": figure(p)}
        return attrs.evolve(fits, **(changed | cells))

    return make


@pytest.fixture
def study():
    """A study that fits: blood loss in mL, with other cells where they are given."""
    fits = library()["S097"]

    def make(mis=("40", "180", "90"), open_=("42", "300", "140"), printed="", **cells):
        arms = [
            attrs.evolve(
                fits.mis, n=figure(n), mean=figure(m), sd=figure(s), mean_text=m, sd_text=s
            )
            for n, m, s in (mis, open_)
        ]
        return attrs.evolve(fits, mis=arms[0], open=arms[1], printed=printed, **cells)

    return make


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("P001", "off-midpoint"),
        ("P041", "off-midpoint"),
        ("P041", "p-against-interval"),
        ("P057", "p-against-interval"),
        ("P092", "label-wrong"),
        ("P093", "label-wrong"),
        ("P108", "off-midpoint"),
    ],
)
def test_the_six_known_print_errors_are_found(row, code):
    assert code in codes(library()[row])


def test_they_are_the_rows_that_an_earlier_look_did_not_call_ok():
    table = next(t for t in library().tables if t.name == "miss_vs_open_pooled_consistency")
    flagged = {(c["ma_id"], c["outcome"]) for c in table.cells if c["flag"] != "ok"}
    known = ("P001", "P041", "P057", "P092", "P093", "P108")
    assert flagged == {(library()[i].key, library()[i].outcome) for i in known}


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("P129", "unit-impossible"),  # Mahmoud: a standardised value in "mL"
        ("P042", "unit-impossible"),
        ("P043", "unit-impossible"),
        ("P031", "label-wrong"),
        ("P027", "p-against-interval"),
        ("C005", "difference-off"),  # PMC3430081
        ("C005", "interval-sign"),
        ("C010", "difference-off"),  # MIDLIF
        ("S019", "se-as-sd"),  # Rahman
        ("S020", "se-as-sd"),
        ("S051", "se-as-sd"),  # Arts at 8 weeks
        ("S125", "percent-disagrees"),
        ("S011", "p-against-arms"),
    ],
)
def test_the_other_hazards_of_the_tables_are_found(row, code):
    assert code in codes(library()[row])


def test_arms_that_two_reviews_exchange_are_found():
    found = all_doubts(library().rows)
    assert {i for i, ds in found.items() if "arms-swapped" in {d.code for d in ds}} == {
        "S142",
        "S151",
    }


def test_a_misprinted_bound_of_a_ratio_is_found(pool):
    """A fusion tool prints RAND-36 OR 1.03 (0.10-1.06); 1.00 was probably meant."""
    assert codes(pool("OR", ("1.03", "0.10", "1.06"), outcome="RAND-36")) == {"off-midpoint"}
    assert codes(pool("OR", ("1.03", "1.00", "1.06"), outcome="RAND-36")) == set()


def test_nothing_else_of_the_printed_pools_is_doubted():
    doubted = {row.id for row in library().pools if doubts(row)}
    known = {"P001", "P041", "P057", "P092", "P093", "P108"}
    assert doubted == known | {"P027", "P031", "P042", "P043", "P129"}


# pools, one figure wrong


@pytest.mark.parametrize(
    ("label", "figures", "p", "code"),
    [
        ("MD", ("-2.11", "-2.76", "-1.45"), "<0.001", None),
        ("MD", ("-2.20", "-2.76", "-1.45"), "", "off-midpoint"),
        ("MD", ("-2.11", "-1.45", "-2.76"), "", "interval-reversed"),
        ("MD", ("-2.11", "-2.76", "-1.45"), "0.04", "p-against-interval"),
        ("MD", ("-0.30", "-0.66", "0.06"), "<0.001", "p-against-interval"),
        ("OR", ("0.50", "0.25", "1.00"), "0.05", None),
        ("OR", ("0.50", "0.10", "0.90"), "", "log-not-taken"),
        ("OR", ("-0.69", "-1.39", "0.00"), "", "label-wrong"),
        ("OR", ("0.50", "-1.39", "0.00"), "", "log-not-taken"),
        ("MD", ("0.50", "0.25", "1.00"), "", "label-wrong"),
        ("MD", ("-50.6", "-66.2", "-35.0"), "", "unit-impossible"),
        ("MD", ("-0.09", "-0.12", "-0.06"), "", "unit-impossible"),
    ],
)
def test_one_wrong_figure_of_a_pool_is_named(pool, label, figures, p, code):
    assert codes(pool(label, figures, p)) == ({code} if code else set())


@given(
    middle=st.floats(-3, 3),
    half=st.floats(0.2, 3),
    digits=st.integers(1, 3),
    ratio=st.booleans(),
    k=st.integers(3, 40),
    student=st.booleans(),
)
def test_rounding_alone_is_never_called_wrong(middle, half, digits, ratio, k, student):
    df = k - 1 if student else np.inf
    p = 2 * stats.t.sf(abs(middle) / half * stats.t.ppf(0.975, df), df)
    ends = np.array([middle, middle - half, middle + half])
    figures = [figure(f"{x:.{digits}f}") for x in (np.exp(ends) if ratio else ends)]
    row = attrs.evolve(
        library()["P005"],
        label="OR" if ratio else "MD",
        outcome="steps",
        estimate=figures[0],
        low=figures[1],
        high=figures[2],
        p=figure("<0.001" if p < 0.001 else f"{p:.3f}"),
        k=str(k),
        comparison="",
    )
    assume(not ratio or min(f.value for f in figures) > 0)  # what is rounded to 0 is no ratio
    assert {doubt.strength for doubt in doubts(row)} <= {"odd"}


def test_hartung_knapp_intervals_are_not_held_against_a_normal_p(pool):
    assert codes(pool(p="0.04", model="random, Hartung-Knapp")) == set()


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"k": "11", "comparison": "MIS-TLIF vs open TLIF (12 studies)"}, "k-disagrees"),
        ({"n": "900", "comparison": "MIS-TLIF vs open TLIF (410 MIS 420 open)"}, "n-disagrees"),
        ({"i2": "104"}, "share-impossible"),
    ],
)
def test_words_against_figures(pool, cells, code):
    assert codes(pool(**cells)) == {code}


@pytest.mark.parametrize(
    ("events", "code"),
    [
        ("44/268 vs 22/269", None),
        ("22/268 vs 44/269", "arms-swapped"),
        ("4/268 vs 44/269", "counts-disagree"),
        ("44/26 vs 22/269", "events-above-n"),
        ("0/268 vs 22/269", "counts-disagree"),
    ],
)
def test_events_against_the_ratio(pool, events, code):
    outcome = f"neurological deficit (events {events}; p het 0.8)"
    found = codes(pool("RR", ("2.04", "1.27", "3.25"), outcome=outcome))
    assert found == ({code} if code else set())


# studies, one figure wrong


def test_a_study_that_fits_is_not_doubted(study):
    assert codes(study(printed="MD -120 (-171.9 to -68.1) p<0.001")) == set()


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"mis": ("40", "180", "14.2"), "open_": ("42", "300", "21.6")}, "se-as-sd"),
        ({"mis": ("40", "0.18", "0.09"), "open_": ("42", "0.30", "0.14")}, "unit-impossible"),
        ({"printed": "MD 120"}, "arms-swapped"),
        ({"printed": "MD -90"}, "difference-off"),
        ({"printed": "MD -120 (-150 to -60)"}, "off-midpoint"),
        ({"printed": "MD -120 (60 to 180)"}, "interval-sign"),
        ({"printed": "p=0.3"}, "p-against-arms"),
        ({"printed": "OR 0.50 (0.10 to 0.90)"}, "log-not-taken"),
    ],
)
def test_one_wrong_figure_of_a_study_is_named(study, cells, code):
    assert code in codes(study(**cells))


def test_standard_errors_are_known_by_the_printed_p_and_interval(study):
    spreads = {"mis": ("40", "18.0", "4.74"), "open_": ("42", "20.0", "4.63")}
    odd = {"outcome": "steps", "unit": ""}
    assert codes(study(**spreads, **odd)) == set()
    assert codes(study(**spreads, **odd, printed="p=0.76")) == {"se-as-sd"}
    assert codes(study(**spreads, **odd, printed="MD -2.0 (-15.0 to 11.0)")) == {"se-as-sd"}


@pytest.mark.parametrize(
    ("printed", "code"),
    [
        ("6.2% vs 22.9%", None),
        ("22.9% vs 6.2%", "arms-swapped"),
        ("6.2% vs 29.2%", "percent-disagrees"),
    ],
)
def test_events_against_their_percentages(printed, code):
    row = attrs.evolve(library()["S062"], printed=printed)  # 3 of 48 and 11 of 48
    assert codes(row) == ({code} if code else set())


def test_more_events_than_patients_are_found():
    row = library()["S062"]
    wrong = attrs.evolve(row, mis=attrs.evolve(row.mis, events=figure("49")), printed="")
    assert codes(wrong) == {"events-above-n"}


# the parts of it


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("-106.00", -106.005, -105.995),
        (".26", 0.255, 0.265),
        ("12", 11.5, 12.5),
        ("+405", 404.5, 405.5),
    ],
)
def test_a_figure_holds_what_its_rounding_hides(text, least, most):
    found = figure(text)
    assert (found.least, found.most) == pytest.approx((least, most))


@pytest.mark.parametrize("text", ["", "400 (200-600)", "7.8 h", "56.5->13", "-", "see text"])
def test_what_is_no_figure_is_none(text):
    assert figure(text) is None


def test_a_limit_is_no_value():
    assert figure("<0.001").least == float("-inf")
    assert figure("<0.001").most == 0.001
    assert figure(">95").most == float("inf")


def test_a_printed_effect_is_read():
    read = read_printed("MD 0.61 (-4.47 to 5.68) p=0.816")
    assert (read.estimate.value, read.low.value, read.high.value) == (0.61, -4.47, 5.68)
    assert read.p.value == 0.816
    assert not read.ratio
    assert read_printed("71% vs 77% OR 0.76 (0.45-1.28)").ratio
    assert read_printed("0.002").p.value == 0.002
    assert read_printed("6.25% vs 22.92% p<0.05").p.bound == "<"


def test_a_doubt_without_a_meaning_cannot_be_made():
    with pytest.raises(ValueError, match="not a code"):
        Doubt("no-such-doubt", "odd", "")


def test_every_doubt_is_raised_by_the_shipped_rows_or_a_test(root):
    text = "".join(
        (root / "tests/evidence" / f).read_text() for f in ("test_checker.py", "test_miss.py")
    )
    assert [code for code in DOUBTS if f'"{code}"' not in text] == []


def test_planted_errors_are_found_and_clean_rows_left_alone(root):
    done = subprocess.run(
        [sys.executable, root / "validation/planted_errors/run.py", "--errors", "250"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("PASS") == 8
