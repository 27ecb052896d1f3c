"""What holds for the repository itself: sizes, words, refusals, versions, and who may skip."""

import ast
import os
import re
import statistics
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from keyhole.errors import CODES

ROOT = Path(__file__).resolve().parents[1]
OUTSIDE = {"__pycache__", "out", "dist", "keyhole-demo", "htmlcov"}
SUFFIXES = {".png", ".gz", ".webp", ".jpg"}


def _walk(folder):
    for path in sorted(folder.iterdir()):
        if path.name in OUTSIDE or (path.name.startswith(".") and path.name != ".ci"):
            continue
        if path.is_dir():
            yield from _walk(path)
        elif path.suffix not in SUFFIXES:
            yield path


FILES = list(_walk(ROOT))
SOURCES = [f for f in FILES if f.suffix == ".py"]
CODE = [f for f in SOURCES if f.is_relative_to(ROOT / "src")]
TESTS = [f for f in SOURCES if f.is_relative_to(ROOT / "tests")]


def short(path):
    return str(path.relative_to(ROOT))


# sizes


def _lengths(path):
    """The lines of each function's code, without its docstring, by name."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            yield node.name, body[-1].end_lineno - body[0].lineno + 1 if body else 0


@pytest.mark.parametrize("path", CODE, ids=short)
def test_no_file_and_no_function_is_too_long(path):
    assert len(path.read_text().splitlines()) <= 400
    assert [name for name, length in _lengths(path) if length > 50] == []


def test_most_files_and_functions_are_short():
    assert statistics.median(len(path.read_text().splitlines()) for path in CODE) <= 120
    lengths = [length for path in CODE for _, length in _lengths(path)]
    assert statistics.median(lengths) <= 8
    assert statistics.quantiles(lengths, n=20)[-1] <= 30


# words


PLACES = ["/wo" + "rk/", "/ro" + "ot/", "/ho" + "me/", "/op" + "t/", "/tm" + "p/"]
REGISTRIES = [
    "py" + "pi.org",
    "pythonhos" + "ted",
    "index" + "-url",
    "find" + "-links",
    "file:" + "//",
]


@pytest.mark.parametrize("path", FILES, ids=short)
def test_no_machine_and_no_registry_is_named(path):
    text = path.read_text()
    assert [word for word in PLACES + REGISTRIES if word in text] == []


@pytest.mark.parametrize("path", CODE, ids=short)
def test_nothing_is_left_for_later(path):
    assert not re.search(r"NotImplementedError|\bTODO\b|\bFIXME\b", path.read_text())


# refusals


def _quoted(paths, mark='"'):
    text = "\n".join(path.read_text() for path in paths)
    return set(re.findall(f"{mark}([a-z0-9]+(?:-[a-z0-9]+)*){mark}", text)) & set(CODES)


def test_every_refusal_is_raised_somewhere():
    assert set(CODES) - _quoted(p for p in CODE if p.name != "errors.py") == set()


def test_every_refusal_is_named_by_a_test_that_makes_it_refuse():
    assert set(CODES) - _quoted(p for p in TESTS if p != Path(__file__)) == set()


def test_every_refusal_is_explained():
    assert set(CODES) - _quoted([ROOT / "docs/look-up/refusals.md"], "`") == set()


# versions


def test_every_dependency_is_pinned_to_one_version_and_to_no_address():
    lines = [x for x in (ROOT / "constraints.txt").read_text().splitlines() if x[0] != "#"]
    pins = [re.fullmatch(r"([A-Za-z0-9._-]+)==([0-9][0-9a-z.]*)", line) for line in lines]
    assert [line for line, pin in zip(lines, pins, strict=True) if not pin] == []
    pinned = {canonicalize_name(pin[1]): pin[2] for pin in pins}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    wishes = [
        *project["dependencies"],
        *(w for name in extras if name != "gpu" for w in extras[name]),
    ]
    outside = [wish for wish in map(Requirement, wishes) if wish.name != project["name"]]
    for wish in outside:
        assert wish.specifier.contains(pinned[canonicalize_name(wish.name)]), wish


# skipping


@pytest.mark.parametrize("path", TESTS, ids=short)
def test_nothing_but_the_fixtures_may_skip(path):
    names = {
        node.attr if isinstance(node, ast.Attribute) else node.id
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute | ast.Name)
    }
    allowed = {"skip"} if path == ROOT / "tests/conftest.py" else set()
    assert names & {"skip", "skipif", "xfail", "importorskip"} == allowed


ASKS = "def test_data(data_dir): pass\ndef test_program(require): require('no-such-program')\n"


@pytest.mark.parametrize(
    ("promised", "outcome"),
    [("", "2 skipped"), ("data", "1 skipped, 1 error"), ("no-such-program", "1 failed, 1 skipped")],
)
def test_an_absence_is_a_failure_where_the_thing_was_promised(promised, outcome, tmp_path):
    (tmp_path / "conftest.py").write_text((ROOT / "tests/conftest.py").read_text())
    (tmp_path / "test_asks.py").write_text(ASKS)
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "--rootdir",
            tmp_path,
            tmp_path,
        ],
        env=os.environ | {"KEYHOLE_DATA": str(tmp_path), "KEYHOLE_REQUIRE": promised},
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert outcome in done.stdout


# system packages


def test_no_missing_system_package_is_silence(tmp_path):
    done = _ensure(tmp_path, "# name, tests, why\n")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_missing_system_package_is_named_with_the_one_line_to_type(tmp_path):
    done = _ensure(tmp_path, "keyhole-no-such-package  tests/none  to be missing\n")
    assert done.returncode == 1
    assert "sudo apt-get install -y --no-install-recommends keyhole-no-such-package" in done.stderr


def _ensure(place, packages):
    """`scripts/system ensure` as somebody who is not root and whose dpkg knows no package."""
    for folder in ("scripts", "bin"):
        (place / folder).mkdir()
    script = place / "scripts/system"
    script.write_text((ROOT / "scripts/system").read_text())
    (place / "packages.debian").write_text(packages)
    for name, does in (("id", "echo 1000"), ("dpkg-query", "exit 1")):
        program = place / "bin" / name
        program.write_text(f"#!/bin/sh\n{does}\n")
        program.chmod(0o755)
    path = f"{place / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["bash", script, "ensure"],
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
