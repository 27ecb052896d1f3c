"""One measure of many patients as columns, sorted by patient and day, and its running level.

The level of a patient is followed by a Kalman filter: a value that wanders slowly, seen with
noise. What an entry counts falls by half in `half_days`.
"""

from collections.abc import Sequence
from datetime import date

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from keyhole.recovery.course.model import Course
from keyhole.space import Floats, fixed, same, shaped

Ints = NDArray[np.int64]
SPAN = 1 << 20
"""More days than any course has: patient and day make one key."""


@frozen(kw_only=True)
class Series:
    """Entries of one measure. `key` (m,) is patient * SPAN + day, rising; `value` (m,)."""

    key: Ints = field(eq=same)
    value: Floats = field(converter=fixed, validator=shaped(-1), eq=same)

    @property
    def day(self) -> Ints:
        """(m,) days after the operation."""
        return self.key % SPAN

    @classmethod
    def of(cls, patient: Ints, day: Ints, value: Floats) -> "Series":
        """From columns in any order; of two entries of one day the later one counts."""
        key = np.asarray(patient) * SPAN + np.asarray(day)
        order = np.argsort(key, kind="stable")
        key, value = key[order], np.asarray(value, dtype=float)[order]
        last = np.append(key[1:] != key[:-1], True)[: len(key)]
        return cls(key=key[last], value=value[last])

    def last_until(self, at: Ints, before: int = 0) -> Ints:
        """(n,) the place of the same patient's last entry `before` days before each key, or
        earlier; -1 for none.
        """
        place = np.searchsorted(self.key, at - before, side="right") - 1
        if not len(self.key):
            return place
        known = (place >= 0) & (self.key[np.maximum(place, 0)] // SPAN == at // SPAN)
        return np.where(known, place, -1)


def series_of(courses: Sequence[Course], name: str) -> Series:
    """A measure of many courses, in days after each one's first operation; none from before it."""
    rows = [
        (patient, (measure.on - start).days, measure.value)
        for patient, course in enumerate(courses)
        if (start := first_operation(course)) is not None
        for measure in course.measures
        if measure.name == name and measure.on >= start
    ]
    patient, day, value = zip(*rows, strict=True) if rows else ((), (), ())
    return Series.of(
        np.array(patient, dtype=np.int64), np.array(day, dtype=np.int64), np.array(value)
    )


def first_operation(course: Course) -> date | None:
    """The day of a course's first operation."""
    return course.episodes[0].on if course.episodes else None


@frozen(kw_only=True)
class Level:
    """A patient's level after each entry of a series: mean and variance (m,), drift a day."""

    mean: Floats = field(converter=fixed, validator=shaped(-1), eq=same)
    var: Floats = field(converter=fixed, validator=shaped(-1), eq=same)
    drift: float


def running_level(series: Series, *, noise_var: float, start_var: float, half_days: float) -> Level:
    """Follow every patient's level through the entries, all patients at once."""
    drift = noise_var * (np.log(2) / half_days) ** 2
    patient = series.key // SPAN
    first = np.append(True, patient[1:] != patient[:-1])[: len(patient)]
    starts = np.flatnonzero(first)
    rank = np.arange(len(patient)) - np.repeat(starts, np.diff(np.append(starts, len(patient))))
    mean, var = np.zeros(len(patient)), np.full(len(patient), float(start_var))
    for places in _by_rank(rank):
        before = places - (rank[places] > 0)
        gap = np.where(rank[places] > 0, series.day[places] - series.day[before], 0)
        old_mean = np.where(rank[places] > 0, mean[before], 0.0)
        old_var = np.where(rank[places] > 0, var[before], start_var) + drift * gap
        gain = old_var / (old_var + noise_var)
        mean[places] = old_mean + gain * (series.value[places] - old_mean)
        var[places] = old_var * (1 - gain)
    return Level(mean=mean, var=var, drift=drift)


def _by_rank(rank: Ints) -> list[Ints]:
    """The places of every first entry, of every second one, and so on."""
    order = np.argsort(rank, kind="stable")
    ends = np.cumsum(np.bincount(rank)) if len(rank) else np.array([], dtype=int)
    return np.split(order, ends[:-1]) if len(ends) else []
