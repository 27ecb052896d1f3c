"""Measure the pedicles of a label map and write them as a table.

A phantom stands for the patient here; put your own files in its place.
Writes pedicles.csv: one line a pedicle, millimetres and degrees.
"""

import csv
from pathlib import Path

from keyhole.anatomy import build_spine
from keyhole.scan.checks import check_scan
from keyhole.scan.read import read_labels, read_scan
from keyhole.simulate import write_phantom
from keyhole.space import SIDES, angle_between

write_phantom(Path("patient"), seed=0)
image = read_scan(Path("patient/ct.nii.gz")).volume
labels, _ = read_labels([(Path("patient/labels.nii.gz"), "auto")], image=image)

checks = check_scan(labels, image)
for refusal in checks.refusals:
    print(refusal)
sound = [level for level in labels.levels if checks.against(level) is None]
spine = build_spine(labels, image, levels=sound)

with Path("pedicles.csv").open("w", newline="") as file:
    table = csv.writer(file)
    table.writerow(["level", "side", "width_mm", "height_mm", "transverse_width_mm", "axis_deg"])
    for vertebra in spine.vertebrae:
        for side in SIDES:
            pedicle = vertebra.pedicles[side]
            turn = angle_between(pedicle.axis, vertebra.frame.front)
            sizes = (pedicle.width_mm, pedicle.height_mm, pedicle.transverse_width_mm, turn)
            table.writerow([vertebra.level, side, *(f"{size:.1f}" for size in sizes)])
print(f"{len(spine.vertebrae)} vertebrae measured: pedicles.csv")
