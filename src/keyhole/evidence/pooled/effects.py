"""From a table of studies to their effects: one measure, every study's number and variance."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from attrs import frozen

from keyhole.errors import EvidenceError
from keyhole.evidence.pooled.checks import check_events, check_means, check_rates, check_variance
from keyhole.evidence.pooled.counts import COUNTED, says_nothing
from keyhole.evidence.pooled.effect import Effects
from keyhole.evidence.pooled.means import Variance, mean_difference, standardized_difference
from keyhole.evidence.pooled.studies import (
    Table,
    demand,
    demand_one,
    demand_single,
    filled,
    numbers,
    study_names,
)
from keyhole.evidence.words import MEASURES, Measure
from keyhole.space import Floats

COLUMNS: Mapping[Measure, tuple[str, ...]] = {
    "MD": ("n1", "m1", "sd1", "n2", "m2", "sd2"),
    "SMD": ("n1", "m1", "sd1", "n2", "m2", "sd2"),
    "RR": ("n1", "e1", "n2", "e2"),
    "OR": ("n1", "e1", "n2", "e2"),
    "RD": ("n1", "e1", "n2", "e2"),
    "PETO": ("n1", "e1", "n2", "e2"),
    "IRR": ("e1", "t1", "e2", "t2"),
    "IRD": ("e1", "t1", "e2", "t2"),
    "HR": ("oe", "v"),
    "GEN": ("yi", "vi"),
}
"""What each measure is made of: patients, mean, SD, events, person-time of arm 1 and arm 2; log-rank
observed less expected events and their variance; or the effect and its variance themselves."""
_UNITS_MATTER = {"MD", "GEN", "IRD"}


@frozen
class _Read:
    """Studies whose numbers are all there: their places, names and columns; and those left out."""

    rows: tuple[int, ...]
    names: tuple[str, ...]
    columns: dict[str, Floats]
    dropped: tuple[tuple[str, str], ...]


def effects(table: Table, measure: Measure, *, variance: Variance = "unpooled") -> Effects:
    """The effect of the first arm against the second in every study that has the numbers for it.

    Columns are those of `COLUMNS` and `study`. A study with an empty cell among them is dropped and
    named; so is, for ratios, one without an event in either arm. HR takes `yi` (log hazard ratio)
    and `vi` where the table has no `oe`. `variance` is `mean_difference`'s.

    Raises:
        EvidenceError: `measure-unfit`, `columns-missing`, `table-unreadable`, `text-in-numbers`,
            `units-mixed`, `outcomes-mixed`, `study-doubled`, `negative-sd`, `events-above-n`,
            `count-impossible`, `variance-not-positive`, `no-events`.

    """
    _demand_measure(measure, variance)
    read = _read(table, measure)
    if measure in COUNTED:
        return _counted(read, measure)
    if measure in {"MD", "SMD"}:
        check_means(read.columns, read.names)
        md = measure == "MD"
        both = (
            mean_difference(read.columns, variance) if md else standardized_difference(read.columns)
        )
    elif "oe" in read.columns:
        check_variance(read.columns["v"], read.names)
        both = read.columns["oe"] / read.columns["v"], 1 / read.columns["v"]
    else:
        both = read.columns["yi"], read.columns["vi"]
    return _made(read, measure, both)


def _demand_measure(measure: str, variance: str) -> None:
    known = measure in MEASURES and variance in {"unpooled", "pooled"}
    if not known or (variance == "pooled" and measure != "MD"):
        raise EvidenceError(
            "measure-unfit",
            asked=f"The measure {measure} with {variance} variance was asked for.",
            found="There is none such.",
            next=f"Ask for one of {', '.join(MEASURES)}; only MD can have a pooled variance.",
        )


def _read(table: Table, measure: Measure) -> _Read:
    names = study_names(table)
    wanted = COLUMNS[measure]
    if measure == "HR" and not filled(table, "oe"):
        wanted = COLUMNS["GEN"] if filled(table, "yi") else wanted
    demand(table, wanted)
    demand_one(table, "outcome", "outcomes-mixed")
    if measure in _UNITS_MATTER:
        demand_one(table, "unit", "units-mixed")
    demand_single(table)
    optional = [c for c in ("n1", "n2") if c not in wanted and filled(table, c)]
    columns = {c: numbers(table, c) for c in (*wanted, *optional)}
    rows = np.flatnonzero(~np.isnan([columns[c] for c in wanted]).any(axis=0))
    lacking = sorted(set(range(len(names))) - set(rows.tolist()))
    return _Read(
        rows=tuple(rows.tolist()),
        names=tuple(names[i] for i in rows),
        columns={c: x[rows] for c, x in columns.items()},
        dropped=tuple((names[i], _lacks(columns, wanted, i)) for i in lacking),
    )


def _lacks(columns: Mapping[str, Floats], wanted: tuple[str, ...], row: int) -> str:
    return "has no " + ", ".join(c for c in wanted if np.isnan(columns[c][row]))


def _counted(read: _Read, measure: Measure) -> Effects:
    c = read.columns
    if measure in {"IRR", "IRD"}:
        check_rates(c, read.names)
        cells = np.column_stack([c["e1"], c["t1"], c["e2"], c["t2"]])
    else:
        check_events(c, read.names)
        cells = np.column_stack([c["e1"], c["n1"] - c["e1"], c["e2"], c["n2"] - c["e2"]])
    if not cells[:, ::2].any():
        raise _no_events(measure)
    silent = says_nothing(cells, measure)
    read = _without(read, silent, cells)
    kept = cells[~silent]
    return _made(read, measure, COUNTED[measure](kept), cells=kept)


def _no_events(measure: Measure) -> EvidenceError:
    return EvidenceError(
        "no-events",
        asked=f"The measure {measure} of the studies was asked for.",
        found="Nobody in any arm of any study had the event.",
        next="Report the counts; they say how rare the event is, not which operation is better.",
    )


def _without(read: _Read, silent: Any, cells: Floats) -> _Read:
    """The studies that say something; the others named."""
    kept = np.flatnonzero(~silent)
    why = {0: "no event in either arm", 1: "everybody in both arms had the event"}
    return _Read(
        rows=tuple(read.rows[i] for i in kept),
        names=tuple(read.names[i] for i in kept),
        columns={name: x[kept] for name, x in read.columns.items()},
        dropped=(
            *read.dropped,
            *((read.names[i], why[int(cells[i, 0] > 0)]) for i in np.flatnonzero(silent)),
        ),
    )


def _made(
    read: _Read, measure: Measure, both: tuple[Floats, Floats], *, cells: Floats | None = None
) -> Effects:
    yi, vi = both
    check_variance(vi, read.names)
    sizes = [read.columns[c] for c in ("n1", "n2") if c in read.columns]
    ni = sizes[0] + sizes[1] if len(sizes) == 2 else None
    return Effects(
        measure=measure,
        names=read.names,
        yi=yi,
        vi=vi,
        ni=None if ni is None or np.isnan(ni).any() else ni,
        cells=cells,
        rows=read.rows,
        dropped=read.dropped,
    )
