"""The page of findings is the one that the measures make, and names each quantity once."""

from keyhole.findings.catalogue import MEASURES
from keyhole.findings.page import findings_page, quantities


def test_the_page_is_the_generators(root):
    assert (root / "docs/look-up/findings.md").read_text(encoding="utf-8") == findings_page()


def test_every_quantity_has_unit_definition_and_source():
    for where in ("level", "segment", "spine"):
        for one in quantities(where):
            assert one.unit
            assert one.definition.endswith(".")
            assert one.source


def test_a_name_means_one_thing():
    meant = {}
    for one in (q for measure in MEASURES for q in measure.quantities):
        assert meant.setdefault(one.name, one.unit) == one.unit
