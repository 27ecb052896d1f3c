"""Defaults have sources; a user's file replaces them one by one and nothing unseen."""

import json
import tomllib
from importlib import resources

import attrs
import pytest

from keyhole.errors import RequestError
from keyhole.plan.settings import ErrorSettings, ScrewSettings, Settings, _like
from keyhole.settings_file import TABLES


@pytest.fixture
def told(tmp_path):
    """What a settings file of this text is refused with."""

    def read(text):
        path = tmp_path / "keyhole.toml"
        path.write_text(text)
        with pytest.raises(RequestError) as e:
            Settings.read(path)
        assert e.value.refusal.code == "settings-broken"
        assert str(tmp_path) not in str(e.value)
        return e.value.refusal.found

    return read


@pytest.fixture
def read(tmp_path):
    def read(text):
        path = tmp_path / "keyhole.toml"
        path.write_text(text)
        return Settings.read(path)

    return read


def test_every_default_has_its_source():
    settings = Settings.default()
    keys = {f"error.{a.name}" for a in attrs.fields(ErrorSettings)}
    keys |= {f"screws.{a.name}" for a in attrs.fields(ScrewSettings)}
    assert set(settings.sources) == keys
    assert all(source.strip() for source in settings.sources.values())


def test_the_defaults_know_every_table():
    text = resources.files("keyhole.plan").joinpath("defaults.toml").read_text()
    assert set(tomllib.loads(text)) == set(TABLES)


def test_the_definitions_numbers_are_the_defaults():
    error, screws = Settings.default().error, Settings.default().screws
    assert (error.usual_shift_mm, error.usual_turn_deg) == (2, 3)
    assert (error.large_shift_mm, error.large_turn_deg) == (4.5, 7)
    assert (error.draws, error.label_sd_mm) == (1000, 0.5)
    assert (screws.max_fill, screws.max_path_share, screws.tip_behind_cortex_mm) == (0.8, 0.9, 4)
    assert (screws.max_diameter_mm, screws.max_diameter_s1_mm) == (7.5, 8.5)
    assert screws.in_out_in_levels == ("T10", "T11", "T12", "L1")


def test_no_file_means_the_defaults():
    assert Settings.read(None) == Settings.default()


def test_a_value_replaces_a_default_and_says_so(read):
    settings = read("[error]\nusual_shift_mm = 1\n")
    assert settings.error.usual_shift_mm == 1.0
    assert type(settings.error.usual_shift_mm) is float
    assert settings.sources["error.usual_shift_mm"] == "keyhole.toml"
    assert settings.error.usual_turn_deg == 3
    assert settings != Settings.default()


def test_a_value_may_bring_its_source(read):
    settings = read('[screws]\nmax_fill = { value = 0.7, source = "our own" }\n')
    assert settings.screws.max_fill == 0.7
    assert settings.sources["screws.max_fill"] == "keyhole.toml: our own"


def test_a_list_replaces_a_list(read):
    settings = read('[screws]\nin_out_in_levels = ["T12"]\n')
    assert settings.screws.in_out_in_levels == ("T12",)


def _other(value):
    """Another value of the same kind, within every limit."""
    if isinstance(value, list):
        return [_other(value[0])]
    if isinstance(value, str):
        return f"{value}x"
    return value * 2 if isinstance(value, int) else value / 2


DEFAULTS = tomllib.loads(resources.files("keyhole.plan").joinpath("defaults.toml").read_text())
KEYS = [(table, key) for table, entries in DEFAULTS.items() for key in entries]


@pytest.mark.parametrize(("table", "key"), KEYS)
def test_every_shipped_key_can_be_replaced(read, table, key):
    other = _other(DEFAULTS[table][key]["value"])
    settings = read(f"[{table}]\n{key} = {json.dumps(other)}\n")
    wanted = tuple(other) if isinstance(other, list) else other
    assert settings.as_data()[table][key] == wanted
    assert settings.sources[f"{table}.{key}"] == "keyhole.toml"
    before = Settings.default().as_data()
    changed = {
        (t, k) for t, row in before.items() for k in row if settings.as_data()[t][k] != row[k]
    }
    assert changed == {(table, key)}


def test_a_list_of_numbers_is_replaced_by_numbers_alone():
    assert _like("[t] k", [5, 6.5], (4.5, 5.0)) == (5.0, 6.5)
    assert type(_like("[t] k", [5], (4.5,))[0]) is float
    for wrong in (["5"], [True], 5.0, [float("inf")]):
        with pytest.raises(RequestError) as e:
            _like("[t] k", wrong, (4.5, 5.0))
        assert e.value.refusal.code == "settings-broken"


def test_own_schemes_lie_beside_the_file_and_no_path_is_given_out(read, tmp_path):
    settings = read('[schemes]\nmine = "schemes/mine.toml"\n')
    assert settings.schemes == {"mine": tmp_path / "schemes" / "mine.toml"}
    assert str(tmp_path) not in str(settings.as_data())
    assert "mine.toml" not in str(settings.as_data())


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("[screw]\nmax_fill = 0.7\n", "no table [screw]"),
        ("[screws]\nmax_fil = 0.7\n", "[screws] has no key 'max_fil'"),
        ("[costs]\nbed = 1\n", "[costs] has no key 'bed'; it has none yet"),
        ("error = 3\n", "error is no table"),
        ("[screws]\nmax_fill = true\n", "max_fill is True"),
        ('[screws]\nmax_fill = "big"\n', "max_fill is 'big'"),
        ("[screws]\nmax_fill = 1.2\n", "must be <= 1"),
        ("[screws]\nmax_fill = nan\n", "max_fill is nan"),
        ("[screws]\nmax_fill = inf\n", "max_fill is inf"),
        ("[error]\nusual_shift_mm = -1\n", "must be >= 0"),
        ("[error]\ndraws = 10.5\n", "draws is 10.5"),
        ("[error]\ndraws = 0\n", "must be > 0"),
        ("[screws]\nin_out_in_levels = 3\n", "in_out_in_levels is 3"),
        ("[screws]\nin_out_in_levels = [3]\n", "in_out_in_levels is (3,)"),
        ("[screws]\nmax_fill = { source = 'a' }\n", "must be a value, or a table"),
        ("[screws]\nmax_fill = { value = 0.7, unit = 'a' }\n", "must be a value, or a table"),
        ("[schemes]\nmine = 3\n", "[schemes] must hold lines"),
        ("schemes = 3\n", "schemes is no table"),
        ("not toml", "cannot be read as TOML"),
    ],
)
def test_what_is_not_understood_is_refused(told, text, found):
    assert found in told(text)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(RequestError) as e:
        Settings.read(tmp_path / "none.toml")
    assert e.value.refusal.code == "settings-broken"
    assert "none.toml" not in str(e.value)


def test_a_file_that_is_no_text_is_refused(tmp_path):
    (tmp_path / "keyhole.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(RequestError) as e:
        Settings.read(tmp_path / "keyhole.toml")
    assert e.value.refusal.code == "settings-broken"
