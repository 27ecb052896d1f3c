"""Every fault by its name, and how an order is carried out."""

from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
from attrs import frozen

from keyhole.errors import RequestError
from keyhole.simulate.images.spoil import edges, names, pieces, sides
from keyhole.simulate.images.spoil.orders import Spoil
from keyhole.simulate.images.spoil.scan import BONES, Scan

AtLevel = Callable[[Scan, str, float], Scan]
Overall = Callable[[Scan, float], Scan]


@frozen(kw_only=True)
class Fault:
    """How segmenters fail in one way.

    `usual`, `low` and `high` are doses in `unit`. `at_level` spoils one vertebra, `overall` the
    whole map; where both are there, an order without a level means the whole. `falls_on` is the
    level meant where the order names none: drawn among those with neighbours on both sides, or
    the lowest.
    """

    about: str
    usual: float = 1.0
    unit: str = "mm"
    low: float = 0.0
    high: float = 20.0
    at_level: AtLevel | None = None
    overall: Overall | None = None
    falls_on: Literal["inner", "lowest"] = "inner"


def _of_bones(change: Callable[[Scan, Sequence[str], float], Scan]) -> tuple[AtLevel, Overall]:
    """A change of bones, for one vertebra and for all bones."""
    return (
        lambda scan, level, dose: change(scan, [f"vertebra {level}"], dose),
        lambda scan, dose: change(scan, scan.named(BONES), dose),
    )


_ERODED, _DILATED = _of_bones(edges.eroded), _of_bones(edges.dilated)

FAULTS: dict[str, Fault] = {
    "eroded": Fault(
        about="bones too thin all round", at_level=_ERODED[0], overall=_ERODED[1], high=5
    ),
    "dilated": Fault(
        about="bones too thick all round", at_level=_DILATED[0], overall=_DILATED[1], high=5
    ),
    "swapped": Fault(
        about="two levels' names exchanged", at_level=names.swapped, unit="levels", low=1, high=4
    ),
    "shifted": Fault(
        about="a level and all above (positive) or below it counted wrong",
        at_level=names.shifted, unit="levels", low=-2, high=2, falls_on="lowest",
    ),
    "merged": Fault(
        about="neighbours under one name", at_level=names.merged, unit="levels", low=1, high=4
    ),
    "unlabelled": Fault(
        about="a level without a label, as an L6", at_level=names.unlabelled,
        unit="levels", low=1, high=4, falls_on="lowest",
    ),
    "torn": Fault(about="a vertebra in two pieces", at_level=pieces.torn, usual=3),
    "arch-missing": Fault(
        about="nothing behind the posterior wall", at_level=pieces.arch_missing, usual=2, low=-10
    ),
    "leaked": Fault(
        about="a vertebra's label runs into the bones beside it", at_level=edges.leaked, usual=4
    ),
    "muscle-short": Fault(
        about="muscle ends short of bone", overall=edges.muscle_short, usual=6, high=15
    ),
    "fused": Fault(
        about="coarse voxels on which joints are bone", overall=edges.fused, usual=3, low=1, high=6
    ),
    "canal-filled": Fault(
        about="the canal's content fills the canal", overall=edges.canal_filled, usual=4, high=10
    ),
    "mirrored": Fault(
        about="scan mirrored before it was labelled", overall=sides.mirrored, unit="times", low=1, high=1
    ),
    "flipped": Fault(
        about="scan and map mirrored together", overall=sides.flipped, unit="times", low=1, high=1
    ),
}  # fmt: skip


def demand_spoil(spoil: Spoil) -> None:
    """Refuse an order that no scan could carry out.

    Raises:
        RequestError: `order-unknown`, `out-of-range`, `order-unreadable` for a level that a
            fault of the whole map does not take.

    """
    fault = _fault(spoil)
    dose = _dose(spoil, fault)
    if not fault.low <= dose <= fault.high:
        raise RequestError(
            "out-of-range",
            asked=f"Labels {spoil.fault} by {dose:g} {fault.unit} were asked for.",
            found=f"The dose may lie between {fault.low:g} and {fault.high:g} {fault.unit}.",
            next="Order a number in that range.",
        )
    if fault.at_level is None and spoil.at is not None:
        raise RequestError(
            "order-unreadable",
            asked=f"Labels {spoil.fault} at {spoil.at} were asked for.",
            found="This fault befalls the whole map.",
            next="Leave the level out.",
        )


def spoiled(scan: Scan, spoil: Spoil, *, seed: int = 0) -> Scan:
    """A scan as a segmenter that fails so would have given it.

    Args:
        scan: image and map, in any tool's names.
        spoil: what is to go wrong.
        seed: draws the level where the order names none.

    Raises:
        RequestError: as `demand_spoil`, and `level-not-there`.

    """
    demand_spoil(spoil)
    fault = _fault(spoil)
    dose = _dose(spoil, fault)
    if fault.overall is not None and spoil.at is None:
        return fault.overall(scan, dose)
    if fault.at_level is None:
        raise ValueError(f"The fault {spoil.fault} spoils neither a level nor the whole.")
    return fault.at_level(scan, _level(scan, spoil, fault, seed), dose)


def _dose(spoil: Spoil, fault: Fault) -> float:
    return fault.usual if spoil.dose is None else spoil.dose


def _fault(spoil: Spoil) -> Fault:
    if spoil.fault not in FAULTS:
        raise RequestError(
            "order-unknown",
            asked=f"Labels {spoil.fault!r} were asked for.",
            found="Segmenters do not fail so here.",
            next=f"Order one of {', '.join(FAULTS)}.",
        )
    return FAULTS[spoil.fault]


def _level(scan: Scan, spoil: Spoil, fault: Fault, seed: int) -> str:
    held = names.vertebrae(scan)
    if spoil.at in held:
        return str(spoil.at)
    if spoil.at is not None or not held:
        raise RequestError(
            "level-not-there",
            asked=f"Labels {spoil.fault} at {spoil.at or 'some level'} were asked for.",
            found=f"The map holds {', '.join(held) or 'no vertebra'}.",
            next="Name a vertebra that is there.",
            at=[spoil.at] if spoil.at else [],
        )
    if fault.falls_on == "lowest":
        return held[-1]
    return str(np.random.default_rng(seed).choice(held[1:-1] or held[:1]))
