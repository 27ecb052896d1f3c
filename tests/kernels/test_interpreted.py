"""Every kernel on a tiny field whose answer is known: compiled, and once more without compilation.

Coverage cannot see compiled lines; `make test` runs this file again with NUMBA_DISABLE_JIT=1, and
the same answers must come out.
"""

import itertools

import numpy as np
import pytest

from keyhole.kernels import breach, cast, cut, distance, screw_search, smoothest, stress

pytestmark = pytest.mark.jit_off

RADIUS, HALF = 6.0, 15.0
CENTRE = np.array([18.0, 9.0, 10.0])
ALONG, SIDEWAYS, UP = np.eye(3)
TURNING = (2.0, np.radians(3.0))


@pytest.fixture(scope="module")
def rod():
    """A rod of bone along the first axis, 1 mm voxels: radius 6, 30 mm long, exact but rounded."""
    i, j, k = np.indices((38, 19, 21)).astype(float)
    round_ = np.hypot(j - CENTRE[1], k - CENTRE[2]) - RADIUS
    return np.maximum(round_, np.abs(i - CENTRE[0]) - HALF).astype(np.float32)


def line(shift=0.0, medial=SIDEWAYS):
    """A tool's line along the rod, crossing its middle `shift` mm sideways."""
    return np.array([CENTRE + shift * SIDEWAYS, ALONG, medial, UP])


def test_distance_to_a_tiny_wall():
    mask = np.zeros((9, 6, 7), dtype=bool)
    mask[:4] = True
    found = distance.signed_distance(mask, np.array([1.0, 0.8, 1.5]))
    wanted = np.arange(9.0) - 3.5
    np.testing.assert_allclose(found[:, 2, 3], wanted, atol=0.1)


def test_distance_to_a_tiny_ball_is_signed():
    i, j, k = np.indices((11, 11, 11)) - 5.0
    found = distance.signed_distance(np.sqrt(i**2 + j**2 + k**2) < 3.2, np.ones(3))
    assert found[5, 5, 5] == pytest.approx(-3.2, abs=0.5)
    assert found[5, 5, 10] == pytest.approx(1.8, abs=0.3)


@pytest.mark.parametrize(("full", "wanted"), [(True, -np.inf), (False, np.inf)])
def test_distance_without_a_surface(full, wanted):
    found = distance.signed_distance(np.full((3, 3, 3), full), np.ones(3))
    assert (found == wanted).all()


def test_a_cut_has_the_rods_area_and_centroid(rod):
    place = CENTRE + 0.7 * SIDEWAYS
    found = cut.cut_areas(rod, np.eye(3, 4), place[None], SIDEWAYS[None], UP[None], 0.25)
    assert found[0, 0] == pytest.approx(np.pi * RADIUS**2, rel=0.02)
    assert found[0, 1:] == pytest.approx([-0.7, 0.0], abs=0.05)


def test_a_cut_that_runs_off_the_square_or_meets_nothing_has_no_area(rod):
    centres = np.array([CENTRE, CENTRE + 18 * ALONG])
    ways = np.array([ALONG, SIDEWAYS]), np.array([SIDEWAYS, UP])
    found = cut.cut_areas(rod, np.eye(3, 4), centres, *ways, 0.1)
    assert np.isinf(found[:, 0]).all()


def test_resampling_keeps_the_field_and_marks_what_lies_beyond(rod):
    found = cut.resample(rod, np.eye(3), np.array([17.5, 9.0, 10.0]), (2, 1, 12), 99.0)
    assert found[0, 0, 0] == pytest.approx(-RADIUS, abs=0.01)
    assert found[1, 0, 10] == pytest.approx(4.0, abs=0.01)
    assert found[0, 0, 11] == 99.0


def test_a_plane_is_sampled_where_it_lies(rod):
    found = cast.sample_plane(rod, CENTRE, UP, ALONG, (3, 12), 99.0)
    assert found[0, :3] == pytest.approx([-6.0, -5.0, -4.0], abs=0.01)
    assert found[2, 11] == 99.0


def test_rays_meet_the_rod_at_its_surface(rod):
    start = CENTRE - 9 * SIDEWAYS - 8 * UP
    found = cast.cast_bone(rod, 1.0, start, 4 * ALONG, 8 * UP, SIDEWAYS, (2, 2))
    assert np.isinf(found[0, :, 0]).all()
    assert found[1, :, 0] == pytest.approx([9 - RADIUS] * 2, abs=0.1)
    assert found[1, :, 1] == pytest.approx([1.0] * 2, abs=0.05)


def test_rays_beside_the_field_meet_nothing(rod):
    found = cast.cast_bone(rod, 1.0, CENTRE + 40 * UP, ALONG, -SIDEWAYS, SIDEWAYS, (1, 1))
    assert np.isinf(found[0, 0, 0])


def test_rays_meet_cones_at_their_surface():
    cones = np.array([[0, 0, 0, 2.0, 10, 0, 0, 1.0], [0, 30, 0, 1, 10, 30, 0, 1]])
    start = np.array([-4.0, -20.0, 0.0])
    found = cast.cast_cones(cones, start, 4 * ALONG, 9 * UP, SIDEWAYS, (2, 3))
    assert np.isinf(found[1, :, 0]).all()
    assert found[0, 1, 0] == pytest.approx(18.0, abs=0.05)
    assert found[0, :, 2].tolist() == [-1, 0, 0]
    assert found[0, 2, 3] == pytest.approx(4.0, abs=0.3)
    assert found[0, 1, 1] == pytest.approx(1.0, abs=0.05)


def test_a_line_enters_and_leaves_the_rod_where_it_ends(rod):
    outside = np.array([CENTRE + 8 * UP, ALONG, SIDEWAYS, UP])
    found = screw_search.survey(rod, np.array([line(), outside]), 17.0, 17.0, 2.0)
    assert found[0] == pytest.approx([-HALF, HALF], abs=0.05)
    assert np.isnan(found[1]).all()


def test_a_line_that_would_meet_the_same_bone_before_its_dock_has_none(rod):
    twice = rod.copy()
    twice[0:2] = -1.0
    found = screw_search.survey(twice, line()[None], 17.0, 17.0, 10.0)
    assert np.isnan(found).all()


def room(shift, middle, reach):
    """The least room, mm, of a 3 mm tool `shift` off the rod's axis, within `reach` degrees."""
    angles = np.radians(np.linspace(middle - reach, middle + reach, 181))
    return (RADIUS - np.hypot(shift + 3 * np.cos(angles), 3 * np.sin(angles))).min()


@pytest.mark.parametrize("shift", [1.5, -1.5])
def test_room_round_a_tool_in_the_rod(rod, shift):
    lines, spans = line(shift)[None], np.array([[-HALF, 3.0, 8.0]])
    error = 2 + 2 * (3 + HALF) * np.sin(TURNING[1] / 2)
    coarse = screw_search.fit(rod, lines, spans, 3.0, TURNING)[0]
    fine = breach.exact(rod, lines, spans[:, :2], 3.0, TURNING, 0.1)[0]
    for found, reach in ((coarse, 45), (fine, 55)):
        wanted = [room(shift, middle, reach) for middle in (0, 90, 180, 270)]
        assert found[:4] == pytest.approx(wanted, abs=0.2)
        assert found[4] == pytest.approx(wanted[0] - error, abs=0.2)
    assert coarse[8] == pytest.approx(8.0)


def test_a_tool_that_leaves_the_rod_medially_does_not_fit_and_one_too_long_is_told_how_far(rod):
    spans = np.array([[-HALF, 8.0, 25.0]] * 2)
    found = screw_search.fit(rod, np.array([line(), line(3.5)]), spans, 3.0, TURNING)
    assert found[0, 8] == pytest.approx(HALF, abs=1.0)
    assert np.isnan(found[1]).all()


def test_room_in_the_body_is_told_for_walls_and_endplates(rod):
    stretch = np.array([[8.0, 13.0]])
    walls, plates = breach.body_room(rod, line(1.0)[None], 3.0, stretch, UP, np.eye(3))[0]
    assert walls == pytest.approx(2.0, abs=0.25)  # the field is rounded where side meets end
    assert plates == pytest.approx(2.3, abs=0.4)


def test_drawn_screws_breach_where_they_lie(rod):
    docks = np.array([CENTRE - HALF * ALONG + shift * SIDEWAYS for shift in (0.0, 4.0)])
    aheads = np.array([ALONG, ALONG])
    planes = np.array([CENTRE, ALONG, CENTRE + 8 * ALONG, ALONG, SIDEWAYS, UP])
    found = stress.drawn_breaches(rod, np.eye(3, 4), docks, aheads, 3.0, planes)
    assert found[0] == pytest.approx([-3.0] * 4, abs=0.15)
    assert found[1, 0] == pytest.approx(1.0, abs=0.15)


def bending(points, gaps):
    """The sum of squared second differences of a chain, mm2, gap by gap."""
    total = 0.0
    for a, b, c, before, after in zip(points, points[1:], points[2:], gaps, gaps[1:], strict=False):
        share = before / (before + after)
        total += ((b - a * (1 - share) - c * share) ** 2).sum()
    return total


@pytest.mark.parametrize("counts", [(3, 3), (3, 2, 3), (2, 3, 3, 2)])
def test_the_smoothest_chain_is_the_best_of_all(counts):
    rng = np.random.default_rng(len(counts))
    points = rng.normal(size=(len(counts), 3, 3))
    worth = rng.uniform(0, 0.5, size=(len(counts), 3))
    gaps = rng.uniform(20, 40, size=len(counts) - 1)

    def cost(choice):
        chosen = [points[n, which] for n, which in enumerate(choice)]
        return bending(chosen, gaps) + sum(worth[n, w] for n, w in enumerate(choice))

    found = smoothest.smoothest(points, np.array(counts), gaps, worth)
    best = min(itertools.product(*map(range, counts)), key=cost)
    assert tuple(found) == best
