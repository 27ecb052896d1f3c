"""A plan survives being written, and a file that is no plan is refused with the place named."""

import json
import math

import attrs
import numpy as np
import pytest

from keyhole.errors import OutputError, PlanError
from keyhole.plan.plan_file import from_data, read_plan, to_data, write_plan


def broken(data):
    with pytest.raises(PlanError) as e:
        from_data(data)
    assert e.value.refusal.code == "plan-broken"
    return e.value.refusal.found


def test_a_plan_is_the_same_after_writing_and_reading(a_plan, tmp_path):
    write_plan(tmp_path / "plan.json", a_plan)
    assert read_plan(tmp_path / "plan.json") == a_plan
    assert [path.name for path in tmp_path.iterdir()] == ["plan.json"]


def test_the_same_plan_is_written_to_the_same_bytes(a_plan, tmp_path):
    for name in ("a.json", "b.json"):
        write_plan(tmp_path / name, a_plan)
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()


def test_keys_stand_in_the_contracts_order(a_plan):
    data = to_data(a_plan)
    assert list(data) == [
        "schema",
        "keyhole",
        "request",
        "scan",
        "spine",
        "findings",
        "targets",
        "options",
        "comparison",
        "confirmations",
        "disclaimer",
    ]
    assert list(data["options"][0])[:5] == ["id", "technique", "kind", "feasible", "refusals"]
    assert data["options"][0]["refusals"][0]["severity"] == "refusal"
    assert data["options"][0]["corridors"] == []


def test_lengths_are_rounded_and_directions_and_settings_less_so(a_plan):
    frame = attrs.evolve(a_plan.spine.levels[0].frame, right=(0.1234567891, 0.0, -0.0))
    level = attrs.evolve(a_plan.spine.levels[0], frame=frame)
    scan = attrs.evolve(a_plan.scan, spacing_mm=(0.123456789, 1.0, 1.0))
    request = attrs.evolve(a_plan.request, settings={"error": {"usual_shift_mm": 0.00012345}})
    plan = attrs.evolve(
        a_plan, spine=attrs.evolve(a_plan.spine, levels=(level,)), scan=scan, request=request
    )
    data = to_data(plan)
    assert data["scan"]["spacing_mm"] == [0.123, 1.0, 1.0]
    assert data["spine"]["levels"][0]["frame"]["right"] == [0.123457, 0.0, 0.0]
    assert math.copysign(1, data["spine"]["levels"][0]["frame"]["right"][2]) == 1
    assert data["request"]["settings"]["error"]["usual_shift_mm"] == 0.00012345


@pytest.mark.parametrize("value", [math.nan, math.inf, np.float64("nan")])
def test_a_number_that_is_none_cannot_be_written(a_plan, value):
    scan = attrs.evolve(a_plan.scan, kvp=value)
    with pytest.raises(ValueError, match=r"plan\.scan\.kvp is"):
        to_data(attrs.evolve(a_plan, scan=scan))


def test_numpy_floats_become_plain_and_other_numpy_values_are_our_fault(a_plan):
    scan = attrs.evolve(a_plan.scan, kvp=np.float64(120))
    assert type(to_data(attrs.evolve(a_plan, scan=scan))["scan"]["kvp"]) is float
    scan = attrs.evolve(a_plan.scan, kvp=np.int64(120))
    with pytest.raises(TypeError, match=r"plan\.scan\.kvp is a int64"):
        to_data(attrs.evolve(a_plan, scan=scan))


def test_whole_numbers_stand_for_floats(a_plan):
    data = to_data(a_plan)
    data["options"][0]["screws"][0]["length_mm"] = 50
    length = from_data(data).options[0].screws[0].length_mm
    assert (length, type(length)) == (50.0, float)


def test_own_keys_are_let_be_and_not_kept(a_plan):
    data = to_data(a_plan)
    data["x_note"] = {"anything": [1, 2]}
    data["options"][0]["screws"][0]["x_seen_by"] = "a surgeon"
    assert from_data(data) == a_plan


def test_an_unknown_key_is_refused_where_it_stands(a_plan):
    data = to_data(a_plan)
    data["options"][0]["screws"][0]["lenght_mm"] = 45
    assert "options[0].screws[0] has the unknown key 'lenght_mm'" in broken(data)


def test_a_missing_key_is_refused_even_if_it_could_be_null(a_plan):
    data = to_data(a_plan)
    del data["options"][0]["screws"][0]["skin_entry"]
    assert "options[0].screws[0] lacks the key 'skin_entry'" in broken(data)


def test_null_without_a_reason_is_refused_where_it_stands(a_plan):
    data = to_data(a_plan)
    data["options"][0]["screws"][0]["fill"] = None
    found = broken(data)
    assert "fill is unknown without fill_reason" in found
    assert "options[0].screws[0]" in found


def test_a_severity_that_is_not_the_codes_own_is_refused(a_plan):
    data = to_data(a_plan)
    data["options"][0]["refusals"][0]["severity"] = "warning"
    assert "pedicle-too-narrow is a refusal, not a warning" in broken(data)


def test_many_faults_are_counted(a_plan):
    data = to_data(a_plan)
    data |= {f"key{n}": 1 for n in range(5)}
    assert "(and 2 more)" in broken(data)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", "not JSON"),
        ("[1, 2]", "not an object"),
        ('{"schema": 1, "schema": 2}', "'schema' stands twice"),
        ('{"keyhole": NaN}', "NaN is no number"),
        ('{"keyhole": -Infinity}', "-Infinity is no number"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_text_that_is_no_plan_is_refused(tmp_path, text, found):
    path = tmp_path / "plan.json"
    path.write_text(text)
    with pytest.raises(PlanError) as e:
        read_plan(path)
    assert e.value.refusal.code == "plan-broken"
    assert found in e.value.refusal.found


def test_bytes_that_are_no_text_are_refused(tmp_path):
    path = tmp_path / "plan.json"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(PlanError) as e:
        read_plan(path)
    assert e.value.refusal.code == "plan-broken"


@pytest.mark.parametrize("name", ["Jane Doe.json", "."])
def test_a_file_that_is_not_there_is_refused_without_its_name(tmp_path, name):
    with pytest.raises(PlanError) as e:
        read_plan(tmp_path / name)
    assert e.value.refusal.code == "file-missing"
    assert "Jane" not in str(e.value)
    assert str(tmp_path) not in str(e.value)


def test_a_plan_of_a_later_shape_is_refused(a_plan):
    data = to_data(a_plan)
    data["schema"] = "keyhole.plan/1"
    assert "'keyhole.plan/1', not one of 'keyhole.plan/0'" in broken(data)


def test_a_place_that_cannot_be_written_is_refused(a_plan, tmp_path):
    with pytest.raises(OutputError) as e:
        write_plan(tmp_path / "not there" / "plan.json", a_plan)
    assert e.value.refusal.code == "output-unwritable"
    (tmp_path / "plan.json").mkdir()
    with pytest.raises(OutputError) as e:
        write_plan(tmp_path / "plan.json", a_plan)
    assert e.value.refusal.code == "output-unwritable"
    assert [path.name for path in tmp_path.iterdir()] == ["plan.json"]


def test_a_plan_that_would_not_be_read_is_never_written(a_plan, tmp_path):
    with pytest.raises(PlanError):
        write_plan(tmp_path / "plan.json", attrs.evolve(a_plan, schema="other"))
    assert list(tmp_path.iterdir()) == []


def test_the_file_is_for_people(a_plan, tmp_path):
    write_plan(tmp_path / "plan.json", a_plan)
    text = (tmp_path / "plan.json").read_text()
    assert text.startswith('{\n "schema": "keyhole.plan/0"')
    assert json.loads(text)["disclaimer"].startswith("Research software")


def test_what_is_rounded_once_stays(a_plan):
    scan = attrs.evolve(a_plan.scan, spacing_mm=(1 / 3, 2 / 3, 1.0005))
    data = to_data(attrs.evolve(a_plan, scan=scan))
    assert to_data(from_data(data)) == data
