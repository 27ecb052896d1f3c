"""Compiled kernels are kept under a name that changes with every kernel's source."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import keyhole.kernels
from keyhole.kernels._cache import fingerprint, user_cache

KERNELS = Path(keyhole.kernels.__file__).parent


@pytest.fixture
def sources(tmp_path):
    copy = tmp_path / "kernels"
    shutil.copytree(KERNELS, copy, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


def test_the_name_is_the_same_for_the_same_sources(sources):
    assert fingerprint(sources) == fingerprint(KERNELS)


@pytest.mark.parametrize("change", ["edited", "renamed", "added deep down"])
def test_any_change_of_any_kernel_changes_the_name(sources, change):
    before = fingerprint(sources)
    some = max(sources.glob("[a-z]*.py"))
    if change == "edited":
        some.write_text(some.read_text() + "\n# another line\n")
    elif change == "renamed":
        some.rename(some.with_name("other.py"))
    else:
        deep = sources / "deep" / "deeper"
        deep.mkdir(parents=True)
        (deep / "new.py").write_text("")
    assert fingerprint(sources) != before


def test_the_folder_is_chosen_by_the_user_or_is_the_users_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("KEYHOLE_CACHE", str(tmp_path))
    assert user_cache() == tmp_path
    monkeypatch.delenv("KEYHOLE_CACHE")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert user_cache() == tmp_path / "xdg" / "keyhole"
    monkeypatch.setattr(sys, "platform", "darwin")
    assert user_cache() == Path.home() / "Library" / "Caches" / "keyhole"


SHOW = "import keyhole.kernels, numba; print(numba.config.CACHE_DIR)"


@pytest.mark.parametrize("first", ["", "import numba; "])
def test_numba_is_told_before_the_first_kernel_even_if_it_was_imported_earlier(first, tmp_path):
    shown = _python(first + SHOW, KEYHOLE_CACHE=str(tmp_path))
    assert shown == str(tmp_path / fingerprint(KERNELS))


def test_a_users_own_numba_folder_is_left_alone(tmp_path):
    assert _python(SHOW, NUMBA_CACHE_DIR=str(tmp_path)) == str(tmp_path)


INNER = "from numba import njit\n\n@njit(cache=True)\ndef step():\n    return {}\n"
OUTER = (
    "from numba import njit\nfrom kernels.inner import step\n\n"
    "@njit(cache=True)\ndef walk():\n    return step()\n"
)


def test_an_edited_inner_function_is_never_run_as_it_was(tmp_path):
    """numba itself would run the old code: it looks at the outer function's file only."""
    room = tmp_path / "kernels"
    room.mkdir()
    shutil.copy(KERNELS / "_cache.py", room)
    (room / "__init__.py").write_text("from kernels._cache import use_own_cache\nuse_own_cache()\n")
    (room / "outer.py").write_text(OUTER)
    for value in (1, 2):
        (room / "inner.py").write_text(INNER.format(value))
        code = "from kernels.outer import walk; print(walk())"
        cache = str(tmp_path / "cache")
        assert _python(code, PYTHONPATH=str(tmp_path), KEYHOLE_CACHE=cache) == str(value)


def _python(code, **env):
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("NUMBA_", "KEYHOLE_CACHE"))}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=clean | {"PYTHONDONTWRITEBYTECODE": "1"} | env,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()
