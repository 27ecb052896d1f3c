"""Every number of evidence/pooled against metafor's, and the coverage of its intervals.

Usage: python validation/metafor/run.py [--sets N] [--repeats N] [--fresh] [--write]

Prints PASS or FAIL a line and exits 1 on any FAIL. metafor's numbers are those of golden.json; with
--fresh they are made anew by golden.R (Rscript and r-cran-metafor; five minutes) and golden.json is
written. With --write the figures go to docs/look-up/validation/metafor.md.
"""

import argparse
import csv
import json
import math
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from compare import GOLDEN, HERE, compared, golden
from coverage_of_intervals import coverage_lines
from random_sets import EACH, MEASURES, all_sets, as_csv, digest

from keyhole import __version__

ROOT = HERE.parents[1]
SCRIPT = HERE / "golden.R"
ALL = EACH * len(MEASURES)


def ask_metafor(first: int, last: int) -> tuple[dict[int, dict[str, float]], str]:
    """What metafor says of the sets from first to last, and its version and R's."""
    r = shutil.which("Rscript")
    if r is None:
        sys.exit("There is no Rscript here: apt-get install r-base-core r-cran-metafor.")
    with tempfile.TemporaryDirectory() as folder:
        sets, out = Path(folder) / "sets.csv", Path(folder) / "numbers.csv"
        sets.write_text(as_csv(all_sets()), encoding="utf-8")
        words = [r, str(SCRIPT), str(sets), str(out), str(first), str(last)]
        done = subprocess.run(words, check=True, capture_output=True, text=True)  # noqa: S603
        return read_numbers(out), done.stdout.strip()


def read_numbers(path: Path) -> dict[int, dict[str, float]]:
    """R's long table by set; what R does not know (NA) is left out."""
    said: dict[int, dict[str, float]] = {}
    with path.open(encoding="utf-8") as file:
        for number, key, text in csv.reader(file):
            value = float("nan" if text == "NA" else text)
            known = said.setdefault(int(number), {})
            if math.isfinite(value):
                known[key] = float(f"{value:.9g}")
    return said


def write_golden(said: dict[int, dict[str, float]], versions: str) -> None:
    """The golden numbers, with what they come from: names, and one line a set; null is unknown."""
    source = {
        "versions": versions,
        "script": digest(SCRIPT.read_text(encoding="utf-8")),
        "sets": digest(as_csv(all_sets())),
    }
    names = list(dict.fromkeys(key for number in sorted(said) for key in said[number]))
    rows = [json.dumps([said[number].get(key) for key in names]) for number in sorted(said)]
    body = ",\n".join(row.replace(" ", "") for row in rows)
    head = f'{{"source": {json.dumps(source)},\n"names": {json.dumps(names)},\n"sets": ['
    GOLDEN.write_text(f"{head}\n{body}\n]}}\n", encoding="utf-8")


def comparison_lines(sets: int) -> Iterator[str]:
    """One line a family of numbers."""
    theirs, source = golden()
    fresh = source["sets"] == digest(as_csv(all_sets()))
    fresh = fresh and source["script"] == digest(SCRIPT.read_text(encoding="utf-8"))
    yield f"{'PASS' if fresh else 'FAIL'} golden.json is of these sets and this script"
    step = max(1, ALL // sets)
    wanted = range(0, ALL, step)
    for name, family in compared(theirs, wanted).items():
        verdict = "FAIL" if family.off else "PASS"
        some = f"; off: {'; '.join(family.off[:3])}" if family.off else ""
        yield f"{verdict} {name}: {family.compared} numbers, worst {family.worst:.1e}{some}"


HEAD = f"""\
# Pools of studies against metafor, and the coverage of intervals

Made by `validation/metafor/run.py --write`, Keyhole {__version__}, against {{versions}}. The sets,
golden numbers, what agrees and what is defined otherwise: `validation/metafor/README.md`. Numbers
are apart by so much of themselves; 1e-6 passes.

"""


def main() -> int:
    """Compare, simulate, and write where asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sets", type=int, default=ALL)
    parser.add_argument("--repeats", type=int, default=4000)
    parser.add_argument("--fresh", action="store_true")
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    if asked.fresh:
        write_golden(*ask_metafor(0, ALL - 1))
    lines = [*comparison_lines(asked.sets), "", *coverage_lines(asked.repeats)]
    print("\n".join(lines))
    if asked.write:
        text = [f"- {line}" if line[:4] in {"PASS", "FAIL"} else line for line in lines]
        page = HEAD.format(versions=golden()[1]["versions"]) + "\n".join(text) + "\n"
        (ROOT / "docs/look-up/validation/metafor.md").write_text(page, encoding="utf-8")
    return int(any(line.startswith("FAIL") for line in lines))


if __name__ == "__main__":
    sys.exit(main())
