"""A phantom's truth on paper: written whole, read back, refused where it no longer holds."""

import json

import numpy as np
import pytest
from attrs import frozen

from keyhole.errors import KeyholeError
from keyhole.simulate import Phantom, Recipe, grow
from keyhole.simulate.files.plain import first_difference, plain, structured
from keyhole.simulate.files.write import as_text
from keyhole.simulate.truth.collect import truth_data
from keyhole.space import Frame, turned

POSE = Frame([12, -7, 40], np.column_stack([turned(c, [0.48, 0.6, 0.64], 33) for c in np.eye(3)]))
RECIPE = Recipe(
    seed=6,
    levels=("L4", "L5"),
    sex="female",
    illness=("herniation=L4/5:left",),
    pedicle_width_mm={"L4 left": 7.5},
    soft=False,
    pose=POSE,
)


@pytest.fixture(scope="module")
def small():
    return grow(RECIPE)


@pytest.fixture(scope="module")
def data(small):
    return json.loads(as_text(truth_data(small)))


@pytest.fixture
def written(tmp_path, data):
    def put(**changes):
        path = tmp_path / "truth.json"
        path.write_text(json.dumps({**data, **changes}), encoding="utf-8")
        return path

    return put


def test_a_recipe_comes_back_from_plain_data():
    assert structured(json.loads(json.dumps(plain(RECIPE, None))), Recipe) == RECIPE


def test_a_phantom_comes_back_from_its_truth(small, written):
    again = Phantom.read(written())
    assert again.recipe == small.recipe
    assert again.design == small.design
    places = POSE.to_patient(np.array([[0.0, 0, -36], [5, -20, -40], [25, -30, -50]]))
    for name in ("vertebra L4", "disc L4/5"):
        assert again.distance(name, places) == pytest.approx(small.distance(name, places), abs=0)


def test_the_file_holds_what_the_issue_asks_for(data):
    assert data["schema"] == "keyhole.truth/0"
    assert {"seed", "recipe", "design", "rejected_draws", "keyhole", "units"} <= data.keys()
    measured = data["measured"]
    assert [level["level"] for level in measured["levels"]] == ["L4", "L5"]
    assert measured["levels"][0]["pedicles"]["left"]["width_mm"] == pytest.approx(7.5, abs=0.4)
    assert {"cobb_deg", "lordosis_deg", "segments", "bodies"} <= measured["alignment"].keys()
    canal = measured["canal"][0]
    assert canal["segment"] == "L4/5"
    assert canal["least"]["bony_area"] == pytest.approx(min(canal["bony_area"]), abs=1e-3)
    assert {one["side"] for one in measured["foramina"]} == {"left", "right"}
    lump = measured["herniations"][0]
    assert lump["side"] == "left"
    assert lump["volume_mm3"] > 100


def test_what_is_measured_lies_where_the_patient_lies(small, data):
    bones = {level["level"]: level for level in data["measured"]["levels"]}
    for level, truth in small.truth.items():
        assert bones[level]["frame"]["origin"] == pytest.approx(truth.frame.origin, abs=1e-4)
    lump = np.array(data["measured"]["herniations"][0]["centre"])
    assert small.distance("disc L4/5", lump[None])[0] < 0
    foramen = next(one for one in data["measured"]["foramina"] if one["side"] == "left")
    assert POSE.to_local(np.array(foramen["centre"]))[0] < -5


def test_another_versions_sizes_are_refused_and_the_version_named(written, data):
    data = json.loads(json.dumps(data))
    data["design"]["levels"][4]["size"]["body_width"] += 0.5
    with pytest.raises(KeyholeError) as e:
        Phantom.read(written(design=data["design"], keyhole="0.0.9"))
    assert e.value.refusal.code == "truth-differs"
    assert "0.0.9" in e.value.refusal.found
    assert "design.levels[4].size.body_width" in e.value.refusal.found


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xfe\x00",
        b"{",
        b"[]",
        b'{"schema": "keyhole.plan/0"}',
        b'{"schema": "keyhole.truth/0", "recipe": {}}',
        b'{"schema": "keyhole.truth/0", "recipe": {"seed": "x", "sead": 1}, "design": {}, "keyhole": "1"}',
    ],
)
def test_what_is_no_truth_is_refused(tmp_path, content):
    path = tmp_path / "truth.json"
    path.write_bytes(content)
    with pytest.raises(KeyholeError) as e:
        Phantom.read(path)
    assert e.value.refusal.code == "truth-broken"


def test_a_missing_truth_is_refused(tmp_path):
    with pytest.raises(KeyholeError) as e:
        Phantom.read(tmp_path / "nowhere.json")
    assert e.value.refusal.code == "file-missing"


@frozen
class Thing:
    name: str
    values: np.ndarray
    sides: frozenset
    _hidden: int = 3


def test_plain_data_of_every_kind():
    thing = Thing("a", np.array([1.23456, -0.00001]), frozenset({"right", "left"}))
    assert plain({1: (thing, None, True)}) == {
        "1": [{"name": "a", "values": [1.2346, 0.0], "sides": ["left", "right"]}, None, True]
    }
    assert plain(Frame([1 / 3, 0, 0], np.eye(3)))["origin"] == [0.3333, 0, 0]
    with pytest.raises(ValueError, match="nan"):
        plain(float("nan"))
    with pytest.raises(TypeError, match="complex"):
        plain(1j)


@pytest.mark.parametrize(
    ("one", "other", "at"),
    [
        ({"a": [1, {"b": 2.0}]}, {"a": [1, {"b": 2.0 + 1e-9}]}, None),
        ({"a": [1, {"b": 2.0}]}, {"a": [1, {"b": 2.1}]}, "a[1].b"),
        ({"a": 1}, {"c": 1}, ""),
        ([1, 2], [1], ""),
        ({"a": "x"}, {"a": None}, "a"),
    ],
)
def test_the_first_difference_is_named(one, other, at):
    assert first_difference(one, other) == at
