"""The bony canal, the recesses, the sac: on shapes of known size and on a crooked phantom."""

import numpy as np
import pytest
from attrs import evolve

from keyhole.anatomy.canal import segment_canal
from keyhole.anatomy.canal_recess import find_recess
from keyhole.anatomy.canal_ring import ANGLES, find_ring, spokes
from keyhole.anatomy.canal_sac import find_sac, sac_sections
from keyhole.anatomy.canal_section import Section, centroid
from keyhole.anatomy.canal_solids import Solids, first_entry, structure_field
from keyhole.anatomy.canal_walls import walls
from keyhole.errors import AnatomyError
from keyhole.scan.volume import Volume
from keyhole.space import Frame, turned

CROOKED = Frame([40, -25, 90], np.column_stack([turned(c, [0.6, 0, 0.8], 35) for c in np.eye(3)]))


def ball(radius, centre=(0.0, 0.0, 0.0)):
    """A ball's distance field in a left-handed, oblique, uneven grid."""
    affine = np.eye(4)
    affine[:3, :3] = CROOKED.axes @ np.diag([-0.9, 1.1, 0.7])
    affine[:3, 3] = CROOKED.to_patient([18, -20, -16])
    grid = Volume(np.zeros((44, 40, 48), np.float32), affine)
    points = grid.to_patient(np.argwhere(np.ones(grid.shape)))
    far = np.linalg.norm(points - CROOKED.to_patient(centre), axis=1) - radius
    return Volume(far.reshape(grid.shape).astype(np.float32), affine)


def ellipse(wide, deep):
    angle = np.arange(ANGLES) * (2 * np.pi / ANGLES)
    radii = 1 / np.hypot(np.cos(angle) / wide, np.sin(angle) / deep)
    flat = radii[:, None] * spokes()[:, :2]
    return Section(CROOKED, flat, np.ones(ANGLES, dtype=bool))


def test_an_ellipse_has_its_area_depth_and_width():
    section = ellipse(12.0, 8.0)
    assert section.area == pytest.approx(np.pi * 96, rel=2e-3)
    assert section.depth == pytest.approx(16.0, abs=1e-6)
    assert section.width() == pytest.approx(24.0, abs=0.05)
    front, back = section.ap
    assert CROOKED.to_local(front) == pytest.approx([0, 8, 0], abs=1e-6)
    assert CROOKED.to_local(back) == pytest.approx([0, -8, 0], abs=1e-6)
    left, right = section.transverse()
    assert (right - left) @ CROOKED.right == pytest.approx(24.0, abs=0.05)
    assert section.ap_seen


def test_a_width_is_read_only_in_the_share_of_the_depth_asked_for():
    section = ellipse(12.0, 8.0)
    assert section.width(0.25) == pytest.approx(24 * np.sqrt(1 - 0.5**2), rel=0.03)


def test_a_centroid_is_that_of_the_area():
    corners = np.add([[0, 0], [6, 0], [0, 3.0]], [5, -2])
    assert centroid(corners) == pytest.approx([7, -1])


def test_lines_find_the_first_surface_in_a_crooked_field():
    solids = Solids((ball(6.0, (0, 9, 0)), ball(3.0, (-11, 0, 0))))
    starts = np.repeat([CROOKED.origin], 4, axis=0)
    ways = np.array([CROOKED.front, -CROOKED.right, CROOKED.up, -CROOKED.front])
    gaps = solids.gaps(starts, ways, 14.0)
    assert gaps[:2] == pytest.approx([3.0, 8.0], abs=0.1)
    assert np.isinf(gaps[2:]).all()
    within = solids.gaps(CROOKED.to_patient([[0, 9, 0]]), ways[:1], 14.0)
    assert within == pytest.approx([0.0])


def test_a_first_entry_is_between_the_samples_where_the_sign_turns():
    found = first_entry(np.array([[1.0, 0.5, -0.5], [-1, 1, 1], [2, 1, 0.5]]), 0.5)
    assert found == pytest.approx([0.75, 0.0, np.inf])


def test_walls_are_ruled_where_there_is_no_bone_and_follow_bone_where_there_is():
    along = np.arange(0.0, 21.0)
    radii = np.full((21, ANGLES), np.inf)
    radii[:4], radii[17:] = 8.0, 12.0
    radii[10, 5] = 6.5
    wall = walls(along, radii, ((0.0, np.full(ANGLES, 8.0)), (20.0, np.full(ANGLES, 12.0))))
    assert wall[10, 0] == pytest.approx(10.0)
    assert wall[10, 5] == 6.5
    back = 3 * ANGLES // 4
    assert wall[3, back] == 8.0
    assert wall[10, back] == pytest.approx(8 + 4 * (10 - 3) / (17 - 3))
    radii[10, 7] = 30.0
    assert walls(along, radii, ((0.0, radii[0]), (20.0, radii[20])))[10, 7] < 13


def test_sections_of_the_phantom_are_its_truths(canal_case):
    canal, truth = canal_case.subject.canals["L4/5"], canal_case.canal
    for k, end in ((0, 0), (-1, -1)):
        section = canal.sections[k]
        assert np.linalg.norm(section.frame.origin - truth.centres[end]) < 2.5
        assert section.area == pytest.approx(truth.bony_area[end], rel=0.06)
        assert section.depth == pytest.approx(truth.ap[end], abs=1.0)
        assert section.width() == pytest.approx(truth.width[end], abs=1.2)
    least = min(section.area for section in canal.sections)
    assert least == pytest.approx(truth.least["bony_area"], rel=0.08)
    assert np.diff(canal.along).max() <= 1.0 + 1e-9


def test_sections_stand_square_to_the_curve(canal_case):
    canal = canal_case.subject.canals["L4/5"]
    origins = np.array([section.frame.origin for section in canal.sections])
    ways = np.diff(origins, axis=0)
    for way, section in zip(ways, canal.sections, strict=False):
        assert way @ section.frame.up > 0.99 * np.linalg.norm(way)


def test_the_sac_has_its_true_area_where_no_root_hides_its_edge(canal_case):
    subject, truth = canal_case.subject, canal_case.canal
    sections = sac_sections(subject.canals["L4/5"], subject.sac)
    bare = [one for one in sections if one.unsure < 2.0]
    assert len(bare) >= 2
    for one in bare:
        place = int(np.linalg.norm(truth.centres - one.middle, axis=1).argmin())
        assert one.area == pytest.approx(truth.sac_area[place], abs=6.0)


def test_no_sac_is_found_where_none_is_labelled(spine_of):
    spine = spine_of("torso_ct", "L4")
    assert find_sac(spine.labels) is None
    assert structure_field(spine.labels, "thecal sac") is None


def test_a_sac_that_ends_within_the_segment_has_no_sections(canal_case):
    subject = canal_case.subject
    own = subject.sac.own.fields[0]
    empty = Solids((Volume(np.full(own.shape, 5.0, np.float32), own.affine),))
    assert sac_sections(subject.canals["L4/5"], evolve(subject.sac, own=empty)) == ()


def without_arch(vertebra):
    """The vertebra with the back of its arch taken away."""
    bone = vertebra.bone
    points = bone.to_patient(np.argwhere(np.ones(bone.shape)))
    behind = (points - vertebra.canal_centre) @ vertebra.frame.front < 0
    values = np.where(behind.reshape(bone.shape), np.float32(9), bone.values)
    return evolve(vertebra, bone=Volume(values, bone.affine))


def test_a_vertebra_without_an_arch_closes_no_ring(canal_case):
    spine = canal_case.subject.spine
    with pytest.raises(AnatomyError, match="closes no ring") as found:
        find_ring(without_arch(spine["L4"]))
    assert found.value.refusal.code == "body-unseen"
    rings = {**canal_case.subject.rings, "L4": found.value}
    with pytest.raises(AnatomyError, match="closes no ring"):
        segment_canal(spine, "L4/5", canal_case.subject.solids["L4/5"], rings)


def test_a_recess_needs_its_pedicle_and_a_process_behind_the_body(canal_case):
    subject = canal_case.subject
    solids, ring, lower = subject.solids["L4/5"], subject.rings["L5"], subject.spine["L5"]
    bare = evolve(lower, pedicles={"left": lower.pedicles["left"]})
    with pytest.raises(AnatomyError, match="pedicle cannot be found"):
        find_recess(solids, solids, bare, ring, "right")
    alone = Solids((without_arch(lower).bone,))
    with pytest.raises(AnatomyError, match="No articular process"):
        find_recess(alone, alone, lower, ring, "right")


def test_a_recess_runs_from_body_to_process(canal_case):
    subject, lower = canal_case.subject, canal_case.subject.spine["L5"]
    for side in ("left", "right"):
        recess = subject.recesses["L4/5", side]
        gap = recess.floor[recess.narrowest] - recess.roof[recess.narrowest]
        assert np.linalg.norm(gap) == pytest.approx(recess.height, abs=0.01)
        assert gap @ lower.frame.front > 0.99 * recess.height
        assert 3 < recess.height < 7
        assert 0 < recess.angle < 90
