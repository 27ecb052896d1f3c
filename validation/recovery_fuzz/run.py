"""A thousand spoiled courses and exports: each is refused with place and reason, or read right.

Usage: python validation/recovery_fuzz/run.py [--inputs N] [--seed N] [--write]

Every input holds a name. Prints PASS or FAIL a line and exits 1 on any FAIL; with --write the
figures go to docs/look-up/validation/recovery_fuzz.md.
"""

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import spoil

from keyhole import __version__
from keyhole.errors import KeyholeError
from keyhole.recovery.course import read_course, read_courses
from keyhole.recovery.movement import read_apple_health, read_fitbit, read_steps_csv

ROOT = Path(__file__).resolve().parents[2]
READERS: dict[str, Callable[[Path], Any]] = {
    "course.json": read_course,
    "measures.csv": lambda path: read_courses(path.parent),
    "export.xml": read_apple_health,
    "steps-2026-03-02.json": lambda path: read_fitbit(path.parent),
    "steps.csv": read_steps_csv,
}


def outcome(file: str, content: bytes, *, harmless: bool) -> str:
    """What reading gave: `refused`, `read`, or a fault in words."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / file
        path.write_bytes(content)
        (path.parent / "courses.csv").write_text("id,born,sex\np1,,\n")
        try:
            found = READERS[file](path)
        except KeyholeError as error:
            return _judged(error, harmless=harmless)
        except Exception as error:  # noqa: BLE001 - any other end is what is looked for
            return f"fault: {type(error).__name__}"
    if not harmless:
        return "fault: read, though it cannot be right"
    return "read" if spoil.NAME not in repr(found) else "fault: the name was taken over"


def _judged(error: KeyholeError, *, harmless: bool) -> str:
    """Whether a refusal is one: nothing of the name in it, a reason, and not for a good input."""
    if spoil.NAME in str(error) or str(Path(tempfile.gettempdir())) in str(error):
        return "fault: the name or a path is in the message"
    if not error.refusal.found or not error.refusal.next:
        return "fault: no reason"
    return "fault: a good input was refused" if harmless else "refused"


def judged(inputs: int, seed: int) -> list[str]:
    """A line for each way of spoiling."""
    counts: dict[str, Counter[str]] = {}
    for number in range(inputs):
        rng = np.random.default_rng([seed, number])
        one = spoil.one(number, rng)
        found = outcome(one.file, one.content, harmless=one.harmless)
        counts.setdefault(one.kind, Counter())[found] += 1
    lines = []
    for kind, found in sorted(counts.items()):
        bad = {what: n for what, n in found.items() if what.startswith("fault")}
        told = ", ".join(f"{n} {what}" for what, n in sorted(found.items()))
        lines.append(f"{'FAIL' if bad else 'PASS'} {kind}: {told}")
    return lines


def main() -> int:
    """Run, print, and write the page where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=8)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    lines = judged(options.inputs, options.seed)
    print("\n".join(lines))
    if options.write:
        rows = "\n".join(f"- {line}" for line in lines)
        place = ROOT / "docs" / "look-up" / "validation" / "recovery_fuzz.md"
        place.write_text(
            f"""# Spoiled courses and exports

Made by `validation/recovery_fuzz/run.py --inputs {options.inputs} --seed {options.seed} --write`, Keyhole
{__version__}. Every input holds a name; a refusal must say where and why and hold neither name nor path.

{rows}
""",
            encoding="utf-8",
        )
    return int(any(line.startswith("FAIL") for line in lines))


if __name__ == "__main__":
    sys.exit(main())
