"""The watch over diaries: what is planted is found, quiet diaries are left alone, gaps are no proof."""

from datetime import date, timedelta

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from keyhole.recovery.course import Course, Episode, Measure
from keyhole.recovery.watch import Series, alarms, series_of, watch, watched
from keyhole.recovery.watch.ratio import ONSETS, Change, log_ratio
from keyhole.recovery.watch.series import SPAN, running_level
from keyhole.simulate.cohort import CohortRecipe, courses, grow_cohort

OPERATION = date(2026, 3, 2)


def diary(**columns):
    """A course with a value a day for each measure; None where nothing was entered."""
    operation = Episode(
        id="e1", on=OPERATION, way="MISS", technique="tube", levels=("L5/S1",), fused=False
    )
    units = {"back_pain": "of-10", "leg_pain": "of-10", "steps": "1"}
    measures = tuple(
        Measure(
            on=OPERATION + timedelta(days=day),
            name=name,
            value=value,
            unit=units[name],
            source="app",
            by="patient",
        )
        for name, values in columns.items()
        for day, value in enumerate(values)
        if value is not None
    )
    return Course(id="p1", episodes=(operation,), measures=measures)


def names(patient, day=400):
    return [alarm.watch.name for alarm in alarms(patient, OPERATION + timedelta(days=day))]


def steady(value, days=60):
    return [value] * days


def walking(days=60):
    """Steps that come back as published: 29 % after a week, 63 % after two, 77 % after four."""
    shares = np.interp(np.arange(days), [0, 7, 14, 28, 56], [0.15, 0.29, 0.63, 0.77, 1.0])
    return [round(share * 5600) for share in shares]


def test_leg_pain_that_rises_by_four_within_a_week_is_a_recurrence():
    legs = [*steady(1, 40), 2, 3, 4, 5, 5, 5, 5, 5]
    (alarm,) = alarms(diary(leg_pain=legs), OPERATION + timedelta(days=47))
    assert alarm.watch.name == "recurrence"
    assert OPERATION + timedelta(days=41) < alarm.on <= OPERATION + timedelta(days=47)


def test_back_pain_with_falling_steps_is_an_infection_and_neither_alone_is():
    backs = [*steady(2, 20), 3, 4, 5, 5, 5, 5, 5]
    falling = [*walking(20), 3000, 2500, 1500, 1200, 1000, 900, 900]
    assert names(diary(back_pain=backs, steps=falling)) == ["infection"]
    assert names(diary(back_pain=steady(2, 27), steps=walking(27))) == []
    assert "infection" not in names(diary(back_pain=backs))


def test_a_quiet_diary_full_of_gaps_raises_nothing():
    legs = [2 if day % 5 == 0 else None for day in range(200)]
    assert names(diary(leg_pain=legs, back_pain=legs)) == []


def test_a_single_bad_day_is_no_alarm():
    assert names(diary(leg_pain=[*steady(2, 40), 9, *steady(2, 20)])) == []


def test_what_comes_tomorrow_is_not_known_today():
    legs = [*steady(1, 40), *[6] * 8]
    assert names(diary(leg_pain=legs), day=40) == []
    assert names(diary(leg_pain=legs), day=46) == ["recurrence"]


def test_a_course_without_operation_or_entries_is_silent():
    assert alarms(Course(id="p1"), OPERATION) == ()
    assert names(diary()) == []


def test_many_patients_are_judged_as_each_one_alone():
    cohort = grow_cohort(CohortRecipe(patients=12, days=60, seed=3, planted="recurrence", size=2))
    everyone = list(courses(cohort))
    together = {name: series_of(everyone, name) for name in ("back_pain", "leg_pain", "steps")}
    for one in watched():
        at, evidence = watch(one, together)
        for number, patient in enumerate(everyone):
            alone = watch(one, {name: series_of([patient], name) for name in together})
            mine = at // SPAN == number
            assert np.array_equal(at[mine] % SPAN, alone[0])
            assert evidence[mine] == pytest.approx(alone[1])


def test_the_ratio_is_that_of_the_normal_densities():
    """Against scipy's own densities, for one patient, the level before the onset uncertain."""
    rng = np.random.default_rng(4)
    days = np.array([0, 1, 3, 4, 7, 9, 10, 12, 13, 15])
    series = Series.of(np.zeros(10, dtype=int), days, rng.normal(size=10))
    level = running_level(series, noise_var=1.3, start_var=4.0, half_days=14)
    change, at = Change(size=2.0, over_days=5), np.array([15])
    found = log_ratio(series, level, at, [change], 1.3)[0, :, 0]
    for onset, value in zip(ONSETS, found, strict=True):
        since = days > 15 - onset
        before = np.flatnonzero(~since)[-1]
        var = level.var[before] + level.drift * (15 - onset - days[before])
        cov = 1.3 * np.eye(since.sum()) + var
        ramp = 2.0 * np.clip((days[since] - (15 - onset)) / 5, 0, 1)
        mean = np.full(since.sum(), level.mean[before])
        expected = multivariate_normal.logpdf(
            series.value[since], mean + ramp, cov
        ) - multivariate_normal.logpdf(series.value[since], mean, cov)
        assert value == pytest.approx(expected if since.sum() >= 2 else -np.inf)


def test_the_level_forgets_and_ends_at_the_mean_of_a_long_steady_diary():
    days = np.arange(300)
    series = Series.of(np.zeros(300, dtype=int), days, np.where(days < 150, 8.0, 2.0))
    level = running_level(series, noise_var=1.0, start_var=4.0, half_days=14)
    assert level.mean[149] == pytest.approx(8, abs=0.01)
    assert level.mean[-1] == pytest.approx(2, abs=0.01)


def test_of_two_entries_of_one_day_the_later_one_counts():
    series = Series.of(np.array([0, 0, 0]), np.array([4, 4, 2]), np.array([1.0, 9.0, 5.0]))
    assert list(series.value) == [5, 9]


def test_whole_numbers_for_the_variances_change_nothing():
    series = Series.of(np.zeros(5, dtype=int), np.arange(5), np.array([3.0, 1, 4, 1, 5]))
    whole = running_level(series, noise_var=1, start_var=4, half_days=14)
    assert whole == running_level(series, noise_var=1.0, start_var=4.0, half_days=14.0)
