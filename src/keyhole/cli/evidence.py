"""`keyhole evidence ...`: what published studies say."""

from typing import TYPE_CHECKING, Any

import typer
from rich.table import Table

from keyhole.cli.answer import Answer, answering
from keyhole.cli.evidence_doubt import doubt
from keyhole.cli.evidence_library import COMMANDS
from keyhole.cli.evidence_options import AskedMeasure, AskedMethod, AskedTest, Studies
from keyhole.cli.evidence_plot import plot
from keyhole.cli.evidence_read import read_studies
from keyhole.cli.evidence_summary import summary
from keyhole.cli.tables import add

if TYPE_CHECKING:
    from keyhole.evidence.pooled import Effects, Pooled

evidence = typer.Typer(
    name="evidence",
    help="Pool published studies, and doubt them.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
for command in (plot, doubt, summary):
    evidence.command()(command)
for name, command in COMMANDS.items():
    evidence.command(name)(command)


@evidence.command()
@answering
def pool(
    studies: Studies,
    *,
    measure: AskedMeasure,
    method: AskedMethod = "REML",
    test: AskedTest = None,
) -> Answer:
    """Pool the studies of one or more tables.

    Columns are study, n1, m1, sd1, e1, n2, m2, sd2, e2, yi, vi, person-time t1, t2, and oe, v.
    """
    from keyhole.evidence.pooled import effects
    from keyhole.evidence.pooled import pool as pooled

    said = effects(read_studies(studies), measure)
    result = pooled(said, method, test=test)
    return Answer(data=_data(said, result), pages=_pages(said, result))


def _data(effects: "Effects", pooled: "Pooled") -> dict[str, Any]:
    """The pool on the analysis scale, `shown` as people read it; unknown is null."""
    from keyhole.evidence.pooled.heterogeneity import tau2_interval

    told = ("k", "estimate", "se", "statistic", "df", "p", "ci", "pi", "pi_kind", "pi_t", "pi_z")
    more = ("pi_reason", "tau2", "i2", "i2_from", "i2_q", "h2", "q", "q_df", "q_p")
    asked = ("measure", "method", "test", "level", "scale")
    return {
        **{key: getattr(pooled, key) for key in (*asked, *told, *more)},
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
