"""Where the parts of a forest plot stand, in mm from the upper left corner."""

import textwrap

from attrs import frozen

from keyhole.evidence.pooled import plots_words as words
from keyhole.evidence.pooled.again import wider_by_z
from keyhole.evidence.pooled.effect import Effects
from keyhole.evidence.pooled.pooled import Pooled

ROW = 4.6
_LETTER = 1.38
"""Mean width of a letter of 7.5 points."""
_LONGEST_NAME = 48
_PLOT = 56.0
_GAP = 4.0
_WEIGHT = 15.0
_HEAD = 16.0
_LETTERS_OF_A_LINE = 125


@frozen
class Layout:
    """Columns by their edges, rows by their middles."""

    names: tuple[str, ...]
    name: float
    counts: tuple[float, float] | None
    """Right edges of the columns of events and patients."""
    plot: tuple[float, float]
    weight: float
    result: float
    rows: tuple[float, ...]
    diamond: float
    prediction: float
    axis: float
    sides: float
    foot: tuple[tuple[float, str], ...]
    width: float
    height: float


def lay_out(effects: Effects, pooled: Pooled) -> Layout:
    """The places of all parts for these studies."""
    names = tuple(_short(name) for name in effects.names)
    edge = 2 + _LETTER * max(len(words.model(pooled)) + 3, *(len(name) for name in names))
    counts = _counts(effects, edge)
    start = (counts[1] if counts else edge) + _GAP
    weight = start + _PLOT + _WEIGHT
    result = weight + _GAP + _LETTER * _longest_result(effects, pooled)
    rows = tuple(_HEAD + ROW * i for i in range(len(effects)))
    diamond = rows[-1] + 1.5 * ROW
    axis = diamond + 1.9 * ROW
    foot = _foot(effects, pooled, axis + 15.5)
    return Layout(
        names=names,
        name=2,
        counts=counts,
        plot=(start, start + _PLOT),
        weight=weight,
        result=result,
        rows=rows,
        diamond=diamond,
        prediction=diamond + ROW,
        axis=axis,
        sides=axis + 10.5,
        foot=foot,
        width=result + 2,
        height=foot[-1][0] + 3,
    )


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1] + "…"


def _counts(effects: Effects, edge: float) -> tuple[float, float] | None:
    """The right edges of both columns of counts; None where there are no such counts."""
    if effects.cells is None or effects.measure not in {"RR", "OR", "RD", "PETO"}:
        return None
    longest = max(
        len(words.events(row)) for cells in effects.cells for row in (cells[:2], cells[2:])
    )
    column = _GAP + _LETTER * max(longest, len("events / n"))
    return edge + column, edge + 2 * column


def _longest_result(effects: Effects, pooled: Pooled) -> int:
    """Letters of the widest result; the pool's is bold."""
    bold = 1.15 * len(words.result(effects, pooled.estimate, pooled.ci))
    single = (
        words.result(effects, float(y), (float(y - 2 * s), float(y + 2 * s)))
        for y, s in zip(effects.yi, effects.vi**0.5, strict=True)
    )
    return round(max(bold, *(len(text) for text in single)))


def _foot(effects: Effects, pooled: Pooled, start: float) -> tuple[tuple[float, str], ...]:
    """What is said under the plot, a line each."""
    said = [words.heterogeneity(pooled), words.overall(pooled)]
    normal = wider_by_z(effects, pooled)
    if normal is not None:
        both = words.result(effects, pooled.estimate, normal)
        said.append(
            f"The studies agree better than by chance; the normal interval is wider: {both}"
        )
    if pooled.pi is None:
        said.append(f"No prediction interval: {pooled.pi_reason}")
    if pooled.dropped:
        left_out = "; ".join(f"{name} ({why})" for name, why in pooled.dropped)
        said.append(f"Not in the pool: {left_out}")
    lines = [line for text in said for line in textwrap.wrap(text, _LETTERS_OF_A_LINE)]
    return tuple((start + 3.8 * i, line) for i, line in enumerate(lines))
