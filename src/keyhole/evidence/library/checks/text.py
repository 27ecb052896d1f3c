"""What the words round a printed pool say of k, n and events, against its figures."""

import re
from collections.abc import Iterator

from keyhole.evidence.library.checks.doubt import Doubt
from keyhole.evidence.library.rows import PoolRow

_STUDIES = re.compile(
    r"(\d+)\s*(?:studies|RCTs?|non-RCTs?|obs|cohorts?|prospective|retrospective)\b", re.IGNORECASE
)
_ARMS = re.compile(r"(\d+)\s*MIS\s+(\d+)\s*open")
_EVENTS = re.compile(r"events (\d+)/(\d+) vs (\d+)/(\d+)")
_FAR = 1.5
"""A pooled ratio this many times off the crude one is odd (unsourced): pools weight studies."""


def text_doubts(row: PoolRow) -> Iterator[Doubt]:
    """The numbers of studies and patients, and I2."""
    said = _STUDIES.findall(row.comparison) or _STUDIES.findall(row.outcome)
    if said and row.k.isdigit() and sum(map(int, said)) != int(row.k):
        words = f"k is {row.k}, the text gives {' + '.join(said)}."
        yield Doubt("k-disagrees", "wrong", words)
    arms = _ARMS.search(row.comparison)
    if arms and row.n.isdigit() and int(arms[1]) + int(arms[2]) != int(row.n):
        yield Doubt("n-disagrees", "wrong", f"n is {row.n}, the text gives {arms[1]} + {arms[2]}.")
    share = row.i2.lstrip("<>")
    if share and not 0 <= float(share) <= 100:
        yield Doubt("share-impossible", "wrong", f"I2 is printed as {row.i2} %.")


def counts_doubts(row: PoolRow, *, ratio: bool) -> Iterator[Doubt]:
    """The printed ratio against the crude one of the events that the text gives."""
    found, estimate = _EVENTS.search(row.outcome), row.estimate
    if found is None or not ratio or estimate is None or estimate.value <= 0:
        return
    a, n, b, m = map(int, found.groups())
    if a > n or b > m:
        yield Doubt("events-above-n", "wrong", f"{found[0]}: more events than patients.")
        return
    crude = _crude(a, n, b, m, odds="OR" in row.label)
    if _inside(row, crude):
        return
    words = f"{found[0]} gives {crude:.2f}, printed is {estimate}"
    if _inside(row, 1 / crude):
        yield Doubt("arms-swapped", "wrong", f"{words}; exchanged arms give {1 / crude:.2f}.")
    elif max(crude / estimate.value, estimate.value / crude) > _FAR:
        yield Doubt("counts-disagree", "odd", f"{words}.")


def _crude(a: float, n: float, b: float, m: float, *, odds: bool) -> float:
    if 0 in {a, b, n - a, m - b}:
        a, b, n, m = a + 0.5, b + 0.5, n + 1, m + 1
    return (a * (m - b)) / (b * (n - a)) if odds else (a / n) / (b / m)


def _inside(row: PoolRow, ratio: float) -> bool:
    """Whether the printed interval holds a ratio."""
    if row.low is None or row.high is None:
        return False
    return row.low.least <= ratio <= row.high.most
