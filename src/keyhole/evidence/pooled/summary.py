"""A summary of findings after GRADE: one row an outcome, no grade that nobody gave.

Inconsistency, imprecision and publication bias are computed where numbers allow it. Risk of bias
and indirectness are a person's to judge; until all is judged the row has no certainty, and says
what it waits for. Reasons to rate up (large effect, dose, opposing bias) are not looked at.
"""

import math
from collections.abc import Mapping
from typing import Any

import attrs
import numpy as np
from attrs import field, frozen

from keyhole.evidence.pooled import summary_computed as computed
from keyhole.evidence.pooled.again import demand_same
from keyhole.evidence.pooled.effect import Effects
from keyhole.evidence.pooled.pooled import Interval, Pooled
from keyhole.evidence.pooled.summary_judgement import (
    Answer,
    Certainty,
    Design,
    Domain,
    Judgement,
    certainty,
)
from keyhole.evidence.pooled.summary_rules import rules


@frozen
class Absolute:
    """Of 1,000 patients, how many have the event: open, and with the new operation."""

    second: float
    second_from: str
    first: float
    first_ci: Interval


@frozen(kw_only=True)
class Finding:
    """One row of the table. `certainty` is None while `waits_for` names something."""

    outcome: str
    pooled: Pooled
    patients: float | None
    absolute: Absolute | None
    design: Design | None
    judgements: tuple[Judgement, ...]

    @property
    def certainty(self) -> Certainty | None:
        """Known once the design is known and every domain is judged."""
        if self.design is None:
            return None
        start: Certainty = getattr(rules().start, self.design)
        return certainty(start, self.judgements)

    @property
    def waits_for(self) -> tuple[str, ...]:
        """What a person must still say."""
        open_ones = tuple(j.domain for j in self.judgements if j.steps is None)
        return open_ones if self.design is not None else ("design", *open_ones)


@frozen(kw_only=True)
class Known:
    """What a person knows of the studies: their design, and judgements by domain.

    `important` is the smallest difference that matters in the unit of a plain measure; `risk` the
    share of patients with the event after the second operation, where the studies' is not meant.
    """

    design: Design | None = None
    answers: Mapping[Domain, Answer] = field(factory=dict)
    important: float | None = None
    risk: float | None = None


def finding(effects: Effects, pooled: Pooled, *, outcome: str, known: Known = Known()) -> Finding:
    """The row of one outcome."""
    demand_same(effects, pooled)
    judged = (
        Judgement("risk of bias", None, "read of the studies, not of their numbers"),
        computed.inconsistency(effects, pooled),
        Judgement("indirectness", None, "patients, operations and outcomes against the question"),
        computed.imprecision(effects, pooled, known.important),
        computed.publication_bias(effects, pooled),
    )
    return Finding(
        outcome=outcome,
        pooled=pooled,
        patients=None if effects.ni is None else float(effects.ni.sum()),
        absolute=_absolute(effects, pooled, known.risk),
        design=known.design,
        judgements=tuple(attrs.evolve(j, answer=known.answers.get(j.domain)) for j in judged),
    )


def _absolute(effects: Effects, pooled: Pooled, risk: float | None) -> Absolute | None:
    """Only where the measure is one of risk, and the risk after the second operation is known."""
    if pooled.measure not in {"RR", "OR", "PETO", "RD"}:
        return None
    source = "given"
    if risk is None:
        if effects.cells is None:
            return None
        risk = float(np.median(effects.cells[:, 2] / effects.cells[:, 2:].sum(axis=1)))
        source = "the median of the studies"
    low, mid, high = (
        1000 * _risk(pooled.measure, risk, x) for x in (pooled.ci[0], pooled.estimate, pooled.ci[1])
    )
    return Absolute(1000 * risk, source, mid, (low, high))


def _risk(measure: str, risk: float, effect: float) -> float:
    """The risk after the first operation, by the effect on the analysis scale; within 0 and 1."""
    if measure == "RD":
        return min(1.0, max(0.0, risk + effect))
    if measure == "RR":
        return min(1.0, risk * math.exp(effect))
    odds = risk / (1 - risk) * math.exp(effect) if risk < 1 else math.inf
    return 1.0 if math.isinf(odds) else odds / (1 + odds)


def as_data(row: Finding) -> dict[str, Any]:
    """The row for JSON; unknown is null, and `waits_for` says why."""
    pooled = row.pooled
    return {
        "outcome": row.outcome,
        "studies": pooled.k,
        "patients": row.patients,
        "measure": pooled.measure,
        "shown": pooled.shown,
        "per_1000": None if row.absolute is None else attrs.asdict(row.absolute),
        "design": row.design,
        "judgements": [
            {
                "domain": j.domain,
                "steps": j.steps,
                "word": j.word,
                "by": j.by,
                "computed": j.computed,
                "numbers": j.numbers,
                "reason": None if j.answer is None else j.answer.reason,
            }
            for j in row.judgements
        ],
        "certainty": row.certainty,
        "waits_for": list(row.waits_for),
    }
