"""The pages of docs/look-up/evidence: what is known on each part, how well, for and against."""

import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import zip_longest

from attrs import frozen

from keyhole.evidence.library.judged import Side
from keyhole.evidence.library.question import Miss, Told, miss
from keyhole.evidence.library.rows import PoolRow
from keyhole.evidence.library.side import SIDES
from keyhole.evidence.library.tables import library, read_text
from keyhole.evidence.library.words import parts

_NOTE = "Made by `scripts/generate` from the living library; nobody clinical has reviewed it."


@frozen
class Claim:
    """A sentence and the rows that it stands on."""

    say: str
    rows: tuple[str, ...]


@cache
def claims() -> Mapping[str, tuple[Claim, ...]]:
    """The sentences of every part."""
    read = tomllib.loads(read_text("claims.toml"))
    return {
        part: tuple(Claim(c["say"], tuple(c["rows"])) for c in entry["claims"])
        for part, entry in read.items()
    }


def pages() -> dict[str, str]:
    """All pages: file name -> text."""
    answers = {part.name: miss(part.name) for part in parts()}
    made = {f"{name}.md": _page(answer) for name, answer in answers.items()}
    return {"README.md": _index(answers), **made}


def _page(answer: Miss) -> str:
    known = [f"- {c.say} ({', '.join(c.rows)})" for c in claims()[answer.part.name]]
    lines = [
        f"# {answer.part.title}",
        "",
        f"{_NOTE} Library {answer.version}; ids are those of its rows.",
        "",
        "## What is known",
        "",
        *known,
        "",
        "## How well",
        "",
        *how_well(answer),
        "",
        "## For and against",
        "",
        *_beside(answer.of("for"), answer.of("against", "even")),
        *_listed("Not tested, or not MIS against open", answer.of("untested", "aside")),
        *_listed("Recalled, not read: no claim rests on these", answer.recalled),
        *_pooled(answer),
    ]
    return "\n".join(lines).rstrip() + "\n"


def how_well(answer: Miss) -> list[str]:
    """Counts of what the part stands on; every number is counted from its rows."""
    against_open = answer.of("for", "against", "even", "untested")
    pools = [told for told in against_open if isinstance(told.row, PoolRow)]
    single = [told for told in against_open if not isinstance(told.row, PoolRow)]
    trials = sum("RCT" in told.row.design for told in single)
    wrong = sum(any(d.strength == "wrong" for d in told.doubts) for told in answer.told)
    odd = sum(bool(told.doubts) for told in answer.told) - wrong
    spread = sum(bool(told.row.i2) for told in pools if isinstance(told.row, PoolRow))
    shared = "tau2 by none; pools share studies and are not independent"
    return [
        f"- Pools that set MIS against open, {len(pools)}: {_tally(pools)}.",
        f"- Rows of single studies that do, {len(single)}: {_tally(single)}; randomised: {trials}.",
        *([f"- I2 is printed by {spread} of {len(pools)}, {shared}."] if pools else []),
        f"- Rows that the checker finds wrong in print: {wrong}; odd: {odd}.",
        f"- Rows recalled, not read, which count nowhere: {len(answer.recalled)}.",
    ]


def _tally(told: Sequence[Told]) -> str:
    counts = Counter(one.side for one in told)
    names: Mapping[Side, str] = {
        "for": "for",
        "against": "against",
        "even": "no difference shown",
        "untested": "not tested",
    }
    return ", ".join(f"{counts[side]} {name}" for side, name in names.items())


def _beside(good: Sequence[Told], bad: Sequence[Told]) -> list[str]:
    rows = [f"| {_cell(a)} | {_cell(b)} |" for a, b in zip_longest(good, bad)]
    head = ["| For MISS | Against MISS, or no difference shown |", "|---|---|"]
    return [*head, *(rows or ["| no row | no row |"]), ""]


def _listed(title: str, told: Sequence[Told]) -> list[str]:
    return [f"## {title}", "", *(f"- {_cell(one)}" for one in told), ""] if told else []


def _cell(told: Told | None) -> str:
    if told is None:
        return ""
    row = told.row
    when = f", {row.when}" if row.when not in {"", "-"} else ""
    source = f"{row.who}: {row.where}" if row.where != row.who else row.who
    doubts = "".join(f" **Doubt, {d.strength}:** {d.found}" for d in told.doubts)
    side = f"*{told.side}*" if told.side in {"against", "even"} else ""
    text = (
        f"**{row.id}** {side} {row.outcome}{when}: {row.said}. {row.comparison}. {told.why}{doubts} "
        f"({source})"
    )
    return _plain(text)


def _plain(text: str) -> str:
    """Text that Markdown shows as it is, in a table's cell too."""
    for mark in ("|", "<", ">"):
        text = text.replace(mark, f"\\{mark}")
    return " ".join(text.split())


def _pooled(answer: Miss) -> list[str]:
    lines = []
    for one in answer.pools:
        pooled = one.after
        ends = pooled.shown["ci"]
        low, high = ends if isinstance(ends, tuple) else (float("nan"), float("nan"))
        lines.append(
            f"- {one.family}, {one.outcome}: {one.measure} of {pooled.k} studies by REML with Hartung-Knapp "
            f"intervals: {pooled.shown['estimate']:.3g} ({low:.3g} to {high:.3g}), "
            f"tau2 {pooled.tau2:.3g}, from {', '.join(pooled.names)}."
            + "".join(f" Left out: {name}, {why}." for name, why in pooled.dropped)
            + "".join(f" Left out: {row}, {why}" for row, why in one.left_out)
        )
    return ["## Pooled here from single rows", "", *lines, ""] if lines else []


def _index(answers: Mapping[str, Miss]) -> str:
    shipped = library()
    head = [
        "# What has been printed on MISS against open surgery",
        "",
        f"{_NOTE} Library {shipped.version}. {shipped.read} {shipped.not_read}",
        "",
        "| part | pools: for | against | even | single rows: for | against | even |",
        "|---|---|---|---|---|---|---|",
    ]
    sides = [f"- *{side}*: {meaning}." for side, meaning in SIDES.items()]
    words = ["", "Where a row stands:", "", *sides, ""]
    return "\n".join([*head, *map(_line, answers.values()), *words])


def _line(answer: Miss) -> str:
    cells = []
    for kind in (True, False):
        told = [t for t in answer.of("for", "against", "even") if _is_pool(t) == kind]
        counts = Counter(t.side for t in told)
        cells += [str(counts["for"]), str(counts["against"]), str(counts["even"])]
    return f"| [{answer.part.title}]({answer.part.name}.md) | {' | '.join(cells)} |"


def _is_pool(told: Told) -> bool:
    return isinstance(told.row, PoolRow)
