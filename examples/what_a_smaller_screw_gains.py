"""For every screw of a plan: the chance of a medial or caudal breach, and what stepping down gains.

Keyhole chooses sizes as surgeons do and never shrinks one in silence; the choice is shown here.
A phantom stands for the patient; put your own files in its place.
"""

from pathlib import Path

from keyhole.anatomy import build_spine
from keyhole.plan.assemble import Patient, make_plan, neighbours
from keyhole.plan.request import Words, make_request
from keyhole.plan.settings import Settings
from keyhole.scan.checks import check_scan
from keyhole.scan.read import read_labels, read_scan
from keyhole.simulate import write_phantom

write_phantom(Path("patient"), seed=0)
scan = read_scan(Path("patient/ct.nii.gz"))
labels, warnings = read_labels([(Path("patient/labels.nii.gz"), "auto")], image=scan.volume)
checks = check_scan(labels, scan.volume)

levels = neighbours(["L1"], labels.levels)
patient = Patient(
    scan=scan,
    image=scan.volume,
    labels=labels,
    checks=checks,
    spine=build_spine(labels, scan.volume, levels=[x for x in levels if checks.against(x) is None]),
    warnings=warnings,
)
settings = Settings.default()
request = make_request(Words(goal="stabilize", at=["L1"]), settings.as_data())

for option in make_plan(patient, request, settings).options:
    for screw in option.screws:
        print(f"{option.technique}: {screw.level} {screw.side}")
        usual = screw.stress.usual
        chance = f"{usual.medial_or_caudal.p:.3f}" if usual else screw.stress.usual_reason
        print(f"  {screw.diameter_mm:g} mm as planned: {chance}")
        for smaller in screw.smaller:
            print(f"  {smaller.diameter_mm:g} mm: {smaller.p_medial_or_caudal}")
