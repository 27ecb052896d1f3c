"""A patient's course: what was measured, answered, taken and suffered, and the operations.

*Course*: everything that happened to one patient, in order. *Episode*: one operation and its
follow-up. Every record says on which day, from what source and by whom it was entered. All words
are tokens (letters, digits and `_ . : / + -`): a course has no room for a name, a sentence or a
spreadsheet's formula. Unknown is None, never 0.
"""

import math
import re
from collections.abc import Iterable
from datetime import date
from typing import Any, Literal

from attrs import Attribute, field, frozen

from keyhole.recovery.scores.answers import Answers

_TOKEN = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_.:/+-]{0,63}$")

Way = Literal["MISS", "open"]
Sex = Literal["female", "male"]


def _token(_: Any, attribute: "Attribute[str]", value: str) -> None:
    """Refuse (ValueError) anything but a token; what stood there is not repeated."""
    if not _TOKEN.match(value):
        raise ValueError(f"{attribute.name}: a word of letters, digits and _.:/+- is needed.")


def _tokens(instance: Any, attribute: "Attribute[tuple[str, ...]]", value: tuple[str, ...]) -> None:
    for one in value:
        _token(instance, attribute, one)  # type: ignore[arg-type]  # only its name is read


def _maybe_token(instance: Any, attribute: "Attribute[str | None]", value: str | None) -> None:
    if value is not None:
        _token(instance, attribute, value)  # type: ignore[arg-type]  # only its name is read


def _finite(_: Any, attribute: "Attribute[float]", value: float | None) -> None:
    if value is not None and not math.isfinite(value):
        raise ValueError(f"{attribute.name}: a finite number is needed.")


def _amount(instance: Any, attribute: "Attribute[float]", value: float | None) -> None:
    _finite(instance, attribute, value)
    if value is not None and value < 0:
        raise ValueError(f"{attribute.name}: it cannot be negative.")


@frozen(kw_only=True)
class Measure:
    """One number on one day: `back_pain` 3 `of 10`, `steps` 5200, `first_walk` 6 `h`."""

    on: date
    name: str = field(validator=_token)
    value: float = field(validator=_finite)
    unit: str = field(validator=_token)
    source: str = field(validator=_token)
    by: str = field(validator=_token)


@frozen(kw_only=True)
class Answered:
    """One questionnaire filled in; its scores follow by rule and are not stored."""

    on: date
    instrument: str = field(validator=_token)
    answers: Answers
    source: str = field(validator=_token)
    by: str = field(validator=_token)


@frozen(kw_only=True)
class Intake:
    """What was taken of a medicine on one day in all; `route` as in the table of factors."""

    on: date
    drug: str = field(validator=_token)
    route: str = field(validator=_token)
    amount: float = field(validator=_amount)
    unit: str = field(validator=_token)
    source: str = field(validator=_token)
    by: str = field(validator=_token)


@frozen(kw_only=True)
class Event:
    """A complication, a sign or a milestone, by its code; `grade` on the code's own scale."""

    on: date
    code: str = field(validator=_token)
    grade: str | None = field(default=None, validator=_maybe_token)
    source: str = field(validator=_token)
    by: str = field(validator=_token)


@frozen(kw_only=True)
class Episode:
    """One operation. `levels` are vertebrae or segments, `diagnoses` ICD-10 codes."""

    id: str = field(validator=_token)
    on: date
    way: Way
    technique: str = field(validator=_token)
    levels: tuple[str, ...] = field(validator=_tokens)
    diagnoses: tuple[str, ...] = field(default=(), validator=_tokens)
    fused: bool
    plan: str | None = field(default=None, validator=_maybe_token)
    incision_mm: float | None = field(default=None, validator=_amount)
    operating_min: float | None = field(default=None, validator=_amount)
    fluoroscopy_s: float | None = field(default=None, validator=_amount)
    blood_loss_ml: float | None = field(default=None, validator=_amount)
    nights: float | None = field(default=None, validator=_amount)
    drain: bool | None = None
    converted: bool | None = None


def _in_order(rows: Iterable[Any]) -> tuple[Any, ...]:
    """Records of one kind by day; those of one day as they were given."""
    return tuple(sorted(rows, key=lambda row: row.on))


@frozen(kw_only=True)
class Course:
    """One patient, under a pseudonym. Records stand in the order of their days."""

    id: str = field(validator=_token)
    born: int | None = None
    sex: Sex | None = None
    episodes: tuple[Episode, ...] = field(default=(), converter=_in_order)
    measures: tuple[Measure, ...] = field(default=(), converter=_in_order)
    answered: tuple[Answered, ...] = field(default=(), converter=_in_order)
    intakes: tuple[Intake, ...] = field(default=(), converter=_in_order)
    events: tuple[Event, ...] = field(default=(), converter=_in_order)

    def __attrs_post_init__(self) -> None:
        """No two episodes carry one name."""
        if len({episode.id for episode in self.episodes}) < len(self.episodes):
            raise ValueError("episodes: two operations carry one id.")

    def series(self, name: str) -> tuple[Measure, ...]:
        """All measures of that name, in the order of their days."""
        return tuple(measure for measure in self.measures if measure.name == name)

    def episode_at(self, day: date) -> Episode | None:
        """The last operation on or before a day; None before the first."""
        before = [episode for episode in self.episodes if episode.on <= day]
        return before[-1] if before else None
