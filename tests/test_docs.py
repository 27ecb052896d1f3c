"""Every code block of the documents is run, read, or says why not.

The blocks of one document run in order and share one empty folder. What a fence's words mean:
`python`: runs. `console`: the lines after `$` run in bash; with `refused` the last one must end
with exit code 1. `toml`, `json`: must be readable; `file=NAME` puts the block into the folder.
`text`: for eyes only. `not-run="reason"`: left out, and why. A document that makes no phantom itself
finds the one of docs/learn/first-plan.md in `patient`.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from attrs import frozen

from keyhole.scan.schemes import shipped_schemes
from keyhole.simulate import Wanted, write_phantom

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = [
    path
    for path in (
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "changes").glob("*.md"),
    )
    if "validation" not in path.parts
]
FENCE = re.compile(r"^```(.*?)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
KINDS = {"python", "console", "toml", "json", "text"}


@frozen
class Block:
    """One fenced block: the words of its fence, its text."""

    kind: str
    words: tuple[str, ...]
    text: str

    @property
    def excuse(self):
        return next((w.partition("=")[2] for w in self.words if w.startswith("not-run=")), None)

    @property
    def file(self):
        return next((w.partition("=")[2] for w in self.words if w.startswith("file=")), None)


def blocks(text):
    """The fenced blocks of a document, in order."""
    found = []
    for words, body in FENCE.findall(text):
        kind, *rest = shlex.split(words) or [""]
        found.append(Block(kind, tuple(rest), body))
    return found


RUN = [path for path in DOCUMENTS if blocks(path.read_text())]


def short(path):
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", RUN, ids=short)
def test_every_block_is_of_a_known_kind_or_says_why_it_is_not_run(path):
    found = blocks(path.read_text())
    assert path.read_text().count("\n```") == 2 * len(found)
    for block in found:
        assert block.kind in KINDS
        assert block.excuse is None or len(block.excuse) > 10
        assert block.kind != "text" or not re.match(r"\$ |>>> |import ", block.text)


@pytest.fixture(scope="module")
def patient(tmp_path_factory):
    """The phantom of the first lesson, made once."""
    folder = tmp_path_factory.mktemp("phantom")
    write_phantom(folder, seed=0, wanted=Wanted(spacing_mm=1.5))
    return folder


@pytest.mark.parametrize("path", RUN, ids=short)
def test_the_blocks_do_what_they_say(path, patient, tmp_path):
    text = path.read_text()
    if "patient/" in text and "phantom --out" not in text:
        shutil.copytree(patient, tmp_path / "patient")
    for block in blocks(text):
        if block.excuse is None:
            _do(block, tmp_path)


def _do(block, place):
    if block.file:
        (place / block.file).write_text(block.text)
    if block.kind == "toml":
        assert tomllib.loads(block.text)
    elif block.kind == "json":
        assert json.loads(block.text)
    elif block.kind == "python":
        _run([sys.executable, "-W", "error", "-c", block.text], place, expected=0)
    elif block.kind == "console":
        assert _commands(block.text)
        script = "\n".join(_commands(block.text))
        _run(["bash", "-ec", script], place, expected=int("refused" in block.words))


def _commands(text):
    joined = text.replace("\\\n", " ")
    return [line[2:] for line in joined.splitlines() if line.startswith("$ ")]


def _run(command, place, *, expected):
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        command,
        cwd=place,
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == expected, f"{command[-1]}\n{done.stdout}\n{done.stderr}"


LINK = re.compile(r"\]\(([^)#\s]+)(#[^)\s]*)?\)")


@pytest.mark.parametrize("path", DOCUMENTS, ids=short)
def test_every_link_inside_the_repository_leads_somewhere(path):
    for target, _ in LINK.findall(path.read_text()):
        if "://" not in target:
            assert (path.parent / target).exists(), target


def test_a_block_that_fails_would_be_seen(tmp_path):
    with pytest.raises(AssertionError):
        _do(Block("console", (), "$ false\n$ true\n"), tmp_path)
    with pytest.raises(AssertionError):
        _do(Block("python", (), "assert 1 == 2\n"), tmp_path)
    with pytest.raises(AssertionError):
        _do(Block("console", ("refused",), "$ true\n"), tmp_path)


def test_every_shipped_scheme_is_listed():
    listed = re.findall(
        r"^\| `(\w+)` \|", (ROOT / "docs/look-up/schemes.md").read_text(), re.MULTILINE
    )
    assert sorted(listed) == sorted(shipped_schemes())
