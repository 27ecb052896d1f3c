"""What an import costs, what a room shows, and that no module needs itself."""

import graphlib
import importlib
import pkgutil
import subprocess
import sys

import grimp
import pytest

import keyhole

HEAVY = {"numpy", "scipy", "numba", "pydicom", "matplotlib", "nibabel", "PIL"}
MODULES = [m.name for m in pkgutil.walk_packages(keyhole.__path__, "keyhole.")]
ROOMS = [name for name in MODULES if name.count(".") == 1]

HELP = """
import sys
from keyhole.cli import main
sys.argv = ["keyhole", *{words}]
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
print("loaded", *sys.modules)
"""


def _loaded(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


def test_importing_keyhole_loads_nothing_heavy():
    assert not HEAVY & _loaded("import sys, keyhole; print(*sys.modules)")


@pytest.mark.parametrize("words", [["--help"], ["plan", "--help"], ["--version"]])
def test_help_loads_nothing_heavy(words):
    assert not HEAVY & _loaded(HELP.format(words=words))


@pytest.mark.parametrize("name", MODULES)
def test_every_module_says_what_it_is_and_shows_only_what_it_has(name):
    module = importlib.import_module(name)
    assert module.__doc__
    shown = getattr(module, "__all__", ())
    assert [member for member in shown if not hasattr(module, member)] == []
    assert [member for member in shown if member.startswith("_")] == []


def test_no_module_needs_itself():
    graph = grimp.build_graph("keyhole")
    needs = {m: graph.find_modules_directly_imported_by(m) for m in graph.modules}
    assert len(list(graphlib.TopologicalSorter(needs).static_order())) == len(graph.modules)
