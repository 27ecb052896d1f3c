"""`keyhole evidence doubt`: what makes one doubt a pool."""

from typing import TYPE_CHECKING, Any

from rich.table import Table

from keyhole.cli.answer import Answer, answering
from keyhole.cli.evidence_options import AskedMeasure, AskedMethod, AskedTest, Studies
from keyhole.cli.evidence_read import read_studies
from keyhole.cli.tables import add

if TYPE_CHECKING:
    from keyhole.evidence.pooled.doubts import Doubts


@answering
def doubt(
    studies: Studies,
    *,
    measure: AskedMeasure,
    method: AskedMethod = "REML",
    test: AskedTest = None,
) -> Answer:
    """Look for publication bias, and for studies that carry the result."""
    from keyhole.evidence.pooled import effects
    from keyhole.evidence.pooled import pool as pooled
    from keyhole.evidence.pooled.doubts import doubts

    said = effects(read_studies(studies), measure)
    found = doubts(said, pooled(said, method, test=test))
    return Answer(data=found.as_data(), pages=_pages(found), told=found.refusals)


def _pages(found: "Doubts") -> list[Any]:
    return [*_small_studies(found), _each(found), *_steps(found)]


def _small_studies(found: "Doubts") -> list[str]:
    """What is known of publication bias, a line each."""
    lines = [
        f"{name}: slope {t.slope:.4g}, p = {t.p:.3g}; an endless study would say {t.limit:.4g}"
        + (" (under ten studies: not to be used)." if t.few else ".")
        for name, t in found.regressions.items()
    ]
    if found.rank is not None:
        lines.append(f"Begg's rank test: tau {found.rank.tau:.3f}, p = {found.rank.p:.3g}.")
    lines += [
        f"Trim and fill ({f.estimator}): {f.missing} missing on the {f.side}; "
        f"the pool with them {f.pooled.estimate:.4g} ({f.pooled.ci[0]:.4g} to {f.pooled.ci[1]:.4g})."
        for f in found.filled
    ]
    return lines + [
        f"Fail-safe N ({safe.kind}), not to be leaned on: {safe.n}." for safe in found.fail_safe
    ]


def _each(found: "Doubts") -> Table:
    """A row a study: the pool without it, and how far it carries the pool."""
    table = Table("without", "estimate", "interval", "tau2", "residual", "DFFITS", "Cook", "marked")
    marks = found.influence
    for i, rest in enumerate(found.left_out):
        more = (
            ("-",) * 4
            if marks is None
            else (
                f"{marks.residual[i]:.2f}",
                f"{marks.dffits[i]:.2f}",
                f"{marks.cook[i]:.3f}",
                "yes" if marks.influential[i] else "",
            )
        )
        interval = f"{rest.ci[0]:.4g} to {rest.ci[1]:.4g}"
        add(table, found.names[i], f"{rest.estimate:.4g}", interval, f"{rest.tau2:.4g}", *more)
    return table


def _steps(found: "Doubts") -> list[Any]:
    table = Table("added", "studies", "estimate", "interval")
    for step in found.cumulative:
        interval = f"{step.ci[0]:.4g} to {step.ci[1]:.4g}"
        add(table, step.name, str(step.k), f"{step.estimate:.4g}", interval)
    return ["The pool as it grew, in the table's order (analysis scale):", table]
