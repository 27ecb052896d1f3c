"""Rehabilitation protocols as data: what, from which day to which, and from where.

Published protocols disagree; `disagree` says in what. A clinic's own protocol is a TOML file of
the same shape.
"""

import tomllib
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Literal

import cattrs
from attrs import Attribute, field, frozen
from attrs.validators import ge
from cattrs import transform_error
from cattrs.errors import BaseValidationError
from cattrs.v import format_exception

from keyhole.errors import RecoveryError
from keyhole.recovery.course.model import Episode
from keyhole.recovery.reading import read_utf8

Kind = Literal["milestone", "exercise", "restriction", "visit"]


@frozen(kw_only=True)
class Item:
    """One thing of a protocol, from day to day after the operation, both included."""

    id: str
    kind: Kind
    from_day: int = field(validator=ge(0))
    to_day: int = field()
    times_a_day: int = field(default=1, validator=ge(1))
    text: str
    source: str

    @to_day.validator
    def _after(self, _: "Attribute[int]", to_day: int) -> None:
        if to_day < self.from_day:
            raise ValueError("to_day lies before from_day")


@frozen(kw_only=True)
class Protocol:
    """A protocol and the operations it is for: a word of `techniques` is in their name."""

    name: str
    title: str
    techniques: tuple[str, ...]
    fused: bool
    disagree: tuple[str, ...] = ()
    items: tuple[Item, ...]


def protocol_for(episode: Episode) -> Protocol:
    """The shipped protocol for an operation: by whether it fuses, then by its technique.

    Raises:
        RecoveryError: `protocol-missing` for an operation that no shipped protocol is for.

    """
    name = episode.technique.lower()
    for protocol in protocols():
        if protocol.fused == episode.fused and any(word in name for word in protocol.techniques):
            return protocol
    raise RecoveryError(
        "protocol-missing",
        asked=f"A rehabilitation plan after {episode.technique} was asked for.",
        found=f"Keyhole ships {' and '.join(p.name for p in protocols())}; neither is for it.",
        next="Give the clinic's own protocol as TOML.",
    )


@cache
def protocols() -> tuple[Protocol, ...]:
    """The shipped protocols."""
    folder = resources.files("keyhole.recovery.rehab").joinpath("protocols")
    files = sorted(folder.iterdir(), key=lambda file: file.name)
    return tuple(_structured(f.read_text("utf-8")) for f in files if f.name.endswith(".toml"))


def read_protocol(path: Path) -> Protocol:
    """A clinic's own protocol.

    Raises:
        RecoveryError: `protocol-unreadable`, saying what is wrong.

    """
    text = read_utf8(path, _unreadable, "The file")
    try:
        return _structured(text)
    except tomllib.TOMLDecodeError as error:
        raise _unreadable(f"It is no TOML: {error}") from error
    except BaseValidationError as error:
        raise _unreadable("; ".join(transform_error(error, format_exception=_words))) from error


def _words(error: BaseException, kind: type | None) -> str:
    """What is wrong; our own checks in their own words."""
    return str(error) if type(error) is ValueError else format_exception(error, kind)


def _structured(text: str) -> Protocol:
    converter = cattrs.Converter(forbid_extra_keys=True)
    return converter.structure(tomllib.loads(text), Protocol)


def _unreadable(why: str) -> RecoveryError:
    return RecoveryError(
        "protocol-unreadable",
        asked="A clinic's own rehabilitation protocol was to be read.",
        found=f"{why}.",
        next="See docs/do/follow-a-patient.md for its shape.",
    )
