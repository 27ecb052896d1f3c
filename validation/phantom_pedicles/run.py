"""Pedicles measured in crooked 1 mm scans of phantoms, against the phantom's own truth.

Usage: python validation/phantom_pedicles/run.py [--seeds N] [--write]

Prints PASS or FAIL a line and exits 1 on any FAIL; with --write the figures go to
docs/look-up/validation/phantom_pedicles.md.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from keyhole import __version__
from keyhole.anatomy import build_spine
from keyhole.simulate import crooked_grid, phantom, scan_patient
from keyhole.space import SIDES, angle_between

ROOT = Path(__file__).resolve().parents[2]
LEVELS = ("L1", "L2", "L3", "L4", "L5")
POSES = (((20.0, -15.0, 12.0), True), ((-10.0, 18.0, 25.0), False), ((4.0, 9.0, -21.0), True))
ASKED = {"centre, mm": 0.5, "axis, degrees": 1.0, "width, mm": 0.5}
"""What issue 2 asks of 1 mm voxels."""


def errors(seeds: int) -> Iterator[tuple[float, float, float]]:
    """Of every pedicle: distance of the centres, angle of the axes, difference of the widths."""
    for seed in range(seeds):
        patient = phantom(seed, torso=False)
        oblique, left_handed = POSES[seed % len(POSES)]
        for level in LEVELS:
            grid = crooked_grid(
                patient, (1.0, 1.0, 1.0), oblique=oblique, left_handed=left_handed, levels=(level,)
            )
            labels = scan_patient(patient, *grid, image=False)[1]
            found, truth = build_spine(labels, levels=[level])[level], patient.truth[level]
            for side in SIDES:
                a, b = found.pedicles[side], truth.pedicles[side]
                away = float(np.linalg.norm(a.centre - b.centre))
                yield away, angle_between(a.axis, b.axis), abs(a.width_mm - b.width_mm)


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


def main() -> int:
    """Measure and judge."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=6)
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    lines = judged(np.array(list(errors(asked.seeds))))
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
        ]
        target = ROOT / "docs" / "look-up" / "validation" / "phantom_pedicles.md"
        target.write_text("\n".join(text), encoding="utf-8")
    return int(any(line.startswith("FAIL") for line in lines))


if __name__ == "__main__":
    sys.exit(main())
