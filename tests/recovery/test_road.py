"""The expected road: bands that hold what they say, on a scale with ends, narrowed by points."""

from datetime import date, timedelta
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from keyhole.recovery.course import Course, Episode, Measure
from keyhole.recovery.road import curve_for, curves, departures, expected, points_of, reference
from keyhole.recovery.road.curves import cut_moments
from keyhole.recovery.road.drawing import road_svg, sparkline

OPERATION = date(2026, 3, 2)


def back():
    return curve_for("back_pain", "tube-microdiscectomy")


def course(*values, technique="tube-microdiscectomy"):
    operation = Episode(
        id="e1", on=OPERATION, way="MISS", technique=technique, levels=("L4/5",), fused=False
    )
    measures = tuple(
        Measure(
            on=OPERATION + timedelta(days=day),
            name="back_pain",
            value=value,
            unit="of-10",
            source="app",
            by="patient",
        )
        for day, value in values
    )
    return Course(id="p1", episodes=(operation,), measures=measures)


@pytest.mark.parametrize("curve", curves(), ids=lambda curve: f"{curve.name}-{curve.techniques[0]}")
def test_the_cut_off_value_has_the_published_mean_and_spread(curve):
    mean, sd = curve.latent(np.array([float(knot.day) for knot in curve.knots]))
    for knot, m, s in zip(curve.knots, mean, sd, strict=True):
        assert cut_moments(m, s, curve.low, curve.high) == pytest.approx(
            (knot.mean, knot.sd), abs=1e-6
        )


def test_moments_of_a_cut_normal_are_those_of_draws():
    draws = np.clip(np.random.default_rng(1).normal(2, 3, 2_000_000), 0, 10)
    assert cut_moments(2, 3, 0, 10) == pytest.approx((draws.mean(), draws.std()), abs=0.01)


@pytest.mark.parametrize("level", [0.5, 0.9, 0.95])
def test_the_band_holds_its_share_of_patients_where_many_have_no_pain(level):
    curve, days = back(), [0.0, 10.0, 91.0, 365.0]
    mean, sd = curve.latent(np.array(days))
    draws = np.clip(np.random.default_rng(2).normal(mean, sd, (200_000, 4)), 0, 10)
    band = reference(curve, days, level)
    inside = ((draws >= band.low) & (draws <= band.high)).mean(axis=0)
    assert inside == pytest.approx(level, abs=0.01)


def test_points_narrow_the_band_and_move_it_towards_the_patient():
    curve = back()
    wide = reference(curve, [91])
    for value, side in ((7.0, 1), (0.0, -1)):
        own = expected(curve, [(7, value), (30, value), (60, value)], [91])
        assert (own.middle[0] - wide.middle[0]) * side > 0
        assert own.high[0] - own.low[0] < wide.high[0] - wide.low[0]


def test_without_points_the_band_is_the_published_one():
    curve = back()
    assert expected(curve, [], [30, 91]) == reference(curve, [30, 91])


def test_beyond_the_last_published_day_the_road_runs_level():
    curve = back()
    assert reference(curve, [730]).high == reference(curve, [5000]).high


def test_a_recovery_that_leaves_its_road_is_told_and_a_good_one_is_not():
    today = OPERATION + timedelta(days=60)
    assert departures(course((0, 6), (14, 2), (30, 1), (42, 1)), today) == ()
    (left,) = departures(course((0, 6), (14, 2), (30, 1), (42, 8)), today)
    assert (left.name, left.value, left.on) == ("back_pain", 8, OPERATION + timedelta(days=42))
    assert left.high < 8


def test_a_better_value_than_expected_is_no_alarm():
    today = OPERATION + timedelta(days=60)
    assert departures(course((0, 9), (14, 9), (30, 9), (42, 0)), today) == ()


@pytest.mark.parametrize("technique", ["kyphoplasty", "mis-tlif"])
def test_an_operation_without_a_published_road_has_none(technique):
    assert curve_for("back_pain", technique) is None
    assert (
        departures(course((0, 6), (42, 10), technique=technique), OPERATION + timedelta(90)) == ()
    )


def test_what_was_entered_before_the_operation_stands_at_day_0():
    patient = course((-20, 9), (-3, 7), (5, 4))
    points = points_of(patient, "back_pain", patient.episodes[0], OPERATION + timedelta(days=9))
    assert points == [(0, 7), (5, 4)]


def test_the_drawing_is_an_svg_that_holds_every_point():
    drawn = ET.fromstring(road_svg(back(), [(0, 6.0), (14, 3.0), (800, 2.0)]))  # noqa: S314 - our own
    names = [element.tag.rpartition("}")[2] for element in drawn.iter()]
    assert names.count("circle") == 3
    assert names.count("polygon") == 2
    places = [float(e.get("cx")) for e in drawn.iter() if e.tag.endswith("circle")]
    assert places == sorted(places)
    assert max(places) <= 560


def test_a_sparkline_runs_over_the_whole_scale():
    assert sparkline([0, 5, 10, 99], 0, 10) == "▁▅██"
