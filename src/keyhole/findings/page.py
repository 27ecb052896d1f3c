"""The page of every quantity that Keyhole measures, made from the measures themselves."""

from collections.abc import Iterator

from keyhole.findings.catalogue import MEASURES
from keyhole.findings.grading import bands
from keyhole.findings.model import NO_INDICATION
from keyhole.findings.normal import norms
from keyhole.findings.quantity import Quantity

_WHERE = {"level": "each vertebra", "segment": "each segment", "spine": "the whole spine"}
_HEAD = f"""\
# Findings

Made by `scripts/generate` from the measures of `keyhole.findings`. Each is a value with its unit
and standard error, every published grade by name with all grades that the 95 % interval leaves
open, and, where one was read, the published mean. What a scan does not show is said, never 0.

{NO_INDICATION}
"""


def findings_page() -> str:
    """All quantities, in the order of a report."""
    parts = [_HEAD]
    for where, words in _WHERE.items():
        parts.append(
            f"\n## At {words}\n\n| finding | unit | what it is | method |\n|---|---|---|---|\n"
        )
        parts += [
            f"| `{q.name}` | {_unit(q)} | {q.definition} | {q.source} |\n"
            for q in quantities(where)
        ]
    parts += ["\n## Grades\n\n", "| finding | scale | grades | source |\n|---|---|---|---|\n"]
    parts += _grades()
    parts += [
        "\n## Published means\n\n",
        "| finding | at | mean | SD | source |\n|---|---|---|---|---|\n",
    ]
    parts += [
        f"| `{n.quantity}` | {n.at} | {n.mean:g} | {n.sd:g} | {n.source} |\n"
        for n in norms().values()
    ]
    return "".join(parts)


def quantities(where: str) -> Iterator[Quantity]:
    """The quantities measured there, each once."""
    held = (q for one in MEASURES if one.where == where for q in one.quantities)
    yield from {q.name: q for q in held}.values()


def _unit(one: Quantity) -> str:
    return "" if one.unit == "1" else one.unit


def _grades() -> Iterator[str]:
    """A line for each scale of each quantity."""
    rows: dict[tuple[str, str], dict[str, str]] = {}
    for band in bands():
        rows.setdefault((band.quantity, band.scale), {}).setdefault(band.grade, band.source)
    for (quantity, scale), grades in rows.items():
        sources = "; ".join(dict.fromkeys(grades.values()))
        yield f"| `{quantity}` | {scale} | {', '.join(grades)} | {sources} |\n"
