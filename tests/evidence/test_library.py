"""The shipped tables, what their rows are taken to mean, and the pages made from them."""

import csv
import io
import re

import pytest

from keyhole.errors import EvidenceError
from keyhole.evidence.library import family_of, library, parts, parts_of, readings
from keyhole.evidence.library.judged import second_tellings
from keyhole.evidence.library.page import claims, pages
from keyhole.evidence.library.tables import read_text
from keyhole.evidence.library.words import find_family, find_part

PROMISE = {
    "infection", "complications", "blood", "stay", "pain", "opioids", "function", "return-to-work",
    "cost", "recurrence", "reoperation", "radiation", "nerve-deficit", "operating-time",
}  # fmt: skip
NUMBER = re.compile(r"\d[\d,]*\.?\d*|\.\d+")


def test_the_tables_are_shipped_whole():
    sizes = {table.name: len(table.cells) for table in library().tables}
    assert sizes == {
        "miss_vs_open_pooled_printed": 134,
        "miss_vs_open_studies": 153,
        "costs_qaly": 29,
        "activity_opioid_steps": 38,
        "miss_vs_open_pooled_consistency": 105,
    }
    assert len(library().pools) == 134
    assert len(library().studies) == 153 + 29 + 38
    assert len({row.key for row in library().studies if row.origin == "study"}) == 62


def test_every_row_has_its_own_id_and_a_source():
    ids = [row.id for row in library().rows]
    assert len(ids) == len(set(ids))
    assert all(row.where and row.where != "same" for row in library().rows)


def test_every_cell_of_a_pool_is_kept_as_printed():
    cells = csv.DictReader(io.StringIO(read_text("tables/miss_vs_open_pooled_printed.csv")))
    for row, cell in zip(library().pools, cells, strict=True):
        assert (row.estimate is None) == (not cell["estimate"])
        assert row.estimate is None or row.estimate.text == cell["estimate"]
        assert (row.low is None) == (not cell["ci_lo"])
        assert (row.p is None) == (not cell["p"])


def test_what_was_recalled_is_marked():
    recalled = {row.id for row in library().rows if row.recalled}
    assert {"S043", "S044", "S045", "S078", "S093"} == recalled


def test_a_published_table_comes_out_of_the_rows():
    """PMC5900071 Table 2: blood loss 1418.7 and 745.0 mL, stay 14.7 and 8.7 d, 43/163 and 32/188."""
    rows = [row for row in library().studies if "PMC5900071" in row.where]

    def mean(outcome, arm):
        of = [getattr(row, arm) for row in rows if row.outcome == outcome]
        of = [a for a in of if a.mean is not None]
        return sum(a.n.value * a.mean.value for a in of) / sum(a.n.value for a in of)

    assert mean("blood loss", "open") == pytest.approx(1418.74, abs=0.005)
    assert mean("blood loss", "mis") == pytest.approx(745.03, abs=0.005)
    assert mean("hospital stay", "open") == pytest.approx(14.73, abs=0.005)
    assert mean("hospital stay", "mis") == pytest.approx(8.74, abs=0.005)
    counts = [
        [(getattr(r, arm).events.value, getattr(r, arm).n.value) for r in rows if r.mis.events]
        for arm in ("open", "mis")
    ]
    assert [tuple(map(sum, zip(*arm, strict=True))) for arm in counts] == [(43, 163), (32, 188)]


# what rows mean


def test_every_row_is_of_one_known_comparison():
    assert [row.id for row in library().rows if family_of(row) is None] == []
    wordings = [w for f in map(find_family, ("mis-tlif", "both-mis")) for w in f.wordings]
    assert len(wordings) == len(set(wordings))


def test_the_parts_are_those_of_the_promise():
    assert {part.name for part in parts()} == PROMISE
    of = {row.id: {part.name for part in parts_of(row)} for row in library().rows}
    assert of["P013"] == {"infection"}
    assert of["P112"] == {"nerve-deficit"}
    assert of["S029"] == {"pain", "function", "reoperation"}
    assert of["S001"] == set()  # before surgery


@pytest.mark.parametrize(
    ("asked", "name"),
    [("infection", "infection"), ("Hospital stay", "stay"), ("ODI", "function"), ("LOS", "stay")],
)
def test_an_outcome_is_found_by_its_words(asked, name):
    assert find_part(asked).name == name


def test_an_outcome_that_is_not_there_is_refused():
    with pytest.raises(EvidenceError) as e:
        find_part("beauty")
    assert e.value.refusal.code == "outcome-unknown"
    assert "nerve-deficit" in e.value.refusal.next


def test_a_comparison_that_is_not_there_is_refused():
    with pytest.raises(EvidenceError) as e:
        find_family("robot vs hand")
    assert e.value.refusal.code == "comparison-unknown"


def test_a_comparison_is_found_by_any_of_its_wordings():
    asked = ("MIS-TLIF vs open TLIF", "mTLIF  vs open tlif", "mis-tlif")
    assert {find_family(a).name for a in asked} == {"mis-tlif"}


def test_readings_by_hand_are_of_rows_that_there_are():
    ids = {row.id for row in library().rows}
    assert {reading.row for reading in readings()} <= ids
    assert {part for reading in readings() for part in reading.parts} <= PROMISE
    again = second_tellings()
    assert set(again) | set(again.values()) <= ids


# pages


def _numbers(text):
    return {float(x.replace(",", "").rstrip(".")) for x in NUMBER.findall(text)}


def _text(row_id):
    row = library()[row_id]
    told = (row.said, row.outcome, row.when, row.design, row.comparison, row.note, row.confidence)
    return " ".join(told)


@pytest.mark.parametrize("part", sorted(PROMISE))
def test_no_claim_without_its_row_and_no_number_that_is_not_in_it(part):
    assert claims()[part]
    for claim in claims()[part]:
        assert claim.rows, claim.say
        assert _numbers(claim.say) <= _numbers(" ".join(map(_text, claim.rows))), claim.say


@pytest.mark.parametrize("part", sorted(PROMISE))
def test_no_claim_rests_on_a_recalled_number(part):
    for claim in claims()[part]:
        recalled = [row_id for row_id in claim.rows if library()[row_id].recalled]
        assert not recalled or (not _numbers(claim.say) and "recalled" in claim.say)


@pytest.fixture(scope="module")
def made():
    """The pages as the code makes them."""
    return pages()


def test_the_pages_are_what_the_code_makes(root, made):
    folder = root / "docs/look-up/evidence"
    assert {page.name for page in folder.iterdir()} == set(made)
    for page in folder.iterdir():
        assert page.read_text(encoding="utf-8") == made[page.name], page.name


def test_every_part_has_a_page_with_for_and_against_side_by_side(made):
    assert set(made) == {f"{name}.md" for name in PROMISE} | {"README.md"}
    for name in PROMISE:
        assert "| For MISS | Against MISS, or no difference shown |" in made[f"{name}.md"]


def test_a_recalled_row_stands_apart_on_its_page(made):
    body, _, recalled = made["infection.md"].partition("## Recalled")
    assert "**S093**" in recalled
    assert "**S093**" not in body
