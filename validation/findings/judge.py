"""Rows judged: errors against bars, intervals against what they promise, words against words.

A bar is kept where 95 % of the errors lie within it. Intervals must hold the truth in 90 to 99 %:
a count is let pass within the 99 % binomial band of that. Rows of one scan share their labels, so
the true band is somewhat wider.
"""

from collections.abc import Iterable, Sequence

import numpy as np
from attrs import frozen
from cases import VOXELS_MM
from rows import TARGETS, Measured, Row, Word
from scipy import stats

LEAST_ROWS, LEAST_INTERVALS = 8, 30
"""With fewer rows no bar, with fewer no quantity's intervals are judged."""
NONE = float("nan")
_LOW, _HIGH, _TAIL = 0.90, 0.99, 0.005


@frozen
class Spread:
    """The errors of some rows: how many, unseen ones apart; percentiles are of their size."""

    count: int
    unseen: int
    bias: float
    sd: float
    p95: float
    worst: float
    within: float
    """Share within the bar; NaN where there is none."""
    held: int
    half_width: float

    @classmethod
    def of(cls, rows: Sequence[Row]) -> "Spread":
        """The spread of rows of one quantity."""
        seen = [row for row in rows if row.value is not None and row.se is not None]
        if not seen:
            return cls(0, len(rows), NONE, NONE, NONE, NONE, NONE, 0, NONE)
        errors = np.array([row.error for row in seen])
        bars = np.array([_bar(row) for row in seen])
        return cls(
            len(seen),
            len(rows) - len(seen),
            float(errors.mean()),
            float(errors.std(ddof=1)) if len(seen) > 1 else NONE,
            float(np.percentile(np.abs(errors), 95)),
            float(np.abs(errors).max()),
            NONE if np.isnan(bars).any() else float((np.abs(errors) <= bars).mean()),
            sum(row.held for row in seen),
            float(np.median([1.96 * (row.se or 0.0) for row in seen])),
        )

    @property
    def coverage(self) -> float:
        """The share of intervals that hold the truth."""
        return self.held / self.count if self.count else NONE

    def promised(self, *, at_most: bool = True) -> bool:
        """Whether so many intervals hold as 90 to 99 % would."""
        low = stats.binom.ppf(_TAIL, self.count, _LOW)
        high = stats.binom.ppf(1 - _TAIL, self.count, _HIGH) if at_most else self.count
        return bool(low <= self.held <= high)


def _bar(row: Row) -> float:
    bar = TARGETS[row.quantity].bar_at(row.truth)
    return NONE if bar is None else bar


def by_quantity(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """Rows by quantity, in the table's order."""
    found: dict[str, list[Row]] = {name: [] for name in TARGETS}
    for row in rows:
        found[row.quantity].append(row)
    return {name: some for name, some in found.items() if some}


def at_voxel(rows: Iterable[Row], voxel_mm: float) -> list[Row]:
    """The rows of one voxel size."""
    return [row for row in rows if row.case.voxel_mm == voxel_mm]


def judged_ideal(rows: Sequence[Row]) -> list[str]:
    """A line for each bar and voxel size, for each quantity's intervals and their width."""
    lines = _together(rows)
    for name, some in by_quantity(rows).items():
        if TARGETS[name].bar is not None or TARGETS[name].bar_percent is not None:
            lines += _bars(name, some)
        lines += _intervals(name, Spread.of(some))
    return lines


def _together(rows: Sequence[Row]) -> list[str]:
    """All quantities in two lines, so that a small run is judged too."""
    seen = [row for row in rows if row.value is not None and row.se is not None]
    barred = [row for row in seen if not np.isnan(_bar(row))]
    kept = sum(abs(row.error) <= _bar(row) for row in barred)
    held = sum(row.held for row in seen)
    bars, sure = f"{kept} of {len(barred)}", f"{held} of {len(seen)}"
    return [
        f"{_verdict(kept >= 0.95 * len(barred), len(barred))} all bars: {bars} errors keep theirs",
        f"{_verdict(held >= _LOW * len(seen), len(seen))} all intervals: {sure} hold the truth",
    ]


def _bars(name: str, rows: Sequence[Row]) -> list[str]:
    lines = []
    for voxel in VOXELS_MM:
        spread = Spread.of(at_voxel(rows, voxel))
        verdict = _verdict(spread.within >= 0.95, spread.count)
        lines.append(
            f"{verdict} {name}, {voxel:g} mm voxels: {_told(name)} kept by "
            f"{100 * spread.within:.0f} % of {spread.count}; worst {spread.worst:.2f}"
        )
    return lines


def _told(name: str) -> str:
    target = TARGETS[name]
    parts = [] if target.bar is None else [f"{target.bar:g}"]
    parts += [] if target.bar_percent is None else [f"{target.bar_percent:g} %"]
    return " or ".join(parts)


def _intervals(name: str, spread: Spread) -> list[str]:
    holds = f"{100 * spread.coverage:.0f} % of {spread.count} hold the truth"
    lines = [
        f"{_verdict(spread.promised(), spread.count, LEAST_INTERVALS)} {name}, 95 % intervals: {holds}"
    ]
    sem = TARGETS[name].sem
    if sem is not None:
        verdict = _verdict(spread.half_width <= 2 * sem, spread.count)
        width = f"{spread.half_width:.2f}, twice the human SEM is {2 * sem:.2f}"
        lines.append(f"{verdict} {name}, median half-width: {width}")
    return lines


def judged_spoiled(rows: Sequence[Row]) -> list[str]:
    """A line for each quantity on spoiled labels; wide intervals are no fault there."""
    lines = []
    for name, some in by_quantity(rows).items():
        spread = Spread.of(some)
        lines.append(
            f"{_verdict(spread.promised(at_most=False), spread.count, LEAST_INTERVALS)} {name}, spoiled labels: "
            f"{100 * spread.coverage:.0f} % of {spread.count} hold the truth, {spread.unseen} unseen"
        )
    return lines


def judged_words(words: Sequence[Word]) -> list[str]:
    """How often a herniation's words are the true ones; reported, not judged."""
    lines = []
    for scale in dict.fromkeys(word.scale for word in words):
        here = [word for word in words if word.scale == scale]
        equal = sum(word.grade == word.truth for word in here)
        among = sum(word.truth in {word.grade, *word.may_be} for word in here)
        unseen = sum(word.grade is None for word in here)
        lines.append(
            f"(not judged) herniation, {scale}: {equal} of {len(here)} as in truth, {among} with "
            f"the truth among what it may be, {unseen} not seen"
        )
    return lines


def refusals(found: Sequence[Measured]) -> list[str]:
    """A line for each case that could not be modelled, or that broke the measuring."""
    refused = [one for one in found if one.refused]
    broke = [one for one in found if one.broke]
    return [
        *(f"FAIL {one.case.name}: broke, {one.broke}" for one in broke),
        *(f"(not judged) {one.case.name}: refused, {one.refused}" for one in refused),
    ]


def _verdict(kept: bool, count: int, least: int = LEAST_ROWS) -> str:
    if count < least:
        return "(too few)"
    return "PASS" if kept else "FAIL"
