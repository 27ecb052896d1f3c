"""`keyhole evidence pool`: one number of several studies, and what they differ in."""

from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from keyhole.cli.answer import Answer, answering
from keyhole.cli.evidence_options import AskedMeasure, AskedMethod, AskedTest, Studies
from keyhole.cli.evidence_read import read_studies
from keyhole.cli.evidence_split import Split, split_data, split_pages, told_apart
from keyhole.cli.tables import add
from keyhole.errors import Refusal

if TYPE_CHECKING:
    from keyhole.evidence.pooled import Effects, Pooled

By = Annotated[
    str | None,
    typer.Option("--by", metavar="COLUMN", help="Pool each group of this column by itself."),
]
Moderators = Annotated[
    list[str] | None,
    typer.Option(
        "--moderator", metavar="COLUMN", help="Regress on these numbers; may be repeated."
    ),
]


@answering
def pool(
    studies: Studies,
    *,
    measure: AskedMeasure,
    method: AskedMethod = "REML",
    test: AskedTest = None,
    by: By = None,
    moderator: Moderators = None,
) -> Answer:
    """Pool the studies of one or more tables.

    Columns are study, n1, m1, sd1, e1, n2, m2, sd2, e2, yi, vi, person-time t1, t2, and oe, v.
    """
    from keyhole.evidence.pooled import effects
    from keyhole.evidence.pooled import pool as pooled

    table = read_studies(studies)
    said = effects(table, measure)
    result = pooled(said, method, test=test)
    split = told_apart(table, said, result, by=by, moderators=moderator or [])
    told = _warnings(said, result, split)
    return Answer(
        data={
            **_data(said, result),
            **split_data(split),
            "warnings": [warning.as_data() for warning in told],
        },
        pages=[*_pages(said, result), *split_pages(split)],
        told=told,
    )


def _warnings(effects: "Effects", pooled: "Pooled", split: Split) -> list[Refusal]:
    """Of the pool, and of the pools of its groups."""
    pools = [(effects, pooled, "")]
    if split.groups is not None:
        pools += zip(split.groups.parts, split.groups.pools, split.groups.names, strict=True)
    return [told for one in pools if (told := _narrow(*one))]


def _narrow(effects: "Effects", pooled: "Pooled", group: str) -> Refusal | None:
    """The warning that studies which agree too well have made the interval narrow."""
    from keyhole.evidence.pooled.again import wider_by_z

    normal = wider_by_z(effects, pooled)
    if normal is None:
        return None
    both = f"{_interval(normal)} for {_interval(pooled.ci)}"
    return Refusal(
        "interval-narrow",
        asked="The interval was to come from the studies' scatter (Hartung-Knapp).",
        found=f"They agree better than by chance: by the normal it is {both} (analysis scale).",
        next="Lean on the wider one (--test z).",
        at=(group,) if group else (),
    )


def _data(effects: "Effects", pooled: "Pooled") -> dict[str, Any]:
    """The pool on the analysis scale, `shown` as people read it; unknown is null."""
    from keyhole.evidence.pooled.again import wider_by_z
    from keyhole.evidence.pooled.heterogeneity import tau2_interval

    told = ("k", "estimate", "se", "statistic", "df", "p", "ci", "pi", "pi_kind", "pi_t", "pi_z")
    more = ("pi_reason", "tau2", "i2", "i2_from", "i2_q", "h2", "q", "q_df", "q_p")
    asked = ("measure", "method", "test", "level", "scale")
    return {
        **{key: getattr(pooled, key) for key in (*asked, *told, *more)},
        "wider_by_z": wider_by_z(effects, pooled),
        "tau2_ci": tau2_interval(effects, pooled.level),
        "shown": pooled.shown,
        "studies": [
            {"study": name, "yi": float(y), "vi": float(v), "weight": float(w)}
            for name, y, v, w in zip(
                effects.names, effects.yi, effects.vi, pooled.weights, strict=True
            )
        ],
        "dropped": [{"study": name, "why": why} for name, why in effects.dropped],
    }


def _pages(effects: "Effects", pooled: "Pooled") -> list[Any]:
    table = Table("study", "effect", "SE", "weight")
    for name, y, v, w in zip(effects.names, effects.yi, effects.vi, pooled.weights, strict=True):
        add(table, name, f"{y:.4g}", f"{v**0.5:.4g}", f"{w:.1f} %")
    shown = pooled.shown
    level = f"{100 * pooled.level:g} %"
    pi = shown["pi"]
    new = _interval(pi) if pi else f"not known, {pooled.pi_reason}"
    what = f"{pooled.measure} {pooled.method} ({pooled.test}), {pooled.k} studies"
    mean = f"{shown['estimate']:.4g}, {level} interval {_interval(shown['ci'])}"
    spread = f"tau2 {pooled.tau2:.4g}, I2 {pooled.i2:.1f} % (from {pooled.i2_from})"
    lines = [
        f"{what}: {mean}, p = {pooled.p:.2g}.",
        f"A new study's effect ({level}, {pooled.pi_kind}): {new}.",
        f"{spread}, Q {pooled.q:.4g} on {pooled.q_df}, p = {pooled.q_p:.2g}.",
        *(f"Left out: {name}, {why}." for name, why in effects.dropped),
    ]
    scale = "log scale; the pool below is the ratio" if pooled.scale == "log" else "as measured"
    return [f"Effects of the first arm against the second ({scale}).", table, *lines]


def _interval(ends: Any) -> str:
    return f"{ends[0]:.4g} to {ends[1]:.4g}"
