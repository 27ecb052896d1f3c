"""What studies differ in: groups side by side, and moderators."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from attrs import frozen
from rich.table import Table

from keyhole.cli.tables import add

if TYPE_CHECKING:
    from keyhole.evidence.pooled import Effects, Pooled, Regression, Subgroups
    from keyhole.evidence.pooled.studies import Table as Studies

_POOL = ("k", "estimate", "se", "p", "ci", "pi", "tau2", "i2", "q", "q_p", "shown")
_TERM = ("name", "estimate", "se", "statistic", "p", "ci")


@frozen(kw_only=True)
class Split:
    """What was asked for beside the pool; None where it was not."""

    by: str | None
    groups: "Subgroups | None"
    regression: "Regression | None"


def told_apart(
    table: "Studies",
    effects: "Effects",
    pooled: "Pooled",
    *,
    by: str | None,
    moderators: Sequence[str],
) -> Split:
    """The studies of a pool by groups and by moderators, with the pool's own method and test."""
    from keyhole.evidence.pooled import regress, subgroups
    from keyhole.evidence.pooled.moderators import groups_of, moderators_of

    how: Any = {"method": pooled.method, "test": pooled.test}
    groups = groups_of(table, by, effects.rows) if by else ()
    numbers = moderators_of(table, moderators, effects.rows)
    return Split(
        by=by,
        groups=subgroups(effects, groups, **how) if by else None,
        regression=regress(effects, numbers, **how) if numbers else None,
    )


def split_data(split: Split) -> dict[str, Any]:
    """`subgroups` and `regression`, on the analysis scale; null where they were not asked for."""
    return {
        "subgroups": None if split.groups is None else _groups_data(split.by, split.groups),
        "regression": None if split.regression is None else _regression_data(split.regression),
    }


def _groups_data(by: str | None, found: "Subgroups") -> dict[str, Any]:
    between = found.between
    return {
        "by": by,
        "groups": [
            {"group": name, **{key: getattr(pooled, key) for key in _POOL}}
            for name, pooled in zip(found.names, found.pools, strict=True)
        ],
        "between": {"q": between.q, "df": between.df, "p": between.p},
    }


def _regression_data(found: "Regression") -> dict[str, Any]:
    left = found.unexplained
    return {
        "terms": [{key: getattr(term, key) for key in _TERM} for term in found.terms],
        "k": found.k,
        "tau2": found.tau2,
        "r2": found.r2,
        "moderators": {"statistic": found.moderators_q, "df": found.df, "p": found.p},
        "unexplained": {"q": left.q, "df": left.df, "p": left.p},
    }


def split_pages(split: Split) -> list[Any]:
    """The same for people."""
    pages: list[Any] = []
    if split.groups is not None:
        pages += _groups_pages(split.by, split.groups)
    if split.regression is not None:
        pages += _regression_pages(split.regression)
    return pages


def _groups_pages(by: str | None, found: "Subgroups") -> list[Any]:
    table = Table(by or "", "studies", "pooled", "interval", "tau2", "I2")
    for name, pooled in zip(found.names, found.pools, strict=True):
        add(table, name, str(pooled.k), *_shown(pooled), f"{pooled.tau2:.4g}", f"{pooled.i2:.1f} %")
    q = found.between
    return [table, f"Between the groups: Q {q.q:.4g} on {q.df}, p = {q.p:.2g}."]


def _shown(pooled: "Pooled") -> tuple[str, str]:
    shown: Any = pooled.shown
    return f"{shown['estimate']:.4g}", _interval(shown["ci"])


def _regression_pages(found: "Regression") -> list[Any]:
    table = Table("term (analysis scale)", "change for 1", "interval", "p")
    for term in found.terms:
        add(table, term.name, f"{term.estimate:.4g}", _interval(term.ci), f"{term.p:.2g}")
    share = "not known" if found.r2 is None else f"{found.r2:.0f} %"
    left = found.unexplained
    rest = f"{found.tau2:.4g} is left, Q {left.q:.4g} on {left.df}, p = {left.p:.2g}"
    words = f"All moderators: p = {found.p:.2g}. They take away {share} of tau2; {rest}."
    return [table, words]


def _interval(ends: Any) -> str:
    return f"{ends[0]:.4g} to {ends[1]:.4g}"
