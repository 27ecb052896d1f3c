"""What a label map's anatomy says to one meaning of its ids (`scan.auto` has the rules)."""

import itertools
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from keyhole.levels import LEVELS, order, segment
from keyhole.scan.schemes import Scheme
from keyhole.scan.volume import Volume
from keyhole.space import Floats

_VOLUME_ML = (10.0, 120.0)
_CERVICAL_MAX_ML = 40.0
"""Unsourced; keeps lumbar vertebrae from being read as cervical ones."""
_ALL_BODIES_MAX_ML = 1500.0
"""Unsourced: 24 bodies of at most 60 mL."""
_STEP_MM = 5.0
"""Unsourced: a vertebra's centre lies at least this much above the next one's."""
_BESIDE_MM = 60.0
"""Unsourced: nor does it lie further than this beside it, across the body's length."""
_TALL_MM = 100.0
"""Unsourced: no vertebra reaches further from top to bottom."""
_MIDLINE_MM = 5.0
"""An unpaired sided structure nearer to the midline than this tells no side."""


@frozen
class Blob:
    """What the map shows of one id: (3,) mm RAS centre, the height in mm of the box that holds
    it, volume, and whether the map's edge cuts it.
    """

    centre: Floats
    height_mm: float
    volume_ml: float
    cut: bool


@frozen
class Reading:
    """One meaning of the ids present, and what the anatomy says to it.

    `tests` counts the statements that could be put to the map, `held` those that are true.
    """

    schemes: tuple[Scheme, ...]
    vertebral: bool
    held: int
    tests: int
    mirrored: bool

    @property
    def coherence(self) -> float:
        """The share of statements that hold; 1 where none could be put."""
        return self.held / self.tests if self.tests else 1.0


@frozen
class _Evidence:
    plain: list[bool] = field(factory=list)
    sides: list[bool] = field(factory=list)


def judge(schemes: Iterable[Scheme], blobs: Mapping[int, Blob]) -> Reading:
    """What the anatomy says to the meaning that these schemes share."""
    schemes = tuple(schemes)
    structures = _named(blobs, schemes[0].structures)
    parts = _named(blobs, schemes[0].parts)
    seen = _Evidence()
    _ask_stack(structures, seen)
    _ask_bodies(structures, seen)
    _ask_discs(structures, seen)
    _ask_parts(parts, seen)
    _ask_sides({**structures, **parts}, seen)
    agree = sum(seen.sides)
    against = len(seen.sides) - agree
    return Reading(
        schemes=schemes,
        vertebral=bool(parts or {"vertebrae", "vertebral bodies"} & structures.keys())
        or any(name.startswith("vertebra ") for name in structures),
        held=sum(seen.plain) + max(agree, against),
        tests=len(seen.plain) + len(seen.sides),
        mirrored=against > agree,
    )


def _named(blobs: Mapping[int, Blob], table: Mapping[int, str]) -> dict[str, Blob]:
    """By name; of several ids that share one (a user's own scheme) the last speaks for all."""
    return {table[key]: blob for key, blob in blobs.items() if key in table}


def _ask_stack(structures: Mapping[str, Blob], seen: _Evidence) -> None:
    """Vertebrae of their size, above one another."""
    levels = {n.removeprefix("vertebra "): b for n, b in structures.items() if n != "sacrum"}
    spine = {x: b for x, b in levels.items() if x in LEVELS}
    for level, blob in spine.items():
        most = _CERVICAL_MAX_ML if level[0] == "C" else _VOLUME_ML[1]
        enough = blob.cut or blob.volume_ml >= _VOLUME_ML[0] or level == "S1"
        seen.plain.append(enough and blob.volume_ml <= most and blob.height_mm <= _TALL_MM)
    if "sacrum" in structures:
        spine["S1"] = structures["sacrum"]
    for upper, lower in itertools.pairwise(sorted(spine, key=order)):
        way = spine[upper].centre - spine[lower].centre
        steps = _steps(upper, lower)
        beside = float(np.hypot(way[0], way[1]))
        seen.plain.append(bool(way[2] >= _STEP_MM * steps and beside <= _BESIDE_MM * steps))


def _steps(upper: str, lower: str) -> int:
    """Levels from one vertebra to another in a spine that has neither T13 nor L6 between."""
    between = LEVELS[order(upper) + 1 : order(lower)]
    return 1 + len([level for level in between if level not in ("T13", "L6")])


def _ask_bodies(structures: Mapping[str, Blob], seen: _Evidence) -> None:
    """Maps that give all vertebrae one id: of a spine's size, their discs amid them."""
    for name in {"vertebrae", "vertebral bodies"} & structures.keys():
        bodies = structures[name]
        enough = bodies.cut or bodies.volume_ml >= _VOLUME_ML[0]
        seen.plain.append(enough and bodies.volume_ml <= _ALL_BODIES_MAX_ML)
        if "discs" in structures:
            discs = structures["discs"]
            beside = float(np.linalg.norm((bodies.centre - discs.centre)[:2]))
            seen.plain.append(beside < 30 and discs.volume_ml < bodies.volume_ml)


def _ask_discs(structures: Mapping[str, Blob], seen: _Evidence) -> None:
    """A disc lies between its two vertebrae."""
    spine = {n.removeprefix("vertebra "): b for n, b in structures.items()}
    if "sacrum" in spine:
        spine["S1"] = spine["sacrum"]
    for upper, lower in itertools.pairwise(x for x in LEVELS if x in spine):
        disc = structures.get(f"disc {segment(upper, lower)}")
        if disc is not None:
            heights = spine[upper].centre[2], disc.centre[2], spine[lower].centre[2]
            seen.plain.append(bool(heights[0] > heights[1] > heights[2]))


def _ask_parts(parts: Mapping[str, Blob], seen: _Evidence) -> None:
    """Sub-regions from back to front: spinous process, arch, body."""
    rows = [n for n in ("spinous process", "arch", "body") if n in parts]
    for behind, before in itertools.pairwise(rows):
        seen.plain.append(bool(parts[behind].centre[1] < parts[before].centre[1]))


def _ask_sides(named: Mapping[str, Blob], seen: _Evidence) -> None:
    """Left of its right twin; without one, left of the midline, unless too near to it."""
    midline = _midline(named)
    for name, blob in named.items():
        words = name.split()
        if "left" in words and (twin := name.replace("left", "right")) in named:
            seen.sides.append(bool(blob.centre[0] < named[twin].centre[0]))
        elif {"left", "right"} & set(words):
            twin = name.replace("left", "?").replace("right", "left").replace("?", "right")
            offset = float(blob.centre[0]) - midline
            if twin not in named and abs(offset) > _MIDLINE_MM:
                seen.sides.append((offset < 0) == ("left" in words))


def _midline(named: Mapping[str, Blob]) -> float:
    """The right-coordinate, mm, of the spine, or of all that is labelled."""
    spine = [b.centre[0] for n, b in named.items() if n.startswith("vertebra") or n == "sacrum"]
    return float(np.mean(spine or [b.centre[0] for b in named.values()]))


def measure_blobs(ids: Volume) -> dict[int, Blob]:
    """Centre, volume and edge contact of every id in the map but 0."""
    counts = [_profile(ids.values, axis) for axis in range(3)]
    voxels = counts[0].sum(axis=0)
    ticks = [np.arange(n) @ table for n, table in zip(ids.shape, counts, strict=True)]
    spans = [_spans(table) for table in counts]
    edges = np.any([(table[0] > 0) | (table[-1] > 0) for table in counts], axis=0)
    voxel_ml = float(np.prod(ids.spacing)) / 1000
    return {
        int(n): Blob(
            centre=ids.to_patient(np.array([t[n] for t in ticks]) / voxels[n]),
            height_mm=float(np.abs(ids.affine[2, :3]) @ [span[n] for span in spans]),
            volume_ml=float(voxels[n]) * voxel_ml,
            cut=bool(edges[n]),
        )
        for n in np.flatnonzero(voxels[1:]) + 1
    }


def _spans(table: NDArray[np.int64]) -> NDArray[np.int64]:
    """(ids,) how many planes lie from an id's first to its last, both counted."""
    held = table > 0
    return len(table) - held.argmax(axis=0) - held[::-1].argmax(axis=0)


def _profile(values: NDArray[Any], axis: int) -> NDArray[np.int64]:
    """(planes along the axis, ids): how many voxels of each id lie in each plane."""
    length = int(values.max()) + 1
    planes = np.moveaxis(values, axis, 0)
    return np.stack([np.bincount(plane.ravel(), minlength=length) for plane in planes])
