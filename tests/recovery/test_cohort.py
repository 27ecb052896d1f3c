"""Simulated cohorts: the same seed the same patients, and the truth is in them as ordered."""

import numpy as np
import pytest

from keyhole.simulate.cohort import CohortRecipe, courses, grow_cohort


def grown(**changes):
    return grow_cohort(CohortRecipe(**{"patients": 2000, "days": 40, "seed": 5, **changes}))


def test_the_same_seed_gives_the_same_cohort_and_another_another():
    first, again, other = grown(patients=50), grown(patients=50), grown(patients=50, seed=6)
    for name in first.diaries:
        assert np.array_equal(first.diaries[name], again.diaries[name], equal_nan=True)
        assert not np.array_equal(first.diaries[name], other.diaries[name], equal_nan=True)


def test_the_severe_are_operated_on_openly_as_far_as_confounding_goes():
    for confounding, least, most in ((0.0, -0.1, 0.1), (2.0, 0.8, 2.0)):
        cohort = grown(confounding=confounding)
        apart = cohort.severity[cohort.opened].mean() - cohort.severity[~cohort.opened].mean()
        assert least < apart < most


def test_a_raw_comparison_is_wrong_and_the_effect_is_there_at_equal_severity():
    cohort = grown(patients=40_000, days=1, effect=0.5, confounding=2.0)
    raw = cohort.level[cohort.opened].mean() - cohort.level[~cohort.opened].mean()
    columns = np.column_stack([np.ones(40_000), cohort.opened, cohort.severity])
    adjusted = np.linalg.lstsq(columns, cohort.level, rcond=None)[0][1]
    assert adjusted == pytest.approx(0.5, abs=0.05)
    assert raw > 1.0


def test_pain_at_the_visits_has_the_published_mean_and_spread():
    cohort = grown(patients=20_000, days=1, effect=0.0)
    back = cohort.visits["back_pain"]
    assert cohort.visit_days == (0, 30, 91, 182, 365, 730)
    assert back.mean(axis=0) == pytest.approx([5.67, 2.43, 2.33, 2.02, 2.24, 2.0], abs=0.08)
    assert back.std(axis=0) == pytest.approx([2.88, 1.88, 1.56, 1.37, 1.73, 1.73], abs=0.08)


def test_surgeons_differ():
    cohort = grown(patients=20_000, days=1, surgeons=10, effect=0.0, confounding=0.0)
    means = [cohort.level[cohort.surgeon == n].mean() for n in range(10)]
    assert 0.1 < np.std(means) < 0.6


@pytest.mark.parametrize("missing", [0.0, 0.3])
def test_as_many_entries_are_missing_as_ordered(missing):
    for diary in grown(missing=missing).diaries.values():
        assert np.isnan(diary).mean() == pytest.approx(missing, abs=0.01)


@pytest.mark.parametrize("size", [0.5, 1.0])
def test_a_planted_infection_raises_back_pain_and_lowers_steps_by_its_size(size):
    def mean(name, planted):
        cohort = grown(planted=planted, size=size, days=60, missing=0.0)
        return cohort.diaries[name][:, 45:].mean()

    assert mean("back_pain", "infection") - mean("back_pain", "none") == pytest.approx(
        2 * size, abs=0.25
    )
    assert mean("steps", "infection") / mean("steps", "none") == pytest.approx(
        1 - 0.4 * size, abs=0.05
    )
    assert mean("leg_pain", "infection") == pytest.approx(mean("leg_pain", "none"), abs=0.1)


def test_onsets_lie_where_the_order_puts_them():
    infection = grown(planted="infection")
    assert (infection.onset.min(), infection.onset.max()) == (5, 30)
    assert set(infection.grown - infection.onset) == {5}
    recurrence = grown(planted="recurrence", days=200)
    assert set(recurrence.grown - recurrence.onset) == set(range(1, 8))
    assert set(grown().onset) == {-1}


def test_patients_become_courses():
    cohort = grown(patients=3)
    made = list(courses(cohort))
    assert [course.id for course in made] == ["sim-5-0", "sim-5-1", "sim-5-2"]
    for number, course in enumerate(made):
        given = {m.on: m.value for m in course.series("steps")}
        assert len(given) == np.isfinite(cohort.diaries["steps"][number]).sum()
        assert course.episodes[0].way == ("open" if cohort.opened[number] else "MISS")
