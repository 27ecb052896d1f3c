"""The tables of screws: size and place, room by direction, chances, smaller sizes, skin."""

from collections.abc import Mapping, Sequence
from typing import Any

from keyhole.report.cells import (
    DIRECTIONS,
    Cell,
    Table,
    chance,
    decimal,
    grade_text,
    inapplicable,
    quantity,
    share,
    unknown,
)

Planned = Mapping[str, Any]
"""A SCREW of plan.json."""
_NEAREST = 3
"""How many vessels are named."""
_CHANCES = {
    "a": "Grade A",
    "a_or_b": "Grade A or B",
    "medial_or_caudal": "Medial or caudal breach of 2 mm or more",
}
_FACETS = {
    0: "over 1 mm away",
    1: "within 1 mm, or in the process beside the joint",
    2: "shaft crosses the joint",
    3: "shaft in the joint, or head or rod in it",
}


def name_of(screw: Planned) -> str:
    """`L4 left`."""
    return f"{screw['level']} {screw['side']}"


def size_of(screw: Planned) -> str:
    """`6.5 x 45 mm`, with a true multiplication sign."""
    return f"{screw['diameter_mm']:g} × {screw['length_mm']:g}\u00a0mm"


def has_lateral_wall(screw: Planned) -> bool:
    """Whether lateral room and fill exist: an S1 pedicle runs on into the ala (DEFINITIONS 4)."""
    return bool(screw["level"] != "S1")


def fill_cell(screw: Planned) -> Cell:
    """The diameter as a share of the pedicle's width."""
    applies = has_lateral_wall(screw)
    return quantity(screw, "fill", "%", digits=0, times=100, applies=applies)


def grade_of(screw: Planned) -> str:
    """The Gertzbein-Robbins grade and all that it may be."""
    grade = screw["gertzbein_robbins"]
    return "not known" if grade is None else grade_text(grade["grade"], grade["may_be"])


def grade_cell(screw: Planned) -> Cell:
    """The grade as a table's cell."""
    known = screw["gertzbein_robbins"] is not None
    reason = screw.get("gertzbein_robbins_reason")
    return Cell(grade_of(screw)) if known else unknown(reason)


def hu_cell(screw: Planned) -> Cell:
    """Hounsfield units along the screw; what they mean stands with the screw."""
    if screw["hu"] is None:
        return unknown(screw.get("hu_reason") or screw.get("hu_meaning"))
    return Cell(f"{decimal(screw['hu'], 0)}\u00a0HU")


def facet_cell(screw: Planned) -> Cell:
    """How the screw stands to the joint above."""
    grade = screw["facet_grade"]
    if grade is None:
        return unknown(screw.get("facet_grade_reason"))
    return Cell(str(grade), _FACETS.get(grade, ""))


def skin_cells(screw: Planned) -> tuple[Cell, Cell, Cell]:
    """From the midline with its range, depth, incision; a cortical screw is offered none."""
    skin = screw["skin_entry"]
    if skin is None:
        reason = screw.get("skin_entry_reason")
        cortical = screw.get("trajectory") == "cortical"
        return (inapplicable(reason) if cortical else unknown(reason),) * 3
    low, high = skin["from_midline_range_mm"]
    beside = Cell(
        f"{decimal(skin['from_midline_mm'], 0)}\u00a0mm",
        f"{decimal(low, 0)} to {decimal(high, 0)}\u00a0mm",
    )
    depth, incision = (quantity(skin, key, "mm", digits=0) for key in ("depth_mm", "incision_mm"))
    return beside, depth, incision


def sizes_table(screws: Sequence[Planned]) -> Table:
    """One row a screw: what is asked for in the operating room."""
    rows = []
    for screw in screws:
        beside, depth, incision = skin_cells(screw)
        rows.append(
            (
                Cell(name_of(screw)),
                Cell(size_of(screw)),
                grade_cell(screw),
                fill_cell(screw),
                quantity(screw, "convergence_deg", "°"),
                quantity(screw, "tilt_deg", "°"),
                hu_cell(screw),
                beside,
                depth,
                incision,
            )
        )
    heads = (
        "Screw",
        "Diameter × length",
        "Grade (may be)",
        "Fill of the pedicle's width",
        "Convergence",
        "Tilt",
        "Bone",
        "Skin: from midline (range)",
        "Skin to bone",
        "Incision",
    )
    return Table("Screws as planned", heads, tuple(rows))


def room_table(screws: Sequence[Planned]) -> Table:
    """Clearance and margin in every direction, one row a screw."""
    rows = [
        (
            Cell(name_of(screw)),
            *(_direction(screw, "clearance_mm", direction) for direction in DIRECTIONS),
            *(_direction(screw, "margin_mm", direction) for direction in DIRECTIONS),
        )
        for screw in screws
    ]
    heads = ("Screw", *(f"Clearance {d}" for d in DIRECTIONS), *(f"Margin {d}" for d in DIRECTIONS))
    return Table("Room round each screw, mm", heads, tuple(rows))


def _direction(screw: Planned, key: str, direction: str, unit: str = "") -> Cell:
    applies = direction != "lateral" or has_lateral_wall(screw)
    return quantity(screw[key], direction, unit, applies=applies)


def one_room_table(screw: Planned) -> Table:
    """One screw's room, one row a direction."""
    rows = []
    for direction in DIRECTIONS:
        outside = _breach(screw, direction)
        clearance = _direction(screw, "clearance_mm", direction, "mm")
        margin = _direction(screw, "margin_mm", direction, "mm")
        rows.append((Cell(direction), clearance, margin, outside))
    heads = ("Direction", "Clearance as planned", "Margin after the usual error", "Breach")
    return Table(f"Room round {name_of(screw)}", heads, tuple(rows))


def _breach(screw: Planned, direction: str) -> Cell:
    if screw["gertzbein_robbins"] is None:
        return grade_cell(screw)
    breach = screw["gertzbein_robbins"]["breach_mm"]
    if direction == "anterior":
        return inapplicable("only the walls of the pedicle are graded")
    applies = direction != "lateral" or has_lateral_wall(screw)
    return quantity(breach, direction, "mm", applies=applies)


def chances_table(screw: Planned) -> Table:
    """What becomes of the screw under the usual and the large position error."""
    stress = screw["stress"]
    rows = [
        (Cell(words), *(_chance(stress, size, key) for size in ("usual", "large")))
        for key, words in _CHANCES.items()
    ]
    heads = ("What may come of it", "Usual error", "Large error")
    return Table(f"Chances under position error, {name_of(screw)}", heads, tuple(rows))


def _chance(stress: Mapping[str, Any], size: str, key: str) -> Cell:
    chances = stress.get(size)
    if chances is None:
        return unknown(stress.get(f"{size}_reason"))
    one = chances[key]
    return chance(one["hits"], one["draws"], one["low"], one["high"])


def smaller_table(screw: Planned) -> Table:
    """Each smaller diameter that the surgeon may step down to, side by side."""
    smaller = screw["smaller"]
    heads = ("Diameter", *(f"{one['diameter_mm']:g}\u00a0mm" for one in smaller))
    row = (Cell(_CHANCES["medial_or_caudal"]), *(_smaller_cell(one) for one in smaller))
    return Table(f"Smaller screws, {name_of(screw)}", heads, (row,) if smaller else ())


def _smaller_cell(smaller: Mapping[str, Any]) -> Cell:
    """The chance; the upper end of its 95 % interval where no draw came to it, or beside it."""
    p, high = smaller["p_medial_or_caudal"], smaller.get("p_high")
    if p is None:
        return unknown(smaller.get("p_medial_or_caudal_reason"))
    if high is None:
        return Cell(share(p))
    return Cell(f"below {share(high)}") if p == 0 else Cell(share(p), f"up to {share(high)}")


def vessel_words(screw: Planned) -> str:
    """The nearest of the seen vessels."""
    vessels = screw.get("vessels") or ()
    if not vessels:
        return "no vessel is in the map"
    return "; ".join(
        f"{vessel['structure']} {decimal(vessel['distance_mm'])}\u00a0mm"
        for vessel in vessels[:_NEAREST]
    )
