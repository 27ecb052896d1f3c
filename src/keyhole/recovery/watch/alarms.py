"""Alarms of infection and recurrence from the diaries of one patient or of many thousands.

Each measure is taken as its distance from the road that is expected of it, steps as the logarithm
of their share. An alarm whose change shows in several measures adds their evidence, as long as each
of them speaks for it.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache, reduce
from typing import Any

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from keyhole.recovery.course.model import Course
from keyhole.recovery.road import curve_for
from keyhole.recovery.watch.ratio import Change, log_ratio
from keyhole.recovery.watch.series import (
    SPAN,
    Ints,
    Series,
    first_operation,
    running_level,
    series_of,
)
from keyhole.shipped import shipped

_ROAD_OF = "discectomy"
"""The operation whose published road is taken off every diary: the only one with a spread that was
read. A level that differs is learnt from the patient; only the first weeks' slope is borrowed."""


@frozen(kw_only=True)
class Watch:
    """One thing that diaries are watched for."""

    name: str
    changes: Mapping[str, float]
    over_days: tuple[int, ...]
    from_day: int
    to_day: int
    threshold: float
    text: str
    action: str


@frozen(kw_only=True)
class Alarm:
    """An alarm of one patient: the first day on which the evidence passed the threshold."""

    watch: Watch
    on: date
    evidence: float


def alarms(course: Course, today: date) -> tuple[Alarm, ...]:
    """The alarms that a course's diary raises up to today, the earliest first."""
    start = first_operation(course)
    if start is None:
        return ()
    until = (today - start).days
    series = {name: series_of([course], name) for name in _numbers()["series"]}
    found = []
    for one in watched():
        at, evidence = watch(one, {name: _until(s, until) for name, s in series.items()})
        over = np.flatnonzero(evidence > one.threshold)
        if len(over):
            day = start + timedelta(days=int(at[over[0]] % SPAN))
            found.append(Alarm(watch=one, on=day, evidence=float(evidence[over[0]])))
    return tuple(sorted(found, key=lambda alarm: alarm.on))


def watch(one: Watch, series: Mapping[str, Series]) -> tuple[Ints, NDArray[np.float64]]:
    """The evidence for one alarm on every day on which one of its measures has an entry.

    Args:
        one: what is watched for.
        series: the measures as they were entered, by name; of any number of patients.

    Returns:
        (n,) keys of patient and day, rising, and (n,) log likelihood ratios.

    """
    used = [series[name] for name in one.changes]
    at = reduce(np.union1d, (s.key for s in used)).astype(np.int64)
    at = at[(at % SPAN >= one.from_day) & (at % SPAN <= one.to_day)]
    each = np.array([_evidence(one, name, series[name], at) for name in one.changes])
    all_speak = (each > 0).all(axis=0)
    return at, np.where(all_speak, each.sum(axis=0), -np.inf).max(axis=(0, 1))


def _evidence(one: Watch, name: str, entered: Series, at: Ints) -> NDArray[np.float64]:
    """(speeds, onsets, n) what a measure says of its change, at each speed that is looked for."""
    numbers = _numbers()["series"][name]
    series = evolve(entered, value=off_road(name, entered))
    noise: float = numbers["noise_var"]
    level = running_level(
        series,
        noise_var=noise,
        start_var=numbers["start_var"],
        half_days=numbers["half_days"],
    )
    changes = [_sized(name, one.changes[name], over_days) for over_days in one.over_days]
    return log_ratio(series, level, at, changes, noise)


def off_road(name: str, entered: Series) -> NDArray[np.float64]:
    """(m,) how far each entry lies off the road expected of all patients."""
    numbers = _numbers()["series"][name]
    days = entered.day.astype(float)
    if numbers.get("log"):
        share = np.interp(np.log1p(days), np.log1p(numbers["road_days"]), numbers["road_share"])
        return np.asarray(np.log(np.maximum(entered.value, 1) / (numbers["usual"] * share)))
    curve = curve_for(numbers["curve"], _ROAD_OF)
    if curve is None:
        raise ValueError(f"There is no curve {numbers['curve']}.")
    return np.asarray(entered.value - np.maximum(curve.latent(days)[0], curve.low))


def _sized(name: str, size: float, over_days: int) -> Change:
    """The change in the measure's own units: of a logarithm for shares."""
    in_log = _numbers()["series"][name].get("log")
    return Change(size=float(np.log1p(size)) if in_log else size, over_days=over_days)


def _until(series: Series, day: int) -> Series:
    """The entries up to a day."""
    kept = series.day <= day
    return Series(key=series.key[kept], value=series.value[kept])


@cache
def watched() -> tuple[Watch, ...]:
    """Everything that diaries are watched for."""
    return tuple(
        Watch(name=name, **{**row, "over_days": tuple(row["over_days"])})
        for name, row in _numbers()["alarm"].items()
    )


@cache
def _numbers() -> Mapping[str, Any]:
    return shipped("keyhole.recovery.watch", "watch.toml")
