"""Phantom vertebrae laid on the mean lumbar shape of 87 patients.

Usage: python validation/phantom_likeness/run.py [--only LEVEL ...] [--write]

Each of L2 to L5 of the phantom of seed 0, a man, is laid on its like by a similarity transform
(turn, shift and one factor; iterated closest points, both ways). Judged are the distances of
either surface's points to the other surface, body and arch apart; they part at the posterior
body wall. Prints PASS or FAIL a line and exits 1 on any FAIL; with --write the figures go to
docs/look-up/validation/phantom_likeness.md. Data: KEYHOLE_DATA or ../shared/data.
"""

import argparse
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from scipy import ndimage
from scipy.spatial import cKDTree

from keyhole import __version__
from keyhole.anatomy import build_spine
from keyhole.scan import Labels, read_labels
from keyhole.simulate import Recipe, grow
from keyhole.simulate.engine.shapes import Shape
from keyhole.simulate.engine.solid import sample
from keyhole.space import Floats, Frame

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("KEYHOLE_DATA", ROOT.parent / "shared" / "data"))
LEVELS = ("L2", "L3", "L4", "L5")
MEDIAN_MM, MOST_MM = 2.0, 6.0
"""What issue 3 asks of the median and of the 95th percentile."""
STEP_MM = 0.6
POINTS, FITTED = 60_000, 8_000
"""Of a surface: how many are judged, and of these how many fitted."""
ROUNDS = 40


def crossings(field: Floats, affine: Floats, seed: int) -> Floats:
    """(n, 3) mm: where the field changes sign between neighbours of the grid; at most POINTS."""
    found = []
    for axis in range(3):
        swapped = np.moveaxis(field, axis, 0)
        low, high = swapped[:-1], swapped[1:]
        edge = (low < 0) != (high < 0)
        place = np.argwhere(edge).astype(float)
        place[:, 0] += low[edge] / (low[edge] - high[edge])
        found.append(np.insert(place[:, 1:], axis, place[:, 0], axis=1))
    voxels = np.vstack(found)
    picked = np.random.default_rng(seed).permutation(len(voxels))[:POINTS]
    return voxels[picked] @ affine[:3, :3].T + affine[:3, 3]


def surface_of_shape(shape: Shape) -> Floats:
    """(n, 3) mm on a shape, in its own coordinates."""
    affine = np.diag([STEP_MM, STEP_MM, STEP_MM, 1.0])
    affine[:3, 3] = shape.low - 2
    size = np.ceil((shape.high - shape.low + 4) / STEP_MM).astype(int)
    block = sample(shape, affine, (int(size[0]), int(size[1]), int(size[2])), band_mm=2)
    if block is None:
        raise ValueError("The shape has no room.")
    affine[:3, 3] += block.low * STEP_MM
    return crossings(block.distances.astype(np.float64), affine, 0)


def surface_of_labels(labels: Labels, level: str, frame: Frame) -> Floats:
    """(n, 3) mm on a labelled vertebra, in its frame; the voxels' steps are smoothed."""
    cut = labels.cut(f"vertebra {level}", 3)
    soft = ndimage.gaussian_filter(cut.values.astype(np.float64), 0.8)
    return frame.to_local(crossings(0.5 - soft, cut.affine, 1))


def similarity(moving: Floats, still: Floats) -> tuple[float, Floats, Floats]:
    """Factor, turn (3, 3) and shift (3,) that lay one cloud on another."""
    factor, turn, shift = 1.0, np.eye(3), np.zeros(3)
    tree = cKDTree(still)
    for _ in range(ROUNDS):
        laid = factor * moving @ turn.T + shift
        onto = still[tree.query(laid)[1]]
        back = moving[cKDTree(laid).query(still)[1]]
        factor, turn, shift = umeyama(np.vstack([moving, back]), np.vstack([onto, still]))
    return factor, turn, shift


def umeyama(a: Floats, b: Floats) -> tuple[float, Floats, Floats]:
    """The similarity of least squares from points a to b (Umeyama 1991)."""
    mean_a, mean_b = a.mean(axis=0), b.mean(axis=0)
    u, strength, vt = np.linalg.svd((b - mean_b).T @ (a - mean_a))
    flip = np.array([1, 1, np.sign(np.linalg.det(u @ vt))])
    turn = (u * flip) @ vt
    factor = float((strength * flip).sum() / ((a - mean_a) ** 2).sum())
    return factor, turn, mean_b - factor * turn @ mean_a


def apart(level: str, shape: Shape, wall: float, target: Floats) -> Iterator[tuple[str, Floats]]:
    """The distances of both surfaces, of the body and of the arch."""
    own = surface_of_shape(shape)
    factor, turn, shift = similarity(own[:FITTED], target[:FITTED])
    laid = factor * own @ turn.T + shift
    there = np.asarray(cKDTree(target).query(laid)[0])
    here = np.asarray(cKDTree(laid).query(target)[0])
    fronts = own[:, 1], ((target - shift) @ turn / factor)[:, 1]
    for name, kept in (("body", [y > wall for y in fronts]), ("arch", [y <= wall for y in fronts])):
        yield f"{level} {name}", np.concatenate([there[kept[0]], here[kept[1]]])


def judged(levels: list[str]) -> Iterator[str]:
    """A line for each body and each arch."""
    labels = read_labels([(DATA / "mean_spine" / "labels.nii.gz", "auto")], image=None)[0]
    spine = build_spine(labels, levels=levels)
    patient = grow(Recipe(0, levels=tuple(levels), sex="male", soft=False))
    for level in levels:
        target = surface_of_labels(labels, level, spine[level].frame)
        wall = patient.design.size(level).back
        for name, away in apart(level, patient.bones[level], wall, target):
            median, most = float(np.median(away)), float(np.percentile(away, 95))
            verdict = "PASS" if median <= MEDIAN_MM and most <= MOST_MM else "FAIL"
            yield f"{verdict} {name}: median {median:.2f} mm, 95th percentile {most:.2f} mm"


def main() -> int:
    """Lay on, judge and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", choices=LEVELS, default=list(LEVELS))
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    lines = list(judged(asked.only))
    print("\n".join(lines))
    if asked.write:
        text = [
            "# Likeness of the phantom's vertebrae",
            "",
            "Made by `validation/phantom_likeness/run.py --write`, Keyhole",
            f"{__version__}. L2 to L5 of the phantom of seed 0, a man, each laid on the mean lumbar",
            "shape of 87 patients (Clouthier 2023, labels of 0.6 mm) by a similarity transform;",
            f"asked: median at most {MEDIAN_MM:g} mm, 95th percentile at most {MOST_MM:g} mm. Body",
            "and arch part at the posterior body wall.",
            "",
            *(f"- {line}" for line in lines),
            "",
            "The phantom's own L5 transverse processes spring further back than the mean shape's,",
            "whose root reaches onto the body: the largest part of what is left at L5.",
            "",
        ]
        target = ROOT / "docs" / "look-up" / "validation" / "phantom_likeness.md"
        target.write_text("\n".join(text), encoding="utf-8")
    return int(any(line.startswith("FAIL") for line in lines))


if __name__ == "__main__":
    sys.exit(main())
