"""Foramina, pedicles and the canal at the pedicles have the sizes of real ones, and those drawn."""

import numpy as np
import pytest

from keyhole.simulate import Recipe, grow
from keyhole.simulate.bones.pedicle import pedicle_frame
from keyhole.simulate.bones.solids import grown_bone
from keyhole.simulate.design.draw import draw_design
from keyhole.simulate.design.model import of
from keyhole.simulate.design.stack import stack
from keyhole.simulate.engine.shapes import evaluated
from keyhole.simulate.truth.canal import canal_truths
from keyhole.simulate.truth.foramen import foramen_truths
from keyhole.simulate.truth.isthmus import find_isthmus

LEVELS = ("L3", "L4", "L5", "S1")


@pytest.fixture(scope="module", params=[0, 3])
def patient(request):
    return grow(Recipe(request.param, levels=LEVELS, soft=False))


@pytest.fixture(scope="module")
def foramina(patient):
    return foramen_truths(patient.contents)


def test_foramina_are_wide_under_the_upper_pedicle_and_narrow_at_the_disc(foramina):
    for (segment, _), truth in foramina.items():
        assert 12 < truth.height < 24, segment
        assert 6 < truth.width_lower < 12, segment
        assert truth.width_lower <= truth.width_upper < 14.5, segment
        assert truth.width == max(truth.width_lower, truth.width_middle, truth.width_upper)


def test_a_foramen_ends_at_the_tip_of_the_articular_process(patient, foramina):
    """Behind the foramen's width there is bone, the process, at the height of the disc."""
    contents = patient.contents
    for (segment, _), truth in foramina.items():
        lower = contents.design.segment(segment).lower
        place = contents.frames[lower]
        behind = truth.centre - 3 * place.up - np.arange(0, 20, 0.5)[:, None] * place.front
        assert (evaluated(contents.bones[lower], behind) < 0).any(), segment


@pytest.mark.parametrize(("seed", "level", "side"), [(2, "L4", "left"), (3, "L5", "right")])
def test_an_isthmus_has_the_width_drawn(seed, level, side):
    design = draw_design(Recipe(seed))
    size, bone = design.size(level), grown_bone(design, stack(design), level).shape
    front, place = np.array([0, 1.0, 0]), pedicle_frame(size, side)
    found = find_isthmus(bone, place.origin, place.front, front, side)
    assert found.width_mm == pytest.approx(of(size.pedicle_width, side), abs=0.5)


def test_the_canal_is_closed_round_the_pedicles(patient):
    """A section through the pedicles is about the ellipse of the canal's width and depth.

    L5's is a trefoil, and less.
    """
    design = patient.design
    for segment, truth in canal_truths(patient.contents, 40.0).items():
        for level, area in (
            (design.segment(segment).upper, truth.bony_area[-1]),
            (design.segment(segment).lower, truth.bony_area[0]),
        ):
            size = design.size(level)
            if level != "S1":
                ellipse = np.pi / 4 * size.canal_ap * size.canal_width
                assert area == pytest.approx(ellipse, rel=0.17), level


def test_no_healthy_sac_is_as_narrow_as_a_severe_stenosis():
    for seed in range(60):
        design = draw_design(Recipe(seed))
        assert min(design.segment(f"L{n}/{n + 1}").size.sac_area for n in range(1, 5)) >= 75
        assert design.segments[-1].size.sac_area >= 75
