"""What the numbers say of inconsistency, imprecision and publication bias."""

import math

from keyhole.evidence.pooled import plots_words as words
from keyhole.evidence.pooled.again import wider_by_z
from keyhole.evidence.pooled.bias_regression import egger
from keyhole.evidence.pooled.effect import Effects
from keyhole.evidence.pooled.pooled import Interval, Pooled
from keyhole.evidence.pooled.summary_judgement import Judgement
from keyhole.evidence.pooled.summary_rules import rules


def inconsistency(effects: Effects, pooled: Pooled) -> Judgement:
    """From I2 and p of Q; very serious where a new study may fall on the other side as well."""
    rule = rules().inconsistency
    told = f"I2 {pooled.i2_q:.0f} % (from Q), {words.p_value(pooled.q_p)}"
    if pooled.pi is not None:
        told += f"; {words.new_study(effects, pooled, pooled.pi)}"
    if pooled.i2_q < rule.serious_i2 or pooled.q_p >= rule.chance_p:
        return Judgement("inconsistency", 0, told)
    both = pooled.pi is None or _across(pooled.pi, 0)
    return Judgement(
        "inconsistency", 2 if pooled.i2_q >= rule.very_serious_i2 and both else 1, told
    )


def imprecision(effects: Effects, pooled: Pooled, important: float | None) -> Judgement:
    """From the interval and the size of the studies; unknown where these do not settle it.

    `important` is the smallest difference that matters, in the unit of a plain measure; for
    ratios GRADE's rough guide is used. The wider of Hartung and Knapp's and the normal interval
    counts.
    """
    ci = wider_by_z(effects, pooled) or pooled.ci
    told = f"{words.result(effects, pooled.estimate, ci)}; {_size(effects)}"
    if _across(ci, 0):
        ends = _appreciable(effects, important)
        if ends is None:
            told += "; it holds no difference, and the smallest important one is not given"
            return Judgement("imprecision", None, told)
        within = [ci[0] < ends[0], ci[1] > ends[1]]
        if any(within):
            return Judgement("imprecision", sum(within), f"{told}; {_crossed(within)}")
    enough = _enough(effects)
    return Judgement("imprecision", None if enough is None else int(not enough), told)


def publication_bias(effects: Effects, pooled: Pooled) -> Judgement:
    """From Egger's test, where there are studies enough; a person must look otherwise."""
    rule = rules().publication_bias
    if len(effects) < rule.least_studies:
        told = f"{len(effects)} studies; under {rule.least_studies} asymmetry cannot be tested"
        return Judgement("publication bias", None, told)
    test = egger(effects, pooled)
    told = f"Egger's test {words.p_value(test.p)}, {len(effects)} studies"
    return Judgement("publication bias", int(test.p < rule.suspicious_p), told)


def _across(interval: Interval, value: float) -> bool:
    return interval[0] < value < interval[1]


def _appreciable(effects: Effects, important: float | None) -> Interval | None:
    """Ends, on the analysis scale, beyond which a difference matters."""
    if effects.scale == "log":
        low, high = rules().imprecision.appreciable_ratio
        return math.log(low), math.log(high)
    return None if important is None else (-abs(important), abs(important))


def _crossed(within: list[bool]) -> str:
    return (
        "it holds important differences both ways"
        if all(within)
        else ("it holds no difference and an important one")
    )


def _size(effects: Effects) -> str:
    parts = []
    if _events(effects) is not None:
        parts.append(f"{_events(effects):g} events")
    if effects.ni is not None:
        parts.append(f"{effects.ni.sum():g} patients")
    return ", ".join(parts) or "the number of patients is not known"


def _events(effects: Effects) -> float | None:
    return None if effects.cells is None else float(effects.cells[:, [0, 2]].sum())


def _enough(effects: Effects) -> bool | None:
    """Whether the studies are of the size that is asked for; None where it is not known."""
    rule = rules().imprecision
    events = _events(effects)
    if events is not None:
        return events >= rule.least_events
    return None if effects.ni is None else bool(effects.ni.sum() >= rule.least_patients)
