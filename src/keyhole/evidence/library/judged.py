"""Readings by hand, from `judged.toml`."""

import tomllib
from functools import cache
from typing import Literal

from attrs import frozen

from keyhole.evidence.library.tables import read_text

Side = Literal["for", "against", "even", "untested", "aside"]


@frozen
class Reading:
    """Where a row was read to stand on some parts of the promise, and why."""

    row: str
    parts: tuple[str, ...]
    side: Side
    why: str


@cache
def readings() -> tuple[Reading, ...]:
    """All readings."""
    entries = tomllib.loads(read_text("judged.toml"))["readings"]
    return tuple(Reading(e["row"], tuple(e["parts"]), e["side"], e["why"]) for e in entries)


@cache
def second_tellings() -> dict[str, str]:
    """Rows that tell again what another row tells: id -> the other's id."""
    return dict(tomllib.loads(read_text("judged.toml"))["same_as"])


def read_by_hand(row_id: str, part: str) -> Reading | None:
    """The reading of a row on a part, if there is one."""
    return next((r for r in readings() if r.row == row_id and part in r.parts), None)


def parts_by_hand(row_id: str) -> set[str]:
    """The parts that a row was read to speak of."""
    return {part for r in readings() if r.row == row_id for part in r.parts}
