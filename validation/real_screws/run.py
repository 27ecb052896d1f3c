"""Screws planned on the shared real anatomy, beside the published automatic mean.

Usage: python validation/real_screws/run.py [--only NAME ...] [--write]

Prints PASS or FAIL a line and exits 1 on any FAIL; with --write the table goes to
docs/look-up/validation/real_screws.md. Data: KEYHOLE_DATA or ../shared/data.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import mean
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("KEYHOLE_DATA", ROOT.parent / "shared" / "data"))
CASES = {
    "torso_ct": ("torso_ct/ct.nii.gz", ["torso_ct/labels_total.nii.gz"], "L1-S1"),
    "visible_human_spine": ("visible_human_spine/labels.nii.gz", [], "L1-S1"),
    "mean_spine": ("mean_spine/labels.nii.gz", [], "L2-L5"),
    "l3_ct": (
        "l3_ct/ct.nii.gz",
        ["l3_ct/labels_vertebrae.nii.gz", "l3_ct/labels_subregions.nii.gz"],
        "L3",
    ),
}
PUBLISHED = (6.24, 46.6)
"""Automatic mean diameter and length, mm: Wang 2024 (shared/reference/techniques.md, section 1)."""
CAP = {"S1": 8.5}
SIDES = ("medial", "lateral", "cranial", "caudal")


def planned(name: str) -> dict[str, Any]:
    """The plan of one case, or its refusal, as the command line prints it."""
    scan, labels, at = CASES[name]
    command = [sys.executable, "-m", "keyhole", "plan", str(DATA / scan), "--goal", "stabilize"]
    command += ["--at", at, "--json"]
    for file in labels:
        command += ["--labels", str(DATA / file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    return json.loads(done.stdout)


def faults(screw: dict[str, Any]) -> list[str]:
    """What the issue demands of a screw and this one does not keep."""
    room, level = screw["clearance_mm"], screw["level"]
    found = [f"{side} {room[side]:.1f} mm" for side in ("medial", "caudal") if room[side] < 0]
    fill, capped = screw["fill"], screw["diameter_mm"] >= CAP.get(level, 7.5)
    if fill is not None and not capped and not 0.6 <= fill <= 0.8 + 1e-6:
        found.append(f"fill {fill:.2f} below the cap")
    if any(warning["code"] == "tip-crosses" for warning in screw.get("warnings", [])):
        found.append("tip on the other side")
    return found


def check(name: str, plan: dict[str, Any]) -> tuple[list[str], list[dict[str, Any]]]:
    """Lines of PASS or FAIL, and the screws."""
    if "options" not in plan:
        return [f"FAIL {name}: refused, {plan['refusal']['code']}"], []
    option = plan["options"][0]
    lines, screws = [], option["screws"]
    for screw in screws:
        wrong = faults(screw)
        what = f"{name} {screw['level']} {screw['side']}"
        lines.append(f"FAIL {what}: {', '.join(wrong)}" if wrong else f"PASS {what}")
    lines += [f"NOTE {name} refused: {refusal['found']}" for refusal in option["refusals"]]
    return lines, screws


def row(name: str, screw: dict[str, Any]) -> str:
    """One line of the table."""
    room, fill = screw["clearance_mm"], screw["fill"]
    grade = screw["gertzbein_robbins"]
    cells = [
        name,
        screw["level"],
        screw["side"],
        f"{screw['diameter_mm']:g} x {screw['length_mm']:g}",
        "cap" if fill is None else f"{100 * fill:.0f} %",
        f"{grade['grade']} ({'-'.join(grade['may_be'])})",
        *("-" if room[side] is None else f"{room[side]:.1f}" for side in SIDES),
        f"{screw['convergence_deg']:.0f}",
        f"{screw['tilt_deg']:.0f}",
    ]
    return f"| {' | '.join(cells)} |"


def page(rows: list[str], screws: list[dict[str, Any]], lines: list[str]) -> str:
    """The validation page."""
    from keyhole import __version__

    size = mean(s["diameter_mm"] for s in screws), mean(s["length_mm"] for s in screws)
    failed = sum(line.startswith("FAIL") for line in lines)
    return "\n".join([
        "# Screws on real anatomy",
        "",
        f"Made by `validation/real_screws/run.py --write`, Keyhole {__version__}, seed 0. {len(screws)} screws, {failed} FAIL.",
        "",
        f"Mean {size[0]:.2f} x {size[1]:.1f} mm; published automatic mean (Wang 2024):",
        f"{PUBLISHED[0]} x {PUBLISHED[1]} mm. Ours are thicker where pedicles are wide and the cap",
        "of 7.5 mm (S1 8.5) rules; other patients, so no more than a sanity check.",
        "",
        "`torso_ct` has 3 mm voxels: everything about it is indicative. Clearances in mm, angles in degrees.",
        "",
        "| scan | level | side | screw | fill | grade | medial | lateral | cranial | caudal | convergence | tilt |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|",
        *rows,
        "",
    ])  # fmt: skip


def main() -> int:
    """Run the cases."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="*", choices=CASES, default=list(CASES))
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    lines: list[str] = []
    rows: list[str] = []
    screws: list[dict[str, Any]] = []
    for name in asked.only:
        told, found = check(name, planned(name))
        print("\n".join(told), flush=True)
        lines += told
        screws += found
        rows += [row(name, screw) for screw in found]
    if asked.write and screws:
        target = ROOT / "docs" / "look-up" / "validation" / "real_screws.md"
        target.write_text(page(rows, screws, lines), encoding="utf-8")
    return int(any(line.startswith("FAIL") for line in lines) or not screws)


if __name__ == "__main__":
    sys.exit(main())
