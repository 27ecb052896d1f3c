"""Findings in crooked scans of phantoms, ideal and spoiled, against the phantoms' own truth.

Usage: python validation/findings/run.py [--spines N] [--crops N] [--torsos N] [--spoiled N]
           [--slice] [--write]

Prints PASS or FAIL a line and exits 1 on any FAIL; with --write the figures go to
docs/look-up/validation/findings.md. `--slice` is a minute's worth for every change's checks; the
default takes about half an hour on two cores.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import chain
from pathlib import Path

from cases import Case, crops, faulty, torsos, wholes
from judge import judged_ideal, judged_spoiled, judged_words, refusals
from page import page
from rows import Measured, measured

ROOT = Path(__file__).resolve().parents[2]
KINDS = {"spines": wholes, "crops": crops, "torsos": torsos, "spoiled": faulty}
FULL = {"spines": 30, "crops": 48, "torsos": 8, "spoiled": 21}
SLICE = {"spines": 0, "crops": 3, "torsos": 0, "spoiled": 0}
"""So many of each kind in a whole run and in a minute's."""


def counts(asked: argparse.Namespace) -> dict[str, int]:
    """How many whole spines, crops, torsos and spoiled crops."""
    return SLICE if asked.slice else {kind: getattr(asked, kind) for kind in KINDS}


def chosen(asked: argparse.Namespace) -> list[Case]:
    """The cases to be run."""
    return [case for kind, many in counts(asked).items() for case in KINDS[kind](many)]


def all_measured(cases: Sequence[Case], kept: Path | None, workers: int) -> Iterator[Measured]:
    """Every case, as it is done, told on the error stream."""
    with ProcessPoolExecutor(workers) as pool:
        running = [pool.submit(measured, case, kept) for case in cases]
        for case, one in zip(cases, running, strict=True):
            error = one.exception()
            print(case.name, f"broke: {error!r}" if error else "", file=sys.stderr, flush=True)
            yield one.result() if error is None else Measured(case, broke=repr(error))


def judged(found: Sequence[Measured]) -> dict[str, list[str]]:
    """The lines by their heading."""
    ideal = [one for one in found if one.case.fault is None]
    rows = [row for one in ideal for row in one.rows]
    spoiled = [row for one in found if one.case.fault for row in one.rows]
    return {
        "Ideal labels": judged_ideal(rows),
        "Herniations' words": judged_words([word for one in ideal for word in one.words]),
        "Spoiled labels": judged_spoiled(spoiled),
        "Refused or broken": refusals(found),
    }


def main() -> int:
    """Measure, judge, and write where asked."""
    asked = _asked()
    found = list(all_measured(chosen(asked), asked.kept, asked.workers))
    parts = judged(found)
    print("\n".join(chain.from_iterable(parts.values())))
    if asked.write:
        _write(asked, found, parts)
    return int(any(line.startswith("FAIL") for line in chain.from_iterable(parts.values())))


def _write(
    asked: argparse.Namespace, found: Sequence[Measured], parts: dict[str, list[str]]
) -> None:
    many = counts(asked)
    sizes = (
        f"{many['crops']} crops of a segment and {many['spines']} whole lumbar spines (L1 to S1), "
        f"healthy and with each illness by dose, {many['torsos']} torsos with a CT about a segment "
        f"and {many['spoiled']} crops with spoiled labels."
    )
    if many != FULL:
        full = " ".join(f"--{kind} {n}" for kind, n in FULL.items())
        sizes += f" A part of the whole run, which is `{full}`: where rows are few, read them so."
    rows = [row for one in found if one.case.fault is None for row in one.rows]
    told = " ".join(f"--{kind} {n}" for kind, n in many.items())
    target = ROOT / "docs" / "look-up" / "validation" / "findings.md"
    target.write_text(page(told, sizes, rows, parts), encoding="utf-8")


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for kind, many in FULL.items():
        parser.add_argument(f"--{kind}", type=int, default=many, metavar="N")
    parser.add_argument("--slice", action="store_true", help="a minute's worth")
    parser.add_argument("--kept", type=Path, help="a folder that keeps scans between runs")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--write", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
