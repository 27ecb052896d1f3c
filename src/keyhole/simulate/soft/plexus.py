"""The lumbar plexus in the psoas, a cord, and the femoral nerve that leaves it.

Place after DEFINITIONS 10: forward from the discs' posterior line by 0, 25, 50 and 50 % of
their depth at the discs from the fourth above the sacral one downward (Moro 2003; Uribe 2010).
"""

from collections.abc import Iterator, Mapping

import numpy as np

from keyhole.simulate.engine.chain import chain
from keyhole.simulate.engine.loft import Loft
from keyhole.simulate.engine.solid import Solid
from keyhole.simulate.engine.tissue import tissue
from keyhole.simulate.soft.numbers import between, numbers
from keyhole.simulate.soft.trunk_column import Column
from keyhole.space import SIDES, Floats, Side

_STEP_MM = 7.0


def plexus_solids(column: Column, muscles: Mapping[str, Loft]) -> Iterator[Solid]:
    """The cord of each side."""
    for side in SIDES:
        places, radii = plexus_line(column, muscles[f"psoas {side}"], side)
        yield Solid(f"plexus {side}", chain(places, radii, _STEP_MM), tissue("nerve"))


def plexus_line(column: Column, psoas: Loft, side: Side) -> tuple[Floats, Floats]:
    """(n, 3) mm and (n,) mm: the cord's middle from below upward, and its radii."""
    row, s = numbers("muscles")["plexus"], 1 if side == "right" else -1
    rungs = np.array(row["rung"])
    inner = rungs >= row["leaves_rung"]
    heights = column.height(rungs)
    depth = column.wall.at(heights)[:, 1] + np.array(row["share"]) * column.depth(heights)
    places = []
    for k, height in enumerate(heights):
        section = psoas.outline(float(height))
        middle, half = section.mean(axis=0), np.ptp(section, axis=0) / 2
        x = middle[0] + s * row["aside"][k] * half[0]
        y = depth[k] if inner[k] else middle[1] + row["behind"] * half[1]
        places.append([x, _held(section, y, row["cover_mm"]) if inner[k] else y, height])
    return np.array(places), between(rungs.tolist(), row["radius_mm"], rungs)


def _held(section: Floats, y: float, cover: float) -> float:
    """A front within the psoas's own, by some cover."""
    return float(np.clip(y, section[:, 1].min() + cover, section[:, 1].max() - cover))
