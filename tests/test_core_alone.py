"""`demo`, `read` and `plan` run where nothing but the core's own dependencies is installed.

The environment is a new venv whose site-packages is linked, one by one, to the distributions
that the core's metadata asks for: an import of anything else fails there.
"""

import json
import os
import subprocess
import venv
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
RUN = "from keyhole.cli import main; main()"


def core():
    """The names of the distributions that `pip install keyhole-spine` brings."""
    found, waiting = set(), ["keyhole-spine"]
    while waiting:
        dist = distribution(waiting.pop())
        if dist.metadata["Name"] in found:
            continue
        found.add(dist.metadata["Name"])
        needs = map(Requirement, dist.requires or ())
        waiting += [n.name for n in needs if not n.marker or n.marker.evaluate({"extra": ""})]
    return found


def _link(name, site):
    dist = distribution(name)
    tops = {
        file.parts[0] for file in dist.files or () if file.parts[0] not in ("..", "__pycache__")
    }
    for top in tops:
        (site / top).symlink_to(dist.locate_file(top))


@pytest.fixture(scope="module")
def python(tmp_path_factory):
    """The interpreter of a venv with the core alone."""
    place = tmp_path_factory.mktemp("core")
    venv.create(place, symlinks=True)
    site = next(place.glob("lib/python*/site-packages"))
    for name in core() - {"keyhole-spine"}:
        _link(name, site)
    (site / "keyhole.pth").write_text(f"{ROOT / 'src'}\n")
    return place / "bin" / "python"


def _python(python, *words, cwd):
    env = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    return subprocess.run(
        [python, "-c", *map(str, words)],
        cwd=cwd,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )


def test_no_tool_of_the_tests_is_there(python, tmp_path):
    for tool in ("pytest", "hypothesis", "jsonschema", "hatchling", "setuptools"):
        assert _python(python, f"import {tool}", cwd=tmp_path).returncode != 0, tool


def test_demo_read_and_plan_run_on_the_core_alone(python, tmp_path):
    demo = _python(python, RUN, "demo", "--out", "demo", cwd=tmp_path)
    assert demo.returncode == 0, demo.stderr
    scan = ("demo/ct.nii.gz", "--labels", "demo/labels.nii.gz")
    read = _python(python, RUN, "read", *scan, "--json", cwd=tmp_path)
    assert read.returncode == 0, read.stderr
    assert json.loads(read.stdout)
    words = ("plan", *scan, "--goal", "stabilize", "--at", "L4/5", "--out", "out")
    plan = _python(python, RUN, *words, cwd=tmp_path)
    assert plan.returncode == 0, plan.stderr
    screws = json.loads((tmp_path / "out/plan.json").read_text())["options"][0]["screws"]
    assert {(s["level"], s["side"]) for s in screws} == {
        (level, side) for level in ("L4", "L5") for side in ("left", "right")
    }
