"""The choice of a screw where the pedicle's truth is arithmetic."""

import numpy as np
import pytest
from attrs import evolve

from keyhole.errors import Refusal
from keyhole.plan.catalogue import read_catalogue
from keyhole.plan.choose import candidates, sizes_for
from keyhole.plan.measure import body_rooms, least_margin
from keyhole.plan.passage import Passage
from keyhole.plan.search import Fits, fit_lines, grid_lines, survey_lines
from keyhole.space import SIDES, angle_between


def best(vertebra, side, catalogue, settings):
    found = candidates(Passage(vertebra, side), catalogue, settings)
    assert isinstance(found, Fits)
    return Passage(vertebra, side), found


@pytest.mark.parametrize(("width", "diameter"), [(6.0, 4.5), (7.0, 5.5), (9.0, 7.0), (11.0, 7.5)])
def test_the_screw_is_the_thickest_that_fill_and_cap_allow(
    vertebra, shape, catalogue, settings, width, diameter
):
    passage, found = best(vertebra(shape=shape(widths=(width, width))), "left", catalogue, settings)
    assert found.diameter_mm == diameter
    # the middle line leaves half of the rest on either side, known exactly from the shape
    rest = (width - diameter) / 2
    assert found.clearance[0, [0, 2]] == pytest.approx([rest, rest], abs=0.1)
    assert angle_between(found.found.lines.ahead[0], passage.pedicle.axis) < 1.6
    away = np.linalg.norm(found.found.lines.crossing[0] - passage.pedicle.centre)
    assert away < 3.5  # the bar is 15 mm tall: only its width holds the screw


def test_every_candidate_keeps_the_rules(vertebra, catalogue, settings):
    passage, found = best(vertebra(), "right", catalogue, settings)
    rules, lines = settings.screws, found.found.lines
    assert (np.abs(passage.tilt(lines.ahead)) <= 10.0).all()
    assert (
        (passage.convergence(lines.ahead) >= 0) & (passage.convergence(lines.ahead) <= 35)
    ).all()
    assert (found.clearance[:, [0, 1, 3]] >= 0).all()
    assert (found.found.far - found.found.dock - found.length >= rules.tip_behind_cortex_mm).all()
    assert (found.length <= rules.max_path_share * (found.found.far - found.found.dock)).all()
    assert ((found.tip - passage.vertebra.frame.origin) @ passage.inward < 0).all()
    assert (body_rooms(passage, found) >= 0).all()
    scores = least_margin(passage, found, settings)
    assert scores.max() - scores.min() <= rules.margin_tie_mm
    assert (np.diff(scores) <= 1e-12).all()
    assert len(found) > 20


def test_left_and_right_of_a_mirror_image_get_mirror_images(
    vertebra, catalogue, settings, straight
):
    body = vertebra(lie=straight)
    _, left = best(body, "left", catalogue, settings)
    _, right = best(body, "right", catalogue, settings)
    assert (left.diameter_mm, left.length[0]) == (right.diameter_mm, right.length[0])
    scores = [
        least_margin(Passage(body, s), f, settings)[0]
        for s, f in zip(SIDES, (left, right), strict=True)
    ]
    assert scores[0] == pytest.approx(scores[1], abs=0.02)
    assert left.tip[:, 0].max() < 0 < right.tip[:, 0].min()


def test_moving_the_patient_changes_nothing(vertebra, catalogue, settings, straight):
    found = [best(vertebra(lie=lie), "right", catalogue, settings) for lie in (None, straight)]
    (_, here), (_, there) = found
    assert (here.diameter_mm, here.length[0]) == (there.diameter_mm, there.length[0])
    scores = [least_margin(p, f, settings)[0] for p, f in found]
    assert scores[0] == pytest.approx(scores[1], abs=0.1)  # voxels of about 1 mm: 0.3 allowed
    local = [p.vertebra.frame.to_local(f.found.entry) for p, f in found]
    assert np.linalg.norm(local[0][:, None] - local[1][None], axis=2).min() < 0.6


def test_a_larger_usual_error_never_leaves_more_margin(passage, catalogue, settings):
    worse = evolve(settings, error=evolve(settings.error, usual_shift_mm=3.0, usual_turn_deg=5.0))
    lines = survey_lines(passage, grid_lines(passage, catalogue, settings))[::40]
    margins = [
        fit_lines(passage, lines, 6.0, catalogue.length_mm, s)[0].margin for s in (settings, worse)
    ]
    assert len(margins[0])
    assert (margins[1] < margins[0]).all()


def test_the_longest_is_not_bought_with_margin(vertebra, catalogue, settings):
    usual = best(vertebra(), "left", catalogue, settings)[1]
    dear = best(vertebra(), "left", evolve(catalogue, longest_may_cost_mm=99.0), settings)[1]
    free = best(vertebra(), "left", evolve(catalogue, longest_may_cost_mm=0.0), settings)[1]
    assert dear.length[0] >= usual.length[0] >= free.length[0]
    score = [f.margin.min(axis=1).max() for f in (usual, dear)]
    assert score[0] >= score[1] - 0.05


def test_cortical_screws_run_upward_and_outward(vertebra, shape, settings):
    catalogue = read_catalogue("cortical-screws")
    passage, found = best(vertebra(shape=shape(widths=(11, 11))), "right", catalogue, settings)
    assert (passage.convergence(found.found.lines.ahead) < 0).all()
    assert (passage.tilt(found.found.lines.ahead) > 10).all()
    assert 5.0 <= found.diameter_mm <= 6.0
    assert 30.0 <= found.length[0] <= 40.0
    assert sizes_for(passage, catalogue, settings)[0] == 6.0


def test_s1_has_no_lateral_limit_and_its_own_cap(vertebra, shape, catalogue, settings):
    body = evolve(vertebra(shape=shape(widths=(13, 13))), level="S1")
    passage, found = best(body, "left", catalogue, settings)
    assert passage.limits == [0, 1, 3]
    assert found.diameter_mm == 8.5


def refused(vertebra, catalogue, settings, side="left"):
    found = candidates(Passage(vertebra, side), catalogue, settings)
    assert isinstance(found, Refusal)
    return found


def test_a_narrow_pedicle_is_refused_with_its_width(vertebra, shape, catalogue, settings):
    narrow = shape(widths=(4.2, 9.0))
    found = refused(vertebra(shape=narrow), catalogue, settings)
    assert (found.code, found.at) == ("pedicle-too-narrow", ("L3 left",))
    assert "4.2 mm" in found.found
    assert "in-out-in" not in found.next
    assert refused(vertebra("T12", shape=narrow), catalogue, settings).code == found.code
    assert isinstance(
        candidates(Passage(vertebra(shape=narrow), "right"), catalogue, settings), Fits
    )


def test_a_pedicle_that_does_not_reach_the_body_has_no_path(vertebra, shape, catalogue, settings):
    assert refused(vertebra(shape=shape(joined=False)), catalogue, settings).code == "no-clear-path"


def test_a_body_too_small_for_any_length_is_refused(vertebra, catalogue, settings):
    long_only = evolve(catalogue, length_mm=(70.0, 80.0))
    found = refused(vertebra(), long_only, settings)
    assert found.code == "screw-too-short"
    assert "70 mm" in found.found
