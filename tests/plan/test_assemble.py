"""Which levels are modelled beside those asked for, and why some cannot be planned on."""

import numpy as np
import pytest

from keyhole.anatomy.spine import Spine
from keyhole.errors import Refusal
from keyhole.plan.assemble import Patient, neighbours, refusals_of
from keyhole.scan.checks import Check, CheckReport
from keyhole.scan.labels import Labels
from keyhole.scan.read import scan_of_labels
from keyhole.scan.volume import Volume

PRESENT = ["T12", "L1", "L2", "L3", "L5", "S1"]


@pytest.mark.parametrize(
    ("levels", "near"),
    [
        (["L2"], ["L1", "L2", "L3"]),
        (["S1"], ["L5", "S1"]),
        (["T12", "S1"], ["T12", "L1", "L5", "S1"]),
        (["L3"], ["L2", "L3", "L5"]),
        ([], []),
    ],
)
def test_the_levels_next_to_those_asked_for_belong_to_them(levels, near):
    assert neighbours(levels, PRESENT) == near


def about(code, *levels):
    return Refusal(code, asked="A.", found="B.", next="C.", at=levels)


def test_a_check_speaks_before_the_model_and_a_warning_forbids_nothing():
    values = np.zeros((4, 4, 4), np.uint8)
    values[1:3] = 1
    labels = Labels(Volume(values, np.eye(4)), ("vertebra L4",))
    torn, unseen = about("level-torn", "L4"), about("body-unseen", "L3", "L4")
    checks = CheckReport([Check("level-torn", torn, "two pieces"), Check("metal", None, "none")])
    patient = Patient(
        scan=scan_of_labels(labels),
        image=None,
        labels=labels,
        checks=checks,
        spine=Spine((), labels, refusals=(unseen, about("body-unseen", "T12"))),
    )
    assert refusals_of(["L3", "L4", "L5"], patient) == {"L3": unseen, "L4": torn}
    assert patient.hounsfield is None
