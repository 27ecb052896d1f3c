"""An empty folder is fine, a filled one needs --force, an old plan never stays."""

import pytest

from keyhole.cli.output import ready_folder
from keyhole.errors import OutputError


def code_of(out, *, force):
    with pytest.raises(OutputError) as e:
        ready_folder(out, force=force)
    assert str(out) not in str(e.value)
    return e.value.refusal.code


def test_a_new_or_empty_folder_is_fine(tmp_path):
    assert ready_folder(tmp_path / "a" / "b", force=False).is_dir()
    assert ready_folder(tmp_path / "a" / "b", force=False).is_dir()


def test_a_filled_folder_needs_force_and_loses_its_old_plan(tmp_path):
    (tmp_path / "plan.json").write_text("{}")
    (tmp_path / "notes.txt").write_text("mine")
    assert code_of(tmp_path, force=False) == "output-filled"
    assert (tmp_path / "plan.json").exists()
    ready_folder(tmp_path, force=True)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_file_in_the_way_is_refused(tmp_path):
    (tmp_path / "out").write_text("")
    assert code_of(tmp_path / "out", force=True) == "output-unwritable"
    assert code_of(tmp_path / "out" / "in", force=False) == "output-unwritable"
