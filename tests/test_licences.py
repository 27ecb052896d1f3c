"""Nothing that `pip install "keyhole-spine[all]"` brings may bind its user to the GPL."""

import re
from importlib.metadata import Distribution, distribution

import pytest
from packaging.requirements import Requirement

BINDING = re.compile(r"(?<![A-Za-z])A?GPL|GNU (Affero )?General Public", re.IGNORECASE)


def brought(name, extras=("",)):
    """The distributions that `name` with its extras installs here, by name."""
    found: dict[str, Distribution] = {}
    waiting = [(name, tuple(extras))]
    done = set()
    while waiting:
        wish = waiting.pop()
        if wish in done:
            continue
        done.add(wish)
        dist = distribution(wish[0])
        found[dist.metadata["Name"]] = dist
        for text in dist.requires or ():
            need = Requirement(text)
            if any(not need.marker or need.marker.evaluate({"extra": e}) for e in wish[1]):
                waiting.append((need.name, ("", *sorted(need.extras))))
    return found


def licence(dist):
    """What the distribution says of its licence: SPDX, classifiers or the first line of its text."""
    about = dist.metadata
    if about.get("License-Expression"):
        return about["License-Expression"]
    classes = [c for c in about.get_all("Classifier", []) if c.startswith("License ::")]
    return "; ".join(classes) or (about.get("License") or "").strip().split("\n")[0]


ALL = brought("keyhole-spine", ("", "all"))


@pytest.mark.parametrize("name", sorted(ALL))
def test_the_licence_is_stated_and_permissive(name):
    words = licence(ALL[name])
    assert words, f"{name} states no licence"
    assert not BINDING.search(words)


@pytest.mark.parametrize(
    ("words", "binds"),
    [
        ("GPL-3.0-or-later", True),
        ("AGPL-3.0-only", True),
        ("License :: OSI Approved :: GNU General Public License v3 (GPLv3)", True),
        ("GNU Affero General Public License v3", True),
        ("LGPL-3.0-only", False),
        ("MIT", False),
    ],
)
def test_a_binding_licence_would_be_seen(words, binds):
    assert bool(BINDING.search(words)) is binds


def test_what_is_brought_follows_the_dependencies_of_dependencies():
    assert {"numpy", "llvmlite", "MarkupSafe"} <= set(ALL)
    assert "pytest" not in ALL
