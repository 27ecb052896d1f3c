"""Pedicles and grades in crooked 1 mm scans of phantoms, against the phantom's own truth.

Usage: python validation/phantom_pedicles/run.py [--seeds N] [--jobs N] [--write]

Prints PASS or FAIL a line and exits 1 on any FAIL; with --write the figures go to
docs/look-up/validation/phantom_pedicles.md.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from attrs import frozen
from grades import Graded, graded

from keyhole import __version__
from keyhole.anatomy import build_spine
from keyhole.anatomy.spine import Vertebra
from keyhole.plan.settings import Settings
from keyhole.simulate import crooked_grid, phantom, scan_patient
from keyhole.simulate.truth.vertebra import VertebraTruth
from keyhole.space import SIDES, Floats, angle_between

ROOT = Path(__file__).resolve().parents[2]
LEVELS = ("L1", "L2", "L3", "L4", "L5")
POSES = (((20.0, -15.0, 12.0), True), ((-10.0, 18.0, 25.0), False), ((4.0, 9.0, -21.0), True))
ASKED = {"centre, mm": 0.5, "axis, degrees": 1.0, "width, mm": 0.5}
"""What issue 2 asks of 1 mm voxels."""


SCREWS = 6
"""Random screws a pedicle."""


@frozen
class Measured:
    """Of one vertebra: (2, 3) errors of centre, axis and width; its random screws' grades."""

    errors: Floats
    grades: tuple[Graded, ...]


def measured(seeds: int, jobs: int) -> list[Measured]:
    """Every vertebra in a crooked scan of its own; the same for any number of jobs."""
    tasks = [(seed, level) for seed in range(seeds) for level in LEVELS]
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        return list(pool.map(_measured, tasks))


def _measured(task: tuple[int, str]) -> Measured:
    seed, level = task
    patient = phantom(seed, torso=False)
    oblique, left_handed = POSES[seed % len(POSES)]
    grid = crooked_grid(
        patient, (1.0, 1.0, 1.0), oblique=oblique, left_handed=left_handed, levels=(level,)
    )
    labels = scan_patient(patient, *grid, image=False)[1]
    found = build_spine(labels, levels=[level])[level]
    rng = np.random.default_rng([seed, LEVELS.index(level)])
    screws = graded(patient, found, Settings.read(None), rng, SCREWS)
    return Measured(_errors(found, patient.truth[level]), tuple(screws))


def _errors(found: Vertebra, truth: VertebraTruth) -> Floats:
    """(2, 3): distance of the centres, angle of the axes, difference of the widths."""
    pairs = [(found.pedicles[side], truth.pedicles[side]) for side in SIDES]
    return np.array([
        (np.linalg.norm(a.centre - b.centre), angle_between(a.axis, b.axis), abs(a.width_mm - b.width_mm))
        for a, b in pairs
    ])  # fmt: skip


def judged(table: np.ndarray) -> list[str]:
    """A line for each quantity: how many pedicles keep what was asked, mean and worst."""
    lines = []
    for column, (name, limit) in zip(table.T, ASKED.items(), strict=True):
        kept = float((column <= limit).mean())
        verdict = "PASS" if kept == 1 else "FAIL"
        lines.append(
            f"{verdict} {name}: {100 * kept:.0f} % of {len(column)} pedicles within {limit}; "
            f"mean {column.mean():.2f}, worst {column.max():.2f}"
        )
    return lines


def judged_grades(screws: Sequence[Graded]) -> list[str]:
    """Grade equal to truth beyond two standard errors of a threshold, and in `may_be` always."""
    clear = [s for s in screws if not s.near]
    equal = sum(s.letter == s.truth for s in clear)
    held = sum(s.truth in s.may_be for s in screws)
    letters = ", ".join(f"{n} {x}" for x, n in sorted(Counter(s.truth for s in screws).items()))
    beyond, always = _verdict(equal, len(clear)), _verdict(held, len(screws))
    return [
        f"{beyond} grade, 2 u off every threshold: {equal} of {len(clear)} screws as in truth",
        f"{always} grade, what it may be: the truth of {held} of {len(screws)} screws ({letters})",
    ]


def _verdict(kept: int, of: int) -> str:
    return "PASS" if kept == of and of else "FAIL"


def main() -> int:
    """Measure and judge."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=6)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    found = measured(asked.seeds, asked.jobs)
    lines = judged(np.vstack([one.errors for one in found]))
    lines += judged_grades([screw for one in found for screw in one.grades])
    print("\n".join(lines))
    if asked.write:
        text = [
            "# Pedicles of phantoms",
            "",
            f"Made by `validation/phantom_pedicles/run.py --seeds {asked.seeds} --write`, Keyhole",
            f"{__version__}. L1 to L5 of phantoms with seeds 0 to {asked.seeds - 1}, oblique,",
            "off-centre, 1 mm voxels, every second left-handed; truth by the phantom's own code.",
            "",
            *(f"- {line}" for line in lines),
            "",
            "The axis is the normal of the least cut. Near it the cut's area hardly changes (by a",
            "part in some thousands over the last degree), so a binary 1 mm map does not hold the",
            "last degree.",
            "",
            f"Grades: {SCREWS} random screws a pedicle, 5 to 7 mm thick, off its middle and its axis, from the voxels",
            "and from the phantom's analytic surface (`grades.py` reads DEFINITIONS 8 anew).",
            "",
        ]
        target = ROOT / "docs" / "look-up" / "validation" / "phantom_pedicles.md"
        target.write_text("\n".join(text), encoding="utf-8")
    return int(any(line.startswith("FAIL") for line in lines))


if __name__ == "__main__":
    sys.exit(main())
