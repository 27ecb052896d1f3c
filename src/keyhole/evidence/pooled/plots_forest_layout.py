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
_SHORTEST_NAME, _LONGEST_NAME = 16, 48
_PAGE = 180.0
"""The width of a page of most journals."""
_NARROWEST_PLOT, _WIDEST_PLOT = 36.0, 70.0
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
    column = _column_of_counts(effects)
    right = _WEIGHT + _GAP + _LETTER * _longest_result(effects, pooled)
    room = _PAGE - 2 - 2 * column - _GAP - _NARROWEST_PLOT - right - 2
    letters = min(max(int(room / _LETTER) - 2, _SHORTEST_NAME), _LONGEST_NAME)
    names = tuple(_short(name, letters) for name in effects.names)
    edge = 2 + _LETTER * max(map(len, names))
    counts = (edge + column, edge + 2 * column) if column else None
    model = 2 + _LETTER * (len(words.model(pooled)) + 3)
    start = max(edge + 2 * column, model) + _GAP
    plot = min(max(_PAGE - start - right - 2, _NARROWEST_PLOT), _WIDEST_PLOT)
    weight = start + plot + _WEIGHT
    result = start + plot + right
    rows = tuple(_HEAD + ROW * i for i in range(len(effects)))
    diamond = rows[-1] + 1.5 * ROW
    axis = diamond + 1.9 * ROW
    foot = _foot(effects, pooled, axis + 15.5)
    return Layout(
        names=names,
        name=2,
        counts=counts,
        plot=(start, start + plot),
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


def _short(name: str, letters: int) -> str:
    """The name's beginning and its end, where the year stands."""
    return name if len(name) <= letters else f"{name[: letters - 6]}…{name[-5:]}"


def _column_of_counts(effects: Effects) -> float:
    """The width of a column of events and patients; 0 where there are no such counts."""
    if effects.cells is None or effects.measure not in {"RR", "OR", "RD", "PETO"}:
        return 0.0
    arms = (arm for cells in effects.cells for arm in (cells[:2], cells[2:]))
    return _GAP + _LETTER * max(len("events / n"), *(len(words.events(arm)) for arm in arms))


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
