"""Skin depths: on shapes whose answer is known, and on a phantom."""

import numpy as np
import pytest

from keyhole.simulate import Recipe, Shape, grow
from keyhole.simulate.design.draw import draw_design
from keyhole.simulate.design.stack import stack, within
from keyhole.simulate.engine.shapes import placed, slab
from keyhole.simulate.soft.trunk_column import column_of
from keyhole.simulate.truth.skin import ASIDE_MM, skin_truths
from keyhole.space import Frame, turned

TURN = np.column_stack([turned(turned(c, [1, 0, 0], 25), [0, 0.6, 0.8], 140) for c in np.eye(3)])
ELSEWHERE = Frame([130, -85, 210], TURN)
SKIN_Y, PLATE_Y = -95.0, -55.0


@pytest.fixture(scope="module")
def simple():
    """A body with a flat back at SKIN_Y, one plate of bone from 20 to 40 mm right."""
    design = draw_design(Recipe(1))
    body = slab(Frame([0, 5, 0], np.eye(3)), [300, 100, 400], 1)
    plate = slab(Frame([30, PLATE_Y + 4, 0], np.eye(3)), [10, 4, 300], 0.5)
    return design, stack(design), body, plate


def test_depths_run_straight_from_back_to_front(simple):
    design, frames, body, plate = simple
    column = column_of(design, frames)
    found = skin_truths(design, frames, body, [plate])
    assert list(found) == [part.name for part in reversed(design.segments)]
    for rung, truth in enumerate(found.values()):
        canal = column.canal.at([column.rungs[rung]])[0]
        assert truth.epidural == pytest.approx([*canal, column.rungs[rung]])
        assert truth.epidural_mm == pytest.approx(canal[1] - SKIN_Y, abs=1e-4)
        assert set(truth.bone_mm) == set(ASIDE_MM)
        assert truth.bone_mm[30.0] == pytest.approx(PLATE_Y - SKIN_Y, abs=1e-4)
        assert truth.bone_mm[0.0] is None
        assert truth.bone_mm[-30.0] is None


def test_moving_the_patient_changes_no_depth(simple):
    design, frames, body, plate = simple
    moved = skin_truths(
        design,
        {level: within(ELSEWHERE, frame) for level, frame in frames.items()},
        placed(body, ELSEWHERE),
        [placed(plate, ELSEWHERE)],
    )
    for name, truth in skin_truths(design, frames, body, [plate]).items():
        other = moved[name]
        assert other.epidural == pytest.approx(ELSEWHERE.to_patient(truth.epidural))
        assert other.epidural_mm == pytest.approx(truth.epidural_mm, abs=1e-4)
        assert other.bone_mm[30.0] == pytest.approx(truth.bone_mm[30.0], abs=1e-4)
        assert other.bone_mm[-30.0] is None


def test_a_heavy_persons_skin_is_where_the_design_put_it():
    patient = grow(Recipe(3, bmi=36))
    bones = [s.shape for s in patient.solids if s.name.startswith(("vertebra", "sacrum"))]
    found = skin_truths(patient.design, patient.frames, patient.solid("body").shape, bones)
    for name, truth in found.items():
        asked = patient.design.segment(name).size.skin_to_epidural
        assert truth.epidural_mm == pytest.approx(asked, abs=0.3), name
        assert isinstance(patient.solid("body").shape, Shape)
    lamina = found["L4/5"].bone_mm
    assert 35 < lamina[15.0] < found["L4/5"].epidural_mm + 25
    assert lamina[0.0] is None or lamina[0.0] < lamina[15.0]
