"""What a user's words ask for: goals, places, sides, own names, codes accepted."""

from collections.abc import Iterable, Mapping, Sequence

from attrs import frozen

from keyhole.errors import CODES, RequestError
from keyhole.levels import LEVELS, places
from keyhole.plan.catalogue import catalogues
from keyhole.plan.model import Request
from keyhole.plan.model_base import Setting, Sides

GOALS = ("stabilize", "augment", "decompress", "discectomy", "fuse")
BUILT = ("stabilize",)
"""The goals that can be planned now; it acts on vertebrae (DEFINITIONS 1)."""


@frozen(kw_only=True)
class Words:
    """A request as the user wrote it; every option may be repeated or hold commas."""

    goal: str
    at: Sequence[str]
    side: Sides = "both"
    approach: Sides = "both"
    techniques: Sequence[str] = ()
    accept: Sequence[str] = ()
    call: Sequence[str] = ()
    seed: int = 0


def words(texts: Iterable[str]) -> tuple[str, ...]:
    """The single words of options that may be repeated or hold commas, once each, in order."""
    parts = (part.strip() for text in texts for part in text.split(","))
    return tuple(dict.fromkeys(part for part in parts if part))


def parse_call(texts: Iterable[str]) -> dict[str, str]:
    """The user's own names of levels, from `L5=L4,L4=L3`: as in the map -> as called.

    Raises:
        RequestError: `call-unreadable`.

    """
    call: dict[str, str] = {}
    for word in words(texts):
        found, mark, called = (part.strip().upper() for part in word.partition("="))
        if not mark or found not in LEVELS or called not in LEVELS:
            raise _call_unreadable(word, "That is no pair of levels.")
        if call.get(found, called) != called:
            raise _call_unreadable(word, f"{found} has two names.")
        call[found] = called
    if len(set(call.values())) < len(call):
        raise _call_unreadable(",".join(texts), "Two levels would carry one name.")
    return call


def _call_unreadable(text: str, found: str) -> RequestError:
    return RequestError(
        "call-unreadable",
        asked=f"The names {text!r} were asked for.",
        found=found,
        next="Write the map's name, =, and yours, for example --call L5=L4,L4=L3.",
    )


def parse_accept(texts: Iterable[str]) -> tuple[str, ...]:
    """The codes of checks that the user accepts.

    Raises:
        RequestError: `accept-unknown` for a code that may not be accepted, or is none.

    """
    codes = tuple(word.lower() for word in words(texts))
    may_be = sorted(code for code, about in CODES.items() if about.acceptable)
    for code in codes:
        if code not in may_be:
            raise RequestError(
                "accept-unknown",
                asked=f"{code!r} was to be accepted.",
                found="It can never be accepted." if code in CODES else "There is no such code.",
                next=f"These may be accepted: {', '.join(may_be)}.",
            )
    return codes


def _demand_built(goal: str) -> None:
    if goal not in BUILT:
        raise RequestError(
            "goal-not-built",
            asked=f"A plan to {goal!r} was asked for.",
            found="It is not built yet." if goal in GOALS else "There is no such goal.",
            next=f"These can be planned now: {', '.join(BUILT)}.",
        )


def demand_places(request: Request, present: Sequence[str]) -> list[str]:
    """The patient's levels that the request acts on, from head to sacrum.

    Args:
        request: what was asked.
        present: the patient's levels, from head to sacrum.

    Raises:
        RequestError: `at-unreadable`, `level-not-there`.

    """
    levels, _ = places(request.at, present)
    return levels


def make_request(asked: Words, settings: Mapping[str, Mapping[str, Setting]]) -> Request:
    """The request that the words make, with the effective settings.

    Raises:
        RequestError: `goal-not-built`, `technique-unknown`, `at-unreadable`,
            `accept-unknown`, `call-unreadable`.

    """
    goal = asked.goal.strip().lower()
    _demand_built(goal)
    techniques = words(asked.techniques)
    catalogues(techniques)  # an unknown technique is refused before any scan is read
    return Request(
        goal=goal,
        at=parse_places(asked.at),
        side=asked.side,
        approach=asked.approach,
        techniques=techniques,
        accept=parse_accept(asked.accept),
        call=parse_call(asked.call),
        seed=asked.seed,
        settings={table: dict(values) for table, values in settings.items()},
    )


def parse_places(at: Iterable[str]) -> tuple[str, ...]:
    """The places of `--at` as words. Nonsense is refused here, before any scan is read.

    Raises:
        RequestError: `at-unreadable`.

    """
    wishes = tuple(word.upper() for word in words(at))
    places([wish.replace("/", "-") for wish in wishes], LEVELS)
    return wishes
