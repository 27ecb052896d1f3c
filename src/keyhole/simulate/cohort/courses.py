"""Simulated patients as courses, as if they had been entered."""

from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np

from keyhole.recovery.course import Course, Episode, Measure
from keyhole.simulate.cohort.grow import Cohort

_START = date(2024, 1, 8)
_UNITS = {"back_pain": "of-10", "leg_pain": "of-10", "steps": "1"}


def courses(cohort: Cohort) -> Iterator[Course]:
    """One course a patient: the operation, and the diary's entries."""
    for patient in range(cohort.recipe.patients):
        start = _START + timedelta(days=patient % 365)
        yield Course(
            id=f"sim-{cohort.recipe.seed}-{patient}",
            born=start.year - int(cohort.age[patient]),
            episodes=(_operation(cohort, patient, start),),
            measures=tuple(_measures(cohort, patient, start)),
        )


def _operation(cohort: Cohort, patient: int, start: date) -> Episode:
    opened = bool(cohort.opened[patient])
    return Episode(
        id="e1",
        on=start,
        way="open" if opened else "MISS",
        technique="open-discectomy" if opened else "tube-microdiscectomy",
        levels=("L5/S1",),
        diagnoses=("M51.1",),
        fused=False,
        nights=float(cohort.nights[patient]),
    )


def _measures(cohort: Cohort, patient: int, start: date) -> Iterator[Measure]:
    for name, diary in cohort.diaries.items():
        for day in np.flatnonzero(np.isfinite(diary[patient])):
            yield Measure(
                on=start + timedelta(days=int(day)),
                name=name,
                value=float(diary[patient, day]),
                unit=_UNITS[name],
                source="simulated",
                by="keyhole",
            )
