"""Ribs 10 to 12, from the joint beside their vertebra round to the side."""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from keyhole.shipped import shipped
from keyhole.simulate.bones.joints import sign
from keyhole.simulate.design.model import Design
from keyhole.simulate.engine.chain import chain
from keyhole.simulate.engine.shapes import Shape, carved, joined, placed
from keyhole.space import Floats, Frame, Side

Wall = Callable[[Floats, Floats, float], Floats]
"""Lays points (n, 3) mm of the world a share (n,) of the way to so many mm outside the chest."""

RIBS: dict[str, int] = {"T10": 10, "T11": 11, "T12": 12}
"""Which rib belongs to which vertebra."""
_GAP_MM = 1.2
"""What parts a rib's head from its vertebra."""
_FREE = 1.5
"""How many points of a rib's line run as the table has them before the wall takes over."""
_OUTSIDE_MM = 6.0
"""How far outside what the chest's wall encloses a rib's middle lies."""
_HALF_HEIGHT_MM = 3.4
"""A rib is taller than thick: two cords this far above and below its middle."""


@cache
def _lines() -> dict[str, Any]:
    return shipped("keyhole.simulate.bones", "ribs.toml")


def rib(design: Design, place: Frame, level: str, side: Side, vertebra: Shape, wall: Wall) -> Shape:
    """A rib in the world; its head keeps its gap from the vertebra (in own coordinates).

    `place` is the level's design frame, `wall` the chest's that the rib runs round in.

    Raises:
        KeyError: a level whose rib is not made.

    """
    size, s = design.size(level), sign(side)
    numbers = _lines()
    rows = np.array(numbers[level])
    scale = size.body_width / numbers["width"]
    out = size.body_width / 2 * 0.9 + rows[:, 0] * scale
    own = np.column_stack([s * out, size.back + rows[:, 1] * scale, rows[:, 2] * scale])
    share = np.clip((np.arange(len(rows)) - _FREE) / _FREE / 2, 0, 1)
    middle = wall(place.to_patient(own), share, _OUTSIDE_MM)
    lift = np.minimum(np.arange(len(rows)) * 1.2, _HALF_HEIGHT_MM)[:, None] * place.up
    cords = [chain(middle + up * lift, rows[:, 3]) for up in (1, -1)]
    return carved(joined(cords, 4), placed(vertebra, place), gap_mm=_GAP_MM)
