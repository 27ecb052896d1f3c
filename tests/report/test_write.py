"""The whole page: it parses, it stands alone, it is accessible, and it says what it must."""

import copy
import re
from html.parser import HTMLParser

import pytest

from keyhole.errors import AnatomyError, OutputError
from keyhole.report import write_report
from keyhole.report.write import render

VOID = {"img", "meta", "input", "br", "link"}


class Page(HTMLParser):
    """Elements in order, with their attributes; checks that they nest."""

    def __init__(self, text):
        super().__init__()
        self.open, self.elements, self.words, self.headings = [], [], [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
        if re.fullmatch(r"h\d", tag):
            self.headings.append(int(tag[1]))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if not {"script", "style"} & set(self.open):
            self.words.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(scope="module")
def page(written):
    return Page(written[0].read_text(encoding="utf-8"))


def test_one_file_of_moderate_size_and_nothing_beside_it(written):
    path, told = written
    assert path.name == "report.html"
    assert [p.name for p in path.parent.iterdir()] == ["report.html"]
    assert 200_000 < path.stat().st_size < 12_000_000
    shares = [done for _, done in told]
    assert shares == sorted(shares)
    assert told[-1] == ("report", 1)


def test_it_asks_nothing_of_the_world(written):
    text = written[0].read_text(encoding="utf-8")
    assert not re.search(r"https?://|//\w+\.\w+/|@import|<link", text)
    sources = re.findall(r'src="([^"]{0,24})', text)
    assert sources
    assert all(source.startswith("data:image/webp;base64,") for source in sources)
    assert "default-src 'none'" in text


def test_every_picture_has_words_and_a_size(page, patient):
    pictures = page.all("img")
    screws = len(patient.plan()["options"][0]["screws"])
    assert len(pictures) == 3 * screws + 2 + 3 + 36
    assert all(len(picture["alt"]) > 40 for picture in pictures)
    assert all(int(picture["width"]) > 100 for picture in pictures)
    assert sum("quarter" in picture.get("class", "") for picture in pictures) == 4


def test_it_is_accessible(page):
    assert page.all("html")[0]["lang"] == "en"
    assert page.headings[0] == 1
    assert page.headings.count(1) == 1
    steps = zip(page.headings, page.headings[1:], strict=False)
    assert all(after <= before + 1 for before, after in steps)
    assert all("scope" in head for head in page.all("th"))
    assert len(page.all("caption")) == len(page.all("table"))
    assert len(page.all("figcaption")) == len(page.all("figure"))
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    targets = [a["href"] for a in page.all("a")]
    assert all(target.removeprefix("#") in ids for target in targets)
    slider = page.all("input")[0]
    assert (slider["type"], slider["max"]) == ("range", "35")
    assert page.all("label")


def test_it_says_the_conventions_in_words(page):
    for words in (
        "patient's left at image right, front on top",
        "front at image left, head on top",
        "patient's left at image left, head on top",
        "Drag, or use the arrow keys",
        "count levels by fluoroscopy",
        "not a medical device. A surgeon decides.",
        "usual error of 2.0 mm and 3.0 degrees",
        "schematic",
    ):
        assert words in page.text, words


def test_it_says_what_is_not_known_and_why(page):
    assert "not known the skin is not in the scan" in page.text
    assert "not known there is no image in this test" in page.text
    assert "not known no lateral limit in this test" in page.text
    assert "not known not worked out in this test" in page.text
    assert "None" not in page.text
    assert "nan" not in page.text.lower().split()


def test_it_shows_numbers_grades_refusals_and_warnings(page):
    assert "6.5 × 45\u00a0mm" in " ".join(page.words)
    assert "A (A–B)" in page.text
    assert "C (A–C)" in page.text
    assert "2 A, 1 B, 1 C" in page.text
    assert "Refused , L3 left :" in page.text.replace(":", " :").replace(",", " ,")
    assert "This was found: <pedicle-too-narrow>." in page.text
    assert "bone-soft" in page.text
    assert "head-off-rod" in page.text
    assert "placed by rule root L4 left" in page.text
    assert "symptoms, stability" in page.text
    assert "No screw of this option could be planned" in page.text
    assert "yes (surgeon)" in page.text


def test_coarse_voxels_mark_every_part(page):
    assert page.text.count("INDICATIVE") > 8
    titles = [h for h in page.headings if h in (2, 3)]
    assert len(titles) > 8


def test_a_scan_is_named_by_a_short_id_only(written, patient):
    text = written[0].read_text(encoding="utf-8")
    assert patient.plan()["scan"]["id"] not in text
    assert "sha256:0123456789ab…" in text


@pytest.fixture(scope="module")
def brief(patient):
    """A plan of a single screw, whose turntable is not what is looked at."""
    plan = copy.deepcopy(patient.plan())
    plan["options"] = plan["options"][:1]
    plan["options"][0] |= {"screws": plan["options"][0]["screws"][:1], "rods": []}
    return plan


def test_without_screws_or_refusals_it_still_says_so(patient, spine, brief):
    empty = brief | {"options": []}
    assert "The plan holds no option." in render(empty, spine, None)
    idle = copy.deepcopy(brief)
    idle["options"][0] |= {"screws": [], "refusals": []}
    idle["scan"] |= {"modality": "none", "warnings": [], "accuracy": "fine"}
    text = Page(render(idle, spine, None)).text
    assert "This option holds no screw." in text
    assert "Nothing that was asked for is refused." in text
    assert "INDICATIVE" not in text
    assert "none: the label map stands alone" in text


def test_words_of_a_plan_cannot_become_markup(patient, spine, brief):
    sly = copy.deepcopy(brief) | {"disclaimer": "<script>alert(1)</script>"}
    sly["options"][0]["screws"] = []
    text = render(sly, spine, None)
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)" in text


def test_a_plan_of_another_spine_is_refused_and_the_old_report_stays(
    tmp_path, patient, spine, brief
):
    (tmp_path / "report.html").write_text("old")
    strange = copy.deepcopy(brief)
    strange["options"][0]["screws"][0]["level"] = "L1"
    with pytest.raises(AnatomyError) as refused:
        write_report(tmp_path, strange, spine, None)
    assert refused.value.refusal.code == "level-not-there"
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]
    assert (tmp_path / "report.html").read_text() == "old"


def test_an_old_report_is_replaced(tmp_path, spine, brief):
    (tmp_path / "report.html").write_text("old")
    write_report(tmp_path, brief | {"options": []}, spine, None)
    assert "<!doctype html>" in (tmp_path / "report.html").read_text()[:40]


def test_a_folder_that_cannot_be_written_is_refused(tmp_path, spine, brief):
    blocked = tmp_path / "a file"
    blocked.write_text("no folder")
    with pytest.raises(OutputError) as refused:
        write_report(blocked, brief | {"options": []}, spine, None)
    assert refused.value.refusal.code == "output-unwritable"
    assert "a file" not in str(refused.value)
