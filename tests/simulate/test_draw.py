"""Sizes drawn from the table: their spread, what is given or drawn, and what cannot be."""

import numpy as np
import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from keyhole.errors import RequestError
from keyhole.simulate.design import draw
from keyhole.simulate.design.chance import bounded
from keyhole.simulate.design.draw import LEVELS, chosen_levels, draw_design
from keyhole.simulate.design.possible import faults, pedicle_spans
from keyhole.simulate.design.table import keys, mean_of, spread
from keyhole.simulate.design.waist import ellipse, spans
from keyhole.simulate.recipe import Recipe

DRAWS = 300


@pytest.fixture(scope="module")
def designs():
    return [draw_design(Recipe(seed=seed)) for seed in range(DRAWS)]


def values(design, name):
    """A quantity of every level that the table gives it for, as the table lists it."""
    if name in {"pedicle_width", "pedicle_height"}:
        which = name == "pedicle_height"
        return np.array([pedicle_spans(level.size)[which] for level in design.levels])
    owners = [level.size for level in design.levels]
    if not hasattr(owners[0], name):
        owners = [part.size for part in design.segments]
    return np.array([np.mean(getattr(owner, name)) for owner in owners])


def away(designs, name):
    """(draws, levels) SD from the mean of the own sex."""
    chosen = [n for n, (quantity, _) in enumerate(keys()) if quantity == name]
    return np.array(
        [
            (values(d, name) - spread(d.body.sex).mean[chosen]) / spread(d.body.sex).sd[chosen]
            for d in designs
        ]
    )


SOME = (
    *("body_width", "interpars_width", "pedicle_width", "pedicle_height", "canal_ap"),
    *("disc_posterior", "psoas_area", "facet_angle", "flavum", "skin_to_epidural"),
)


@pytest.mark.parametrize("name", SOME)
def test_means_and_spreads_are_the_tables(designs, name):
    z = away(designs, name)
    assert np.abs(z.mean(axis=0)).max() < 4 / np.sqrt(DRAWS)
    assert z.std(axis=0) == pytest.approx(np.ones(z.shape[1]), abs=4.5 / np.sqrt(2 * DRAWS))


def test_sizes_of_a_person_belong_together(designs):
    """One general size joins bones; neighbours are alike; thoracic rows are not their own law."""
    width, depth = away(designs, "body_width"), away(designs, "body_depth")
    assert np.corrcoef(width[:, 5], depth[:, 5])[0, 1] > 0.5
    steps = np.abs(np.diff(width, axis=1))
    assert np.median(steps) < 0.5
    between_people = np.abs(width[:, :, None] - width.T[None]).mean()
    assert steps.mean() < 0.5 * between_people


def test_few_spines_are_rejected_and_none_that_stands_is_impossible(designs):
    rejected = sum(design.rejected for design in designs)
    assert 0 < rejected < 0.05 * DRAWS
    assert not any(faults(design) for design in designs)


def test_a_person_left_open_is_drawn_and_a_given_one_kept(designs):
    bodies = [design.body for design in designs]
    assert 0.4 < np.mean([body.sex == "male" for body in bodies]) < 0.6
    men = [body.stature_cm for body in bodies if body.sex == "male"]
    women = [body.stature_cm for body in bodies if body.sex == "female"]
    assert np.mean(men) == pytest.approx(175, abs=2)
    assert np.mean(women) == pytest.approx(162, abs=2)
    asked = Recipe(seed=5, sex="female", age=31.0, stature_cm=158.0, bmi=22.0)
    body = draw_design(asked).body
    assert (body.sex, body.age, body.stature_cm, body.bmi) == ("female", 31.0, 158.0, 22.0)


@pytest.mark.parametrize("sex", ["male", "female"])
def test_tall_people_have_large_bones_and_no_wider_canal(sex):
    def mean(stature, name):
        people = (Recipe(seed=s, sex=sex, stature_cm=stature) for s in range(40))
        return np.mean([values(draw_design(person), name) for person in people])

    short, tall = (150, 172) if sex == "female" else (163, 187)
    grown = mean(tall, "body_width") / mean(short, "body_width")
    steps = (tall - short) / (6.5 if sex == "female" else 7)
    assert grown == pytest.approx(1 + 0.06 * 0.7 * steps, abs=0.03)
    assert mean(tall, "canal_ap") / mean(short, "canal_ap") == pytest.approx(1, abs=0.03)


def test_men_have_larger_bodies_by_the_tables_factors():
    ratio = [
        values(draw_design(Recipe(seed=s, sex="male")), "body_width")[[6, 8]]
        / values(draw_design(Recipe(seed=s, sex="female")), "body_width")[[6, 8]]
        for s in range(60)
    ]
    assert np.median(ratio, axis=0) == pytest.approx([1.04 / 0.93, 1.04 / 0.95], abs=0.005)


def test_old_people_have_soft_bone():
    young, old = (
        np.mean([draw_design(Recipe(seed=s, age=a)).level("L1").trabecular_hu for s in range(60)])
        for a in (25.0, 85.0)
    )
    assert young == pytest.approx(226, abs=20)
    assert old == pytest.approx(89, abs=20)


def test_left_and_right_differ_a_little(designs):
    pairs = np.array([design.size("L4").pedicle_width for design in designs])
    apart = pairs[:, 0] - pairs[:, 1]
    assert 0 < np.abs(apart).mean() < 1.5
    assert abs(apart.mean()) < 0.2


def test_the_person_changes_nothing_that_the_seed_settled_otherwise():
    """The same seed with and without a given age is the same spine."""
    free = draw_design(Recipe(seed=8))
    old = draw_design(Recipe(seed=8, age=80.0))
    assert [x.size for x in free.levels] == [x.size for x in old.levels]
    assert free.segments == old.segments


@pytest.mark.parametrize(
    ("part", "change", "broken"),
    [
        ("L3", {"pedicle_width": (2.5, 9.0)}, "pedicles carry"),
        ("L2", {"canal_width": 60.0}, "pedicles meet the body"),
        ("L3", {"pedicle_height": 40.0}, "foramina open"),
        ("L4", {"canal_ap": 9.0}, "sac fits"),
        ("L4", {"interpars_width": 15.0}, "joints lie on the arch"),
        ("L2", {"spinous_height": 45.0}, "arches are apart"),
        ("L3", {"body_width": 70.0}, "neighbours are alike"),
        ("L4/5", {"disc_posterior": 1.0}, "discs open"),
        ("L4/5", {"disc_anterior": 40.0}, "discs open"),
        ("L4/5", {"sac_area": 600.0}, "sac fits"),
    ],
)
def test_every_condition_can_be_broken(part, change, broken):
    design = draw_design(Recipe(seed=1, sex="male", stature_cm=175.0))
    assert faults(design) == ()

    def ill(owner):
        return evolve(owner, size=evolve(owner.size, **change)) if owner.name == part else owner

    spoiled = evolve(
        design,
        levels=tuple(map(ill, design.levels)),
        segments=tuple(map(ill, design.segments)),
    )
    assert broken in faults(spoiled)


@given(
    width=st.floats(3, 35),
    height=st.floats(5, 30),
    roll=st.floats(0, 90),
    flat=st.floats(0.2, 0.8),
)
def test_an_ellipse_spans_what_was_asked_and_is_never_absurd(width, height, roll, flat):
    minor, major, rolled = ellipse(width, height, roll, (flat - 0.1, flat + 0.1))
    assert spans(minor, major, rolled) == pytest.approx((width, height))
    assert minor <= min(width, height) + 1e-9
    assert minor / major <= flat + 0.1 + 1e-9
    assert minor / major >= min(flat - 0.1, width / height, height / width) - 1e-9
    assert 0 <= rolled <= 90


def test_the_means_make_the_mean_shapes_oblique_pedicles():
    """Minor diameters of the mean lumbar shape: 8.6, 9.8, 11.5, 12 mm."""
    for level, expected in zip(("L2", "L3", "L4", "L5"), (8.6, 9.8, 11.5, 12.0), strict=True):
        width, height, roll = (mean_of(f"pedicle_{x}", level) for x in ("width", "height", "roll"))
        assert ellipse(width, height, roll, (0.0, 1.0))[0] == pytest.approx(expected, abs=0.35)


@given(st.floats(-6, 6), st.floats(0.1, 3), st.floats(1.05, 4), st.floats(1.05, 6))
def test_bounded_numbers_stay_in_their_bounds(score, sd, low, high):
    found = bounded(score, np.array([sd]), np.array([-low * sd]), np.array([high * sd]))[0]
    assert -low * sd - 1e-9 <= found <= high * sd + 1e-9


def test_bounded_numbers_have_the_mean_and_spread_asked_for():
    scores = np.random.default_rng(0).standard_normal(200_000)
    for low, high in ((-3.5, 4.0), (-1.1, 4.0)):
        found = bounded(scores, *(np.full(len(scores), x) for x in (1.0, low, high)))
        assert found.mean() == pytest.approx(0, abs=0.01)
        assert found.std() == pytest.approx(1, abs=0.01)
    assert not bounded(scores[:3], np.zeros(3), np.zeros(3), np.zeros(3)).any()


@pytest.mark.parametrize(
    "wish",
    [
        {"age": 7.0},
        {"stature_cm": 250.0},
        {"bmi": 9.0},
        {"pedicle_width_mm": {"L4": 0.5}},
    ],
)
def test_persons_whom_no_phantom_can_be_are_refused(wish):
    with pytest.raises(RequestError) as e:
        draw_design(Recipe(**wish))
    assert e.value.refusal.code == "out-of-range"


def test_a_person_none_of_whose_spines_can_be_is_refused(designs, monkeypatch):
    """One draw is allowed where two were needed."""
    seed = next(design.seed for design in designs if design.rejected)
    monkeypatch.setattr(draw, "_MOST_DRAWS", 1)
    with pytest.raises(RequestError) as e:
        draw_design(Recipe(seed=seed))
    assert e.value.refusal.code == "out-of-range"


def test_levels_stand_from_head_to_sacrum_once():
    design = draw_design(Recipe(levels=("S1", "L4", "L4")))
    assert chosen_levels(Recipe(levels=("S1", "L4", "L4")), design) == ("L4", "S1")
    assert design.names == LEVELS
