"""The schema in the documents is the code's, and the code reads by it as a schema package would."""

import copy
import random
import subprocess
import sys

import jsonschema
import pytest

from keyhole.errors import CODES, PlanError
from keyhole.plan.plan_file import from_data, to_data
from keyhole.plan.schema import faults, plan_schema


@pytest.fixture(scope="module")
def schema():
    return plan_schema()


@pytest.fixture(scope="module")
def judge(schema):
    return jsonschema.Draft202012Validator(schema)


def test_the_documents_hold_what_the_code_says(root, tmp_path):
    subprocess.run([sys.executable, root / "scripts/generate", tmp_path], check=True)
    for page in ("plan.schema.json", "refusals.md"):
        assert (tmp_path / page).read_text() == (root / "docs/look-up" / page).read_text(), page


def test_every_code_is_listed(root):
    text = (root / "docs/look-up/refusals.md").read_text()
    assert [code for code in CODES if f"| `{code}` |" not in text] == []


def test_the_schema_is_a_schema(schema):
    jsonschema.Draft202012Validator.check_schema(schema)


def test_the_example_agrees_with_the_schema(judge, schema, a_plan):
    data = to_data(a_plan)
    assert [error.message for error in judge.iter_errors(data)] == []
    assert faults(data, schema) == []


def places(data, at=()):
    """Every place in a document."""
    yield at
    inner = data.items() if isinstance(data, dict) else enumerate(data)
    for key, value in inner:
        if isinstance(value, dict | list):
            yield from places(value, (*at, key))
        else:
            yield (*at, key)


def inside(data, at):
    for key in at:
        data = data[key]
    return data


VALUES = [None, 3, 2.5, "word", True, [], [1, 2], {}, {"a": 1}, "left", -1]


def spoiled(data, at, rng):
    """The document with one thing changed, taken away or added at a place."""
    data = copy.deepcopy(data)
    holder, key = inside(data, at[:-1]), at[-1]
    what = rng.choice(["change", "take", "add"])
    if what == "take":
        del holder[key]
    elif what == "change" or not isinstance(holder, dict):
        holder[key] = rng.choice(VALUES)
    else:
        holder[rng.choice(["foo", "x_foo"])] = rng.choice(VALUES)
    return data


def accepted(data):
    try:
        from_data(data)
    except PlanError:
        return False
    return True


def test_reading_and_a_schema_package_judge_alike(judge, schema, a_plan):
    """What only the classes know (severity of a code, reasons of directions) is left out."""
    data, rng = to_data(a_plan), random.Random(5)  # noqa: S311 - spoils documents, keeps no secret
    own = ("severity", "medial", "lateral", "cranial", "caudal", "anterior", "code", "value")
    judged = []
    for at in places(data):
        if not at or at[-1] in own or at[-1] in ("reason", "not_seen"):
            continue
        changed = spoiled(data, at, rng)
        valid = judge.is_valid(changed)
        assert accepted(changed) == valid, (at, inside(data, at[:-1]))
        judged.append(valid)
    assert judged.count(True) > 30
    assert judged.count(False) > 200


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("x" * 99, "the plan is 'xxx"),
        ([1], "the plan is a list of 1, not an object"),
        (None, "the plan is null, not an object"),
    ],
)
def test_a_message_is_short(schema, value, told):
    (only,) = faults(value, schema)
    assert only.startswith(told)
    assert len(only) < 80


def test_a_long_list_of_choices_is_cut(schema, a_plan):
    data = to_data(a_plan)
    data["scan"]["warnings"][0]["code"] = "no-such-code"
    assert f"({len(CODES)} in all)" in faults(data, schema)[0]


def test_a_point_of_two_numbers_is_none(schema, a_plan):
    data = to_data(a_plan)
    data["options"][0]["screws"][0]["tip"] = [1.0, 2.0]
    assert faults(data, schema) == ["options[0].screws[0].tip has 2 items, not 3"]
