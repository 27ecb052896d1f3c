"""What a paper prints beside its arms, read: effect, interval, p, shares, direction."""

import re

from attrs import frozen

from keyhole.evidence.library.figures import Figure, figure

_N = r"[-+−]?(?:\d+(?:\.\d+)?|\.\d+)"
_EFFECT = re.compile(rf"\b(?P<label>diff(?:erence)?|MD|OR|RR|HR)\b:?\s*(?P<value>{_N})")
_INTERVAL = re.compile(rf"\((?P<low>{_N})\s*(?:to|-|–)\s*(?P<high>{_N})\)")
_P = re.compile(r"\bp\s*(?P<sign>[<=>])\s*(?P<value>\d*\.\d+)")
_SHARES = re.compile(r"(?P<mis>\d+(?:\.\d+)?)\s*%?\s*vs\s*(?P<open>\d+(?:\.\d+)?)\s*%")
_RATIOS = {"OR", "RR", "HR"}


@frozen
class Printed:
    """The parts of a printed effect; None where the text has no such part."""

    ratio: bool
    estimate: Figure | None
    low: Figure | None
    high: Figure | None
    p: Figure | None
    shares: tuple[Figure, Figure] | None
    """Percent with the event, MIS and open."""
    favours_open: bool
    adjusted: bool


def read_printed(text: str) -> Printed:
    """Read the text of a paper's own effect; a text that is only a number is its p."""
    effect, interval, shares = (p.search(text) for p in (_EFFECT, _INTERVAL, _SHARES))
    return Printed(
        ratio=effect is not None and effect["label"] in _RATIOS,
        estimate=figure(effect["value"]) if effect else None,
        low=figure(interval["low"]) if interval else None,
        high=figure(interval["high"]) if interval else None,
        p=_p(text),
        shares=_pair(shares),
        favours_open="favours conventional" in text or "favours open" in text,
        adjusted="adjusted" in text,
    )


def _p(text: str) -> Figure | None:
    found = _P.search(text)
    if found is None:
        return figure(text)
    return figure(found["value"] if found["sign"] == "=" else found["sign"] + found["value"])


def _pair(found: re.Match[str] | None) -> tuple[Figure, Figure] | None:
    if found is None:
        return None
    mis, against = figure(found["mis"]), figure(found["open"])
    return (mis, against) if mis and against else None
