"""A phantom's label map as another tool would give it: its names, its ids, what it leaves out.

*Rule*: how a structure that the tool has and the phantom has not is made of those it has. What
neither holds stays 0, as discs and an L6 do in TotalSegmentator's maps.
"""

from collections.abc import Iterable

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from keyhole.errors import LabelError
from keyhole.scan.labels import Labels
from keyhole.scan.schemes import Scheme, load_scheme
from keyhole.scan.volume import Volume
from keyhole.simulate.images.label_rules import RULES
from keyhole.simulate.images.subregions import endplates, keyhole_parts, spineps_parts

TOOLS = ("keyhole", "total", "total_mr", "spineps")
_SCHEMES = {
    "keyhole": ("keyhole", "keyhole_parts"),
    "total": ("total",),
    "total_mr": ("total_mr",),
    "spineps": ("spineps_vertebrae", "spineps_subregions"),
}
"""A tool's schemes: of structures and, where it gives a second map, of their parts."""


@frozen
class IdMap:
    """A label map as a tool writes it: uint8 ids, and the scheme that says what they mean."""

    scheme: str
    volume: Volume


def demand_tool(tool: str) -> None:
    """Raise LabelError `scheme-unknown` for none of `TOOLS`."""
    if tool not in TOOLS:
        raise LabelError(
            "scheme-unknown",
            asked=f"A phantom's labels as {tool!r} gives them were asked for.",
            found=f"Phantoms speak {', '.join(TOOLS)}.",
            next="Name one of these.",
        )


def labels_as(labels: Labels, tool: str) -> Labels:
    """A phantom's map with the structures that a tool gives, and no others.

    Args:
        labels: the phantom's own.
        tool: one of `TOOLS`.

    Raises:
        LabelError: `scheme-unknown`.

    """
    demand_tool(tool)
    schemes = _SCHEMES[tool]
    names = tuple(load_scheme(schemes[0]).structures.values())
    values = _translated(labels, names)
    for code, name in enumerate(names, start=1):
        place = RULES[name](labels) if name in RULES and name not in labels else None
        if place is not None:
            values[place[0]][place[1]] = code
    if tool == "spineps":
        for name, box, mask in endplates(labels):
            values[box][mask] = names.index(name) + 1
    refine = {"keyhole": keyhole_parts, "spineps": spineps_parts}.get(tool)
    return Labels(
        Volume(values, labels.volume.affine),
        names,
        schemes=schemes,
        parts=refine(labels) if refine else None,
    )


def id_maps(labels: Labels) -> tuple[IdMap, ...]:
    """What `labels_as` gave, in the tool's own ids: one map, or two with parts."""
    maps = [_in_ids(labels.volume, labels.names, load_scheme(labels.schemes[0]))]
    if labels.parts is not None:
        scheme = load_scheme(labels.schemes[1])
        maps.append(_in_ids(labels.parts.volume, labels.parts.names, scheme))
    return tuple(maps)


def _in_ids(volume: Volume, names: Iterable[str], scheme: Scheme) -> IdMap:
    numbers = {name: number for number, name in {**scheme.structures, **scheme.parts}.items()}
    table = np.array([0, *(numbers[name] for name in names)], dtype=np.uint8)
    return IdMap(scheme.name, Volume(table[volume.values], volume.affine))


def _translated(labels: Labels, names: tuple[str, ...]) -> NDArray[np.uint8]:
    """Codes after `names` of the structures that both have."""
    codes = {name: n for n, name in enumerate(names, start=1)}
    table = np.array([0, *(codes.get(name, 0) for name in labels.names)], dtype=np.uint8)
    return np.asarray(table[labels.volume.values])
