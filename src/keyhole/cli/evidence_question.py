"""The answer of `keyhole evidence miss` for people: for and against, side by side."""

from collections.abc import Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from rich.table import Table

from keyhole.cli.tables import add

if TYPE_CHECKING:
    from keyhole.evidence.library.question import Miss, Told
    from keyhole.evidence.library.redo import Redone


def question_pages(answer: "Miss") -> list[Any]:
    """The rows asked for, those of near operations, and the pools of single rows."""
    asked = "all comparisons" if answer.family is None else answer.family.title
    pages: list[Any] = [f"{answer.part.title}, {asked} (library {answer.version})"]
    pages += _sides(answer, near=False)
    if any(told.near for told in answer.told):
        pages.append("Other operations of the same kind, not what was asked for:")
        pages += _sides(answer, near=True)
    if answer.recalled:
        pages += [_column("recalled, not read: no claim rests on these", answer.recalled)]
    return [*pages, *map(_pool_line, answer.pools)]


def _sides(answer: "Miss", *, near: bool) -> list[Any]:
    good, bad = answer.of("for", near=near), answer.of("against", "even", near=near)
    table = Table("for MISS", "against MISS, or no difference shown", show_lines=True)
    for one, other in zip_longest(good, bad):
        add(table, _told(one), _told(other))
    pages: list[Any] = [table] if good or bad else ["No row tests it."]
    rest = answer.of("untested", "aside", near=near)
    return [*pages, _column("not tested, or not MIS against open", rest)] if rest else pages


def _column(title: str, rows: "Sequence[Told]") -> Table:
    table = Table(title, show_lines=True)
    for told in rows:
        add(table, _told(told))
    return table


def _told(told: "Told | None") -> str:
    if told is None:
        return ""
    row = told.row
    when = f", {row.when}" if row.when else ""
    lines = [
        f"{row.id} {row.outcome}{when}: {row.said}",
        f"{row.comparison}; {row.who} ({row.where}); {row.design}".rstrip("; "),
        told.why,
        *(f"DOUBT {doubt}" for doubt in told.doubts),
    ]
    return "\n".join(lines)


def _pool_line(one: "Redone") -> str:
    pooled = one.after
    shown = pooled.shown
    ci: Any = shown["ci"]
    words = f"{one.outcome} ({one.unit}), {one.measure} REML knha, {pooled.k} studies"
    ends = f"{shown['estimate']:.4g} ({ci[0]:.4g} to {ci[1]:.4g}), tau2 {pooled.tau2:.3g}"
    own = f" Own: {', '.join(one.own)}." if one.own else ""
    out = "".join(f" Left out: {row}, {why}." for row, why in (*pooled.dropped, *one.left_out))
    return f"Pooled here from {', '.join(pooled.names)}: {words}: {ends}.{own}{out}"
