"""The checker of printed pools: each figure is worked out from the others before it is believed."""

import re
from collections.abc import Iterator

from keyhole.evidence.library.checks.doubt import Doubt
from keyhole.evidence.library.checks.quantities import pool_size
from keyhole.evidence.library.checks.scale import (
    Interval,
    fits_middle,
    p_range,
    shown_middle,
    shown_p,
)
from keyhole.evidence.library.checks.text import counts_doubts, text_doubts
from keyhole.evidence.library.rows import PoolRow

_RATIO = re.compile(r"\b(OR|RR|HR|IRR)\b")
_ODD_FACTOR, _ODD_STEP = 2.0, 0.0125
"""A p that rounding could explain is odd where the printed figures are this far off (unsourced)."""


def printed_label(row: PoolRow) -> str:
    """The label that the review itself prints: our reading may have set it right."""
    return row.label.rpartition("printed as ")[2].rstrip(")")


def is_ratio(row: PoolRow) -> bool:
    """Whether the printed label is that of a ratio."""
    return _RATIO.search(printed_label(row)) is not None


def tells_ratio(row: PoolRow) -> bool:
    """Whether our reading of the row is a ratio, whatever is printed."""
    return _RATIO.search(row.label.partition("printed as")[0]) is not None


def interval(row: PoolRow) -> Interval | None:
    """Estimate and interval, where all three are printed."""
    if row.estimate is None or row.low is None or row.high is None:
        return None
    return Interval(row.estimate, row.low, row.high)


def pool_doubts(row: PoolRow) -> tuple[Doubt, ...]:
    """Everything about a printed pool that does not fit."""
    return tuple(_doubts(row))


def _doubts(row: PoolRow) -> Iterator[Doubt]:
    of, ratio = interval(row), is_ratio(row)
    if of is not None and of.low.value > of.high.value:
        yield Doubt("interval-reversed", "wrong", f"The interval runs from {of.low} to {of.high}.")
    elif of is not None:
        shape = _shape(of, row, ratio=ratio)
        if shape:
            yield shape
        if shape is None or shape.code == "off-midpoint":
            yield from _p(of, row, ratio=ratio)
    yield from pool_size(row)
    yield from text_doubts(row)
    yield from counts_doubts(row, ratio=ratio)


def _shape(of: Interval, row: PoolRow, *, ratio: bool) -> Doubt | None:
    """Where the estimate stands in its interval, and what that says of its kind."""
    if fits_middle(of, ratio=ratio):
        return None
    label, shown = printed_label(row), f"{of.estimate} ({of.low} to {of.high})"
    if ratio and not of.positive:
        words = f"{shown} is printed as {label}, but a ratio is never negative or zero"
        kind = "label-wrong" if fits_middle(of, ratio=False) else "log-not-taken"
        return Doubt(kind, "wrong", f"{words}: a log, or another effect.")
    other = fits_middle(of, ratio=not ratio)
    if ratio and other:
        return Doubt("log-not-taken", "wrong", f"{label} {shown} is symmetric without the log.")
    if other:
        return Doubt(
            "label-wrong", "wrong", f"{shown} is printed as {label} but lies like a ratio."
        )
    centre = f"{shown_middle(of, ratio=ratio):.6g}"
    return Doubt("off-midpoint", "wrong", f"{of.estimate} is not the middle {centre} of {shown}.")


def _p(of: Interval, row: PoolRow, *, ratio: bool) -> Iterator[Doubt]:
    """The printed p against the interval's, with all that rounding allows.

    By the normal, as reviews mostly do, or by Student's t with k - 1 degrees (Hartung-Knapp).
    """
    if row.p is None or ("knapp" in row.model.lower() and not _degrees(row)):
        return
    ranges = [p_range(of, ratio=ratio, df=df) for df in (None, *_degrees(row))]
    least, most = ranges[0]
    shown = shown_p(of, ratio=ratio)
    words = f"p is printed {row.p}, the interval gives {shown:.2g}"
    if not any(low <= row.p.most and row.p.least <= high for low, high in ranges):
        allowed = f"rounding allows {least:.2g} to {most:.2g}"
        yield Doubt("p-against-interval", "wrong", f"{words} ({allowed}).")
        return
    low, high = sorted((row.p.value, shown))
    by_normal = least <= row.p.most and row.p.least <= most
    if by_normal and not row.p.bound and high > _ODD_FACTOR * low and high - low > _ODD_STEP:
        yield Doubt("p-against-interval", "odd", f"{words}; rounding could explain it.")


def _degrees(row: PoolRow) -> tuple[int, ...]:
    return (int(row.k) - 1,) if row.k.isdigit() and int(row.k) > 1 else ()
