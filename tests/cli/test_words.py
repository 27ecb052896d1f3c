"""Commands that are refused, or answer, before any scan is read."""

import os
import subprocess
import sys

import pytest

from keyhole import __version__
from keyhole.plan.settings import Settings

PLAN = ("plan", "none.nii.gz", "--goal", "stabilize")


def test_help_names_every_command(keyhole):
    result = keyhole("--help")
    assert result.exit_code == 0
    for command in ("demo", "read", "plan", "check", "phantom", "settings"):
        assert f"  {command} " in result.stdout
        assert keyhole(command, "--help").exit_code == 0
    assert "not a medical device" in result.stdout


def test_version(keyhole):
    assert keyhole("--version").stdout == f"keyhole {__version__}\n"


def test_python_m_keyhole_is_the_command():
    done = subprocess.run(
        [sys.executable, "-m", "keyhole", "settings", "--json"],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"KEYHOLE_CONFIG": ""},
    )
    assert done.returncode == 0
    assert done.stderr == ""
    assert '"usual_shift_mm"' in done.stdout


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("operate",),
        ("plan", "scan.nii.gz"),
        (*PLAN, "--at", "L3", "--side", "middle"),
        (*PLAN, "--at", "L3", "--seed", "x"),
        ("phantom",),
    ],
)
def test_wrong_usage_ends_with_2(keyhole, words):
    result = keyhole(*words)
    assert result.exit_code == 2


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("plan", "none", "--goal", "fuse", "--at", "L4/5"), "goal-not-built"),
        ((*PLAN, "--at", "heart"), "at-unreadable"),
        ((*PLAN, "--at", "L3", "--technique", "laser"), "technique-unknown"),
        ((*PLAN, "--at", "L3", "--accept", "mirrored"), "accept-unknown"),
        ((*PLAN, "--at", "L3", "--call", "L5"), "call-unreadable"),
        ((*PLAN, "--at", "L3", "--config", "none.toml"), "settings-broken"),
        (("settings", "--config", "none.toml"), "settings-broken"),
        (("read", "none.nii.gz", "--accept", "all"), "accept-unknown"),
        (("read", "none.nii.gz", "--call", "L5"), "call-unreadable"),
        (("check", "none.json"), "file-missing"),
    ],
)
def test_words_are_refused_first(refusal, words, code):
    assert refusal(*words) == code


def test_settings_are_printed_with_their_sources(keyhole, told):
    data, code = told("settings")
    assert code == 0
    default = Settings.default()
    assert data["settings"]["screws"]["max_fill"] == {
        "value": 0.8,
        "source": default.sources["screws.max_fill"],
    }
    text = keyhole("settings").stdout
    assert "max_fill" in text
    assert "Solitro" in text
    assert "T10, T11, T12, L1" in text


def test_settings_come_from_the_file_named_and_from_the_environment(told, tmp_path, monkeypatch):
    (tmp_path / "keyhole.toml").write_text('[error]\ndraws = 50\n[schemes]\nmine = "m.toml"\n')
    monkeypatch.chdir(tmp_path)
    assert told("settings")[0]["settings"]["error"]["draws"]["value"] == 1000, "searched for"
    named, _ = told("settings", "--config", tmp_path / "keyhole.toml")
    assert named["settings"]["error"]["draws"] == {"value": 50, "source": "keyhole.toml"}
    assert named["settings"]["schemes"]["mine"]["value"] == "the user's own"
    monkeypatch.setenv("KEYHOLE_CONFIG", str(tmp_path / "keyhole.toml"))
    assert told("settings")[0] == named


def test_a_filled_folder_is_refused_before_the_scan_is_read(refusal, tmp_path):
    (tmp_path / "file").write_text("")
    assert refusal(*PLAN, "--at", "L3", "--out", tmp_path) == "output-filled"
    assert refusal("demo", "--out", tmp_path) == "output-filled"
    assert refusal("phantom", "--out", tmp_path) == "output-filled"
