"""Screw techniques and the sizes they come in, as data: one TOML a technique."""

from collections.abc import Sequence
from typing import Any, Literal

from attrs import frozen

from keyhole.errors import RequestError
from keyhole.plan.model_base import Trajectory
from keyhole.shipped import shipped

TECHNIQUES = ("percutaneous-screws", "cortical-screws")
"""The screw techniques that can be planned; the first where none is asked for."""


@frozen(kw_only=True)
class Catalogue:
    """One technique's sizes and search window; `sources` says where each number comes from.

    `body_room_mm` and `hu_tie` rank ties (`keyhole.plan.prefer`); `head_behind_mm` is the way from the entry back to the head's centre. `convergence_deg` is
    the preferred window; `longest_may_cost_mm` the margin that a longer screw may cost; the search turns `search_..._deg` from its middle direction.
    """

    technique: str
    kind: Literal["mis", "open"]
    trajectory: Trajectory
    diameter_mm: tuple[float, ...]
    length_mm: tuple[float, ...]
    head_radius_mm: float
    head_behind_mm: float
    convergence_deg: tuple[float, float]
    longest_may_cost_mm: float
    body_room_mm: float
    hu_tie: float
    search_convergence_deg: float
    search_tilt_deg: float
    sources: dict[str, str]


def read_catalogue(technique: str) -> Catalogue:
    """The packaged catalogue of a technique.

    Raises:
        RequestError: `technique-unknown`.

    """
    if technique not in TECHNIQUES:
        raise RequestError(
            "technique-unknown",
            asked=f"The technique {technique!r} was asked for.",
            found="There is no screw technique of that name.",
            next=f"Ask for one of {', '.join(TECHNIQUES)}.",
        )
    table = shipped("keyhole.plan", "catalogues", f"{technique}.toml")
    numbers = table.pop("numbers")
    values = {key: _plain(entry["value"]) for key, entry in numbers.items()}
    sources = {key: entry["source"] for key, entry in numbers.items()}
    return Catalogue(**table, **values, sources=sources)


def catalogues(techniques: Sequence[str]) -> list[Catalogue]:
    """The catalogues of the techniques asked for; the usual one where none is.

    Raises:
        RequestError: `technique-unknown`.

    """
    return [read_catalogue(name) for name in techniques or TECHNIQUES[:1]]


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
