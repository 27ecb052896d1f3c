"""Opioids of a course in morphine milligram equivalents (MME) a day.

A sum says which factors it rests on, and names what it could not convert: an opioid without a
factor is never counted as nothing in silence. Days without an entry are unknown, not free.
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Literal

from attrs import frozen

from keyhole.errors import RecoveryError
from keyhole.recovery.course.model import Intake
from keyhole.recovery.medicines.factors import Factor, factors

Taper = Literal["none taken", "stopped", "falling", "steady", "rising", "unknown"]

_WEEK = timedelta(days=7)
_CHANGE = 0.10
"""A week's mean this much above or below the week before is a rise or fall. Unsourced."""


@frozen(kw_only=True)
class Sum:
    """One day: its MME, and the opioids of that day that have no factor."""

    on: date
    mme: float
    unconverted: tuple[str, ...] = ()


@frozen(kw_only=True)
class Opioids:
    """What a course holds of opioids from a day on; `days_to_stop` is None while any is taken.

    `warned` are the thresholds that the highest day reaches, with their words.
    """

    days: tuple[Sum, ...]
    total_mme: float
    highest_mme: float
    days_to_stop: int | None
    taper: Taper
    warned: tuple[str, ...]
    unconverted: tuple[str, ...]
    others: tuple[str, ...]
    source: str


def factor_of(drug: str, route: str) -> Factor | None:
    """The factor of a drug by a route; None for an opioid without one and for other drugs."""
    known = {(one.drug, one.route): one for one in factors().factor}
    return known.get((drug.lower(), route.lower()))


def is_opioid(drug: str) -> bool:
    """Whether the drug stands in the table, converted or not."""
    table = factors()
    names = {one.drug for one in table.factor} | {one.drug for one in table.unconverted}
    return drug.lower() in names


def mme_of(intake: Intake) -> float | None:
    """MME of what was taken on a day; None where the opioid has no factor.

    Raises:
        RecoveryError: `dose-unit` where the amount is in another unit than the factor's, or the
            drug is an opioid by a route that the table does not know.

    """
    factor = factor_of(intake.drug, intake.route)
    if factor is None:
        if _excused(intake) or not is_opioid(intake.drug):
            return None
        raise _unit(intake, f"{intake.drug} has no factor by that route")
    if intake.unit != factor.unit:
        raise _unit(intake, f"its factor is for {factor.unit}")
    return intake.amount * factor.mme


def opioids(intakes: Iterable[Intake], since: date, until: date) -> Opioids:
    """The opioids taken from `since` (the operation) to `until` (today), both included.

    Raises:
        RecoveryError: `dose-unit`.

    """
    within = [intake for intake in intakes if since <= intake.on <= until]
    days = _by_day([intake for intake in within if is_opioid(intake.drug)])
    taken = [day for day in days if day.mme > 0 or day.unconverted]
    highest = max((day.mme for day in days), default=0.0)
    unconverted = dict.fromkeys(name for day in days for name in day.unconverted)
    others = dict.fromkeys(one.drug for one in within if not is_opioid(one.drug))
    table = factors()
    return Opioids(
        days=days,
        total_mme=sum(day.mme for day in days),
        highest_mme=highest,
        days_to_stop=_days_to_stop(days, taken, since),
        taper=_taper(days, taken, until),
        warned=tuple(
            f"{limit.mme:g} MME a day reached: {limit.words} ({limit.source})"
            for limit in table.threshold
            if highest >= limit.mme
        ),
        unconverted=tuple(unconverted),
        others=tuple(others),
        source=table.source,
    )


def _by_day(intakes: Iterable[Intake]) -> tuple[Sum, ...]:
    sums: dict[date, tuple[float, list[str]]] = {}
    for intake in intakes:
        mme = mme_of(intake)
        total, names = sums.get(intake.on, (0.0, []))
        if mme is None and intake.amount > 0:
            names = [*names, f"{intake.drug} {intake.route}"]
        sums[intake.on] = (total + (mme or 0.0), names)
    return tuple(
        Sum(on=day, mme=mme, unconverted=tuple(names)) for day, (mme, names) in sorted(sums.items())
    )


def _days_to_stop(days: tuple[Sum, ...], taken: list[Sum], since: date) -> int | None:
    """Days from the operation to the first entry of none after the last dose."""
    if not taken:
        return 0 if days else None
    after = [day for day in days if day.on > taken[-1].on]
    return (after[0].on - since).days if after else None


def _taper(days: tuple[Sum, ...], taken: list[Sum], until: date) -> Taper:
    """The last seven days beside the seven before; unknown where either has no entry."""
    if not days:
        return "unknown"
    if not taken:
        return "none taken"
    if days[-1].on > taken[-1].on:
        return "stopped"
    now, before = (_mean(days, until - n * _WEEK) for n in (0, 1))
    if now is None or before is None:
        return "unknown"
    if now > before * (1 + _CHANGE):
        return "rising"
    return "falling" if now < before * (1 - _CHANGE) else "steady"


def _mean(days: tuple[Sum, ...], until: date) -> float | None:
    """Mean MME of the entries in the seven days up to a day."""
    week = [day.mme for day in days if until - _WEEK < day.on <= until]
    return sum(week) / len(week) if week else None


def _excused(intake: Intake) -> bool:
    """Whether the table says that this opioid is not to be converted."""
    return any(
        row.drug == intake.drug.lower() and row.route in ("", intake.route.lower())
        for row in factors().unconverted
    )


def _unit(intake: Intake, why: str) -> RecoveryError:
    known: Mapping[str, str] = {
        f"{one.drug} {one.route}": one.unit
        for one in factors().factor
        if one.drug == intake.drug.lower()
    }
    return RecoveryError(
        "dose-unit",
        asked=f"The MME of {intake.drug} {intake.route} in {intake.unit} were asked for.",
        found=f"In the table of factors {why}.",
        next=f"Give {', '.join(f'{name} in {unit}' for name, unit in known.items())}.",
    )
