"""From a plan to all that the templates need: words, tables, notices, pictures."""

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen

from keyhole.report.album import Album
from keyhole.report.cells import Cell, Table, decimal, inapplicable, quantity, unknown
from keyhole.report.notices import Notice, is_indicative, notices, stamps
from keyhole.report.screw_tables import (
    chances_table,
    facet_cell,
    fill_cell,
    grade_cell,
    grade_of,
    hu_cell,
    name_of,
    one_room_table,
    room_table,
    size_of,
    sizes_table,
    skin_cells,
    smaller_table,
    vessel_words,
)
from keyhole.view import Stage, Wobble
from keyhole.view.palette import CANAL, ENVELOPE, GRADES, OTHER_BONE, OWN_BONE, UNGRADED, css

_GOALS = {"stabilize": "Pedicle screws", "augment": "Augmentation", "fuse": "Fusion"}
_KINDS = {"mis": "minimally invasive", "open": "open"}


@frozen
class ScrewPart:
    """One screw's part of the page."""

    id: str
    name: str
    level: str
    size: str
    grade: str
    letter: str
    facts: tuple[tuple[str, Cell], ...]
    room: Table
    chances: Table
    smaller: Table
    meaning: str
    vessels: str
    warnings: list[Notice]


@frozen
class OptionPart:
    """One option's part of the page; `album` is None where it has no screw."""

    id: str
    title: str
    kind: str
    feasible: bool
    refusals: list[Notice]
    warnings: list[Notice]
    screws: list[ScrewPart]
    grades: str
    sizes: Table
    room: Table
    rods: Table
    not_checked: tuple[str, ...]
    album: Album | None


def option_part(option: Mapping[str, Any], album: Album | None) -> OptionPart:
    """The words and tables of one option."""
    screws = option["screws"]
    technique = option["technique"].replace("-", " ").replace("_", " ")
    return OptionPart(
        id=option["id"],
        title=technique[:1].upper() + technique[1:],
        kind=_KINDS.get(option["kind"], option["kind"]),
        feasible=option["feasible"],
        refusals=notices(option["refusals"]),
        warnings=notices(itertools.chain(option["warnings"], *(_own(s) for s in screws))),
        screws=[_screw_part(option["id"], screw) for screw in screws],
        grades=_grades(screws),
        sizes=sizes_table(screws),
        room=room_table(screws),
        rods=_rods(option["rods"]),
        not_checked=tuple(option["not_checked"]),
        album=album,
    )


def _own(screw: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The warnings that concern this screw alone."""
    return screw.get("warnings") or ()


def _grades(screws: Sequence[Mapping[str, Any]]) -> str:
    """`11 A, 1 B (as planned)`."""
    counted = Counter(s["gertzbein_robbins"]["grade"] for s in screws if s["gertzbein_robbins"])
    return ", ".join(f"{counted[letter]} {letter}" for letter in sorted(counted)) or "not known"


def _screw_part(option: str, screw: Mapping[str, Any]) -> ScrewPart:
    beside, depth, incision = skin_cells(screw)
    grade = screw["gertzbein_robbins"]
    facts = (
        ("Diameter × length", Cell(size_of(screw))),
        ("Trajectory", Cell(screw.get("trajectory", "traditional"))),
        ("Grade (may be)", grade_cell(screw)),
        ("Breach, standard error", quantity(grade or {}, "se_mm", "mm", digits=2)),
        ("Pedicle width", quantity(screw, "pedicle_width_mm", "mm")),
        ("Fill of that width", fill_cell(screw)),
        ("Convergence (tip inward +)", quantity(screw, "convergence_deg", "°")),
        ("Tilt to upper endplate (tip cranial +)", quantity(screw, "tilt_deg", "°")),
        ("Bone along the screw", hu_cell(screw)),
        ("Joint above, grade", facet_cell(screw)),
        ("Skin, from midline (range)", beside),
        ("Skin to bone, along the line", depth),
        ("Incision", incision),
    )
    return ScrewPart(
        id=f"{option}-{screw['level']}-{screw['side']}",
        name=name_of(screw),
        level=screw["level"],
        size=size_of(screw),
        grade=grade_of(screw),
        letter=grade["grade"] if grade else "unknown",
        facts=facts,
        room=one_room_table(screw),
        chances=chances_table(screw),
        smaller=smaller_table(screw),
        meaning=screw.get("hu_meaning") or "",
        vessels=vessel_words(screw),
        warnings=notices(_own(screw)),
    )


def _rods(rods: Sequence[Mapping[str, Any]]) -> Table:
    rows = tuple(
        (
            Cell(rod["side"]),
            Cell(", ".join(rod["levels"])),
            quantity(rod, "diameter_mm", "mm"),
            quantity(rod, "largest_head_distance_mm", "mm"),
        )
        for rod in rods
    )
    heads = ("Rod", "Through", "Diameter", "Largest distance of a head from it")
    return Table("Rods", heads, rows)


def scan_facts(plan: Mapping[str, Any]) -> tuple[tuple[str, Cell], ...]:
    """What the plan was made on, as pairs of a name and a cell."""
    scan = plan["scan"]
    edges = " × ".join(f"{edge:.3g}" for edge in scan["spacing_mm"])
    scheme = ", ".join(scan["schemes"])
    image = {"none": "none: the label map stands alone"}.get(scan["modality"], scan["modality"])
    return (
        ("Scan", Cell(short_id(scan["id"]))),
        ("Image", Cell(image)),
        ("Voxels", Cell(f"{edges}\u00a0mm")),
        ("Accuracy", Cell("indicative") if is_indicative(plan) else _text(scan, "accuracy")),
        ("Label scheme", Cell(scheme) if scheme else unknown(None)),
        ("Posture", _text(scan, "posture")),
        ("Tube voltage", _of_image(scan, ("CT",), quantity(scan, "kvp", "kV", digits=0))),
        ("Contrast", _of_image(scan, ("CT", "MR"), _contrast(scan))),
        ("Keyhole", Cell(plan["keyhole"])),
        *_seed(plan["request"]),
    )


def _seed(request: Mapping[str, Any]) -> tuple[tuple[str, Cell], ...]:
    """The seed, where draws were made."""
    return (("Seed", Cell(str(request["seed"]))),) if "seed" in request else ()


def _of_image(scan: Mapping[str, Any], modalities: Sequence[str], cell: Cell) -> Cell:
    """The cell, where this kind of image can have such a thing."""
    if scan["modality"] in modalities:
        return cell
    words = {"none": "there is no image", "MR": "an MR scanner has no tube"}
    return inapplicable(words[scan["modality"]])


def _contrast(scan: Mapping[str, Any]) -> Cell:
    given = scan["contrast"]
    return _text(scan, "contrast") if given is None else Cell("given" if given else "none")


def _text(holder: Mapping[str, Any], key: str) -> Cell:
    value = holder.get(key)
    return unknown(holder.get(f"{key}_reason")) if value is None else Cell(str(value))


def short_id(name: str) -> str:
    """The first twelve digits of a scan's id: enough to tell scans apart by eye."""
    kind, _, digits = name.rpartition(":")
    return f"{kind}:{digits[:12]}…" if kind else f"{digits[:12]}…"


def structures_table(plan: Mapping[str, Any]) -> Table:
    """What was reckoned with: one row for all structures known in the same way."""
    known: dict[tuple[bool, Cell, str], list[str]] = {}
    for one in plan["spine"]["structures"]:
        margin = quantity(one, "margin_mm", "mm", applies=not one["seen"])
        known.setdefault((one["seen"], margin, one["rule"]), []).append(one["name"])
    rows = tuple(
        (Cell("seen" if seen else "modelled"), margin, Cell(rule), Cell(", ".join(names)))
        for (seen, margin, rule), names in known.items()
    )
    return Table("Structures reckoned with", ("Known how", "Margin", "Rule", "Structures"), rows)


def title_of(plan: Mapping[str, Any]) -> str:
    """`Pedicle screws at L1-S1`."""
    request = plan["request"]
    goal = _GOALS.get(request["goal"], request["goal"].capitalize())
    return f"{goal} at {', '.join(request['at'])}"


def colours() -> dict[str, str]:
    """The pictures' colours for the page's keys, as CSS."""
    named = {"own-bone": OWN_BONE, "other-bone": OTHER_BONE, "canal": CANAL, "envelope": ENVELOPE}
    named |= {f"grade-{letter}": colour for letter, colour in GRADES.items()}
    named["grade-unknown"] = UNGRADED
    return {name: css(colour) for name, colour in named.items()}


def page(
    plan: Mapping[str, Any], options: list[OptionPart], wobble: Wobble, stage: Stage
) -> dict[str, Any]:
    """All variables of `report.html`."""
    turn = decimal(wobble.turn_deg)
    return {
        "title": title_of(plan),
        "kind": "plan",
        "maker": "surgical plan",
        "stamps": stamps(plan),
        "indicative": is_indicative(plan),
        "disclaimer": plan["disclaimer"],
        "facts": scan_facts(plan),
        "scan_warnings": notices(plan["scan"]["warnings"]),
        "confirmations": plan["confirmations"],
        "options": options,
        "structures": structures_table(plan),
        "envelope": f"{decimal(wobble.shift_mm)} mm and {turn} degrees",
        "canal": stage.canal_words,
        "canal_key": "fill" if stage.canal is not None else "dash" if stage.rings else "",
        "colours": colours(),
        "footer": " · ".join((*stamps(plan), plan["disclaimer"], short_id(plan["scan"]["id"]))),
    }
