"""Outcomes as parts of the promise, and comparisons as families; the words lie in `words.toml`."""

import functools
import re
import tomllib
from typing import Any, Literal

from attrs import frozen

from keyhole.errors import EvidenceError
from keyhole.evidence.library.judged import parts_by_hand
from keyhole.evidence.library.rows import Row
from keyhole.evidence.library.tables import read_text


@frozen
class Part:
    """One part of the promise, such as infection."""

    name: str
    title: str
    words: tuple[str, ...]


@frozen
class Family:
    """Wordings that mean one comparison; `aside` families do not set MIS against open."""

    name: str
    title: str
    group: str
    kind: Literal["mis-open", "aside"]
    wordings: tuple[str, ...]


@functools.cache
def _read() -> dict[str, Any]:
    return tomllib.loads(read_text("words.toml"))


@functools.cache
def parts() -> tuple[Part, ...]:
    """All parts of the promise."""
    entries = _read()["parts"]
    return tuple(Part(name, e["title"], tuple(e["words"])) for name, e in entries.items())


@functools.cache
def families() -> tuple[Family, ...]:
    """All families of comparisons."""
    entries = _read()["families"]
    return tuple(
        Family(name, e["title"], e["group"], e["kind"], tuple(e["wordings"]))
        for name, e in entries.items()
    )


def parts_of(row: Row) -> tuple[Part, ...]:
    """The parts that a row speaks of, by its outcome's words or by a reading of its text."""
    by_words, by_hand = _parts_by_words(row), parts_by_hand(row.id)
    return tuple(part for part in parts() if part in by_words or part.name in by_hand)


def _parts_by_words(row: Row) -> tuple[Part, ...]:
    """None for what was there before surgery."""
    outcome, before = row.outcome.lower(), _read()["not_an_outcome"]
    if row.when in before["times"] or any(word in outcome for word in before["words"]):
        return ()
    return tuple(p for p in parts() if any(re.search(word, outcome) for word in p.words))


def higher_is_better(outcome: str) -> bool:
    """Whether more of it is good for the patient."""
    return any(re.search(word, outcome.lower()) for word in _read()["higher_is_better"]["words"])


def family_of(row: Row) -> Family | None:
    """The family of a row's comparison; None for a wording that no family holds."""
    wanted = _plain(row.comparison)
    exact = [f for f in families() if row.comparison.strip() in f.wordings]
    return next(iter(exact or [f for f in families() if wanted in _names(f)]), None)


def _names(family: Family) -> set[str]:
    return {family.name, family.title.lower(), *map(_plain, family.wordings)}


def find_part(asked: str) -> Part:
    """The part that a word asks for, by its name, its title or an outcome's words.

    Raises:
        EvidenceError: `outcome-unknown`.

    """
    word = asked.strip().lower()
    named = [p for p in parts() if word in {p.name, p.title.lower(), p.name.replace("-", " ")}]
    meant = named or [p for p in parts() if any(re.search(w, word) for w in p.words)]
    if not meant:
        raise EvidenceError(
            "outcome-unknown",
            asked=f"Evidence on the outcome {asked!r} was asked for.",
            found="No part of the library has that name.",
            next=f"Ask for one of {', '.join(p.name for p in parts())}.",
        )
    return meant[0]


def find_family(asked: str) -> Family:
    """The family that a wording, a name or a title asks for.

    Raises:
        EvidenceError: `comparison-unknown`.

    """
    wanted = _plain(asked)
    for family in families():
        if wanted in _names(family):
            return family
    raise EvidenceError(
        "comparison-unknown",
        asked=f"Evidence on the comparison {asked!r} was asked for.",
        found="No row of the library is worded like that.",
        next=f"Ask for one of {', '.join(f.name for f in families())}.",
    )


def _plain(wording: str) -> str:
    """A wording without its brackets, in lower case."""
    return " ".join(re.sub(r"\([^)]*\)", " ", wording).lower().split())
