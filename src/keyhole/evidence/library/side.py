"""For or against MISS: what a row says by its own figures, or by a reading that is written down."""

import math

import numpy as np
from attrs import frozen
from scipy import stats

from keyhole.evidence.library.checks.doubt import Doubt
from keyhole.evidence.library.checks.pools import tells_ratio
from keyhole.evidence.library.checks.spread import complete
from keyhole.evidence.library.figures import Figure
from keyhole.evidence.library.judged import Side, read_by_hand
from keyhole.evidence.library.printed import Printed, read_printed
from keyhole.evidence.library.rows import AnyRow, PoolRow, StudyRow
from keyhole.evidence.library.words import Part, family_of, higher_is_better

SIDES: dict[Side, str] = {
    "for": "MIS is better, and chance alone is an unlikely reason (p below 0.05)",
    "against": "MIS is worse, or evidence to be kept against it",
    "even": "no difference shown: that is not the same as no difference",
    "untested": "told without a test that can be read",
    "aside": "not MIS against open, or no outcome of it",
}
_SURE = 0.05
"""The usual level (unsourced); the row shows its own interval or p."""


@frozen
class Stand:
    """Where a row stands and why."""

    side: Side
    why: str


def stand(row: AnyRow, part: Part, found: tuple[Doubt, ...]) -> Stand:
    """Where a row stands on a part of the promise; a written reading goes first."""
    read = read_by_hand(row.id, part.name)
    if read is not None:
        return Stand(read.side, read.why)
    family = family_of(row)
    if family is None or family.kind == "aside":
        return Stand("aside", "It does not set MIS against open.")
    if isinstance(row, PoolRow):
        return _pool(row)
    spread = any(doubt.code == "se-as-sd" for doubt in found)
    return _study(row, spread=spread)


def _pool(row: PoolRow) -> Stand:
    if row.estimate is None:
        shares = read_printed(row.direction).shares
        worse = None if shares is None else _worse(shares[0].value - shares[1].value, row.outcome)
        return _by_p(worse, row.p)
    if row.direction in {"single arm", "MIS arm", "open arm"}:
        return Stand("aside", "A pool of one arm.")
    worse = _pool_worse(row)
    if row.low is None or row.high is None:
        return _by_p(worse, row.p)
    none = 1.0 if tells_ratio(row) else 0.0
    if row.low.value <= none <= row.high.value:
        return Stand("even", "The interval holds no difference.")
    return _decided(worse, "the interval excludes no difference")


def _pool_worse(row: PoolRow) -> bool | None:
    """Whether the estimate says that MIS is worse; the row tells how its sign is meant."""
    if row.estimate is None:
        return None
    if row.direction == "favours open":
        return True
    if "longer in MIS" in row.outcome:
        return True
    if row.direction in {"magnitude", "benefit sign"}:
        return False
    none = 1.0 if tells_ratio(row) else 0.0
    return _worse(row.estimate.value - none, row.outcome)


def _worse(difference: float, outcome: str) -> bool | None:
    if difference == 0:
        return None
    return (difference < 0) == higher_is_better(outcome)


def _study(row: StudyRow, *, spread: bool) -> Stand:
    printed = read_printed(row.printed)
    worse = _study_worse(row, printed)
    if printed.low is not None and printed.high is not None and printed.estimate is not None:
        none = 1.0 if printed.ratio else 0.0
        if printed.low.value <= none <= printed.high.value:
            return Stand("even", "The printed interval holds no difference.")
        return _decided(worse, "the printed interval excludes no difference")
    if printed.p is not None:
        return _by_p(worse, printed.p)
    own = None if spread else _own_p(row)
    if own is None:
        return Stand("untested", "No p, interval or spread is printed.")
    if own >= _SURE:
        return Stand("even", f"Worked out from the arms, p is {own:.2g}.")
    return _decided(worse, f"worked out from the arms, p is {own:.2g}")


def _study_worse(row: StudyRow, printed: Printed) -> bool | None:
    if printed.favours_open:
        return True
    one, other = (
        _level(row.mis.mean, row.mis.events, row.mis.n),
        _level(row.open.mean, row.open.events, row.open.n),
    )
    if one is not None and other is not None:
        return _worse(one - other, row.outcome)
    if printed.shares is not None:
        return _worse(printed.shares[0].value - printed.shares[1].value, row.outcome)
    if printed.estimate is not None:
        return _worse(printed.estimate.value - (1.0 if printed.ratio else 0.0), row.outcome)
    return None


def _level(mean: Figure | None, events: Figure | None, n: Figure | None) -> float | None:
    if mean is not None:
        return mean.value
    return events.value / n.value if events is not None and n is not None else None


def _own_p(row: StudyRow) -> float | None:
    """Welch's p of means and SDs, or Fisher's exact p of events."""
    arms = complete(row)
    if arms is not None:
        (a, b), (s, t), (n, m) = arms.mean, arms.sd, arms.n
        return float(stats.ttest_ind_from_stats(a, s, n, b, t, m, equal_var=False).pvalue)
    counts = [(arm.events, arm.n) for arm in (row.mis, row.open)]
    table = [[e.value, n.value - e.value] for e, n in counts if e is not None and n is not None]
    fits = len(table) == 2 and min(map(min, table)) >= 0
    return float(stats.fisher_exact(np.array(table)).pvalue) if fits else None


def _by_p(worse: bool | None, p: Figure | None) -> Stand:
    if p is None or math.isinf(p.most):
        return Stand("untested", "Neither interval nor p is printed.")
    if p.value >= _SURE and not p.bound:
        return Stand("even", f"The printed p is {p}.")
    if p.bound == "<" and p.value > _SURE:
        return Stand("untested", f"The printed p is {p}.")
    return _decided(worse, f"the printed p is {p}")


def _decided(worse: bool | None, why: str) -> Stand:
    if worse is None:
        return Stand("untested", f"The direction is not told; {why}.")
    return Stand("against" if worse else "for", f"{why[:1].upper()}{why[1:]}.")
