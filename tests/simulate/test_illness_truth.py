"""Every illness changes its own truth by the ordered dose and no other beyond what it must.

`illness_truth.toml` says what each may change of what `truth.json` holds; all else stays as it
is in the healthy patient of the same seed.
"""

import tomllib
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from attrs import evolve

from keyhole.simulate import Recipe, grow
from keyhole.simulate.files.plain import plain
from keyhole.simulate.illness.registry import ILLNESSES
from keyhole.simulate.truth.alignment import find_alignment
from keyhole.simulate.truth.canal import canal_truths
from keyhole.simulate.truth.foramen import foramen_truths
from keyhole.simulate.truth.herniation import herniation_truths
from keyhole.simulate.truth.roots import root_truths

TABLE = tomllib.loads((Path(__file__).parent / "illness_truth.toml").read_text("utf-8"))
WELL = Recipe(seed=1, soft=False, levels=("L3", "L4", "L5", "S1"))
CANAL_MM = 8.0
CHANCE = {"design": 0.0, "alignment": 0.005, "canal": 0.6, "foramen": 0.6, "herniation": 0.0, "root": 0.3}  # fmt: skip
"""What a number may differ by chance, mm or degrees (areas: their square root): sections lie on
grids that turn with the bones."""


def flat(data, at):
    """Numbers, words and lists by where they stand; parts of a spine by their names."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield from flat(value, f"{at} {key}")
    elif isinstance(data, list) and data and isinstance(data[0], dict):
        for part in data:
            name = part.get("name") or part.get("level") or f"{part['upper']}-{part['lower']}"
            yield from flat({k: v for k, v in part.items() if k != "name"}, f"{at} {name}")
    else:
        yield at, data


def grown(recipe):
    """What follows from the design and the frames alone."""
    patient = grow(recipe)
    found = dict(flat(plain(patient.design), "design"))
    found |= flat(plain(find_alignment(patient.design, patient.frames)), "alignment")
    return patient, found


def rooted(value):
    return float(np.sqrt(value))


def measured(patient):
    """What sections of the bones and discs tell; places in their level's own coordinates."""
    contents, found = patient.contents, {}
    for name, one in canal_truths(contents, CANAL_MM).items():
        found[f"canal {name} bony"] = rooted(one.at_disc["bony_area"])
        found[f"canal {name} least bony"] = rooted(one.least["bony_area"])
        found[f"canal {name} sac"] = rooted(one.at_disc["sac_area"])
    for (name, side), one in foramen_truths(contents).items():
        found[f"foramen {name} {side} area"] = rooted(one.area)
        found[f"foramen {name} {side} height"] = one.height
        found[f"foramen {name} {side} recess"] = one.recess_depth
    for name, one in herniation_truths(contents).items():
        found |= {f"herniation {name} {key}": getattr(one, key) for key in ("zone", "volume_mm3")}
    far = root_truths(contents, lambda _, points: np.full(len(points), 99.0))
    for (level, side), one in far.items():
        leaves = contents.frames[level].to_local(one.leaves_sac)
        found[f"root {level} {side} leaves"] = leaves.tolist()
    return found


@cache
def facts(*orders):
    patient, found = grown(evolve(WELL, illness=orders))
    return found | measured(patient)


def differs(key, one, other):
    if isinstance(one, float) and isinstance(other, float):
        return abs(one - other) > CHANCE[key.split()[0]]
    if key.startswith("root"):
        return np.abs(np.subtract(one, other)).max() > CHANCE["root"]
    return one != other


def changed(ill, healthy):
    """The keys whose values differ, or that one of the two alone has."""
    shared = ill.keys() & healthy.keys()
    return (ill.keys() ^ healthy.keys()) | {k for k in shared if differs(k, ill[k], healthy[k])}


def like(value):
    """What a value of the table is compared with: words as they are, numbers nearly so."""
    worded = isinstance(value, str) or (isinstance(value, list) and isinstance(value[0], str))
    return value if worded else pytest.approx(value, rel=2e-3)


def demand_own(row, ill, healthy):
    """The illness's own truth moved by the dose."""
    for key, value in row.get("becomes", {}).items():
        assert ill[key] == like(value), key
        assert healthy.get(key) != ill[key]
    for key, value in row.get("by", {}).items():
        assert ill[key] - healthy[key] == pytest.approx(value, abs=0.01), key
    for key, value in row.get("times", {}).items():
        assert ill[key] == pytest.approx(value * healthy[key], rel=0.002), key
    for key, (least, most) in row.get("less", {}).items():
        assert least < healthy[key] - ill[key] < most, key


def allowed(rows):
    """Patterns of keys: what is their own, and what follows."""
    own = [key for row in rows for part in ("becomes", "by", "times", "less") for key in row.get(part, {})]  # fmt: skip
    return own + [pattern for row in rows for pattern in row.get("follows", [])]


def test_the_table_holds_every_illness():
    assert {row["order"].partition("=")[0].partition(":")[0] for row in TABLE.values()} == set(
        ILLNESSES
    )


@pytest.mark.parametrize("name", TABLE)
def test_an_illness_changes_its_own_design_and_alignment(name):
    """All 21, and of the whole spine: what needs no section."""
    row = TABLE[name]
    healthy, ill = (grown(evolve(WELL, illness=x))[1] for x in ((), (row["order"],)))
    if not row.get("sections"):
        demand_own(row, ill, healthy)
    moved = changed(ill, healthy)
    stray = {key for key in moved if not any(fnmatch(key, p) for p in allowed([row]))}
    assert moved
    assert not stray


@pytest.mark.parametrize("name", [name for name, row in TABLE.items() if row.get("sections")])
def test_an_illness_changes_its_own_canal_and_foramina(name):
    row = TABLE[name]
    healthy, ill = facts(), facts(row["order"])
    demand_own(row, ill, healthy)
    stray = {k for k in changed(ill, healthy) if not any(fnmatch(k, p) for p in allowed([row]))}
    assert not stray


def test_what_takes_no_room_of_canal_and_foramina_leaves_them_as_they_were():
    """All at once."""
    rows = [row for row in TABLE.values() if row.get("still")]
    assert len(rows) > 8
    healthy, ill = facts(), facts(*(row["order"] for row in rows))
    for row in rows:
        demand_own(row, ill, healthy)
    stray = {k for k in changed(ill, healthy) if not any(fnmatch(k, p) for p in allowed(rows))}
    assert not stray
