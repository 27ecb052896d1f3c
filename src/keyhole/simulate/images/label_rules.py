"""How structures of other tools are made of a phantom's own.

How far gaps are filled and roots counted in is unsourced.
"""

from collections.abc import Callable, Sequence

import numpy as np

from keyhole.scan.labels import Box, Labels
from keyhole.simulate.images.masks import Mask, boxed, closed, near
from keyhole.space import SIDES

Place = tuple[Box, Mask]
"""Part of a map, and where in it something lies."""
Rule = Callable[[Labels], Place | None]
"""Where a structure lies; None where what it is made of is not there."""

_GAP_MM = 3.0
"""Networks give a bundle of muscles as one: gaps up to twice this are filled."""
_BETWEEN = ("body", "subcutaneous fat", "torso fat", "plexus ", "thoracolumbar fascia ")
"""What a network takes for muscle where it lies between muscles."""
_IN_CANAL_MM = 3.0
"""A root is the canal's content as far as this from the sac."""


def _bundle(*names: str) -> Rule:
    """Structures as one, with what lies between them."""

    def rule(labels: Labels) -> Place | None:
        held = [name for name in names if name in labels]
        if not held:
            return None
        box, codes = boxed(labels, held, 2 * _GAP_MM)
        joint = np.isin(codes, _codes(labels, held))
        filled = closed(joint, labels.volume.spacing, _GAP_MM)
        soft = [name for name in labels.boxes if name.startswith(_BETWEEN)]
        return box, joint | (filled & np.isin(codes, [0, *_codes(labels, soft)]))

    return rule


def _every(start: str) -> Rule:
    """All whose names begin so."""

    def rule(labels: Labels) -> Place | None:
        held = [name for name in labels.boxes if name.startswith(start)]
        if not held:
            return None
        box, codes = boxed(labels, held, 0)
        return box, np.isin(codes, _codes(labels, held))

    return rule


def canal_content(labels: Labels) -> Place | None:
    """The thecal sac and the roots beside it: TotalSegmentator's `spinal_cord`."""
    if "thecal sac" not in labels:
        return None
    box, codes = boxed(labels, ["thecal sac"], _IN_CANAL_MM)
    sac = codes == labels.code("thecal sac")
    roots = [name for name in labels.boxes if name.startswith("root ")]
    beside = near(sac, labels.volume.spacing, _IN_CANAL_MM)
    return box, sac | (np.isin(codes, _codes(labels, roots)) & beside)


def canal(labels: Labels) -> Place | None:
    """All that the canal holds, its fat too: SPINEPS' `canal`."""
    found = canal_content(labels)
    if found is None or "epidural fat" not in labels:
        return found
    box, codes = boxed(labels, ["thecal sac", "epidural fat"], _IN_CANAL_MM)
    held = codes == labels.code("epidural fat")
    inner = tuple(
        slice(part.start - whole.start, part.stop - whole.start)
        for part, whole in zip(found[0], box, strict=True)
    )
    held[inner] |= found[1]
    return box, held


def _codes(labels: Labels, names: Sequence[str]) -> list[int]:
    return [labels.code(name) for name in names]


RULES: dict[str, Rule] = {
    "canal content": canal_content,
    "vertebrae": _every("vertebra "),
    "discs": _every("disc "),
    "metal": _every("screw "),
}
for _side in SIDES:
    RULES[f"autochthon {_side}"] = _bundle(
        *(f"{muscle} {_side}" for muscle in ("multifidus", "longissimus", "iliocostalis"))
    )
    RULES[f"iliopsoas {_side}"] = _bundle(f"psoas {_side}", f"plexus {_side}")
